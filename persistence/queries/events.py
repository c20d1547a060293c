"""The record of what is done, the events that tell of it, and how they are read in the order in which they came to be
seen.

Ids and times are taken before a transaction commits, so that who reads on from the last id, or time, passes over those
of a transaction that ends later. What tells which are new is a moment: a snapshot of PostgreSQL's as text, which knows
what was under way when it was taken. Who keeps the moment up to which it has read asks for the events that are seen now
and were not seen then: each comes once, and none waits for another. Before an event that was told, all had been told
whose transactions had ended when it was made: those from its `horizon` on are read again after a lost connection.

A dump that is restored elsewhere carries numbers of transactions that mean nothing there; `igny8 migrate` makes them
older than all.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

import orjson

from persistence.postgres.wire import Statement
from persistence.terms import AuditOperation, EventKind

MAX_IDS = 1000
LONGEST = 8_000  # bytes of a payload; of what is longer the names alone
PAGE = 500
FIRST = ("0", UUID(int=0))  # before all events

RECORD = """
with kept as (
  insert into audit_event (account_id, actor_id, request_id, operation, action, entity, entity_id, before, after, ids,
                           count)
  select * from jsonb_to_recordset($1::jsonb) as r (
    account_id uuid, actor_id uuid, request_id text, operation text, action text, entity text, entity_id uuid,
    before jsonb, after jsonb, ids uuid[], count int))
select tell($2::jsonb)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """Something that was done, for the audit trail. `places`: the sites that see it, null for what is the account's
    alone, each with the ids there (at most 1,000) and their number.
    """

    account_id: UUID
    actor_id: UUID | None
    request_id: str | None
    operation: AuditOperation
    action: str
    entity: str
    entity_id: UUID | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    ids: Sequence[UUID] | None
    count: int
    kind: EventKind
    subject_type: str
    places: Sequence[tuple[UUID | None, Sequence[UUID] | None, int]]


KEPT = [each.name for each in fields(Record)][: -len(("kind", "subject_type", "places"))]


def recording(records: Sequence[Record]) -> Statement:
    """All of a transaction at once, and the events that tell of them."""
    kept = [{name: getattr(record, name) for name in KEPT} for record in records]
    events = [event for record in records for event in _events(record)]
    return Statement(RECORD, [orjson.dumps(kept).decode(), orjson.dumps(events).decode()])


def _events(record: Record) -> list[dict[str, Any]]:
    said = {
        "kind": record.kind,
        "subject_type": record.subject_type,
        "subject_id": record.entity_id,
        "actor_id": record.actor_id,
        "request_id": record.request_id,
        "payload": _payload(record),
    }
    return [{**said, "site_id": site, "ids": ids, "count": count} for site, ids, count in record.places]


def _payload(record: Record) -> dict[str, Any]:
    changes = {"before": record.before, "after": record.after}
    if len(orjson.dumps(changes)) > LONGEST:
        return {"action": record.action, "changed": sorted({*(record.before or ()), *(record.after or ())})}
    return {"action": record.action, **{name: value for name, value in changes.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a site, as it is read; its fields are what site_event's columns are called."""

    id: UUID
    site_id: UUID
    kind: str
    subject_type: str
    subject_id: UUID | None
    ids: list[UUID] | None
    count: int
    request_id: str | None
    payload: dict[str, Any]
    created_at: str  # as JSON
    transaction: int


COLUMNS = ", ".join(f"{'e' if each.name == 'transaction' else 'v'}.{each.name}" for each in fields(Happened))

# Of (sessions, roles, sites, moments, most): see the function.
SINCE = "select seen, events::text, moment from site_events_since($1, $2, $3, $4, $5)"

# Of a site that the scope shows: the horizon of an event, null where there is no such event; whether there is the site.
HORIZON = """
select (select e.horizon::text from event e where e.id = $2 and e.site_id = $1), exists (select from site where id = $1)
"""

# Of a site that the scope shows, what was seen in the second moment and not in the first, after (transaction, id).
BETWEEN = f"""
select coalesce(json_agg(f), '[]')::text
  from (select {COLUMNS} from event e join site_event v on v.id = e.id
         where e.site_id = $1 and e.transaction >= pg_snapshot_xmin($2::pg_snapshot)
           and not pg_visible_in_snapshot(e.transaction, $2::pg_snapshot)
           and pg_visible_in_snapshot(e.transaction, $3::pg_snapshot) and (e.transaction, e.id) > ($4::xid8, $5::uuid)
         order by e.transaction, e.id limit {PAGE}) f
"""


def happened(text: str) -> list[Happened]:
    """From JSON."""
    return [_happened(row) for row in json.loads(text)]


def _happened(row: dict[str, Any]) -> Happened:
    given = {each.name: row[each.name] for each in fields(Happened)}
    for name in ("id", "site_id", "subject_id"):
        given[name] = given[name] and UUID(given[name])
    ids = given["ids"] and [UUID(id) for id in given["ids"]]
    return Happened(**{**given, "ids": ids, "transaction": int(given["transaction"])})


def moment_of(horizon: str) -> str:
    """In which all transactions before that one have ended, and no other."""
    return f"{horizon}:{horizon}:"
