"""Contents of one site that aim at the same keyword, and so take readers from each other."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from persistence.models import Content, Site
from persistence.unit import Unit

MOST = 100


@dataclass(frozen=True, slots=True)
class Rivals:
    """`content_ids` the oldest first."""

    keyword: str
    content_ids: list[UUID]


async def rivals_of(unit: Unit, site_id: UUID) -> list[Rivals]:
    """Up to 100 keywords, those with most contents first. Missing for a site that the scope does not show."""
    await unit.get(Site, site_id)
    key, ids = func.lower(Content.primary_keyword), func.array_agg(aggregate_order_by(Content.id, Content.id))
    statement = (
        select(func.min(Content.primary_keyword), ids)
        .where(Content.site_id == site_id, Content.primary_keyword.is_not(None))
        .group_by(key)
        .having(func.count() > 1)
        .order_by(func.count().desc(), key)
        .limit(MOST)
    )
    return [Rivals(keyword or "", list(ids)) for keyword, ids in await unit.session.execute(statement)]
