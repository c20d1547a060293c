"""The same answers the slow and obvious way: graphql-core over the SDL, one resolver a field, rows filtered in Python.

Shares nothing with the compiler but the SDL. A cursor is written `cursor <uuid>`: what else a cursor of the product
holds is its own business.
"""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from graphql import GraphQLSchema, build_schema, execute_sync, get_named_type, get_nullable_type, is_list_type, parse
from psycopg.rows import dict_row

from domain.access import PERMISSIONS
from domain.planner.exports import keyword_key
from domain.tokens import Identity

Row = dict[str, Any]
Order = Sequence[dict[str, str]]

KINDS = {  # GraphQL type: table, prefix of its ids, column that lists of others find it by
    "Account": ("account", "acc", "account_id"),
    "AccountLimit": ("account_limit", "", ""),
    "AiCall": ("ai_call", "call", ""),
    "Prompt": ("ai_prompt", "prm", ""),
    "AiSettings": ("integration_settings", "ais", ""),
    "ApiKey": ("api_key", "key", ""),
    "AuditEvent": ("audit_event", "aud", ""),
    "AuthorProfile": ("author_profile", "aut", "author_profile_id"),
    "Cluster": ("cluster", "clu", "cluster_id"),
    "ConnectionCheck": ("connection_check", "", ""),
    "Content": ("content", "con", "content_id"),
    "ContentAttributeMap": ("content_attribute_map", "cam", ""),
    "ContentClusterMap": ("content_cluster_map", "ccm", ""),
    "Idea": ("content_idea", "idea", "idea_id"),
    "ContentRevision": ("content_revision", "rev", ""),
    "ContentTaxonomyMap": ("content_taxonomy_map", "ctm", ""),
    "CreditTransaction": ("credit_transaction", "ctx", ""),
    "CreditUsageLog": ("credit_usage_log", "use", ""),
    "Credits": ("credit_balance", "", ""),
    "Image": ("image", "img", ""),
    "Industry": ("industry", "ind", "industry_id"),
    "IndustrySector": ("industry_sector", "inds", ""),
    "Integration": ("integration", "intg", "integration_id"),
    "Invitation": ("invitation", "inv", ""),
    "Job": ("job", "job", "job_id"),
    "JobItem": ("job_item", "item", "job_item_id"),
    "Keyword": ("keyword", "kw", ""),
    "Plan": ("plan", "plan", ""),
    "Publication": ("publication", "pub", "publication_id"),
    "PublishingCalendar": ("publishing_calendar", "", "calendar_id"),
    "PublishingRecord": ("publishing_record", "prec", ""),
    "PublishingSlot": ("publishing_slot", "", ""),
    "Sector": ("sector", "sec", "sector_id"),
    "Session": ("user_session", "ses", ""),
    "Site": ("site", "site", "site_id"),
    "SiteEvent": ("site_event", "evt", ""),
    "SiteAccess": ("site_user_access", "acs", ""),
    "Strategy": ("strategy", "str", ""),
    "SyncConflict": ("sync_conflict", "cfl", ""),
    "SyncRun": ("sync_run", "sync", ""),
    "Task": ("task", "task", "task_id"),
    "Taxonomy": ("taxonomy", "tax", "taxonomy_id"),
    "User": ("app_user", "usr", "user_id"),
}
SEARCHED = {
    "ApiKey": "name",
    "Invitation": "email",
    "AuditEvent": "action",
    "AuthorProfile": "name",
    "Cluster": "name",
    "Content": "title",
    "Idea": "idea_title",
    "Integration": "name",
    "Keyword": "key",
    "Sector": "name",
    "Site": "name",
    "Strategy": "name",
    "Task": "title",
    "Taxonomy": "name",
    "User": "email",
}
OWNED = {
    ("Task", "content"): "task_id",
    ("Account", "credits"): "account_id",
    ("Site", "publishingCalendar"): "site_id",
}
PLAIN_LISTS = {
    "checks": "position",
    "slots": "minute",
    "limits": "key",
    "sectors": "name",
    "calls": "created_at",
    "industries": "name",
    "plans": "name",
}
DECIMALS = {"cpc": ("cpc_micros", 6), "costUsd": ("cost_micros", 6), "position": ("position_hundredths", 2)}
COMPUTED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "url": lambda row: row["url"] if "url" in row else row["blob_key"] and f"/files/{row['blob_key']}",
    "subjectType": lambda row: row["subject_type"],
    "subjectId": lambda row: row["subject_id"] and subject(row, row["subject_id"]),
    "ids": lambda row: row["ids"] and [subject(row, id) for id in row["ids"]],
    "hasApiKey": lambda row: row["secret"] is not None,
    "hasSecret": lambda row: row["secret"] is not None,
    "at": lambda row: f"{row['minute'] // 60 % 24:02}:{row['minute'] % 60:02}",
    "effectiveCreditsPerMonth": lambda row: (
        row["credits_per_month"] if row["included_credits"] is None else row["included_credits"]
    ),
}
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "gte": lambda a, b: a >= b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
}


