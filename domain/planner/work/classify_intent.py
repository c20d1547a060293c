"""What the searchers of keywords want."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field
from sqlalchemy import bindparam, func, select, update

from domain.access import Permission
from domain.ai.answers import Answer, once_each
from domain.ai.briefs import NO_GUIDANCE, Guidance
from domain.ai.function import AiFunction, Asked, Done
from domain.ai.guidance import guidance_lines, guidance_of
from domain.ai.offline import intent_of
from domain.ai.samples import GUIDANCE, KEYWORDS
from domain.ai.templates import PromptTemplate
from domain.ai.wording import numbered
from domain.errors import bad_input, not_found
from domain.planned import Place, Planned, Work
from domain.planner.prompts import PLANNER
from domain.planner.rules import MAX_KEYWORD_IDS
from domain.planner.subjects import find_sector, portion_of, portions
from domain.rows import distinct
from persistence.models import Job, JobItem, Keyword
from persistence.terms import Intent, JobKind, KeywordStatus, LimitKey, PromptType
from persistence.unit import Unit

AT_ONCE = 50  # keywords that one question is about


@dataclass(frozen=True, slots=True)
class Wanted:
    """No keywords given: those of the sector that have no intent."""

    sector_id: UUID
    keyword_ids: list[UUID] | None = None


async def _plan(unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
    """One item per 50 keywords."""
    sector = await find_sector(unit, wanted.sector_id)
    ids = await _keywords(unit, sector.id, wanted.keyword_ids)
    work = [Work(None, n, _price(n)) for n in portions(len(ids), AT_ONCE)]
    place = Place(sector.account_id, user_id, sector.site_id, sector.id)
    params, uses = {"keywordIds": [str(id) for id in ids]}, {LimitKey.AI_REQUESTS: len(work)}
    return Planned(CLASSIFY_INTENT, place, work, params, uses)


async def _keywords(unit: Unit, sector_id: UUID, given: list[UUID] | None) -> list[UUID]:
    statement = select(Keyword.id).where(Keyword.sector_id == sector_id, Keyword.status != KeywordStatus.ARCHIVED)
    if given:
        wanted = distinct(given, "input", "keywordIds", most=MAX_KEYWORD_IDS)
        statement = statement.where(Keyword.id.in_(wanted))
    else:
        statement = statement.where(func.cardinality(Keyword.intent) == 0)
    ids = list((await unit.session.scalars(statement.order_by(Keyword.id).limit(MAX_KEYWORD_IDS))).all())
    if given and len(ids) != len(set(given)):
        raise not_found("keyword in the sector", "input", "keywordIds")
    if not ids:
        raise bad_input("All keywords of the sector have an intent; give keywordIds.", "input", "sectorId")
    return ids


def _price(keywords: int) -> int:
    """One question classifies up to 50 keywords."""
    return 1 if keywords else 0


@dataclass(frozen=True, slots=True)
class IntentsBrief:
    keywords: Sequence[str]
    guidance: Guidance = NO_GUIDANCE
    ids: Sequence[UUID] = ()


class KeywordIntent(Answer):
    number: int
    intents: list[Intent] = Field(min_length=1, max_length=4)


class IntentsAnswer(Answer):
    keywords: list[KeywordIntent] = Field(min_length=1)


PROMPT = PromptTemplate(
    function=PromptType.CLASSIFY_INTENT,
    version=1,
    variables={"keywords": "the numbered keywords", "guidance": "the account's strategy for this work"},
    system=PLANNER,
    prompt="""Say what a person who searches for each of these keywords wants: INFORMATIONAL (to learn), NAVIGATIONAL (to
reach a certain site or brand), COMMERCIAL (to compare before buying), TRANSACTIONAL (to buy or do now). A keyword has
one intent, seldom two, the stronger first. Every number must appear exactly once.

{{guidance}}

Keywords:
{{keywords}}""",
)


async def _gather(unit: Unit, job: Job, item: JobItem) -> IntentsBrief | None:
    ids = portion_of(job, item, "keywordIds", AT_ONCE)
    rows = (
        await unit.session.execute(select(Keyword.id, Keyword.keyword).where(Keyword.id.in_(ids)).order_by(Keyword.id))
    ).all()
    guidance = await guidance_of(unit, PromptType.CLASSIFY_INTENT, job.sector_id)
    return IntentsBrief([r.keyword for r in rows], guidance, [r.id for r in rows]) if rows else None


def _values(brief: IntentsBrief) -> Mapping[str, str]:
    return {"keywords": numbered(brief.keywords), "guidance": guidance_lines(brief.guidance)}


def _check(asked: Asked[IntentsBrief], answer: IntentsAnswer) -> list[str]:
    return once_each((entry.number for entry in answer.keywords), len(asked.brief.keywords))


async def _make(unit: Unit, job: Job, item: JobItem, asked: Asked[IntentsBrief], answer: IntentsAnswer) -> Done:
    """In the order of ids, as every bulk write of keywords locks them."""
    table = Keyword.__table__
    changed = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("of"))
        .values(intent=bindparam("found"), version=table.c.version + 1, updated_at=func.now())
    )
    entries = sorted(answer.keywords, key=lambda e: asked.brief.ids[e.number - 1])
    values = [{"of": asked.brief.ids[e.number - 1], "found": list(dict.fromkeys(e.intents))} for e in entries]
    await (await unit.session.connection()).execute(changed, values)
    return Done(len(values), {"keywords": len(values)}, f"{len(values)} keywords classified")


def offline(brief: IntentsBrief) -> IntentsAnswer:
    """By the words in each."""
    found = [KeywordIntent(number=n, intents=[intent_of(k)]) for n, k in enumerate(brief.keywords, 1)]
    return IntentsAnswer(keywords=found)


CLASSIFY_INTENT = AiFunction(
    kind=JobKind.CLASSIFY_INTENT,
    phase="classifying",
    permission=Permission.PLAN,
    wanted=Wanted,
    plan=_plan,
    template=PROMPT,
    answer=IntentsAnswer,
    sample=IntentsBrief(KEYWORDS, GUIDANCE),
    gather=_gather,
    values=_values,
    checks=_check,
    make=_make,
    price=_price,
    offline=offline,
)
