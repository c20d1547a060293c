"""What a strategy and an author profile say to a prompt."""

from uuid import UUID

from sqlalchemy import select

from domain.ai.briefs import Guidance
from persistence.models import AuthorProfile, Strategy
from persistence.terms import ContentStructure, PromptType
from persistence.unit import Unit


async def guidance_of(
    unit: Unit,
    prompt: PromptType,
    sector_id: UUID | None,
    *,
    structure: ContentStructure | None = None,
    author_id: UUID | None = None,
) -> Guidance:
    """The newest active strategy of the sector, else of the account; the author where one was chosen."""
    strategy = await _strategy(unit, sector_id)
    author = await unit.session.get(AuthorProfile, author_id) if author_id else None
    return Guidance(
        instructions=strategy.prompt_types.get(prompt.value, "") if strategy else "",
        sections=strategy.section_logic.get(structure.value, []) if strategy and structure else (),
        author=": ".join(part for part in (author.name, author.description) if part) if author else "",
        tone=author.tone if author else "",
        language=author.language if author else "",
    )


async def _strategy(unit: Unit, sector_id: UUID | None) -> Strategy | None:
    statement = (
        select(Strategy)
        .where(Strategy.is_active, (Strategy.sector_id == sector_id) | Strategy.sector_id.is_(None))
        .order_by(Strategy.sector_id.is_(None), Strategy.created_at.desc(), Strategy.id.desc())
        .limit(1)
    )
    return (await unit.session.scalars(statement)).one_or_none()


def guidance_lines(guidance: Guidance) -> str:
    """As lines of a prompt; empty where nothing is set."""
    said = {
        "Instructions": guidance.instructions,
        "Author": guidance.author,
        "Tone": guidance.tone,
        "Sections to include, in this order": "; ".join(guidance.sections),
    }
    return "\n".join(f"{name}: {text}" for name, text in said.items() if text)
