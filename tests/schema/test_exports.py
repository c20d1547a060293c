"""Lists as files: exactly what the filter leaves, in order; in the name of who asked, for a while."""

import csv
import io
import json
from uuid import UUID

import pytest
from redis import Redis

from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import sql
from tests.schema.editing import call

ASK = (
    "query($filter: KeywordFilter, $order: [KeywordOrder!], $format: FileFormat!) "
    "{ exportKeywords(filter: $filter, orderBy: $order, format: $format) { url expiresAt } }"
)
ROWS = "Keyword,Country,Volume,Difficulty,CPC,Intent\n" + "\n".join(
    (
        "espresso machine,US,1000,30,1.25,Commercial",
        '"=HYPERLINK(""x"")",US,10,,,Informational',
        '"quoted ""one"", with comma",GB,500,0,,',
        "café ☕ تحميل,DE,,,0.5,",
        "-minus,US,1,,,",
    )
)


async def exported(api: Api, format: str = "CSV", **given: object) -> str:
    link = await api.one(ASK, format=format, **given)
    response = await api.http.get(api.url + link["url"])
    assert response.status_code == 200, response.text
    assert response.headers["content-disposition"] == f'attachment; filename="keywords.{format.lower()}"'
    assert response.headers["cache-control"] == "private, no-store"
    return response.content.decode()


def table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def objects(text: str) -> list[Json]:
    return [json.loads(line) for line in text.splitlines()]


async def test_a_file_holds_what_the_list_shows_in_its_order(owner: Api) -> None:
    sector = await owner.sector()
    await owner.import_text(sector, ROWS)
    cluster = await call(owner, "createCluster", "cluster { id }", input={"sectorId": sector, "name": "=Group"})
    (id,) = (k["id"] for k in (await owner.one('{ keywords(filter: {search: "espresso"}) { nodes { id } } }'))["nodes"])
    await call(owner, "updateKeyword", "keyword { id }", id=id, input={"clusterId": cluster["cluster"]["id"]})
    order = [{"field": "VOLUME", "direction": "DESC"}]
    for filter in (
        None, {}, {"volume": {"gte": 10}}, {"search": "o"}, {"intent": {"in": ["COMMERCIAL"]}}, {"search": "nothing"},
        {"or": [{"clusterId": cluster["cluster"]["id"]}, {"createdAt": {"lt": "2001-01-01T00:00:00Z"}}]},
        {"not": {"search": "$1 %s 'x"}}, {"sectorId": "sec_nothing"}, {"or": []}, {"not": {"and": []}},
    ):  # fmt: skip
        listed = await owner.one(
            "query($f: KeywordFilter, $o: [KeywordOrder!]) { keywords(first: 100, filter: $f, orderBy: $o) "
            "{ nodes { id keyword country volume difficulty intent cpc opportunity cluster { name } createdAt } } }",
            f=filter, o=order,
        )  # fmt: skip
        found = objects(await exported(owner, "JSONL", filter=filter, order=order))
        assert [
            {**{name: row[name] for name in node}, "cluster": row["cluster"] and {"name": row["cluster"]}}
            for row, node in zip(found, listed["nodes"], strict=True)
        ] == listed["nodes"], filter
        rows = table(await exported(owner, filter=filter, order=order))
        assert [row["id"] for row in rows] == [node["id"] for node in listed["nodes"]]


async def test_a_spreadsheet_reads_text_as_text(owner: Api) -> None:
    await owner.import_text(await owner.sector(), ROWS)
    rows = {row["keyword"]: row for row in table(await exported(owner))}
    assert set(rows) == {
        "espresso machine", "'=HYPERLINK(\"x\")", 'quoted "one", with comma', "café ☕ تحميل", "'-minus",
    }  # fmt: skip
    row = rows["espresso machine"]
    assert (row["volume"], row["cpc"], row["intent"], row["cluster"], row["is branded"]) == (
        "1000", "1.25", "COMMERCIAL", "", "",
    )  # fmt: skip
    assert row["created at"].endswith("Z")


