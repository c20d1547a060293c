"""Nobody sees or changes what is another's, on any operation: the calls are made from the schema."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access import PERMISSIONS, Permission
from domain.tokens import Tokens, api_key, token_hash
from persistence.graph.model import ToMany
from persistence.terms import Role
from schema import PUBLIC
from schema.graph.entity import REGISTRY
from schema.mutation import of_sites
from tests.client import Api, Json
from tests.conftest import Place
from tests.graph.world import World, make_world
from tests.jobs.support import one, sql
from tests.persistence.tables import dump, dump_of, fill, tenant_column, tenant_tables
from tests.schema.calls import (
    CORE,
    ROOTS,
    Call,
    Filling,
    Ids,
    Slot,
    answer,
    build,
    filter_slots,
    needed,
    printed,
    required,
    root_fields,
    slots,
    unknown,
)

ENTITIES = {name: entity for name, entity in REGISTRY.graph.entities.items() if entity.prefix}
EVERYBODYS = {"Industry", "IndustrySector", "Plan"}
REQUIRED = required()
EVERY_ROOT = pytest.mark.parametrize(("kind", "name"), ROOTS)
IN_A_SESSION = [root for root in ROOTS if (root[0].capitalize(), root[1]) not in PUBLIC]
ROOTS_WITH_IDS = pytest.mark.parametrize(("kind", "name"), [root for root in ROOTS if slots(*root)])
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SITES = "select tablename from pg_policies where policyname = 'tenant' and qual like '%%igny8.sites%%'"


@cache
def bound_to_sites(place: Place) -> dict[str, str]:
    """Of each table whose rows are seen with their site alone the column that names it."""
    return {table: "id" if table == "site" else "site_id" for (table,) in sql(place, SITES)}


@cache
def identified(place: Place) -> list[str]:
    """The tables whose rows have an id."""
    query = "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'id'"
    return [table for (table,) in sql(place, query)]


@dataclass(frozen=True)
class Part:
    """Rows of an account, or those of them that are seen with one site alone."""

    place: Place
    account: UUID
    site: UUID | None = None

    def ids(self) -> dict[str, str]:
        """One of each entity."""
        rows = self._rows()
        return {name: kind.encode(min(rows[kind.table])) for name, kind in ENTITIES.items() if rows[kind.table]}

    def secrets(self) -> set[str]:
        """The ids of all rows of tenants."""
        return {str(id) for table, ids in self._rows().items() if table in tenant_tables(self.place) for id in ids}

    def _rows(self) -> dict[str, set[UUID]]:
        """The ids of its rows, and of those that are everybody's, by table."""
        found: dict[str, set[UUID]] = defaultdict(set)
        rules = {table: self._rule(table) for table in identified(self.place)}
        rules["site_event"] = f"({rules['event']}) and site_id is not null"
        query = " union all ".join(f"select '{table}', id from {table} where {rule}" for table, rule in rules.items())
        for table, id in sql(self.place, query):
            found[table].add(id)
        return found

    def _rule(self, table: str) -> str:
        if table not in tenant_tables(self.place):
            return "true"
        mine = f"{tenant_column(table)} = '{self.account}'"
        if self.site is None:
            return mine
        column = bound_to_sites(self.place).get(table)
        return f"{mine} and {column} = '{self.site}'" if column else "false"


@dataclass
class Intruder:
    """Who has `own`, and tries the ids of `foreign`."""

    world: World
    api: Api
    user: UUID
    role: Role
    own: Part
    foreign: dict[str, str]
    secrets: set[str]

    def sign_in(self) -> Ids:
        """In a session of its own, since what it tries may end it; the ids that it has."""
        self.api.token = token(self.world.place, self.user)
        wider = Part(self.own.place, self.own.account)
        ids = {**wider.ids(), **self.own.ids()}
        return lambda entity: ids[entity or "Job"]

    def foreign_ids(self, slot: Slot) -> list[str]:
        if slot.entity is None:
            return list(self.foreign.values())
        return [self.foreign[slot.entity]] if slot.entity in self.foreign else []

    def may(self, kind: str, name: str, id: str = "") -> bool:
        """`id`: of what any kind is taken of."""
        entity = REGISTRY.graph.of_id(id) if name in ("node", "nodes") else None
        wanted = {REQUIRED.get((kind, name)), REQUIRED.get((entity.name, "")) if entity else None}
        return wanted <= {None, *PERMISSIONS[self.role]}

    def knows(self, found: Any) -> set[str]:
        """What an answer tells of others' rows."""
        return self.secrets & set(UUIDS.findall(str(found)))


