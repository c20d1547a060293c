"""Every field of every input with what it should not hold: refused by its name, or taken, but never broken."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLScalarType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from redis import Redis

from domain.access import Permission
from persistence.terms import Role
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import one, sql
from tests.persistence.tables import dump
from tests.schema.calls import Call, Filling, answer, build, root_fields
from tests.schema.editing import ERRORS, call
from tests.schema.test_isolation import REQUIRED, add_user

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
         "changePassword", "requestEmailVerification", "requestEmailChange", "changeEmail"}  # fmt: skip
MUTATIONS = [
    name for name in root_fields("mutation")
    if name not in APART and REQUIRED.get(("Mutation", name)) is not Permission.STAFF
]  # fmt: skip
Way = tuple[str | int, ...]


# What a mutation needs besides what it requires.
MORE: dict[str, Json] = {
    "inviteUser": {"role": "EDITOR"},
    "setRole": {"role": "EDITOR"},
    "bulkUpdateKeywords": {"status": "ARCHIVED"},
    "bulkUpdateClusters": {"status": "ARCHIVED"},
    "bulkUpdateIdeas": {"status": "REJECTED"},
    "bulkUpdateTasks": {"wordCount": 500},
    "bulkUpdateContents": {"contentStructure": "GUIDE"},
    "createImage": {"prompt": "a dot"},
    "updateSite": {"status": "ACTIVE"},
    "importSite": {"url": "https://example.com"},
    "createIntegration": {"wordPress": {"url": "https://example.com", "username": "a", "appPassword": "b"}},
}
NEEDS = {"createIdea": "sectorId", "createTask": "sectorId", "createContent": "sectorId",
         "generateImages": "imageIds"}  # fmt: skip
# Accepted once only, or not of what is there: looked at all the same.
REFUSED = {"deleteSectors", "mergeClusters", "createIdeas", "createTasks", "retryJob", "cancelJob", "deleteUsers",
           "revertPublication", "scheduleContent", "importSite"}  # fmt: skip


async def house(api: Api, place: Place) -> dict[str, str]:
    """An account with one of everything that hangs together: ids by entity."""
    with Redis.from_url(place.redis_url) as redis:
        redis.flushdb()  # so many accounts are not made from one address
    await api.sign_up()
    site = await api.site()
    ids = {"Site": site, "Sector": await api.sector(site), "Account": api.account_id}
    account = UUID(api.account_id[4:])
    ids["User"] = f"usr_{add_user(place, account, Role.VIEWER)}"
    inside = {"sectorId": ids["Sector"]}

    async def make(entity: str, mutation: str, field: str, **given: Any) -> None:
        payload = await call(api, mutation, f"{field} {{ id }} {ERRORS}", input=given)
        assert payload["userErrors"] == []
        ids[entity] = payload[field]["id"]

    await make("Cluster", "createCluster", "cluster", name="c", **inside)
    await make("Keyword", "createKeyword", "keyword", keyword="free", **inside)
    for word in ("other", "k"):
        await make("Keyword", "createKeyword", "keyword", keyword=word, clusterId=ids["Cluster"], **inside)
    await make("Idea", "createIdea", "idea", ideaTitle="i", **inside)
    await make("Task", "createTask", "task", title="t", **inside)
    await make("Content", "createContent", "content", title="c", htmlContent="x", **inside)
    await make("Image", "createImage", "image", contentId=ids["Content"], imageType="FEATURED", prompt="p")
    await make("Taxonomy", "createTaxonomy", "taxonomy", siteId=site, taxonomyType="TAG", name="x")
    there = {"url": "https://example.com", "username": "ada", "appPassword": "x"}
    await make("Integration", "createIntegration", "integration", siteId=site, name="Blog", wordPress=there)
    draft = {"contentIds": [ids["Content"]], "integrationId": ids["Integration"], "status": "DRAFT"}
    await call(api, "publishContent", ERRORS, input=draft)
    ids["Publication"] = (await api.one("{ publications { nodes { id } } }"))["nodes"][0]["id"]
    ids["SyncConflict"] = conflict_of(place, ids["Publication"])
    await make("AuthorProfile", "createAuthorProfile", "authorProfile", name="a")
    await make("Strategy", "createStrategy", "strategy", name="s")
    await make("Prompt", "createPrompt", "prompt", promptType="GENERATE_IDEAS", promptValue="p")
    await make("Invitation", "inviteUser", "invitation", email=f"{account}@example.com", role="VIEWER")
    await make("ApiKey", "createApiKey", "apiKey", name="k", permissions=["READ"])
    await make("Job", "testAiProvider", "job", provider="OFFLINE")
    content = await api.one("{ contents { nodes { revisions { nodes { id } } } } }")
    ids["ContentRevision"] = content["nodes"][0]["revisions"]["nodes"][0]["id"]
    for entity in ("Industry", "Plan"):
        listed = {"Industry": "industries", "Plan": "plans"}[entity]
        ids[entity] = (await api.one(f"{{ {listed} {{ id }} }}"))[0]["id"]
    ids["IndustrySector"] = (await api.one("{ industries { sectors { id } } }"))[0]["sectors"][0]["id"]
    sql(place, "update account set plan_id = (select id from plan where slug = 'scale') where id = %s", account)
    return ids


def conflict_of(place: Place, publication: str) -> str:
    """One of its title."""
    own = "account_id, site_id, sector_id, content_id, integration_id"
    made = (
        f"insert into sync_conflict ({own}, publication_id, field, ours, theirs, theirs_hash) "
        f"select {own}, id, 'TITLE', 'Ours', 'Theirs', '' from publication where id = %s returning id"
    )
    return f"cfl_{one(place, made, UUID(publication[4:]))}"


def input_of(name: str) -> dict[str, Any]:
    """The fields of a mutation's input."""
    argument = root_fields("mutation")[name].args.get("input")
    kind = get_named_type(argument.type) if argument else None
    return dict(kind.fields) if isinstance(kind, GraphQLInputObjectType) else {}


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


