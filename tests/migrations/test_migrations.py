"""Revisions there and back, on empty and on filled tables; roles of a login with few rights; backup and restore."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, make_url
from sqlalchemy.exc import ProgrammingError

from cli.embedded import Services
from persistence.models import Base
from persistence.postgres.migrations import accounts_at_stake, migrate
from persistence.postgres.revisions import pending
from persistence.postgres.secret_rotation import rotate
from persistence.postgres.term_rows import TERMS
from persistence.secrets import Vault
from tests.client import PASSWORD, Api
from tests.conftest import ROOT, SECRET, Place, fresh_place, served
from tests.migrations.support import connected, database, fill, igny8, ours, pg, rows

_numbers = count(1)


def test_there_and_back_and_there_again(empty: str) -> None:
    assert pending(empty)
    migrate(empty)
    made = ours(empty)
    assert not pending(empty)

    migrate(empty, "base")

    assert ours(empty) == []
    assert pending(empty)
    migrate(empty)
    assert ours(empty) == made


def test_back_from_filled_tables(empty: str) -> None:
    migrate(empty)
    fill(empty)
    assert all(rows(empty).values()), rows(empty)

    migrate(empty, "base")

    assert ours(empty) == []
    migrate(empty)
    fill(empty)


@pytest.mark.parametrize("table", sorted(TERMS))
def test_a_new_term_needs_no_revision(empty: str, table: str) -> None:
    migrate(empty)
    with psycopg.connect(empty) as connection:
        connection.execute(f"delete from {table} where name = %s".encode(), [next(iter(TERMS[table])).value])
        connection.execute(f"insert into {table} values ('OF_A_NEWER_RELEASE')".encode())
    assert pending(empty)

    migrate(empty)

    assert not pending(empty)
    with psycopg.connect(empty) as connection:
        words = {word for (word,) in connection.execute(f"select name from {table}".encode())}
    assert words == {*(term.value for term in TERMS[table]), "OF_A_NEWER_RELEASE"}


def test_twice_changes_nothing(empty: str) -> None:
    migrate(empty)
    fill(empty)
    before = ours(empty), rows(empty)

    migrate(empty)

    assert (ours(empty), rows(empty)) == before


def test_the_way_back_asks_before_it_drops_anything(empty: str, place: Place) -> None:
    """An empty database has nothing to lose, and forwards nothing is lost."""
    at, back = replace(place, database_url=empty), ("migrate", "--revision", "base")
    assert accounts_at_stake(empty, "base") is None
    migrate(empty)
    fill(empty)
    assert [accounts_at_stake(empty, to) for to in ("head", "base")] == [None, 1]
    before = ours(empty), rows(empty)

    with ThreadPoolExecutor() as pool:
        piped = pool.submit(igny8, *back, place=at)
        unknown = pool.submit(igny8, "migrate", "--revision", "nowhere", place=at)
        declined = pool.submit(answered, "n", *back, place=at)

    assert (piped.result().returncode, piped.result().stdout) == (1, "")
    assert "which has 1 accounts. Give --drop-data" in piped.result().stderr
    assert (unknown.result().returncode, "Traceback" in unknown.result().stderr) == (1, False)
    assert declined.result() == 1
    assert (ours(empty), rows(empty)) == before

    assert answered("y", *back, place=at) == 0
    assert ours(empty) == []
    migrate(empty)
    assert igny8(*back, "--drop-data", place=at).returncode == 0
    assert ours(empty) == []


def answered(answer: str, *arguments: str, place: Place) -> int:
    """What the command ends with at a terminal where somebody answers."""
    our_end, theirs = os.openpty()
    with open(our_end, "wb", buffering=0) as terminal:
        command = [sys.executable, "-m", "cli", *arguments]
        with subprocess.Popen(command, env=place.environment, cwd=ROOT, stdin=theirs) as process:
            os.close(theirs)
            terminal.write(f"{answer}\n".encode())
            return process.wait(60)


def test_from_several_processes_at_once(servers: Services, place: Place) -> None:
    """Two on one database, and two on others: the roles are the cluster's."""

    def run(url: str) -> "subprocess.CompletedProcess[str]":
        return igny8("migrate", place=replace(place, database_url=url))

    with database(servers) as one, database(servers) as two, database(servers) as three, ThreadPoolExecutor() as pool:
        for done in pool.map(run, (one, one, two, three)):
            assert done.returncode == 0, done.stderr
            assert done.stdout == "migrated to head\n"
        assert ours(one) == ours(two) == ours(three)
        assert not pending(one)


