"""What operations cost, what an account may spend, what is refused before it runs."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import psutil
import pytest
from redis.asyncio import Redis

from persistence.redis.allotments import Allotment, Allotted
from persistence.redis.persisted_documents import Documents
from persistence.redis.query_budget import QueryBudgets
from tests.client import PASSWORD, SIGN_UP, Api, Json
from tests.conftest import Place, served
from tests.jobs.support import keywords, sql

DEEP = "{ sites(first: 2) { nodes { id sectors(first: 3) { nodes { id keywords(first: 5) { nodes { id } } } } } } }"


async def extensions(api: Api, query: str, **variables: Any) -> Json:
    answer = await api.answer(query, **variables)
    assert "errors" not in answer, answer["errors"]
    found: Json = answer["extensions"]
    return found


@pytest.mark.parametrize("way", [1, 2, 3])
async def test_list_sizes_multiply_and_what_came_is_counted(owner: Api, way: int) -> None:
    """The first time the long way, later the short one."""
    sector = await owner.sector()
    await owner.import_text(sector, keywords(4))
    for _ in range(way):
        found = await extensions(owner, DEEP)
    assert found["cost"]["requested"] == 1 + 2 * (1 + 1 + 3 * (1 + 1 + 5))
    assert found["cost"]["actual"] == 1 + 1 + 1 + 1 + 1 + 4
    assert (found["cost"]["max"], found["cost"]["restoreRate"]) == (200_000, 20_000)
    assert len(found["requestId"]) == 32


@pytest.mark.parametrize(
    ("query", "requested"),
    [
        ("{ account { id } }", 1),
        ("{ keywords { totalCount } }", 2),
        ("{ keywords { nodes { id } } }", 21),
        ("{ keywords(last: 7) { edges { cursor node { id cluster { id } } } pageInfo { endCursor } } }", 2 + 7 * 3),
        ("query($n: Int = 9) { keywords(first: $n) { nodes { id } } }", 10),
        ("{ a: keywords(first: 3) { nodes { id } } b: keywords(first: 4) { nodes { id } } }", 9),
        ("{ industries { sectors { id } } }", 20 * (1 + 20)),
        ("{ viewer { user { id } account { id sites(first: 2) { nodes { id } } } } }", 1 + 1 + 1 + 1 + 2),
        ('{ node(id: "kw_x") { id ... on Keyword { cluster { id } } } }', 2),
    ],
)
async def test_the_cost_comes_of_the_schema(owner: Api, query: str, requested: int) -> None:
    assert (await extensions(owner, query))["cost"]["requested"] == requested


async def test_what_asks_for_too_much_is_refused_before_it_runs(owner: Api) -> None:
    query = (
        "{ sites(first: 100) { nodes { sectors(first: 100) { nodes { keywords(first: 100) { nodes { id } } } } } } }"
    )
    (error,) = await owner.errors(query)
    assert error["extensions"]["code"] == "LIMIT_REACHED"
    assert "50,000 are allowed" in error["message"]


@pytest.fixture
async def redis(place: Place) -> AsyncIterator[Redis]:
    async with Redis.from_url(place.redis_url) as made:
        yield made


async def test_processes_share_a_bucket_and_it_fills_again(redis: Redis) -> None:
    """Of 1,000 a second and 10,000 at once; each process takes slices of 200."""
    account, one, two = uuid4(), QueryBudgets(redis, 1000), QueryBudgets(redis, 1000)
    assert (await one.spend(account, 6000)).wait == 0
    assert (await two.spend(account, 3900)).wait == 0
    refused = await two.spend(account, 2000)
    assert 1 < refused.wait <= 2
    assert (await one.spend(account, 2000)).wait > 1
    assert (await one.spend(uuid4(), 2000)).wait == 0, "another account has its own"
    await asyncio.sleep(refused.wait)
    assert (await two.spend(account, 2000)).wait == 0


async def test_what_was_not_used_comes_back(redis: Redis) -> None:
    account, budgets = uuid4(), QueryBudgets(redis, 1000)
    await budgets.spend(account, 5000)
    budgets.give_back(account, 4000)
    assert (await budgets.spend(account, 8000)).wait == 0


async def test_a_redis_that_is_away_stops_nobody() -> None:
    async with Redis(host="127.0.0.1", port=1) as nowhere:
        assert (await QueryBudgets(nowhere, 1000).spend(uuid4(), 99_999)).wait == 0


@asynccontextmanager
async def thrifty(place: Place) -> AsyncIterator[str]:
    """Where an API listens that gives each account 100 objects a second."""

    class Thrifty(Place):
        @property
        def settings(self) -> Any:
            return super().settings.model_copy(update={"query_budget": 100})

    async with served(Thrifty(place.database_url, place.redis_url, place.data)) as url:
        yield url


async def test_who_has_spent_all_is_told_to_wait(place: Place) -> None:
    async with thrifty(place) as url, Api(url) as api:
        await api.sign_up()
        query = "{ keywords(first: 99) { nodes { id cluster { id sector { id } } } } }"
        for _ in range(3):
            assert (await api.run(query))["keywords"]["nodes"] == []
        greedy = "{ keywords(first: 100) { nodes { id cluster { id sites: site { id } sector { id } } } } "
        greedy += " ".join(f"a{n}: keywords(first: 100) {{ nodes {{ id }} }}" for n in range(9)) + " }"
        (error,) = await api.errors(greedy)
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert "Wait" in error["message"]
        limit = (await api.one("{ viewer { rateLimit { max available restoreRate } } }"))["rateLimit"]
        assert (limit["max"], limit["restoreRate"]) == (1000, 100)
        assert 0 <= limit["available"] <= 1000


HOSTILE = {
    "1,000 aliases": "{" + " ".join(f"a{n}: sites {{ totalCount }}" for n in range(1000)) + "}",
    "200 levels": "{ sites " + "{ nodes { sectors " * 100 + "{ totalCount" + " } }" * 100 + "} }",
    "fragments in fragments": "{ sites { nodes { ...F0 } } } "
    + " ".join(f"fragment F{n} on Site {{ ...F{n + 1} ...F{n + 1} }}" for n in range(25))
    + " fragment F25 on Site { id }",
    "a cycle": "{ sites { nodes { ...A } } } fragment A on Site { ...B } fragment B on Site { ...A }",
    "directives": "{ sites { totalCount " + "@include(if: true) " * 1000 + "} }",
    "10 MB": "{ sites { totalCount } } #" + "x" * 10_000_000,
    "10 MB of fields": "{ sites { " + "totalCount " * 900_000 + "} }",
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_documents_cost_little(owner: Api, kind: str) -> None:
    body = json.dumps({"query": HOSTILE[kind]}).encode()
    headers = {**owner.headers, "content-type": "application/json"}
    process = psutil.Process()
    spent = []
    for _ in range(3):
        before = process.cpu_times().user
        response = await owner.http.post(f"{owner.url}/graphql", content=body, headers=headers)
        spent.append(process.cpu_times().user - before)
        answer = response.json()
    print(f"{kind}: {min(spent) * 1000:.0f} ms")
    if kind != "fragments in fragments":
        assert answer.get("errors"), answer
        assert "data" not in answer
    assert min(spent) < 0.06


def document_id(query: str) -> str:
    return "sha256:" + hashlib.sha256(query.encode()).hexdigest()


async def post(api: Api, **body: Any) -> Json:
    response = await api.http.post(f"{api.url}/graphql", json=body, headers=api.headers)
    found: Json = response.json()
    return found


async def test_a_document_is_sent_once_and_named_then(owner: Api, url: str) -> None:
    query = f"query Named{uuid4().hex}($n: Int!) {{ keywords(first: $n) {{ nodes {{ id }} }} }}"
    unknown = await post(owner, documentId=document_id(query), variables={"n": 1})
    assert unknown["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    for _ in range(2):
        sent = await post(owner, query=query, documentId=document_id(query), variables={"n": 1})
        assert sent["data"] == {"keywords": {"nodes": []}}
        named = await post(owner, documentId=document_id(query), variables={"n": 2})
        assert named["data"] == {"keywords": {"nodes": []}}
    wrong = await post(owner, query=query, documentId=document_id(query + " "))
    assert wrong["errors"][0]["extensions"]["code"] == "BAD_INPUT"
    for nonsense in (5, "", "sha256:xyz", "md5:" + "0" * 64):
        assert (await post(owner, documentId=nonsense))["errors"][0]["extensions"]["code"] == "BAD_INPUT"
    async with Api(url) as nobody:
        refused = await post(nobody, query=query, documentId=document_id(query), variables={"n": 1})
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def long_document(characters: int) -> str:
    return f"query Long{uuid4().hex} {{ __typename }} #".ljust(characters, "x")


async def held(place: Place) -> int:
    """How many bytes of documents Redis keeps."""
    async with Redis.from_url(place.redis_url) as redis:
        return sum([await redis.strlen(key) async for key in redis.scan_iter("igny8:document:*")])


async def test_to_have_a_document_kept_costs_what_it_takes(owner: Api, place: Place) -> None:
    short, long = long_document(200), long_document(20_000)
    costs = [(await post(owner, query=q, documentId=document_id(q)))["extensions"]["cost"] for q in (short, long, long)]
    assert [(cost["requested"], cost["actual"]) for cost in costs] == [(21, 21), (2001, 2001), (0, 0)]
    assert costs[1]["available"] <= costs[1]["max"] - 2000
    before = await held(place)
    for _ in range(40):  # ten times what the account may spend at once
        query = long_document(99_000)
        await post(owner, query=query, documentId=document_id(query))
    size = await held(place)
    assert size - before < 2_200_000
    assert (await post(owner, query=query, documentId=document_id(query)))["data"], "kept or not, it is executed"


async def test_an_account_has_so_much_kept_and_the_oldest_make_room(place: Place) -> None:
    async with Redis.from_url(place.redis_url) as redis:
        kept, one, other = Allotted(redis, "note", Allotment(entries=5, bytes=1000, seconds=60)), uuid4(), uuid4()
        await kept.put(other, "theirs", b"x" * 900)
        for n in range(8):
            await kept.put(one, f"n{n}", b"%d" % n)
        assert [await kept.get(f"n{n}") for n in range(8)] == [None, None, None, b"3", b"4", b"5", b"6", b"7"]
        await kept.put(one, "large", b"x" * 998)
        assert [await kept.get(name) for name in ("n5", "n6", "n7")] == [None, b"6", b"7"]
        await kept.put(one, "larger", b"x" * 2000)
        assert await kept.get("large") is None
        assert len(await kept.get("larger") or b"") == 2000, "the newest is there, whatever it takes"
        await kept.put(one, "theirs", b"mine?")
        assert await kept.get("theirs") == b"x" * 900
        for key in [f"igny8:notes:{one}", "igny8:note:larger"]:
            assert 0 < await redis.ttl(key) <= 60


async def test_documents_that_a_process_holds_have_an_end_in_bytes(place: Place) -> None:
    async with Redis.from_url(place.redis_url) as redis:
        documents, texts = Documents(redis), [long_document(100_000) for _ in range(60)]
        for text in texts:
            await documents.put(uuid4(), document_id(text), text)
        here = [text for text in texts if documents.here(document_id(text))]
        assert here == texts[-50:]
        assert await documents.get(document_id(texts[0])) == texts[0], "in Redis still"


async def test_in_production_strangers_learn_nothing_of_the_schema(place: Place) -> None:
    class Production(Place):
        @property
        def settings(self) -> Any:
            return super().settings.model_copy(update={"environment": "production"})

    async with served(Production(place.database_url, place.redis_url, place.data)) as url, Api(url) as api:
        for query in ("{ __schema { types { name } } }", '{ __type(name: "Site") { name } }'):
            assert [e["extensions"]["code"] for e in await api.errors(query)] == ["UNAUTHENTICATED"]
        (error,) = await api.errors("{ sitez { totalCount } }")
        assert "Did you mean" not in error["message"]
        assert (await api.run("{ __typename }")) == {"__typename": "Query"}
        given = {"accountName": "New", "email": "new@production.example", "password": PASSWORD}
        signed = await api.one(SIGN_UP, input=given)
        assert (signed["accessToken"], signed["userErrors"]) == (None, []), "a letter comes first"
        sql(place, "update app_user set email_verified_at = now() where email = %s", given["email"])
        sign_in = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }"
        api.token = (await api.one(sign_in, i={k: given[k] for k in ("email", "password")}))["accessToken"]
        assert (await api.run("{ __schema { queryType { name } } }"))["__schema"]["queryType"]["name"] == "Query"
        (error,) = await api.errors("{ sitez { totalCount } }")
        assert "Did you mean" in error["message"]


async def test_in_development_everybody_may_look(api: Api) -> None:
    assert (await api.run("{ __schema { queryType { name } } }"))["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize(
    "document",
    [
        "query($a: DateTimeFilter = {gt: -1}) { keywords(filter: {createdAt: $a}) { totalCount } }",
        '{ keywords(filter: {createdAt: {gt: "never"}}) { totalCount } }',
        "mutation { updateKeyword(id: 1, input: {cpc: {}}) { userErrors { message } } }",
    ],
)
async def test_a_literal_that_is_no_such_value_is_the_clients_own(owner: Api, document: str) -> None:
    (error,) = await owner.errors(document)
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert "Something went wrong" not in error["message"]


async def texts(place: Place, owner: Api, number: int, size: int) -> list[str]:
    """Ids of contents with so many characters each, which take next to nothing where they are kept."""
    sector = await owner.sector()
    rows = sql(
        place,
        "insert into content (account_id, site_id, sector_id, title, slug, html_content, origin) "
        "select account_id, site_id, id, 'Long', 'long-' || n, repeat('x', %s), 'HUMAN' "
        "from sector, generate_series(1, %s) n where id = %s returning id",
        size, number, sector.partition("_")[2],
    )  # fmt: skip
    return [f"con_{id}" for (id,) in rows]


LONG = {
    "a page": "{ contents(first: 100) { nodes { htmlContent } } }",
    "its end": "{ contents(last: 100) { nodes { htmlContent } pageInfo { hasNextPage } } }",
    "edges": "{ contents { edges { node { title html: htmlContent } } } }",
    "aliases": "{ " + " ".join(f"a{n}: contents(first: 3) {{ nodes {{ htmlContent }} }}" for n in range(4)) + " }",
    "one field under many names": "{ contents(first: 1) { nodes { "
    + " ".join(f"h{n}: htmlContent" for n in range(10))
    + " } } }",
    "a list in a list": "{ account { sites { nodes { contents { totalCount nodes { htmlContent } } } } } }",
    "what belongs to one": "{ site: sites { nodes { sectors { nodes { contents { nodes { htmlContent } } } } } } }",
}


@pytest.mark.parametrize("kind", LONG)
async def test_long_texts_are_refused_before_they_are_read(owner: Api, place: Place, kind: str) -> None:
    await texts(place, owner, 9, 2_000_000)
    for _ in range(2):
        (error,) = await owner.errors(LONG[kind])
        assert error["extensions"]["code"] == "LIMIT_REACHED"
        assert re.search(r"are (18|20|24)\.0 MB together and 16 MB are allowed", error["message"])


async def test_ids_that_are_long_together_are_refused(owner: Api, place: Place) -> None:
    ids = await texts(place, owner, 9, 2_000_000)
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Content { id htmlContent } } }"
    (error,) = await owner.errors(query, ids=ids)
    assert error["extensions"]["code"] == "LIMIT_REACHED"
    found = await owner.one(query, ids=[*ids[:2], "con_0", ids[0]])
    assert [each and len(each["htmlContent"]) for each in found] == [2_000_000, 2_000_000, None, 2_000_000]


@pytest.mark.parametrize("way", [1, 2, 3])
async def test_bytes_that_were_sent_are_paid_for(owner: Api, place: Place, way: int) -> None:
    (id, *_) = await texts(place, owner, 1, 100_000)
    for _ in range(way):
        cost = (await extensions(owner, "query($id: ID!) { content(id: $id) { htmlContent } }", id=id))["cost"]
    assert (cost["requested"], cost["actual"]) == (1, 200)


async def test_who_has_read_much_is_told_to_wait(place: Place) -> None:
    async with thrifty(place) as url, Api(url) as api:
        await api.sign_up()
        await texts(place, api, 1, 4_000_000)
        query = "{ contents(first: 1) { nodes { htmlContent } } }"
        assert (await extensions(api, query))["cost"]["actual"] == 8000
        (error,) = await api.errors(query)
        assert error["extensions"]["code"] == "RATE_LIMITED"


async def test_what_is_owed_is_owed_everywhere(redis: Redis) -> None:
    account, one, two = uuid4(), QueryBudgets(redis, 1000), QueryBudgets(redis, 1000)
    await one.spend(account, 10)
    assert await one.settle(account, 10, 12_000) == 0
    refused = await two.spend(account, 1)
    assert 1 < refused.wait <= 3
    assert refused.available == 0
    await one.spend(uuid4(), 10)
    assert await two.settle(uuid4(), 0, 1) > 9_000


async def test_a_change_is_told_where_what_is_read_back_is_too_long(owner: Api, place: Place) -> None:
    (id, *_) = await texts(place, owner, 1, 10)
    sql(
        place,
        "insert into content_revision (account_id, site_id, sector_id, content_id, number, title, html_content, origin)"
        " select account_id, site_id, sector_id, id, n, title, repeat('x', 2000000), 'HUMAN' "
        "from content, generate_series(1, 9) n where id = %s",
        id.partition("_")[2],
    )
    change = (
        'mutation($id: ID!) { updateContent(id: $id, input: {title: "New"}) { content { title '
        "revisions(first: 100) { nodes { htmlContent } } } userErrors { message } } }"
    )
    (error,) = await owner.errors(change, id=id)
    assert error["extensions"]["code"] == "COMMITTED"
    assert "It is done" in error["message"]
    assert "18.0 MB" in error["message"]
    assert await owner.one("query($id: ID!) { content(id: $id) { title } }", id=id) == {"title": "New"}


async def test_one_field_under_many_names_is_not_for_nothing(owner: Api) -> None:
    fields = " ".join(f"k{n}: keyword" for n in range(90))
    found = await extensions(owner, f"{{ keywords(first: 10) {{ nodes {{ id {fields} }} }} }}")
    assert found["cost"]["requested"] == 1 + 10 * (1 + 2)
