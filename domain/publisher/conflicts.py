"""Conflicts between here and a destination, resolved by choosing a side."""

import json
from uuid import UUID

from domain.access import Permission
from domain.crud import record
from domain.destinations import Remote, RemoteTerm
from domain.errors import changed, conflict
from domain.publisher.merging import hash_of
from domain.publisher.outgoing import terms_of
from domain.publisher.publications import locked_publication
from domain.publisher.said import Theirs, ours_of
from domain.publisher.taking import FILED, apply_fields, has_slug
from domain.rows import find, lock
from domain.writer.editorial import check_editable
from domain.writer.stored_body import Written, write
from domain.writer.threads import beside
from persistence.models import Content, SyncConflict
from persistence.terms import AuditOperation, ConflictSide, ConflictStatus, RemoteStatus, SyncField
from persistence.unit import Unit

ACTION = "resolveConflict"


async def theirs_of_conflict(unit: Unit, id: UUID) -> tuple[SyncField, str]:
    """What the destination's side says: long texts are read with no transaction open."""
    row = await find(unit, SyncConflict, id, "id")
    return row.field, row.theirs


async def written(field: SyncField, theirs: str) -> Written | None:
    return await beside(lambda: write(theirs)[0]) if field is SyncField.HTML else None


async def resolve_conflict(
    unit: Unit, user_id: UUID, id: UUID, side: ConflictSide, text: Written | None, expected_version: int | None,
    held: frozenset[Permission],
) -> UUID:  # fmt: skip
    """CONFLICT for one that is not open any more, and where another content is found under their slug."""
    row = await find(unit, SyncConflict, id, "id")
    publication = await locked_publication(unit, row.content_id, row.integration_id)
    row = await lock(unit, SyncConflict, id, "id")
    if expected_version is not None and row.version != expected_version:
        raise changed()
    if row.status is not ConflictStatus.OPEN or publication is None:
        raise conflict(f"It is {row.status.value} already.", "id")
    before = publication.base.get(row.field.value, ["", ""])
    if side is ConflictSide.THEIRS:
        said = await _take_theirs(unit, user_id, row, text, held)
        publication.base = {**publication.base, row.field.value: [hash_of(said), row.theirs_hash]}
    else:
        publication.is_stale = True
        publication.base = {**publication.base, row.field.value: [before[0], row.theirs_hash]}
    row.status = ConflictStatus(side.value)
    row.user_id, row.resolved_at = user_id, await unit.now()
    await unit.flush()
    record(unit, ACTION, row, AuditOperation.UPDATE, after={"field": row.field, "status": row.status})
    return row.id


async def _take_theirs(
    unit: Unit, user_id: UUID, row: SyncConflict, text: Written | None, held: frozenset[Permission]
) -> str:
    """What the content says of the field then."""
    content = await unit.get(Content, row.content_id)
    check_editable(content.status, held, "id")
    if row.field is SyncField.SLUG and await has_slug(unit, content, row.theirs):
        raise conflict("Another content of the site is found there; give that another slug first.", "id")
    terms = tuple(RemoteTerm("", name) for name in json.loads(row.theirs)) if row.field in FILED else ()
    remote = Remote("", RemoteStatus.DRAFT, categories=terms, tags=terms)
    theirs = Theirs(remote, {row.field: row.theirs}, text)
    await apply_fields(unit, content, theirs, [row.field], "chosen from a conflict", None, user_id)
    return ours_of(content, *await terms_of(unit, content))[row.field]