async def test_a_file_can_be_imported_again(owner: Api) -> None:
    site = await owner.site()
    await owner.import_text(
        await owner.sector(site), ROWS.replace("=HYPERLINK", "HYPERLINK").replace("-minus", "minus")
    )
    text = await exported(owner)
    other = await owner.sector(site, "Other")
    report = await owner.import_text(other, text)
    assert (report["imported"], report["rejected"]) == (5, 0)
    fields = "keyword country volume difficulty cpc intent"
    query = f"query($id: ID!) {{ sector(id: $id) {{ keywords(first: 100) {{ nodes {{ {fields} }} }} }} }}"
    every = await owner.one(f"{{ keywords(first: 100) {{ nodes {{ {fields} sector {{ id }} }} }} }}")
    copies = (await owner.one(query, id=other))["keywords"]["nodes"]
    originals = [{k: v for k, v in n.items() if k != "sector"} for n in every["nodes"] if n["sector"]["id"] != other]
    assert sorted(map(str, copies)) == sorted(map(str, originals))


@pytest.mark.parametrize(
    ("name", "kind"), [("exportClusters", "clusters"), ("exportIdeas", "ideas"), ("exportKeywords", "keywords")]
)
async def test_every_list_has_its_files_also_when_it_is_empty(owner: Api, name: str, kind: str) -> None:
    for format in ("CSV", "JSONL"):
        link = await owner.one(f"{{ {name}(format: {format}) {{ url }} }}")
        response = await owner.http.get(owner.url + link["url"])
        assert response.status_code == 200
        assert response.headers["content-disposition"] == f'attachment; filename="{kind}.{format.lower()}"'
        assert len(response.text.splitlines()) == (1 if format == "CSV" else 0)


async def test_a_link_is_good_for_its_session_and_ten_minutes(owner: Api, api: Api, place: Place) -> None:
    await owner.import_text(await owner.sector(), "one\n")
    link = (await owner.one(ASK, format="CSV"))["url"]
    assert (await api.http.get(api.url + link)).status_code == 200, "the link is the capability"
    for wrong in ("/exports/nonsense", link[:-2]):
        assert (await api.http.get(api.url + wrong)).status_code == 404
    with Redis.from_url(place.redis_url) as redis:
        kept = {key: redis.get(key) or b"" for key in redis.keys("igny8:export:*")}
        assert all(0 < redis.ttl(key) <= 600 for key in kept)
        assert kept
        assert link.rsplit("/", 1)[1].encode() not in b"".join([*kept, *kept.values()]), "it is not kept as it is"
    await owner.one("mutation { signOut { done } }")
    assert (await api.http.get(api.url + link)).status_code == 404
    assert (await api.answer(ASK, format="CSV"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_what_makes_no_list_makes_no_link(owner: Api) -> None:
    three = [{"field": f, "direction": "ASC"} for f in ("VOLUME", "KEYWORD", "CLICKS")]
    for given in ({"order": three}, {"order": three[:1] * 2}, {"filter": {"search": "a " * 30}}):
        (error,) = await owner.errors(ASK, format="CSV", **given)
        assert error["extensions"]["code"] == "BAD_INPUT"


async def test_a_link_keeps_no_more_than_a_list_needs(owner: Api, place: Place) -> None:
    """Each costs what Redis keeps of it, and is one of the account's, whose oldest make room."""
    (error,) = await owner.errors(ASK, format="CSV", filter={"status": {"in": ["NEW"] * 200_000}})
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_INPUT", ["filter"])
    answer = await owner.answer(ASK, format="CSV", filter={"status": {"in": ["NEW"] * 10_000}})
    assert answer["extensions"]["cost"]["actual"] > 6000
    account = UUID(owner.account_id[4:])
    with Redis.from_url(place.redis_url) as redis:
        ((entry, _),) = redis.zrange(f"igny8:exports:{account}", 0, -1, withscores=True)  # type: ignore[misc]
        size, key = entry.split(b" ")
        assert redis.strlen(key) == int(size) < 64_000


async def test_fifty_thousand_rows_come_one_after_the_other(owner: Api, place: Place) -> None:
    sector = await owner.sector()
    account, site, own = sql(place, "select account_id, site_id, id from sector where id = %s", UUID(sector[4:]))[0]
    sql(place, "insert into keyword (account_id, site_id, sector_id, keyword, key, volume) "
        "select %s, %s, %s, 'k' || n, 'k' || n, n from generate_series(1, 50000) n", account, site, own)  # fmt: skip
    link = await owner.one(ASK, format="JSONL", order=[{"field": "VOLUME", "direction": "DESC"}])
    number, last = 0, 50_001
    async with owner.http.stream("GET", owner.url + link["url"]) as response:
        async for line in response.aiter_lines():
            volume = json.loads(line)["volume"]
            assert volume == last - 1
            number, last = number + 1, volume
    assert number == 50_000
