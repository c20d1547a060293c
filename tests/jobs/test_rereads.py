"""Reading followed jobs together shows each session what its own scope would, whoever it is."""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from persistence.errors import Missing, PersistenceError
from persistence.postgres.database import API_ROLE, Database
from persistence.progress import rereads as module
from persistence.progress.feed import Feed
from persistence.progress.rereads import Rereads
from persistence.progress.snapshot import Snapshot, snapshot_of
from persistence.queries.jobs import SNAPSHOT
from persistence.scope import SessionScope
from persistence.terms import Role
from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import account_of, one, sql
from tests.schema.articles import colleague
from tests.waiting import ended, until

JOB = "insert into job (account_id, site_id, kind) values (%s, %s, 'GENERATE_CONTENT') returning id"
OF = "(select account_id from user_session where id = %s)"
END = {
    "revoked": "update user_session set revoked_at = now() where id = %s",
    "expired": "update user_session set expires_at = now() where id = %s",
    "dismissed": "update app_user set is_active = false where id = (select user_id from user_session where id = %s)",
    "another role": "update app_user set role = 'ADMIN' where id = (select user_id from user_session where id = %s)",
    "suspended": f"update account set status = 'SUSPENDED' where id = {OF}",
    "cancelled": f"update account set status = 'CANCELLED' where id = {OF}",
    "site taken away": "delete from site_user_access where user_id = (select user_id from user_session where id = %s)",
}


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = await Database(place.database_url, API_ROLE, size=6).open()
    yield opened
    await opened.close()


@dataclass(frozen=True, slots=True)
class World:
    """Sessions of all kinds, and jobs of the account's two sites, of none, and of another account."""

    scopes: dict[str, SessionScope]
    jobs: list[UUID]


def scope_of(place: Place, email: str) -> SessionScope:
    ((session, user, account, role),) = sql(
        place,
        "select s.id, u.id, u.account_id, u.role from app_user u join user_session s on s.user_id = u.id "
        "where u.email = %s order by s.created_at desc limit 1",
        email,
    )
    return SessionScope(session, user, account, Role(role))


@pytest.fixture
async def world(place: Place, owner: Api, url: str) -> AsyncIterator[World]:
    """The colleagues see the first site alone."""
    await owner.site()
    async with (
        colleague(place, owner, "EDITOR") as editor,
        colleague(place, owner, "VIEWER") as viewer,
        Api(url) as other,
    ):
        await owner.site("Tea")
        await other.sign_up()
        await other.site()
        jobs = []
        for api in (owner, other):
            account = account_of(place, api)
            sites = [id for (id,) in sql(place, "select id from site where account_id = %s order by id", account)]
            jobs += [one(place, JOB, account, site) for site in [*sites, None]]
        people = {"owner": owner, "editor": editor, "viewer": viewer, "other": other}
        yield World({name: scope_of(place, api.email) for name, api in people.items()}, jobs)
        sql(place, "delete from job")


async def alone(database: Database, scope: SessionScope, job: UUID) -> Snapshot | None:
    try:
        return snapshot_of(await database.read(scope, SNAPSHOT, [job]))
    except (Missing, PersistenceError):
        return None


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REREAD_SECONDS", 0.2)
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.1)


async def told(rereads: Rereads, scope: SessionScope, job: UUID, until: float = math.inf) -> Snapshot | None:
    """What a listener is told by the next reading; None for a gap."""
    feed = Feed(scope.account_id, job)
    with rereads.following(scope, job, feed, until):
        found, gap = await ended(feed.next())
    assert bool(found) != gap
    return found[0] if found else None


async def compared(database: Database, world: World) -> dict[str, int]:
    """How many jobs each sees; an AssertionError where the two ways differ."""
    rereads = Rereads(database)
    pairs = [(name, job) for name in world.scopes for job in world.jobs]
    together = await asyncio.gather(*(told(rereads, world.scopes[name], job) for name, job in pairs))
    seen = dict.fromkeys(world.scopes, 0)
    for (name, job), found in zip(pairs, together, strict=True):
        assert found == await alone(database, world.scopes[name], job), (name, job)
        seen[name] += found is not None
    return seen


