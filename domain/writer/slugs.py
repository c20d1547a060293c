"""Where a content is found on its site."""

from uuid import UUID

from sqlalchemy import func, select

from persistence.models import Content
from persistence.unit import Unit


async def claim_slug(unit: Unit, site_id: UUID, slug: str) -> None:
    """Whoever wants the same one waits for the commit: to fail then would be to pay for an article again."""
    wanted = func.hashtextextended(f"{site_id} {slug}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(wanted)))


async def free_slug(unit: Unit, site_id: UUID, slug: str, seed: UUID) -> str:
    """The slug itself, claimed, or with the end of `seed` where the site has it."""
    await claim_slug(unit, site_id, slug)
    taken = await unit.session.scalar(select(Content.id).where(Content.site_id == site_id, Content.slug == slug))
    return slug if taken is None else f"{slug}-{seed.hex[-6:]}"