def token(place: Place, user: UUID) -> str:
    """Of a new session."""
    statement = (
        "insert into user_session (account_id, user_id, last_used_at, expires_at) select account_id, id, now(), "
        "now() + interval '1 day' from app_user where id = %s "
        "returning id, account_id, (select role from app_user where id = user_id)"
    )
    ((session, account, role),) = sql(place, statement, user)
    return Tokens(place.settings.secrets()).access(session, user, account, Role(role))


def add_user(place: Place, account: UUID, role: Role) -> UUID:
    statement = "insert into app_user (account_id, email, password_hash, role) values (%s, %s, '-', %s) returning id"
    found: UUID = one(place, statement, account, f"{uuid4()}@example.com", role.value)
    return found


@pytest.fixture(scope="module")
async def world(url: str, place: Place) -> AsyncIterator[World]:
    async with Api(url) as owner, Api(url) as editor, Api(url) as stranger:
        made = await make_world(url, place, owner, editor, stranger)
        for api in (owner, stranger):
            fill(place, made.identity(api).account_id)
        sql(place, "update sector set is_active = true")  # those that are not take nothing, whosever it is
        sql(place, "update site set status = 'ACTIVE'")
        yield made


@pytest.fixture(scope="module")
async def stranger(world: World) -> AsyncIterator[Intruder]:
    """The owner of another account."""
    who, theirs = world.identity(world.stranger), Part(world.place, world.identity(world.owner).account_id)
    own = Part(world.place, who.account_id)
    async with Api(world.url) as api:
        yield Intruder(world, api, who.user_id, Role.OWNER, own, tenants_ids(theirs), theirs.secrets())


@pytest.fixture(scope="module")
async def editor(world: World) -> AsyncIterator[Intruder]:
    """Sees one site of the account, tries another."""
    who = world.identity(world.editor)
    site = "select id from site where account_id = %s and slug = %s"
    own, theirs = (Part(world.place, who.account_id, one(world.place, site, who.account_id, s)) for s in ("s0", "s1"))
    async with Api(world.url) as api:
        yield Intruder(world, api, who.user_id, Role.EDITOR, own, tenants_ids(theirs), theirs.secrets())


def tenants_ids(part: Part) -> dict[str, str]:
    return {
        name: id
        for name, id in part.ids().items()
        if ENTITIES[name].table in {*tenant_tables(part.place), "site_event"}
    }


def codes(found: Json) -> list[str]:
    return [error["extensions"]["code"] for error in found.get("errors", [])]


def shows_nothing(found: Json, call: Call, slot: Slot) -> bool:
    """null, an empty list, NOT_FOUND that names the input."""
    if call.kind == "subscription":
        return codes(found) == ["NOT_FOUND"] and not found.get("data")
    if codes(found):
        return False
    value = found["data"][call.name]
    if isinstance(value, dict) and "userErrors" in value:
        (error,) = value["userErrors"]
        return error["code"] == "NOT_FOUND" and error["field"][-1:] == list(slot.path[-1:])
    if isinstance(value, dict) and "totalCount" in value:
        return value["totalCount"] == 0 or "not" in slot.path
    return call.kind == "query" and value in (None, [None])


async def intrude(intruder: Intruder, kind: str, name: str) -> None:
    own = intruder.sign_in()
    before = dump(intruder.world.place)
    for slot in slots(kind, name):
        for id in intruder.foreign_ids(slot):
            call = build(kind, name, Filling(own, slot.path, id))
            found = await answer(intruder.api, call)
            if name.startswith("export") and intruder.may("Query", name):
                file = await intruder.api.http.get(intruder.api.url + found["data"][name]["url"])
                assert file.status_code == 200
                assert "not" in slot.path or len(file.text.splitlines()) == 1, "the line of titles"
                assert not intruder.knows(file.text)
            elif intruder.may(kind.capitalize(), name, id):
                assert shows_nothing(found, call, slot), f"{call.variables} → {found}"
            else:
                assert codes(found) == ["FORBIDDEN"]
            assert not intruder.knows(found)
    assert dump(intruder.world.place) == before


