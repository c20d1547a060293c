"""Roles and revisions. Roles are cluster-wide, so that no revision makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from persistence.database import API_ROLE, OWNER_ROLE, WORKER_ROLE

LOCK = 0x1680_08  # any number that nobody else uses in this database
ROLES = (OWNER_ROLE, API_ROLE, WORKER_ROLE)


def migrate(url: str, revision: str = "head") -> None:
    """Makes the roles, then moves the schema to `revision`; safe to run twice and from two places at once."""
    with _connected(url) as connection:
        _make_roles(connection)
        connection.execute(text(f"set role {OWNER_ROLE}"))
        config = _config(connection)
        current = MigrationContext.configure(connection).get_current_revision()
        script = ScriptDirectory.from_config(config)
        downward = revision == "base" or (
            current is not None and revision in {r.revision for r in script.iterate_revisions(current, "base")}
        )
        (command.downgrade if downward else command.upgrade)(config, revision)
        connection.commit()


def pending(url: str) -> bool:
    """Whether the schema is behind the code."""
    with _connected(url) as connection:
        current = MigrationContext.configure(connection).get_current_heads()
        return set(current) != set(ScriptDirectory.from_config(_config(connection)).get_heads())


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        yield connection
    engine.dispose()


def _make_roles(connection: Connection) -> None:
    known = set(connection.scalars(text("select rolname from pg_roles where rolname like 'igny8%'")))
    for role in ROLES:
        if role not in known:
            connection.execute(text(f"create role {role} nologin nosuperuser nobypassrls"))
        connection.execute(text(f"grant {role} to current_user with set true, inherit false"))
    database = connection.scalar(text("select quote_ident(current_database())"))
    connection.execute(text(f"grant create on database {database} to {OWNER_ROLE}"))
    connection.execute(text(f"grant usage, create on schema public to {OWNER_ROLE}"))
    connection.execute(text(f"grant usage on schema public to {API_ROLE}, {WORKER_ROLE}"))
    connection.execute(text("revoke create on schema public from public"))
    connection.commit()


def _config(connection: Connection) -> Config:
    config = Config(Path(__file__).parents[1] / "alembic.ini")
    config.attributes["connection"] = connection
    return config