async def test_each_sees_what_its_scope_shows(database: Database, world: World) -> None:
    assert await compared(database, world) == {"owner": 3, "editor": 1, "viewer": 1, "other": 2}


@pytest.mark.parametrize("change", END)
async def test_what_acts_at_once_does_so_here(place: Place, database: Database, world: World, change: str) -> None:
    sql(place, END[change], world.scopes["editor"].session_id)
    seen = await compared(database, world)
    assert seen["other"] == 2
    assert seen["editor"] == (1 if change == "suspended" else 0)
    assert seen["owner"] == (0 if change == "cancelled" else 3)


@dataclass(slots=True)
class Counted:
    """A database's reads, each of which may fail."""

    database: Database
    statements: int = 0
    away: bool = False
    dead: bool = False

    async def read(self, *args: Any) -> Any:
        self.statements += 1
        if self.dead:
            await asyncio.Event().wait()
        if self.away:
            raise Missing("row")
        return await self.database.read(*args)


async def test_many_who_follow_are_told_by_one_statement_and_only_of_what_is_new(
    place: Place, database: Database, world: World
) -> None:
    counted = Counted(database)
    rereads = Rereads(counted)  # type: ignore[arg-type]
    scope, job = world.scopes["owner"], world.jobs[0]
    with ExitStack() as following:
        feeds = [Feed(scope.account_id, job) for _ in range(500)]
        for feed in feeds:
            following.enter_context(rereads.following(scope, job, feed, math.inf))
        first = [(await feed.next())[0][0].version for feed in feeds]
        assert (counted.statements, len(set(first))) == (1, 1)

        await until(lambda: counted.statements >= 3)
        again = asyncio.create_task(feeds[0].next())
        await asyncio.sleep(0.3)
        assert not again.done(), "nothing has changed"
        sql(place, "update job set version = version + 1, phase = 'WRITING' where id = %s", job)
        (seen,), gap = await ended(again)
        assert (seen.version, seen.phase, gap) == (first[0] + 1, "WRITING", False)
    begun = counted.statements
    await asyncio.sleep(0.4)
    assert counted.statements <= begun + 1, "nobody follows any more"


async def test_many_jobs_are_read_in_few_statements(database: Database, world: World) -> None:
    counted = Counted(database)
    rereads = Rereads(counted)  # type: ignore[arg-type]
    pairs = [(scope, uuid4()) for scope in world.scopes.values() for _ in range(250)]
    assert await asyncio.gather(*(told(rereads, scope, job) for scope, job in pairs)) == [None] * 1000
    assert counted.statements <= 4


async def test_who_may_follow_no_longer_is_told_of_a_gap(database: Database, world: World) -> None:
    rereads, scope, job = Rereads(database), world.scopes["owner"], world.jobs[0]
    past, present = await asyncio.gather(told(rereads, scope, job, time.time() - 1), told(rereads, scope, job))
    assert past is None
    assert present


async def test_a_database_that_is_away_is_asked_again_and_after_long_each_asks_alone(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(database, away=True)
    rereads, scope, job = Rereads(counted), world.scopes["owner"], world.jobs[0]  # type: ignore[arg-type]
    waiting = asyncio.create_task(told(rereads, scope, job))
    await until(lambda: counted.statements >= 3)
    assert not waiting.done()
    counted.away = False
    assert await waiting

    counted.away = True
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)
    assert await told(rereads, scope, job) is None


async def test_an_answer_that_never_comes_is_not_waited_for(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_SECONDS", 0.2)
    counted = Counted(database, dead=True)
    rereads, scope, job = Rereads(counted), world.scopes["owner"], world.jobs[0]  # type: ignore[arg-type]
    waiting = asyncio.create_task(told(rereads, scope, job))
    await until(lambda: counted.statements == 1)
    counted.dead = False
    assert await waiting


async def test_a_gap_is_read_at_once(database: Database, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REREAD_SECONDS", 60.0)
    rereads, scope, job = Rereads(database), world.scopes["owner"], world.jobs[0]
    waiting = asyncio.create_task(told(rereads, scope, job))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    rereads.gap()
    assert await waiting