@ROOTS_WITH_IDS
async def test_ids_of_another_tenant_lead_nowhere(stranger: Intruder, kind: str, name: str) -> None:
    await intrude(stranger, kind, name)


@ROOTS_WITH_IDS
async def test_ids_of_a_site_that_one_may_not_see_lead_nowhere(editor: Intruder, kind: str, name: str) -> None:
    await intrude(editor, kind, name)


def test_the_foreign_ids_are_of_every_kind(stranger: Intruder, editor: Intruder) -> None:
    assert ENTITIES.keys() - stranger.foreign.keys() == EVERYBODYS
    assert {"Site", "Sector", "Keyword", "Cluster", "Idea", "Task", "Content", "Job"} <= editor.foreign.keys()
    assert "AuthorProfile" not in editor.foreign


# Nested lists, cursors, links


def filters() -> dict[tuple[str, str], Any]:
    """The filter types of lists below an entity."""
    types: dict[str, Any] = CORE.type_map
    below = [
        (name, field) for name, kind in ENTITIES.items() for field, m in kind.fields.items() if isinstance(m, ToMany)
    ]
    given = {key: types[key[0]].fields[key[1]].args for key in below}
    return {key: arguments["filter"].type for key, arguments in given.items() if "filter" in arguments}


FILTERS = filters()


@pytest.mark.parametrize(("entity", "name"), FILTERS)
@pytest.mark.parametrize("who", ["stranger", "editor"])
async def test_nested_lists_filtered_by_foreign_ids_are_empty(
    request: pytest.FixtureRequest, who: str, entity: str, name: str
) -> None:
    intruder: Intruder = request.getfixturevalue(who)
    own, given = intruder.sign_in(), FILTERS[entity, name]
    query = (
        f"query($id: ID!, $filter: {given}) {{ node(id: $id) {{ ... on {entity} {{ found: {name}(filter: $filter) "
        "{ totalCount nodes { id } } } } }"
    )
    for slot in filter_slots(given) if intruder.may(entity, name) else []:
        for id in intruder.foreign_ids(slot):
            filter = Filling(own, slot.path, id).value(given, ())
            found = await intruder.api.one(query, id=own(entity), filter=filter)
            assert found["found"]["totalCount"] == 0 or "not" in slot.path
            assert not intruder.knows(found)


@pytest.mark.parametrize("name", [n for n, f in root_fields("query").items() if "after" in f.args])
async def test_cursors_of_another_tenant_show_ones_own_rows(stranger: Intruder, name: str) -> None:
    page = await stranger.world.owner.one(f"{{ {name}(first: 1) {{ pageInfo {{ endCursor }} }} }}")
    cursor = page["pageInfo"]["endCursor"]
    assert cursor
    stranger.sign_in()
    for side in ("after", "before"):
        found = await stranger.api.one(f"query($c: String) {{ {name}({side}: $c) {{ nodes {{ id }} }} }}", c=cursor)
        assert not stranger.knows(found)


async def test_a_link_to_ones_own_article_opens_no_other(stranger: Intruder) -> None:
    own, api = stranger.sign_in()("Content"), stranger.api
    link = await api.one("query($id: ID!) { contentPreview(contentId: $id) { url } }", id=own)
    address = api.url + link["url"]
    assert (await api.http.get(address)).status_code == 200
    assert (await api.http.get(address.replace(own, stranger.foreign["Content"]))).status_code == 404


# Five callers

CALLERS: dict[str, Role | None] = {
    "anonymous": None,
    "viewer": Role.VIEWER,
    "editor without a site": Role.EDITOR,
    "admin": Role.ADMIN,
    "owner of another account": Role.OWNER,
}


@dataclass
class Caller:
    """`role` is None for somebody who is not signed in."""

    name: str
    role: Role | None
    user: UUID | None
    api: Api

    def sign_in(self, world: World) -> Api:
        self.api.token = token(world.place, self.user) if self.user else None
        return self.api


