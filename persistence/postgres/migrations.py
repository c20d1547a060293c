"""Roles, revisions, and words that need none. Roles are cluster-wide, so that no revision makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from persistence.postgres.connection import connect
from persistence.postgres.database import API_ROLE, OWNER_ROLE, WORKER_ROLE
from persistence.postgres.revisions import LOCK, SCRIPTS, current
from persistence.postgres.term_rows import fill

ROLES = (OWNER_ROLE, API_ROLE, WORKER_ROLE)
MAY_BE = "select from pg_roles where pg_has_role(current_user, oid, 'SET')"
CREATE = "create role {role} nologin nosuperuser nobypassrls"
GRANT = "grant {role} to current_user with set true, inherit false"

# Events of a dump from elsewhere: their transactions are numbers that this server has not come to, older than all here.
RESTORED = """
update event set transaction = '3', horizon = '3' where transaction >= pg_snapshot_xmax(pg_current_snapshot())
"""


def migrate(url: str, revision: str = "head") -> None:
    """Makes the roles, then moves the schema to `revision` and fills in the terms.

    Safe to run twice and from two places at once. Outgrown when the database is one of before the baseline.
    """
    with _connected(url) as connection:
        _make_roles(connection)
        connection.execute(text(f"set role {OWNER_ROLE}"))
        config = _config(connection)
        downward = _is_behind(config, connection, revision) or revision == "base"
        (command.downgrade if downward else command.upgrade)(config, revision)
        fill(connection.exec_driver_sql)
        if connection.scalar(text("select to_regclass('public.event')")) is not None:
            connection.exec_driver_sql(RESTORED)
        if revision == "base":
            connection.execute(text("drop table if exists alembic_version"))
        connection.commit()


def accounts_at_stake(url: str, revision: str) -> int | None:
    """How many accounts there are whose data the way down to `revision` takes; None where it goes up, or there are no
    tables. Outgrown when the database is one of before the baseline.
    """
    with _connected(url) as connection:
        if connection.scalar(text("select to_regclass('public.alembic_version')")) is None:
            return None
        connection.execute(text(f"set role {OWNER_ROLE}"))
        if not _is_behind(_config(connection), connection, revision):
            return None
        return int(connection.execute(text("select count(*) from account")).scalar_one())


def _is_behind(config: Config, connection: Connection, revision: str) -> bool:
    """Whether `revision` comes before the one that the database is at. Outgrown where that is of before the baseline,
    CommandError where it is of newer code.
    """
    found = tuple(current(connection.exec_driver_sql))
    if found in ((), (revision,)):
        return False
    script = ScriptDirectory.from_config(config)
    script.get_revisions(found)
    return revision == "base" or revision in {r.revision for r in script.iterate_revisions(found, "base")}


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine("postgresql+psycopg://", creator=partial(connect, url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        yield connection
    engine.dispose()


def _make_roles(connection: Connection) -> None:
    """What is there already is not asked for: a login that was granted the roles needs no right to make them."""
    for role in ROLES:
        _ensure(connection, "select from pg_roles where rolname = :role", CREATE, role)
        _ensure(connection, f"{MAY_BE} and rolname = :role", GRANT, role)
    database = connection.scalar(text("select quote_ident(current_database())"))
    connection.execute(text(f"grant create on database {database} to {OWNER_ROLE}"))
    connection.execute(text(f"grant usage, create on schema public to {OWNER_ROLE}"))
    connection.execute(text(f"grant usage on schema public to {API_ROLE}, {WORKER_ROLE}"))
    connection.execute(text("revoke create on schema public from public"))
    connection.commit()


def _ensure(connection: Connection, done: str, statement: str, role: str) -> None:
    """Roles are the cluster's, the lock is this database's: a migration of another database may come first."""
    for last in (False, True):
        if connection.execute(text(done), {"role": role}).first() is not None:
            return
        try:
            with connection.begin_nested():
                connection.execute(text(statement.format(role=role)))
        except DBAPIError:
            if last:
                raise


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))  # % would be an interpolation
    config.attributes["connection"] = connection
    return config
