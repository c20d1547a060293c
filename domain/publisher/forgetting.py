"""Destinations that are deleted, with what is known of what is there."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain.crud import delete_all
from domain.errors import conflict
from domain.names import counted
from domain.publisher.publications import follow, lock_contents
from domain.rows import find_all
from persistence.models import Integration, Publication
from persistence.terms import RemoteStatus
from persistence.unit import Unit

THERE = (RemoteStatus.DRAFT, RemoteStatus.SCHEDULED, RemoteStatus.PUBLISHED)
ACTION = "deleteIntegrations"


async def delete_integrations(unit: Unit, ids: Sequence[UUID], *, cascade: bool) -> list[UUID]:
    """What was published stays where it is, and is not known here any more: CONFLICT unless `cascade`.

    Contents that were live nowhere else are APPROVED again.
    """
    wanted = [row.id for row in await find_all(unit, Integration, ids, "ids")]
    of = select(Publication.content_id, Publication.status).where(Publication.integration_id.in_(wanted))
    known = (await unit.session.execute(of)).all()
    there = sum(status in THERE for _, status in known)
    if there and not cascade:
        raise conflict(
            f"{counted(there, 'publication')} would be forgotten here, and stay there; take them away with "
            "unpublishContent first, or give cascade: true.",
            "ids",
        )
    content_ids = sorted({content_id for content_id, _ in known})
    await lock_contents(unit, content_ids)
    deleted = await delete_all(unit, Integration, wanted)
    for content_id in content_ids:
        await follow(unit, content_id, ACTION)
    return deleted