@pytest.fixture(scope="module")
async def callers(world: World) -> AsyncIterator[list[Caller]]:
    account = world.identity(world.owner).account_id
    users = {name: add_user(world.place, account, role) for name, role in CALLERS.items() if role}
    users["owner of another account"] = world.identity(world.stranger).user_id
    site = one(world.place, "select id from site where account_id = %s and slug = 's0'", account)
    statement = "insert into site_user_access (account_id, site_id, user_id) values (%s, %s, %s)"
    sql(world.place, statement, account, site, users["viewer"])
    async with Api(world.url) as api:
        yield [Caller(name, role, users.get(name), api) for name, role in CALLERS.items()]


def refusal(kind: str, name: str, role: Role | None) -> list[Json]:
    """What the SDL says that a caller of the role is told; of an entity itself under no name."""
    if role is None:
        return [] if (kind, name) in PUBLIC else [{"code": "UNAUTHENTICATED"}]
    needed = REQUIRED.get((kind, name))
    if needed is None or needed in PERMISSIONS[role]:
        return []
    return [{"code": "FORBIDDEN", "permission": needed.value, "field": name}]


def told(found: Json, *, but: str | None = None) -> list[Json]:
    """The extensions of the errors."""
    every = [{k: v for k, v in e["extensions"].items() if k != "requestId"} for e in found.get("errors", [])]
    return [extensions for extensions in every if extensions["code"] != but]


@EVERY_ROOT
async def test_callers_are_refused_by_the_sdl_and_then_nothing_happens(
    world: World, callers: list[Caller], kind: str, name: str
) -> None:
    for caller in callers:
        api, expected = caller.sign_in(world), refusal(kind.capitalize(), name, caller.role)
        before = dump(world.place) if expected else {}
        found = await answer(api, build(kind, name, Filling(unknown)))
        # Of a job that is not there a subscriber is told so by an error.
        assert told(found, but="NOT_FOUND" if kind == "subscription" else None) == expected, caller.name
        if expected:
            assert not found.get("data")
            assert dump(world.place) == before, caller.name


NESTED = [key for key in REQUIRED if key[1] and key[0] not in ("Query", "Mutation", "Subscription")]


@pytest.mark.parametrize(("entity", "name"), NESTED)
async def test_nested_fields_are_refused_by_the_sdl(
    world: World, callers: list[Caller], entity: str, name: str
) -> None:
    id = Part(world.place, world.identity(world.owner).account_id).ids()[entity]
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on {entity} {{ {name} {{ totalCount }} }} }} }}"
    for caller in callers:
        found = await caller.sign_in(world).answer(query, id=id)
        expected = refusal(entity, name, caller.role)
        if expected and caller.role:
            expected[0]["field"] = f"node.{name}"
        assert told(found) == expected, caller.name


@pytest.mark.parametrize("entity", ENTITIES)
async def test_an_id_gives_no_more_than_its_kind_allows(world: World, callers: list[Caller], entity: str) -> None:
    id = Part(world.place, world.identity(world.owner).account_id).ids()[entity]
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on {entity} {{ id }} }} }}"
    for caller in callers:
        found = await caller.sign_in(world).answer(query, id=id)
        expected = refusal("Query", "node", caller.role) or refusal(entity, "", caller.role)
        if expected and caller.role:
            expected[0]["field"] = "node"
        assert told(found) == expected, caller.name


# API keys

SCOPES = [*PERMISSIONS[Role.OWNER], Permission.STAFF]
FOR_PEOPLE = {name for kind, name, directive in printed() if directive.name.value == "forPeople"}


@pytest.fixture(scope="module")
async def keys(world: World) -> AsyncIterator[dict[frozenset[Permission], Api]]:
    """One of each permission, and one of all."""
    user = add_user(world.place, world.identity(world.owner).account_id, Role.DEVELOPER)
    async with AsyncExitStack() as stack:
        made = {}
        for scopes in (*({scope} for scope in SCOPES), SCOPES):
            key = api_key()
            add_key(world.place, user, token_hash(key), list(scopes))
            made[frozenset(scopes)] = await stack.enter_async_context(Api(world.url, key))
        yield made


