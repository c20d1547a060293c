"""The record of who did what. What goes on record is told as events, without another word."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.events import SUBJECTS, kind_of
from persistence import models
from persistence.queries.events import MAX_IDS, Record
from persistence.terms import AuditOperation
from persistence.unit import Unit

Ids = Sequence[UUID] | Mapping[UUID, UUID | None]


def record(
    unit: Unit,
    account_id: UUID,
    action: str,
    entity: str,
    entity_id: UUID | None = None,
    *,
    site_id: UUID | None = None,
    operation: AuditOperation = AuditOperation.EVENT,
    actor_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    ids: Ids | None = None,
    count: int = 1,
) -> None:
    """One row; a bulk write is one too, with its count and up to 1,000 ids. Secrets never go in.

    Who sees the site is told of it; `ids` of several sites come as a mapping to them.
    """
    sites = ids if isinstance(ids, Mapping) else dict.fromkeys(ids or (), site_id)
    _check_site(action, entity, [site_id] if ids is None else sites.values())
    kind = kind_of(action, entity, operation, after)
    unit.records.append(
        Record(
            account_id=account_id,
            actor_id=actor_id or getattr(unit.scope, "user_id", None),
            request_id=getattr(unit.scope, "request_id", None),
            operation=operation,
            action=action,
            entity=entity,
            entity_id=entity_id,
            before=before,
            after=after,
            ids=None if ids is None else list(ids)[:MAX_IDS],
            count=count if ids is None else len(ids),
            kind=kind,
            subject_type=SUBJECTS.get(kind, entity),
            places=[(site_id, None, count)] if ids is None else _places(sites),
        )
    )


def _places(sites: Mapping[UUID, UUID | None]) -> list[tuple[UUID | None, list[UUID], int]]:
    by_site: dict[UUID | None, list[UUID]] = {}
    for id, site in sites.items():
        by_site.setdefault(site, []).append(id)
    return [(site, ids[:MAX_IDS], len(ids)) for site, ids in by_site.items()]


def _check_site(action: str, entity: str, sites: Iterable[UUID | None]) -> None:
    """What always belongs to a site is told there."""
    row = getattr(models, entity)
    column = row.__table__.columns.get("site_id")
    bound = row is models.Site or (column is not None and not column.nullable)
    if bound and None in sites:
        raise AssertionError(f"{action} of {entity} names no site: nobody would be told")
