"""Where a content is found on its site."""

from uuid import UUID

from sqlalchemy import func, select

from persistence.models import Content
from persistence.unit import Unit


async def free_slug(unit: Unit, site_id: UUID, slug: str, seed: UUID) -> str:
    """The slug itself, or with the end of `seed` where the site has it.

    Whoever wants the same one waits for the commit: to fail then would be to pay for the article again.
    """
    wanted = func.hashtextextended(f"{site_id} {slug}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(wanted)))
    taken = await unit.session.scalar(select(Content.id).where(Content.site_id == site_id, Content.slug == slug))
    return slug if taken is None else f"{slug}-{seed.hex[-6:]}"
