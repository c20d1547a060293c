"""Every field of every input with what it should not hold: refused by its name, or taken, but never broken."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLScalarType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from domain.access import Permission
from tests.client import Api, Json
from tests.conftest import Place
from tests.graph.world import World, make_world
from tests.jobs.support import sql
from tests.persistence.tables import dump, fill
from tests.schema.calls import Filling, answer, build, root_fields
from tests.schema.test_isolation import REQUIRED, Part, token

MIXED = "'; drop table keyword; -- <script>alert(1)</script> 👩\u200d👧 \u202eabc\u202c %s {0} $1 \\"
TEXTS = ["", "a\0b", "x" * 100_000, MIXED]
VALUES: dict[str, list[Any]] = {
    "String": TEXTS,
    "Int": [-(2**31), -1, 0, 2**31 - 1],
    "BigInt": [-(2**63), 2**63 - 1],
    "Decimal": ["-1", "1e400", "NaN", "0.0000000001", "abc"],
    "DateTime": ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "yesterday"],
    "JSON": [[], "text", {"GUIDE": ["x\0"]}, {"a": {"b": [1]}}, {"GENERATE_IDEAS": "x" * 100_000}],
    "Boolean": [],
    "ID": ["", "nonsense", "kw_00000000-0000-0000-0000-000000000000"],
    "Upload": [],
}
# What signs in or out, ends the session that is asking, or what others live from.
APART = {"signIn", "signUp", "refreshSession", "signOut", "revokeSessions", "revokeOtherSessions", "cancelAccount",
         "transferOwnership", "acceptInvitation", "requestPasswordReset", "resetPassword", "verifyEmail",
         "changePassword", "requestEmailVerification"}  # fmt: skip
MUTATIONS = [
    name for name in root_fields("mutation")
    if name not in APART and REQUIRED.get(("Mutation", name)) is not Permission.STAFF
]  # fmt: skip
Way = tuple[str | int, ...]


@pytest.fixture(scope="module")
async def world(url: str, place: Place) -> AsyncIterator[World]:
    async with Api(url) as owner, Api(url) as editor, Api(url) as stranger:
        made = await make_world(url, place, owner, editor, stranger)
        fill(place, made.identity(owner).account_id)
        sql(place, "update sector set is_active = true")
        sql(place, "update account set plan_id = (select id from plan where slug = 'scale')")
        yield made


def ways(declared: Any, path: Way = ()) -> Iterator[tuple[Way, Any]]:
    """Every leaf of an input, and what it should not hold."""
    kind = get_named_type(declared)
    if isinstance(kind, GraphQLInputObjectType):
        for name, member in kind.fields.items():
            yield from ways(member.type, (*path, name))
            if not isinstance(member.type, GraphQLNonNull):
                yield (*path, name), None
            if is_list_type(get_nullable_type(member.type)):
                yield (*path, name), []
    elif isinstance(kind, GraphQLScalarType):
        for value in VALUES[kind.name]:
            yield path, [value] if is_list_type(get_nullable_type(declared)) else value


def put(given: Json, way: Way, value: Any) -> bool:
    """False where there is nothing to put it into."""
    at: Any = given
    for name in way[:-1]:
        at = at.setdefault(name, {}) if isinstance(at, dict) else at
        if isinstance(at, list):
            at = at[0] if at else None
        if not isinstance(at, dict):
            return False
    at[way[-1]] = value
    return True


@pytest.mark.parametrize("name", MUTATIONS)
async def test_what_a_field_should_not_hold_is_told_or_taken_but_breaks_nothing(
    world: World, place: Place, name: str
) -> None:
    who = world.identity(world.owner)
    part = Part(place, who.account_id)
    async with Api(world.url, token(place, who.user_id)) as api:
        before = dump(place)
        for argument, declared in root_fields("mutation")[name].args.items():
            for way, value in ways(declared.type, (argument,)):
                ids = part.ids()
                call = build("mutation", name, Filling(lambda entity: ids[entity or "Job"]))  # noqa: B023 - used at once
                if not put(call.variables, way, value):
                    continue
                found = await answer(api, call)
                told = [error["extensions"]["code"] for error in found.get("errors", [])]
                assert set(told) <= {"BAD_INPUT", "RATE_LIMITED"}, f"{way} = {str(value)[:60]!r}: {found}"
                payload = (found.get("data") or {}).get(name) or {}
                if told or payload.get("userErrors"):
                    assert dump(place) == before, f"{way} = {str(value)[:60]!r} was refused, and something changed"
                else:
                    fill(place, who.account_id)
                    before = dump(place)
