"""Databases that come and go, filled and looked at."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import ARRAY, Column, Connection, Table, create_engine, make_url, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert

from cli.embedded import Services, programs
from persistence.models import Base
from persistence.models.base import TermType
from persistence.postgres.term_rows import TERMS
from tests.conftest import ROOT, Place, named

_numbers = count(1)
OURS = """
select 'relation ' || relname from pg_class where relnamespace = 'public'::regnamespace
union all select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
union all select 'type ' || typname from pg_type where typnamespace = 'public'::regnamespace
union all select 'schema ' || nspname from pg_namespace where nspname not like 'pg\\_%' and
                                                              nspname not in ('public', 'information_schema')
union all select 'extension ' || extname from pg_extension where extname <> 'plpgsql'
"""


@contextmanager
def database(servers: Services, owner: str | None = None) -> Iterator[str]:
    """The URL of an empty one."""
    name = f"migrations_{next(_numbers)}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f"create database {name} {f'owner {owner}' if owner else ''}".encode())
        try:
            yield named(servers.database_url, name)
        finally:
            connection.execute(f"drop database {name} with (force)".encode())


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def ours(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return sorted(row[0] for row in connection.execute(OURS.encode()).fetchall())


def rows(url: str) -> dict[str, int]:
    with connected(url) as connection:
        tables = Base.metadata.sorted_tables
        return {t.name: int(connection.scalar(text(f"select count(*) from {t.name}")) or 0) for t in tables}


def contents(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with psycopg.connect(url) as connection:
        return {
            table.name: sorted(row for (row,) in connection.execute(f"select t::text from {table.name} t".encode()))
            for table in Base.metadata.sorted_tables
        }


def fill(url: str) -> None:
    """One row, with all of its foreign keys, in every table; the platform's settings and the terms have theirs, and a
    site's calendar is made by a trigger.
    """
    known: dict[str, dict[str, Any]] = {}
    with connected(url) as connection:
        for table in [t for t in Base.metadata.sorted_tables if t.name not in ("system_settings", *TERMS)]:
            made = insert(table).values(_values(table, known)).on_conflict_do_nothing().returning(table)
            row = connection.execute(made).one_or_none() or connection.execute(select(table)).one()
            known[table.name] = dict(row._mapping)
        connection.commit()


def _values(table: Table, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    values = {c.name: _value(c) for c in table.columns if not (c.nullable or c.server_default)}
    for constraint in table.foreign_key_constraints:
        parent = known.get(constraint.referred_table.name)
        if parent and constraint.referred_table is not table:
            values |= {e.parent.name: parent[e.column.name] for e in constraint.elements}
    return values


def _value(column: Column[Any]) -> Any:
    if isinstance(column.type, TermType):
        return next(iter(column.type.terms))
    if isinstance(column.type, ARRAY):
        return []
    if isinstance(column.type, JSONB):
        return {}
    kind = column.type.python_type
    return {datetime: datetime.now(UTC), str: "x", int: 1, bytes: b"x", bool: True, UUID: UUID(int=1)}[kind]


def igny8(*arguments: str, place: Place) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cli", *arguments]
    return subprocess.run(
        command, env=place.environment, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def pg(program: str, *arguments: str) -> str:
    """What one of PostgreSQL's own says."""
    binary = Path(programs.installed().postgres, "pginstall", "bin", program)
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