def test_the_models_are_what_the_revisions_make(place: Place) -> None:
    with connected(place.database_url) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []
        for table in Base.metadata.sorted_tables:
            made = {c["name"] for c in inspect(connection).get_check_constraints(table.name)}
            assert made == {c.name for c in table.constraints if isinstance(c, CheckConstraint)}, table.name


def test_our_folder_does_not_hide_the_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


@contextmanager
def login(servers: Services, *rights: str) -> Iterator[tuple[str, str]]:
    """A login that is no superuser: its name, and the URL of an empty database that it owns."""
    name = f"operator_{next(_numbers)}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f"create role {name} login password 'secret' {' '.join(rights)}".encode())
        try:
            with database(servers, owner=name) as url:
                yield name, make_url(url).set(username=name, password="secret").render_as_string(hide_password=False)
        finally:
            connection.execute(f"drop role {name}".encode())


async def works(place: Place) -> None:
    async with served(place) as url, Api(url) as api:
        await api.sign_up()
        assert (await api.import_text(await api.sector(), "cold brew\n"))["imported"] == 1


async def test_a_login_that_was_granted_the_roles_needs_no_other_right(servers: Services, place: Place) -> None:
    with login(servers) as (name, url):
        with pytest.raises(ProgrammingError, match="permission denied"):
            migrate(url)
        with psycopg.connect(servers.database_url, autocommit=True) as connection:
            connection.execute(f"grant igny8_owner, igny8_api, igny8_worker to {name}".encode())
        for _ in range(2):
            migrate(url)
        assert not pending(url)
        await works(replace(place, database_url=url))


ODD = {
    "datestyle": "'German, DMY'",
    "intervalstyle": "iso_8601",
    "timezone": "'Asia/Kathmandu'",
    "bytea_output": "escape",
    "extra_float_digits": "-10",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "client_encoding": "latin1",
    "search_path": "pg_temp",
    "row_security": "off",
    "statement_timeout": "'1ms'",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
}


async def test_a_database_with_defaults_of_its_own_serves_alike(servers: Services, place: Place) -> None:
    """Whatever changes what texts and statements mean: of the database, for all who do not ask otherwise."""
    with database(servers) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            name = connection.info.dbname
            for setting, value in ODD.items():
                connection.execute(f"alter database {name} set {setting} = {value}".encode())
        odd = replace(place, database_url=url)
        told = igny8("create-account", "--name", "Größe", "--email", "a@b.de", "--password", PASSWORD, place=odd)
        assert told.returncode == 0, told.stderr
        await works(odd)
        assert rotate(url, Vault([SECRET])) == {"integration": 0, "integration_settings": 0}
        migrate(url, "base")


async def test_a_backup_holds_every_row_and_serves_again(servers: Services, template: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    with fresh_place(servers, template, tmp_path) as first, database(servers) as second:
        async with served(first) as url, Api(url) as api:
            await api.sign_up()
            email, sector = api.email, await api.sector()
            await api.import_text(sector, "Keyword,Volume\ncold brew,10\nmoka pot,20\n")
        before = rows(first.database_url)
        assert before["keyword"] == 2

        pg("pg_dump", "--role=igny8_owner", "--enable-row-security", "-Fc", "-f", str(backup), first.database_url)
        pg("pg_restore", "--exit-on-error", "-d", second, str(backup))

        assert rows(second) == before
        assert not pending(second)
        migrate(second)
        async with served(replace(first, database_url=second)) as url, Api(url) as api:
            query = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }"
            api.token = (await api.one(query, input={"email": email, "password": PASSWORD}))["accessToken"]
            found = await api.one("{ keywords(orderBy: [{field: VOLUME, direction: DESC}]) { nodes { keyword } } }")
            assert [k["keyword"] for k in found["nodes"]] == ["moka pot", "cold brew"]
            assert (await api.import_text(sector, "moka pot\nv60\n"))["imported"] == 1
