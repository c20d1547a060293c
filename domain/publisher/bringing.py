"""What is found at a destination and not known here, as a content of origin IMPORTED."""

import re
import secrets
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from domain.crud import record
from domain.destinations import Remote
from domain.publisher.merging import rebased
from domain.publisher.outgoing import terms_of
from domain.publisher.publications import follow
from domain.publisher.said import Theirs, ours_of
from domain.publisher.taking import ACTION, FILED, LONGEST, file_under
from domain.rows import belonging
from domain.slugs import slugify
from domain.texts import cut
from domain.writer.contents import MAX_HTML
from domain.writer.revisions import record_revision
from domain.writer.slugs import free_slug
from domain.writer.stored_body import EXCERPT
from persistence.models import Content, Integration, Publication, RemoteEntity, Sector
from persistence.terms import (
    AuditOperation,
    ContentOrigin,
    ContentStatus,
    ContentType,
    RemoteEntityKind,
    RemoteStatus,
    SyncField,
)
from persistence.unit import Unit

MARKER = re.compile(r"igny8-[0-9a-f]{24}")
UNTITLED = "Untitled"


async def bring(
    unit: Unit, integration: Integration, entity: RemoteEntityKind, theirs: Theirs, item_id: UUID | None
) -> UUID | None:
    """The new content; None for what was brought before and deleted here since, for what a deleted content left there,
    for what is empty, and for what is longer than a content may be.
    """
    remote, text = theirs.remote, theirs.written
    if text is None or len(text.html_content) > MAX_HTML or not (text.html_content or remote.title):
        return None
    if (remote.marker and MARKER.fullmatch(remote.marker)) or not await _first_time(unit, integration, entity, remote):
        return None
    sector = await _sector(unit, integration)
    content = Content(
        **belonging(sector),
        **_texts(theirs, text.excerpt),
        slug=await free_slug(unit, sector.site_id, _slug(remote), uuid4()),
        html_content=text.html_content,
        word_count=text.word_count,
        content_type=ContentType.POST if entity is RemoteEntityKind.POST else ContentType.PAGE,
        status=ContentStatus.DRAFT if remote.status is RemoteStatus.DRAFT else ContentStatus.APPROVED,
        origin=ContentOrigin.IMPORTED,
    )
    unit.add(content)
    await unit.flush()
    await record_revision(unit, content, f"found at {integration.name}"[:500], job_item_id=item_id)
    for name, kind in FILED.items():
        terms = remote.categories if name is SyncField.CATEGORIES else remote.tags
        await file_under(unit, content, kind, terms or ())
    publication = Publication(
        **belonging(content), content_id=content.id, integration_id=integration.id, entity=entity,
        marker=f"igny8-{secrets.token_hex(12)}", wanted_status=remote.status, status=remote.status,
        remote_id=remote.id, url=remote.url, slug=remote.slug, revision=1, modified_at=remote.modified_at,
        publish_at=remote.published_at if remote.status is RemoteStatus.SCHEDULED else None,
        published_at=remote.published_at if remote.status is RemoteStatus.PUBLISHED else None,
        base=rebased({}, ours_of(content, *await terms_of(unit, content)), theirs.said, list(theirs.said)),
    )  # fmt: skip
    unit.add(publication)
    await unit.flush()
    record(unit, ACTION, content, AuditOperation.INSERT, after={"title": content.title})
    await follow(unit, content.id, ACTION)
    return content.id


def _texts(theirs: Theirs, beginning: str) -> dict[str, Any]:
    said = {name: cut(theirs.said.get(name, ""), most) for name, most in LONGEST.items()}
    return {
        "title": said[SyncField.TITLE] or cut(beginning, 80) or UNTITLED,
        "excerpt": said[SyncField.EXCERPT] or cut(beginning, EXCERPT),
        "meta_title": said[SyncField.META_TITLE] or None,
        "meta_description": said[SyncField.META_DESCRIPTION] or None,
        "primary_keyword": said[SyncField.PRIMARY_KEYWORD] or None,
    }


def _slug(remote: Remote) -> str:
    slug = unquote(remote.slug or "")
    return slug if 1 <= len(slug) <= 200 and "/" not in slug else slugify(remote.title or UNTITLED)


async def _first_time(unit: Unit, integration: Integration, entity: RemoteEntityKind, remote: Remote) -> bool:
    """Once brought it is not brought again: whoever deletes it here wants it here no more."""
    made = insert(RemoteEntity).values(
        account_id=integration.account_id, site_id=integration.site_id, integration_id=integration.id, entity=entity,
        key=remote.id, remote_id=remote.id, remote_url=remote.url,
    )  # fmt: skip
    return (await unit.run(made.on_conflict_do_nothing().returning(RemoteEntity.id))).scalar_one_or_none() is not None


async def _sector(unit: Unit, integration: Integration) -> Sector:
    """The one that it says, or the site's first."""
    if integration.sync_sector_id:
        return await unit.get(Sector, integration.sync_sector_id)
    first = select(Sector).where(Sector.site_id == integration.site_id).order_by(Sector.created_at, Sector.id).limit(1)
    return (await unit.session.scalars(first)).one()
