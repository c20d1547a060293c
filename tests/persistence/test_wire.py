"""Reads on libpq's own pipeline: what is prepared, what an error leaves, what an interruption leaves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from persistence.errors import Missing, SessionEnded
from persistence.postgres.database import API_ROLE, Database
from persistence.postgres.wire import KEPT, LeanWire, Statement
from persistence.scope import AnonymousScope, SessionScope
from persistence.terms import Role
from tests.conftest import Place
from tests.jobs.support import one, sql
from tests.waiting import until

NOBODY, NOW = AnonymousScope(), datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
PREPARED = "select count(*)::text from pg_prepared_statements where name like 'read_%'"
READERS = "select count(*) from pg_stat_activity where application_name = 'igny8_api_reads' and {}"


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = await Database(place.database_url, API_ROLE, size=2).open()  # one connection for reads
    yield opened
    await opened.close()


async def test_values_of_every_kind_go_as_the_statements_casts_say(database: Database) -> None:
    sql_text = (
        "select array_to_string($1::text[], '|'), ($2::int + 1)::text, coalesce($3::text, 'none'), $4::bool::text"
    )
    for given in (["a|b", 'quo"te', "\\", "ß🙂"], []), ([], ["x"]):
        for values in given:
            listed = values if isinstance(values, list) else [values]
            row = await database.read_texts(NOBODY, sql_text, [listed, 2**31 - 2, None, True])
            assert row == ("|".join(listed).encode(), b"2147483647", b"none", b"true")


async def test_a_text_of_megabytes_comes_whole(database: Database) -> None:
    (text,) = await database.read_texts(NOBODY, "select repeat('0123456789', 500000)", [])
    assert len(text) == 5_000_000
    assert text[-10:] == b"0123456789"
    (echo,) = await database.read_texts(
        NOBODY, "select $1::text", ["é" * 1_000_000]
    )  # more than a socket takes at once
    assert echo.decode() == "é" * 1_000_000


async def test_the_oldest_statement_makes_room(database: Database) -> None:
    for number in range(KEPT + 30):
        assert await database.read_texts(NOBODY, f"select '{number}'", []) == (str(number).encode(),)
    (prepared,) = await database.read_texts(NOBODY, PREPARED, [], prepare=False)
    assert int(prepared) <= KEPT + 1
    assert await database.read_texts(NOBODY, "select '3'", []) == (b"3",)  # was let go: prepared anew


async def test_a_hundred_failing_reads_and_then_a_good_one(place: Place, database: Database) -> None:
    (backend,) = await database.read_texts(NOBODY, "select pg_backend_pid()::text", [])
    for number in range(100):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await database.read_texts(NOBODY, f"select (1 / ($1::int - {number}))::text", [number])
        with pytest.raises(psycopg.errors.SyntaxError):
            await database.read_texts(NOBODY, f"select {number} from from", [])
        with pytest.raises(psycopg.DataError):
            await database.read_texts(NOBODY, "select $1::text", [f"{number}\0"])
        with pytest.raises(Missing):
            await database.read_texts(NOBODY, f"select 'x' where {number} < 0", [])
    assert await database.read_texts(NOBODY, "select pg_backend_pid()::text", []) == (backend,)
    (prepared,) = await database.read_texts(NOBODY, PREPARED, [], prepare=False)
    assert int(prepared) <= KEPT + 1


async def test_an_ended_session_is_told_as_such(database: Database) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    scope = SessionScope(nobody, nobody, nobody, Role.OWNER)  # type: ignore[arg-type]
    with pytest.raises(SessionEnded):
        await database.read_texts(scope, "select 'x'", [])
    assert await database.read_texts(NOBODY, "select 'y'", []) == (b"y",)


async def test_an_interrupted_read_is_cancelled_and_its_connection_replaced(place: Place, database: Database) -> None:
    reading = asyncio.create_task(database.read_texts(NOBODY, "select pg_sleep(60)::text", []))
    await until(lambda: one(place, READERS.format("state = 'active' and strpos(query, 'pg_sleep') > 0")))
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await database.read_texts(NOBODY, "select 'next'", []) == (b"next",)
    await until(lambda: not one(place, READERS.format("state = 'active'")))  # it works on nothing nobody waits for


async def test_dropped_connections_are_replaced_at_once(place: Place, database: Database) -> None:
    for _ in range(3):
        assert await database.read_texts(NOBODY, "select 'there'", []) == (b"there",)
        sql(place, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'igny8_api_reads'")


async def test_nothing_of_a_scope_is_left_for_the_next(database: Database) -> None:
    wire = await database.reads.getconn()
    try:
        assert isinstance(wire, LeanWire)
        set_it = Statement("select set_config('igny8.account', 'somebody', true)", ())
        seen = Statement("select current_setting('igny8.account', true)", ())
        assert await wire.texts([set_it, seen]) == (b"somebody",)
        assert await wire.texts([seen]) == (b"",)
    finally:
        await database.reads.putconn(wire)


async def test_what_psycopg_does_on_the_same_connection_harms_none(database: Database) -> None:
    """A transaction that fails has psycopg deallocate all, if it has prepared anything itself."""
    assert await database.read_texts(NOBODY, "select 'before'", []) == (b"before",)
    for _ in range(12):
        with pytest.raises(RuntimeError):
            async with database.copied(NOBODY, "copy (select $1) to stdout", ["x"]):
                raise RuntimeError("the reader went")
        assert await database.read_texts(NOBODY, "select 'before'", []) == (b"before",)


async def test_statements_that_somebody_let_go_are_prepared_again(database: Database) -> None:
    assert await database.read_texts(NOBODY, "select 'kept'", []) == (b"kept",)
    wire = await database.reads.getconn()
    await wire.execute("deallocate all")
    await database.reads.putconn(wire)
    assert await database.read_texts(NOBODY, "select 'kept'", []) == (b"kept",)


async def test_a_row_has_pythons_types(database: Database) -> None:
    row = await database.read(
        NOBODY, "select $1::int, null::text, array[$2::uuid], $3::timestamptz", [7, UUID(int=5), NOW]
    )
    assert row == (7, None, [UUID(int=5)], NOW)