@dataclass(frozen=True)
class Entity:
    kind: str
    row: Row


Matches = Callable[[str, str | None, str], bool]


class Reference:
    """`tables` by GraphQL type, as the caller's scope shows them; `matches`: text, its language, search."""

    def __init__(self, sdl: str, tables: dict[str, list[Row]], caller: Identity, matches: Matches) -> None:
        self.schema: GraphQLSchema = build_schema(sdl)
        self.matches = matches
        self.tables, self.caller = tables, caller
        self.by_id = {kind: {row["id"]: row for row in rows if "id" in row} for kind, rows in tables.items()}

    def answer(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        result = execute_sync(
            self.schema,
            parse(query),
            variable_values=variables,
            field_resolver=self.resolve,
            type_resolver=lambda found, info, kind: found.kind,
        )
        assert not result.errors, result.errors
        assert result.data is not None
        return result.data

    def resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        if source is None:
            return self.root(info, arguments)
        if isinstance(source, Entity):
            return self.field(source, info, arguments)
        return source[info.field_name]

    def root(self, info: Any, arguments: dict[str, Any]) -> Any:
        kind = get_named_type(info.return_type).name
        match info.field_name:
            case "viewer":
                return {
                    "role": self.caller.role,
                    "permissions": sorted(PERMISSIONS[self.caller.role]),
                    "user": self.find("User", self.caller.user_id),
                    "account": self.find("Account", self.caller.account_id),
                    "session": self.find("Session", self.caller.session_id),
                }
            case "account":
                return self.find("Account", self.caller.account_id)
            case "node":
                return self.node(arguments["id"])
            case "nodes":
                return [self.node(id) for id in arguments["ids"]]
            case name if name in PLAIN_LISTS and is_list_type(get_nullable_type(info.return_type)):
                return self.plain_list(kind, self.tables[kind], PLAIN_LISTS[name])
        if kind.endswith("Connection"):
            target = kind.removesuffix("Connection")
            return self.connection(target, self.tables[target], arguments)
        found = self.node(arguments["id"])
        return found if found and found.kind == kind else None

    def field(self, source: Entity, info: Any, arguments: dict[str, Any]) -> Any:
        name, kind, row = info.field_name, get_named_type(info.return_type).name, source.row
        if kind.endswith("Connection"):
            target = kind.removesuffix("Connection")
            return self.connection(target, self.children(source, target), arguments)
        if kind in KINDS:
            if is_list_type(get_nullable_type(info.return_type)):
                return self.plain_list(kind, self.children(source, kind), PLAIN_LISTS[name])
            if owner := OWNED.get((source.kind, name)):
                return next((Entity(kind, r) for r in self.tables[kind] if r[owner] == row["id"]), None)
            return self.find(kind, row[snake(name) + "_id"])  # also a default: default_author_profile_id
        if name == "id":
            return written_id(source)
        if kind == "Decimal":
            column, places = DECIMALS[name]
            return None if row[column] is None else f"{Decimal(row[column]).scaleb(-places).normalize():f}"
        if name in COMPUTED:
            return COMPUTED[name](row)
        value = row[snake(name)]
        return written_instant(value) if isinstance(value, datetime) else value

    def children(self, source: Entity, target: str) -> list[Row]:
        column = KINDS[source.kind][2]
        return [row for row in self.tables[target] if row[column] == source.row["id"]]

    def plain_list(self, kind: str, rows: Iterable[Row], column: str) -> list[Entity]:
        return [Entity(kind, row) for row in sorted(rows, key=lambda r: (r[column], r.get("id")))]

    def find(self, kind: str, id: UUID | None) -> Entity | None:
        row = self.by_id[kind].get(id) if id else None
        return Entity(kind, row) if row else None

    def node(self, text: str) -> Entity | None:
        prefix, _, tail = text.partition("_")
        kind = next((kind for kind, (_, known, _) in KINDS.items() if known and known == prefix), None)
        try:
            return self.find(kind, UUID(tail)) if kind else None
        except ValueError:
            return None

    def connection(self, kind: str, rows: list[Row], arguments: dict[str, Any]) -> dict[str, Any]:
        order: Order = arguments.get("orderBy") or []
        listed = ordered([r for r in rows if self.holds(kind, r, arguments.get("filter") or {})], order)
        rank = {row["id"]: n for n, row in enumerate(ordered(self.tables[kind], order))}
        after, before = (cursor_id(arguments.get(name)) for name in ("after", "before"))
        inside = [
            row
            for row in listed
            if (after is None or rank[row["id"]] > rank[after]) and (before is None or rank[row["id"]] < rank[before])
        ]
        to_start = after is not None and any(rank[row["id"]] <= rank[after] for row in listed)
        to_end = before is not None and any(rank[row["id"]] >= rank[before] for row in listed)
        if (last := arguments.get("last")) is not None:
            page, cut_start, cut_end = inside[-last:], len(inside) > last, False
        else:
            first = arguments.get("first")
            first = 20 if first is None else first
            page, cut_start, cut_end = inside[:first], False, len(inside) > first
        nodes = [Entity(kind, row) for row in page]
        cursors = [f"cursor {row['id']}" for row in page]
        return {
            "nodes": nodes,
            "edges": [{"node": n, "cursor": c} for n, c in zip(nodes, cursors, strict=True)],
            "totalCount": len(listed),
            "pageInfo": {
                "hasNextPage": cut_end or to_end,
                "hasPreviousPage": cut_start or to_start,
                "startCursor": cursors[0] if cursors else None,
                "endCursor": cursors[-1] if cursors else None,
            },
        }

    def holds(self, kind: str, row: Row, filter: dict[str, Any]) -> bool:
        return all(self.holds_part(kind, row, name, value) for name, value in filter.items())

    def holds_part(self, kind: str, row: Row, name: str, value: Any) -> bool:
        if (kind, name) == ("Content", "integrationId"):
            return value in ([f"intg_{id}" for id in row["live_at"]] or [None])
        if name.endswith("Id"):
            cell = row[snake(name)]
            target = target_of(name)
            return value == (None if cell is None else f"{KINDS[target][1]}_{cell}")
        if value is None:
            return True
        match name:
            case "and":
                return all(self.holds(kind, row, part) for part in value)
            case "or":
                return any(self.holds(kind, row, part) for part in value)
            case "not":
                return not self.holds(kind, row, value)
            case "fullText":
                return bool(self.matches(row["key"], row["language"], value))
            case "search":
                text = folded(kind, row[SEARCHED[kind]])
                return all(folded(kind, word) in text for word in words(value))
        cell = row[snake(name)]
        if isinstance(value, bool):
            return bool(cell is value)
        return all(compare(cell, operator, wanted) for operator, wanted in value.items() if wanted is not None)


def subject(row: Row, id: UUID) -> str | None:
    """As the ids of its type are written; of what has none, nothing."""
    kind = row["subject_type"]
    return f"{KINDS[kind][1]}_{id}" if kind in KINDS else None


def target_of(name: str) -> str:
    """What the ids of a filter's field are of."""
    named = {"ideaId": "Idea", "parentId": "Taxonomy", "assigneeId": "User", "actorId": "User"}
    return named.get(name, name[0].upper() + name[1:-2])


def compare(cell: Any, operator: str, wanted: Any) -> bool:
    if operator in ("in", "notIn"):
        inside = bool(set(cell) & set(wanted)) if isinstance(cell, list) else cell in wanted
        return inside is (operator == "in")
    if isinstance(cell, datetime):
        wanted = datetime.fromisoformat(wanted)
        wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    return cell is not None and COMPARED[operator](cell, wanted)


def ordered(rows: list[Row], order: Order) -> list[Row]:
    """Nulls last either way, then id in the last field's direction."""
    found = sorted(rows, key=lambda r: r["id"], reverse=bool(order) and order[-1]["direction"] == "DESC")
    for part in reversed(order):
        column, descending = part["field"].lower(), part["direction"] == "DESC"
        valued = sorted((r for r in found if r[column] is not None), key=lambda r: r[column], reverse=descending)
        found = valued + [r for r in found if r[column] is None]
    return found


def folded(kind: str, text: str) -> str:
    """As it is compared: a keyword by its key."""
    return keyword_key(text) if kind == "Keyword" else text.lower()


def words(search: str) -> list[str]:
    """Every second piece between double quotes is a phrase, but not after a quote that is not closed."""
    pieces = search.split('"')
    closed = len(pieces) - (len(pieces) % 2 == 0)
    parts = [[piece] if n % 2 and n < closed else piece.split() for n, piece in enumerate(pieces)]
    return [word for part in parts for word in part if word]


def snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def written_id(entity: Entity) -> str:
    return f"{KINDS[entity.kind][1]}_{entity.row['id']}"


def written_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cursor_id(cursor: str | None) -> UUID | None:
    """The row that a cursor of the product is of."""
    return UUID(json.loads(base64.b64decode(cursor))[-1]) if cursor else None


def matcher(connection: psycopg.Connection[Any]) -> Matches:
    """One text at a time, by PostgreSQL's own stemmers."""

    @cache
    def matches(key: str, language: str | None, search: str) -> bool:
        stemmer = "igny8_german" if (language or "en").startswith("de") else "igny8_english"
        row = connection.execute(
            "select numnode(q) = 0 or to_tsvector(%(c)s::regconfig, %(key)s) @@ q "
            "from websearch_to_tsquery(%(c)s::regconfig, %(search)s) q",
            {"c": stemmer, "key": key, "search": keyword_key(search)},
        ).fetchone()
        assert row
        return bool(row[0])

    return matches


def read_tables(url: str, caller: Identity) -> dict[str, list[Row]]:
    """All that row-level security shows the caller."""
    with psycopg.connect(url, options="-c role=igny8_api -c timezone=UTC", row_factory=dict_row) as connection:
        connection.execute("select enter(%s, %s, false, '')", [caller.session_id, caller.role.value])
        return {kind: connection.execute(f"select * from {table}").fetchall() for kind, (table, _, _) in KINDS.items()}