def add_key(place: Place, user: UUID, hashed: bytes, permissions: list[Permission]) -> None:
    statement = (
        "with s as (insert into user_session (account_id, user_id, last_used_at, expires_at, is_api_key) select "
        "account_id, id, now(), now() + interval '1 day', true from app_user where id = %s returning *) insert into "
        "api_key (account_id, user_id, session_id, name, prefix, token_hash, permissions) select account_id, user_id, "
        "id, 'k', 'igny8_', %s, %s from s"
    )
    sql(place, statement, user, hashed, [permission.value for permission in permissions])


@EVERY_ROOT
async def test_an_api_key_does_what_its_scopes_say_and_never_what_is_for_people(
    world: World, keys: dict[frozenset[Permission], Api], kind: str, name: str
) -> None:
    sql(world.place, "update api_key set last_used_at = now()")  # it is noted once a minute
    before = dump(world.place)
    refused, allowed = {}, []
    for scopes, api in keys.items():
        call = build(kind, name, Filling(unknown))
        if name in FOR_PEOPLE or not needed(call) <= scopes:
            refused[scopes] = await answer(api, call)
        elif Permission.STAFF not in scopes:
            allowed.append((api, call))
    for scopes, found in refused.items():
        assert codes(found) == ["FORBIDDEN"], scopes
        assert not found.get("data")
        missing = found["errors"][0]["extensions"].get("permission")
        assert (missing is None) if name in FOR_PEOPLE else (missing not in scopes)
    assert dump(world.place) == before
    for api, call in allowed:
        assert not {"FORBIDDEN", "UNAUTHENTICATED"} & set(codes(await answer(api, call)))


@pytest.mark.parametrize("permission", sorted(PERMISSIONS[Role.OWNER]))
async def test_an_api_key_reaches_no_text_by_a_way_round_its_scope(
    world: World, keys: dict[frozenset[Permission], Api], permission: Permission
) -> None:
    api = keys[frozenset({permission})]
    account = Part(world.place, world.identity(world.owner).account_id).ids()
    ways = {
        "viewer": "{ viewer { account { sites { nodes { contents { nodes { title } } } } } } }",
        "node": "query($content: ID!) { node(id: $content) { ... on Content { htmlContent } } }",
        "nodes": "query($content: ID!) { nodes(ids: [$content]) { ... on Content { htmlContent } } }",
        "preview": "query($content: ID!) { contentPreview(contentId: $content) { url } }",
        "export": "{ exportKeywords(format: CSV) { url } }",
        "ledger": "{ creditTransactions { nodes { job { site { name } } } } }",
        "people": "{ users { nodes { account { sites { nodes { name } } } } } }",
        "payload": 'mutation { createSite(input: {name: "x"}) { site { contents { nodes { title } } } } }',
    }
    for way, query in ways.items():
        given = {"content": account["Content"]} if "$content" in query else {}
        codes_ = codes(await api.answer(query, **given))
        if permission is not Permission.READ:
            assert codes_ == ["FORBIDDEN"], way
        else:
            assert codes_ == [] or way in ("ledger", "people", "payload"), way
    assert await api.one("{ viewer { role permissions rateLimit { max } } }")


@pytest.mark.parametrize(
    ("kind", "name"),
    IN_A_SESSION,
)
async def test_a_session_that_has_ended_is_refused_everywhere(
    world: World, callers: list[Caller], kind: str, name: str
) -> None:
    admin = next(caller for caller in callers if caller.role is Role.ADMIN)
    api = admin.sign_in(world)
    sql(world.place, "update user_session set revoked_at = now() where user_id = %s", admin.user)
    before = dump(world.place)
    found = await answer(api, build(kind, name, Filling(unknown)))
    staff = REQUIRED.get((kind.capitalize(), name)) is Permission.STAFF
    assert codes(found) == ["FORBIDDEN" if staff else "UNAUTHENTICATED"]
    assert dump(world.place) == before


