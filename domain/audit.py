"""The record of who did what."""

from typing import Any
from uuid import UUID

from persistence.models import AuditEvent
from persistence.terms import AuditOperation
from persistence.unit import Unit

MAX_IDS = 1000


def record(
    unit: Unit,
    account_id: UUID,
    action: str,
    entity: str,
    entity_id: UUID | None = None,
    *,
    operation: AuditOperation = AuditOperation.EVENT,
    actor_id: UUID | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    ids: list[UUID] | None = None,
    count: int = 1,
) -> None:
    """One event; a bulk write is one too, with its count and up to 1,000 ids. Secrets never go in."""
    unit.add(
        AuditEvent(
            account_id=account_id,
            actor_id=actor_id or getattr(unit.scope, "user_id", None),
            request_id=getattr(unit.scope, "request_id", None),
            operation=operation,
            action=action,
            entity=entity,
            entity_id=entity_id,
            before=before,
            after=after,
            ids=ids[:MAX_IDS] if ids is not None else None,
            count=len(ids) if ids is not None else count,
        )
    )
