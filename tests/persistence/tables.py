"""Tenants' tables as the catalogue has them: which there are, their rows, rows for those that nobody has filled."""

import re
from collections import defaultdict
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from tests.conftest import Place
from tests.jobs.support import sql

TENANT_TABLES = """
select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and (
  c.relname = 'account' or exists (
    select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped))
order by c.relname
"""
MISSING = """
select a.attname, format_type(a.atttypid, null) from pg_attribute a
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
"""
REFERENCES = """
select k.confrelid::regclass::text,
       array(select attname::text from unnest(k.conkey) with ordinality u(n, i)
             join pg_attribute on attrelid = k.conrelid and attnum = n order by i),
       array(select attname::text from unnest(k.confkey) with ordinality u(n, i)
             join pg_attribute on attrelid = k.confrelid and attnum = n order by i)
from pg_constraint k where k.contype = 'f' and k.conrelid = %s::regclass
"""
CHECKS = "select pg_get_constraintdef(oid) from pg_constraint where contype = 'c' and conrelid = %s::regclass"
SOME: dict[str, Any] = {
    "text": "some",
    "integer": 1,
    "bigint": 1,
    "boolean": True,
    "jsonb": Jsonb({}),
    "text[]": [],
    "uuid[]": [],
    "timestamp with time zone": "2026-01-31 08:30:00+00",
}
Rows = dict[str, list[str]]


@cache
def tenant_tables(place: Place) -> list[str]:
    return [name for (name,) in sql(place, TENANT_TABLES)]


def tenant_column(table: str) -> str:
    """That names the account."""
    return "id" if table == "account" else "account_id"


TABLES = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"


def dump(place: Place) -> Rows:
    """All rows of all tables, as text."""
    return _rows(place, [name for (name,) in sql(place, TABLES)], "true")


def dump_of(place: Place, account: UUID) -> Rows:
    """All rows of an account."""
    return _rows(place, tenant_tables(place), f"{{}} = '{account}'")


def _rows(place: Place, tables: list[str], which: str) -> Rows:
    """In one statement: many tests look at everything."""
    parts = [
        f"select '{table}', array(select t::text from {table} t where {which.format(tenant_column(table))} order by 1)"
        for table in tables
    ]
    return dict(sql(place, " union all ".join(parts)))  # type: ignore[arg-type]


def filled(place: Place, account: UUID) -> set[str]:
    """Tenants' tables in which the account has rows."""
    return {name for name, rows in dump_of(place, account).items() if rows}


# What has happened may be of no site, and is no `site_event` then.
SITE_EVENTS = """
insert into event (account_id, site_id, kind, subject_type, subject_id)
select account_id, id, 'SITE_CREATED', 'Site', id from site s
 where account_id = %s and not exists (select from event e where e.site_id = s.id)
"""


def fill(place: Place, account: UUID) -> None:
    """A row of the account in every table where it has none."""
    empty = set(tenant_tables(place)) - filled(place, account)
    while empty:
        made = {table for table in sorted(empty) if _insert(place, table, account)}
        assert made, f"no row can be made for {empty}"
        empty -= made | filled(place, account)  # some by a trigger
    sql(place, SITE_EVENTS, account)


def _insert(place: Place, table: str, account: UUID) -> bool:
    """False while a table that it must refer to has no row of the account."""
    missing = dict(sql(place, MISSING, table))
    values: dict[str, Any] = {"account_id": account}
    for target, local, remote in sql(place, REFERENCES, table):
        if target == table or not missing.keys() & set(local) - {"account_id"}:
            continue
        columns = ", ".join(remote)
        shared = target not in tenant_tables(place)
        own = "true" if shared else f"{tenant_column(target)} = '{account}'"
        found = sql(place, f"select {columns} from {target} where {own} limit 1")
        if not found:
            return False
        values |= dict(zip(local, found[0], strict=True))
    words = _closed_sets(place, table)
    for name, kind in missing.items():
        values.setdefault(name, words[name] if name in words else _some(kind))
    marks = ", ".join(["%s"] * len(values))
    sql(place, f"insert into {table} ({', '.join(values)}) values ({marks})", *values.values())
    return True


def _some(kind: str) -> Any:
    """What must be unique over all accounts is made anew."""
    return {"uuid": uuid4(), "bytea": uuid4().bytes}.get(kind, SOME.get(kind))


def _closed_sets(place: Place, table: str) -> dict[str, str]:
    """The first word of each column that holds one of a closed set."""
    return {column: words[0] for column, words in closed_sets(place, table).items()}


def closed_sets(place: Place, table: str) -> dict[str, list[str]]:
    """The words that a CHECK allows, by column."""
    found: dict[str, list[str]] = defaultdict(list)
    for (rule,) in sql(place, CHECKS, table):
        column = re.match(r"CHECK \(\(\(?(\w+) (?:= ANY|<@|= ')", rule)
        if column:
            found[column[1]] = re.findall(r"'(\w+)'::text", rule)
    return found
