"""Reading followed jobs together shows each session what its own scope would, whoever it is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from persistence.database import API_ROLE, Database
from persistence.errors import Missing, PersistenceError
from persistence.queries.jobs import SNAPSHOT, snapshot_of
from persistence.rereads import Rereads
from persistence.scope import SessionScope
from persistence.terms import Role
from persistence.unit import Snapshot
from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import account_of, one, sql
from tests.schema.articles import colleague

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


async def compared(database: Database, world: World) -> dict[str, int]:
    """How many jobs each sees; an AssertionError where the two ways differ."""
    rereads = Rereads(database)
    pairs = [(name, job) for name in world.scopes for job in world.jobs]
    together = await asyncio.gather(*(rereads.read(world.scopes[name], job) for name, job in pairs))
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


async def test_many_are_read_in_one_statement(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rereads, read = Rereads(database), database.read
    statements = 0

    async def counted(*args: object) -> object:
        nonlocal statements
        statements += 1
        return await read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "read", counted)
    scope, job = world.scopes["owner"], world.jobs[0]
    found = await asyncio.gather(*(rereads.read(scope, job) for _ in range(500)))
    assert statements == 1
    assert {f.id for f in found if f} == {job}


async def test_a_database_that_fails_leaves_it_to_each(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise Missing("row")

    monkeypatch.setattr(database, "read", broken)
    assert await Rereads(database).read(world.scopes["owner"], world.jobs[0]) is None
