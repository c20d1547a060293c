"""Whether a database is as far as the code, without Alembic: every process asks, and keeps in memory what it loads."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from persistence.errors import Outgrown
from persistence.postgres.connection import connect
from persistence.postgres.term_rows import lacking

OWNER = "igny8_owner"
LOCK = 0x1680_08  # any number that nobody else uses in this database
_INSTALLED, _CHECKOUT = Path(__file__).parents[1] / "alembic", Path(__file__).parents[2] / "alembic"
SCRIPTS = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT  # Alembic's folder: env.py, versions/
_NAMED = re.compile(r"""^(revision|down_revision) = (?:["'](\w+)["']|None)$""", re.MULTILINE)
_BEFORE_THE_BASELINE = re.compile(r"\d{4}")  # all later ones have a name behind their number

WAY_OUT = (
    "from which no way leads on, and is left as it is: dump its rows (pg_dump --data-only) and restore them into a new "
    "database that igny8 migrate has made, as the README tells under Deploy."
)


def pending(url: str) -> bool:
    """Whether the schema, or a word of the terms, is behind the code. Not when it is ahead: while newer code is
    deployed, older still runs.

    Waits for a migration under way. psycopg's errors when the database does not answer, WrongSession behind a pooler,
    Outgrown when it is one of before the baseline.
    """
    with connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        may_be = "select 1 from pg_roles where pg_has_role(current_user, oid, 'SET') and rolname = %s"
        if connection.execute(may_be, [OWNER]).fetchone() is None:
            return True
        connection.execute(f"set role {OWNER}")
        found = current(connection.execute)
        return not found or not found.isdisjoint(earlier()) or bool(lacking(connection.execute))


def current(execute: Callable[[str], Iterable[Any]]) -> set[str]:
    """Revisions that the database is at, none before there are tables. Outgrown where they are of before the baseline:
    they are not known any more, and yet not newer than the code.
    """
    made = any(row[0] for row in execute("select to_regclass('public.alembic_version') is not null"))
    found = {row[0] for row in execute("select version_num from alembic_version")} if made else set()
    for revision in filter(_BEFORE_THE_BASELINE.fullmatch, found):
        raise Outgrown(f"The database is at revision {revision}, {WAY_OUT}")
    return found


def earlier() -> set[str]:
    """Revisions that another one builds on."""
    found = [dict(_NAMED.findall(path.read_text())) for path in (SCRIPTS / "versions").glob("*.py")]
    return {revision["down_revision"] for revision in found if revision.get("down_revision")}