def base(name: str, ids: dict[str, str]) -> Call:
    """A call that is accepted."""
    made = build("mutation", name, Filling(lambda entity: ids[entity or "Job"]))
    given = made.variables.get("input")
    if isinstance(given, dict):
        given |= deepcopy(MORE.get(name, {}))
        if name in NEEDS:
            id = ids["Image" if NEEDS[name] == "imageIds" else "Sector"]
            given[NEEDS[name]] = [id] if NEEDS[name].endswith("s") else id
    return made


@pytest.mark.parametrize("name", MUTATIONS)
async def test_what_a_field_should_not_hold_is_told_or_taken_but_breaks_nothing(
    url: str, place: Place, name: str
) -> None:
    async with Api(url) as api:
        ids = await house(api, place)
        before = dump(place)
        for argument, declared in root_fields("mutation")[name].args.items():
            for way, value in ways(declared.type, (argument,)):
                tried = base(name, ids)
                if not put(tried.variables, way, value):
                    continue
                found = await answer(api, tried)
                told = [error["extensions"]["code"] for error in found.get("errors", [])]
                assert set(told) <= {"BAD_INPUT", "RATE_LIMITED"}, f"{way} = {str(value)[:60]!r}: {found}"
                payload = (found.get("data") or {}).get(name) or {}
                if told or payload.get("userErrors"):
                    assert dump(place) == before, f"{way} = {str(value)[:60]!r} was refused, and something changed"
                else:
                    sql(place, "update sector set is_active = false where id <> %s", ids["Sector"][4:])
                    before = dump(place)
        if name not in REFUSED:
            found = await answer(api, base(name, await house(api, place)))
            assert found.get("data"), found
            assert found["data"][name]["userErrors"] == [], "else what was tried above was refused for another reason"


ONCE = [name for name in MUTATIONS if "idempotencyKey" in input_of(name)]


async def test_what_was_made_under_a_key_is_given_again_while_it_is_there_to_be_seen(url: str, place: Place) -> None:
    """Else it is told: null without an error would say that it is made."""
    async with Api(url) as api:
        ids, replayed = await house(api, place), set()
        for name in ONCE:
            asked = base(name, ids)
            asked.variables["input"]["idempotencyKey"] = name
            if (await answer(api, asked))["data"][name]["userErrors"]:
                continue  # for a reason of its own
            again = (await answer(api, asked))["data"][name]
            assert again["userErrors"] == [], name
            sql(place, "update idempotency_key set result_ids = array[uuidv7()] where key = %s", name)
            gone = (await answer(api, asked))["data"][name]
            (error,) = gone.pop("userErrors")
            gone.pop("__typename")
            assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "idempotencyKey"]), name
            assert not any(gone.values()), name
            replayed.add(name)
        assert len(replayed) >= 15, set(ONCE) - replayed
