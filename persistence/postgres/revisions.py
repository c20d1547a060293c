"""Whether a database is as far as the code, without Alembic: every process asks, and keeps in memory what it loads."""

import re
from pathlib import Path

from persistence.postgres.connection import connect
from persistence.postgres.term_rows import lacking

OWNER = "igny8_owner"
LOCK = 0x1680_08  # any number that nobody else uses in this database
_INSTALLED, _CHECKOUT = Path(__file__).parents[1] / "alembic", Path(__file__).parents[2] / "alembic"
SCRIPTS = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT  # Alembic's folder: env.py, versions/
_NAMED = re.compile(r'^(revision|down_revision) = (?:"(\w+)"|None)$', re.MULTILINE)


def pending(url: str) -> bool:
    """Whether the schema, or a word of the terms, is behind the code. Not when it is ahead: while newer code is
    deployed, older still runs.

    Waits for a migration under way. psycopg's errors when the database does not answer, WrongSession behind a pooler.
    """
    with connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        may_be = "select 1 from pg_roles where pg_has_role(current_user, oid, 'SET') and rolname = %s"
        if connection.execute(may_be, [OWNER]).fetchone() is None:
            return True
        connection.execute(f"set role {OWNER}")
        row = connection.execute("select to_regclass('public.alembic_version')").fetchone()
        if row is None or row[0] is None:
            return True
        current = {found for (found,) in connection.execute("select version_num from alembic_version")}
        return not current or not current.isdisjoint(earlier()) or bool(lacking(connection.execute))


def earlier() -> set[str]:
    """Revisions that another one builds on."""
    found = [dict(_NAMED.findall(path.read_text())) for path in (SCRIPTS / "versions").glob("*.py")]
    return {revision["down_revision"] for revision in found if revision.get("down_revision")}
