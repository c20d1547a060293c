"""Where a content is found on its site."""

from uuid import UUID

from sqlalchemy import func, select

from domain.errors import bad_input
from domain.slugs import BYTES, decoded, is_taken, plain, with_end
from persistence.models import Account, AuthorProfile, Content
from persistence.unit import Unit


def own_slug(wanted: str, language: str | None, *field: str) -> str:
    """What somebody has chosen, by the rules of all slugs; BAD_INPUT where nothing is left that can stand alone."""
    slug = plain(decoded(wanted), BYTES, language)
    if not slug:
        raise bad_input("Give a slug with letters or digits, such as how-to-brew.", *field)
    if is_taken(slug):
        raise bad_input(
            f"Sites keep “{slug}” to themselves, or take it for a number of a page; add a word to it.", *field
        )
    return slug


async def language_of(unit: Unit, account_id: UUID, author_profile_id: UUID | None) -> str | None:
    """What a content is written in by hand: its author's language, or else the account's; None when neither is told."""
    author = await unit.session.get(AuthorProfile, author_profile_id) if author_profile_id else None
    return (author.language if author else "") or (await unit.get(Account, account_id)).default_language


async def claim_slug(unit: Unit, site_id: UUID, slug: str) -> None:
    """Whoever wants the same one waits for the commit: to fail then would be to pay for an article again."""
    wanted = func.hashtextextended(f"{site_id} {slug}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(wanted)))


async def free_slug(unit: Unit, site_id: UUID, slug: str, seed: UUID) -> str:
    """The slug itself, claimed, or with the end of `seed` where the site has it."""
    await claim_slug(unit, site_id, slug)
    taken = await unit.session.scalar(select(Content.id).where(Content.site_id == site_id, Content.slug == slug))
    return slug if taken is None else with_end(slug, seed.hex[-6:])