@EVERY_ROOT
async def test_what_one_does_with_ones_own_touches_nobody_else(stranger: Intruder, kind: str, name: str) -> None:
    place, account = stranger.world.place, stranger.world.identity(stranger.world.owner).account_id
    fill(place, stranger.own.account)  # some calls delete
    own, before = stranger.sign_in(), dump_of(place, account)
    found = await answer(stranger.api, build(kind, name, Filling(own)))
    staff = REQUIRED.get((kind.capitalize(), name)) is Permission.STAFF
    assert codes(found) == (["FORBIDDEN"] if staff else [])
    assert not stranger.knows(found)
    assert dump_of(place, account) == before


# Archived sites

OF_SITES = of_sites()
TAKES_ARCHIVED = [name for name in root_fields("mutation") if re.match(r"delete|revokeSiteAccess|updateSite$", name)]
NAMING_A_SITE = [
    name for kind, name in ROOTS if kind == "mutation" and any(s.entity in OF_SITES for s in slots(kind, name))
]


@dataclass
class Archived:
    """An account's owner, ids of its own in a live site, and others in one that is archived while it is tried."""

    api: Api
    own: Ids
    ids: dict[str, str]

    async def refused(self, kind: str, name: str) -> None:
        for slot in slots(kind, name):
            if slot.entity in OF_SITES and slot.entity in self.ids:
                found = await answer(self.api, build(kind, name, Filling(self.own, slot.path, self.ids[slot.entity])))
                assert codes(found) == []
                (error,) = found["data"][name]["userErrors"]
                path = [part for part in error["field"] if not part.isdigit()]
                assert (error["code"], path) == ("CONFLICT", list(slot.path)), slot
                assert "archived" in error["message"]


@pytest.fixture
async def archived(world: World) -> AsyncIterator[Archived]:
    place, who = world.place, world.identity(world.owner)
    site = "select id from site where account_id = %s and slug = %s"
    live, shut = (Part(place, who.account_id, one(place, site, who.account_id, slug)) for slug in ("s0", "s1"))
    own = {**Part(place, who.account_id).ids(), **live.ids()}
    async with Api(world.url, token(place, who.user_id)) as api:
        sql(place, "update site set status = 'ARCHIVED' where id = %s", shut.site)
        yield Archived(api, lambda entity: own[entity or "Job"], tenants_ids(shut))
        sql(place, "update site set status = 'ACTIVE' where id = %s", shut.site)


@pytest.mark.parametrize("name", [name for name in NAMING_A_SITE if name not in TAKES_ARCHIVED])
async def test_nothing_is_done_about_what_is_in_an_archived_site(world: World, archived: Archived, name: str) -> None:
    before = dump(world.place)
    await archived.refused("mutation", name)
    assert dump(world.place) == before


async def test_an_estimate_says_what_the_mutation_would(archived: Archived) -> None:
    await archived.refused("query", "estimate")


def test_the_ids_of_an_archived_site_are_of_every_kind_that_mutations_take(archived: Archived) -> None:
    taken = {slot.entity for name in NAMING_A_SITE for slot in slots("mutation", name)}
    assert taken & OF_SITES == taken & archived.ids.keys()
    assert len(NAMING_A_SITE) > len(TAKES_ARCHIVED) + 40


@pytest.mark.parametrize("name", TAKES_ARCHIVED)
async def test_what_is_archived_can_be_deleted(world: World, name: str) -> None:
    if name not in NAMING_A_SITE:
        return
    place = world.place
    async with Api(world.url) as api:
        await api.sign_up()
        account = world.identity(api).account_id
        fill(place, account)
        sql(place, "update job set finished_at = now(), status = 'SUCCEEDED' where account_id = %s", account)
        sql(place, "update site set status = 'ARCHIVED' where account_id = %s", account)
        ids = Part(place, account).ids()
        call = build("mutation", name, Filling(lambda entity: ids[entity or "Job"]))
        if name == "updateSite":
            call.variables["input"] = {"status": "ACTIVE"}
        elif name.startswith("delete") and "input" in root_fields("mutation")[name].args:
            call.document = call.document.replace("ids: $ids", "ids: $ids, input: {cascade: true}")
        found = await answer(api, call)
        assert found["data"][name]["userErrors"] == []
        if name not in ("deleteSites", "updateSite"):
            assert one(place, "select status from site where account_id = %s", account) == "ARCHIVED"
