"""Importing keywords over real HTTP: what comes in, what is told, what a large or bad file does to the rest."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from domain.planner.exports import LOADED, KeywordRow
from persistence.queries.keywords import COLUMNS
from tests.client import PASSWORD, Api, Json, ready
from tests.conftest import ROOT, Place
from tests.waiting import wait_until

REPORT = "format imported updated skipped rejected rows { line reason } job { id } userErrors { code message field }"
FILE = f"mutation($input: ImportKeywordsInput!) {{ importKeywords(input: $input) {{ {REPORT} }} }}"
TEXT = f"mutation($input: ImportKeywordsTextInput!) {{ importKeywordsText(input: $input) {{ {REPORT} }} }}"
COUNTS = ("imported", "updated", "skipped", "rejected")
KNOWN = "Keyword,Country,Volume,Difficulty,CPC\npour over,us,900,30,1.20\ncold brew,us,500,,\n"


def counts(report: Json) -> tuple[int, ...]:
    assert report["userErrors"] == [], report["userErrors"]
    return tuple(report[name] for name in COUNTS)


async def send(api: Api, sector: str, content: bytes, **more: Any) -> Json:
    """The payload of importKeywords."""
    given = {"sectorId": sector, "file": None, **more}
    answer = await api.upload(FILE, "keywords.csv", content, "variables.input.file", input=given)
    assert "errors" not in answer, answer["errors"]
    payload: Json = answer["data"]["importKeywords"]
    return payload


async def paste(api: Api, sector: str, text: str, **more: Any) -> Json:
    payload: Json = await api.one(TEXT, input={"sectorId": sector, "text": text, **more})
    return payload


async def keywords(api: Api, sector: str) -> list[Json]:
    found = await api.one(
        "query($id: ID!) { sector(id: $id) { keywords(first: 100, orderBy: [{field: CREATED_AT, direction: ASC}]) "
        "{ nodes { keyword country volume difficulty cpc intent source version } } } }",
        id=sector,
    )
    nodes: list[Json] = found["keywords"]["nodes"]
    return nodes


async def number(api: Api, sector: str) -> int:
    query = "query($id: ID!) { sector(id: $id) { keywords { totalCount } } }"
    return int((await api.one(query, id=sector))["keywords"]["totalCount"])


def execute(place: Place, statement: str, *values: object) -> None:
    with psycopg.connect(place.database_url) as connection:
        connection.execute(statement.encode(), values)


def put_on_plan(place: Place, api: Api, limit: int | None) -> None:
    """Moves the account to a plan of its own."""
    name = f"plan-{limit}-{api.email}"
    execute(
        place,
        "with made as (insert into plan (name, slug, price_cents, max_keywords, credits_per_month, sign_up_credits) "
        "values (%s, %s, 0, %s, 0, 0) returning id) update account set plan_id = made.id from made "
        "where account.id = (select account_id from app_user where email = %s)",
        name,
        name,
        limit,
        api.email,
    )


MAGIC = "Keyword,Intent,Volume,Keyword Difficulty,CPC (USD),Competitive Density,SERP Features\r\n"
MAGIC += 'cold brew,"Informational, Commercial",1900,40,0.55,0.31,"Sitelinks, Reviews"\r\nkäffchen,,90,,,,\r\n'
PLANNER = "Keyword Stats 2026-01-05\nJanuary 1, 2025 - December 31, 2025\n"
PLANNER += "Keyword\tCurrency\tAvg. monthly searches\tThree month change\tYoY change\tCompetition\t"
PLANNER += "Competition (indexed value)\tTop of page bid (low range)\tTop of page bid (high range)\n"
PLANNER += "cold brew\tUSD\t5000\t0%\t0%\tLow\t12\t0.25\t1.00\nkäffchen\tUSD\t50\t\t\t\t\t\t\n"
SEMICOLONS = "Suchbegriff;Volume;Country\ncold brew;1.900;de\n;12;de\nkäffchen;90;de\n"


@pytest.mark.parametrize(
    ("content", "format", "rejected"),
    [
        (MAGIC.encode(), "SEMRUSH_KEYWORD_MAGIC", 0),
        (MAGIC.encode("utf-8-sig"), "SEMRUSH_KEYWORD_MAGIC", 0),
        (PLANNER.encode("utf-16"), "GOOGLE_KEYWORD_PLANNER", 0),
        (PLANNER.encode("utf-16-le"), "GOOGLE_KEYWORD_PLANNER", 0),
        (
            b"Top queries,Clicks,Impressions,CTR,Position\ncold brew,5,120,4.17%,3.4\nk\xc3\xa4ffchen,0,9,0%,41\n",
            "GOOGLE_SEARCH_CONSOLE",
            0,
        ),
        ("Keyword;Volume\ncold brew;1.900\n;12\nkäffchen;90\n".encode("cp1252"), "GENERIC", 1),
        ("cold brew\n\nkäffchen\n".encode(), "GENERIC", 0),
    ],
    ids=["semrush", "byte order mark", "utf-16 after a preamble", "no mark", "search console", "cp1252", "plain list"],
)
async def test_exports_of_many_tools_and_encodings(owner: Api, content: bytes, format: str, rejected: int) -> None:
    sector = await owner.sector()

    report = await send(owner, sector, content)

    assert report["format"] == format
    assert counts(report) == (2, 0, 0, rejected)
    assert {k["keyword"] for k in await keywords(owner, sector)} == {"cold brew", "käffchen"}
    assert {k["source"] for k in await keywords(owner, sector)} == {format}


async def test_all_that_a_row_says_is_kept(owner: Api) -> None:
    sector = await owner.sector()

    await paste(owner, sector, MAGIC)

    first = (await keywords(owner, sector))[0]
    assert (first["volume"], first["difficulty"], first["cpc"]) == (1900, 40, "0.55")
    assert first["intent"] == ["INFORMATIONAL", "COMMERCIAL"]


EVERY = {
    "Keyword": "acme cold brew", "Country": "us", "Language": "en", "Volume": "11", "Difficulty": "12", "CPC": "13",
    "Currency": "EUR", "Competition": "14", "Intent": "Informational, Branded, Local", "Parent Topic": "coffee",
    "SERP Features": "Sitelinks", "Clicks": "16", "Impressions": "17", "Position": "18",
}  # fmt: skip


async def test_what_a_row_says_lands_where_it_belongs(owner: Api) -> None:
    sector = await owner.sector()

    assert counts(await paste(owner, sector, f"{','.join(EVERY)}\n" + ",".join(f'"{v}"' for v in EVERY.values())))

    found = await owner.one(
        "query($id: ID!) { sector(id: $id) { keywords { nodes { keyword country language volume difficulty cpc "
        "currency competition intent isBranded isLocal parentTopic serpFeatures clicks impressions position } } } }",
        id=sector,
    )
    assert found["keywords"]["nodes"] == [{
        "keyword": "acme cold brew", "country": "US", "language": "en", "volume": 11, "difficulty": 12, "cpc": "13",
        "currency": "EUR", "competition": 14, "intent": ["INFORMATIONAL"], "isBranded": True, "isLocal": True,
        "parentTopic": "coffee", "serpFeatures": ["Sitelinks"], "clicks": 16, "impressions": 17, "position": "18",
    }]  # fmt: skip


def test_what_is_read_is_what_is_loaded() -> None:
    """By name, in any order of either."""
    assert set(LOADED) == {*KeywordRow._fields} - {"line"} == set(COLUMNS)


@pytest.mark.parametrize("text", [r"back\slash \N", "None", r"\.", "tab\\t", '"quoted" {braces}', "日本語 コーヒー"])
async def test_no_text_is_taken_for_syntax_on_its_way(owner: Api, text: str) -> None:
    sector = await owner.sector()
    cell = '"' + text.replace('"', '""') + '"'

    report = await paste(owner, sector, f"Keyword,Parent Topic,SERP Features\n{cell},{cell},{cell}\n")

    assert counts(report) == (1, 0, 0, 0)
    found = await owner.one(
        "query($id: ID!) { sector(id: $id) { keywords { nodes { keyword parentTopic serpFeatures } } } }", id=sector
    )
    assert found["keywords"]["nodes"] == [{"keyword": text, "parentTopic": text, "serpFeatures": [text]}]


@pytest.mark.parametrize("way", [send, paste])
async def test_a_dry_run_predicts_the_real_one_and_changes_nothing(owner: Api, way: Any) -> None:
    sector = await owner.sector()
    await paste(owner, sector, KNOWN)
    before = await keywords(owner, sector)
    text = (
        "Keyword,Country,Volume,Difficulty,CPC\n"
        "pour over,us,900,,\n"  # poorer than what is known
        "cold brew,us,510,44,0.80\n"  # richer
        "cold brew,de,70,,\n"  # another market
        "moka pot,us,10,,\nMoka  Pot,us,10,12,\nmoka pot,us,11,,\n"  # one keyword, three times
        ",us,5,,\n"
    )
    content = text.encode() if way is send else text

    predicted = await way(owner, sector, content, dryRun=True)

    assert counts(predicted) == (2, 1, 3, 1)
    assert await keywords(owner, sector) == before
    assert await way(owner, sector, content) == predicted
    assert counts(await way(owner, sector, content, dryRun=True)) == (0, 0, 6, 1)
    assert counts(await way(owner, sector, content)) == (0, 0, 6, 1)


async def test_of_a_repeated_keyword_the_richer_row_wins(owner: Api) -> None:
    sector = await owner.sector()
    await paste(owner, sector, "Keyword,Volume,Difficulty\nmoka pot,10,\nMoka Pot,12,33\nmoka pot,99,\n")
    assert [(k["keyword"], k["volume"], k["difficulty"]) for k in await keywords(owner, sector)] == [
        ("Moka Pot", 12, 33)
    ]

    assert counts(await paste(owner, sector, "Keyword,Volume\nmoka pot,77\n")) == (0, 0, 1, 0)
    assert (await keywords(owner, sector))[0]["volume"] == 12

    assert counts(await paste(owner, sector, "Keyword,Volume,CPC,Intent\nMOKA POT,80,2.5,Commercial\n")) == (0, 1, 0, 0)
    (kept,) = await keywords(owner, sector)
    assert (kept["keyword"], kept["volume"], kept["difficulty"], kept["cpc"]) == ("Moka Pot", 80, 33, "2.5")
    assert (kept["intent"], kept["version"]) == (["COMMERCIAL"], 2)


async def test_the_same_text_in_another_market_or_sector_is_another_keyword(owner: Api) -> None:
    site = await owner.site()
    first, second = await owner.sector(site, "First"), await owner.sector(site, "Second")
    text = "Keyword,Country,Language\ncold brew,us,en\ncold brew,gb,en\ncold brew,us,es\ncold brew,,\n"

    assert counts(await paste(owner, first, text)) == (4, 0, 0, 0)
    assert counts(await paste(owner, second, text)) == (4, 0, 0, 0)
    assert counts(await paste(owner, first, text)) == (0, 0, 4, 0)


async def test_rejected_rows_are_all_counted_and_the_first_hundred_listed(owner: Api) -> None:
    sector = await owner.sector()
    long = "x" * 256
    text = f"Keyword,Volume\n,1\n{long},1\ngood,1\n" + ",7\n" * 148

    report = await paste(owner, sector, text)

    assert counts(report) == (1, 0, 0, 150)
    assert len(report["rows"]) == 100
    assert report["rows"][0] == {"line": 2, "reason": "Keyword: no keyword text"}
    assert report["rows"][1] == {"line": 3, "reason": "Keyword: longer than 255 characters"}
    assert report["rows"][2]["line"] == 5


async def test_the_longest_cells_that_a_file_may_have(owner: Api) -> None:
    """All of them are part of one index entry, which has an end."""
    sector = await owner.sector()
    letters = "".join(chr(0x20000 + (n * 7919) % 40_000) for n in range(800))
    row = ",".join((letters[:255], letters[255:510], letters[510:765]))

    report = await paste(owner, sector, f"Keyword,Country,Language\n{row}\n")

    assert counts(report) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        ("Page,Visits\n/a,1\n/b,2\n/c,3\n", "No column is named"),
        ('{"keywords": ["a"]}', "neither a table nor a list"),
    ],
)
@pytest.mark.parametrize("way", [send, paste])
async def test_what_cannot_be_read_is_refused_and_nothing_written(
    owner: Api, way: Any, content: str, message: str
) -> None:
    sector = await owner.sector()

    report = await way(owner, sector, content.encode() if way is send else content)

    (error,) = report["userErrors"]
    assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", "file" if way is send else "text"])
    assert message in error["message"]
    assert report["format"] is report["imported"] is report["job"] is None
    assert await number(owner, sector) == 0


async def test_a_workbook_is_told_apart(owner: Api) -> None:
    (error,) = (await send(owner, await owner.sector(), b"PK\x03\x04" + bytes(200)))["userErrors"]
    assert error["field"] == ["input", "file"]
    assert "Excel" in error["message"]


def unlike(id: str) -> str:
    """Another id of the same kind."""
    return id[:-1] + ("1" if id.endswith("0") else "0")


@pytest.mark.parametrize("way", [send, paste])
async def test_sectors_that_take_no_keywords(owner: Api, url: str, way: Any) -> None:
    content: Any = b"cold brew\n" if way is send else "cold brew\n"
    sector = await owner.sector()
    async with Api(url) as other:
        await other.sign_up()
        for api, id in ((owner, "sec_nothing"), (owner, unlike(sector)), (other, sector)):
            (error,) = (await way(api, id, content))["userErrors"]
            assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "sectorId"])
    await owner.one(
        "mutation($id: ID!) { updateSector(id: $id, input: {isActive: false}) { userErrors { message } } }", id=sector
    )
    (error,) = (await way(owner, sector, content))["userErrors"]
    assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", "sectorId"])
    assert "not active" in error["message"]
    assert await number(owner, sector) == 0


async def test_the_plans_limit_stops_an_import_before_anything_is_written(owner: Api, place: Place) -> None:
    sector = await owner.sector()
    put_on_plan(place, owner, 5)
    assert counts(await paste(owner, sector, "a1\na2\na3\n")) == (3, 0, 0, 0)

    for dry in (True, False):
        report = await paste(owner, sector, "a1\nb1\nb2\nb3\n", dryRun=dry)
        (error,) = report["userErrors"]
        assert (error["code"], error["field"]) == ("LIMIT_REACHED", ["input"])
        assert "allows 5 keywords and this would make 6" in error["message"]
    assert await number(owner, sector) == 3

    assert counts(await paste(owner, sector, "a1\na2\nb1\nb1\nb2\na3\n")) == (2, 0, 4, 0)
    assert counts(await paste(owner, sector, "a1\nb2\n")) == (0, 0, 2, 0), "at the limit what is known may come again"


async def test_the_trial_ends_at_25_000(owner: Api) -> None:
    sector = await owner.sector()
    (error,) = (await paste(owner, sector, "\n".join(f"keyword {n}" for n in range(25_001))))["userErrors"]
    assert error["code"] == "LIMIT_REACHED"
    assert await number(owner, sector) == 0


async def test_the_limit_counts_sites_that_an_editor_does_not_see(owner: Api, place: Place, url: str) -> None:
    mine, hidden = await owner.site("Mine"), await owner.site("Hidden")
    await paste(owner, await owner.sector(hidden), "a\nb\nc\n")
    put_on_plan(place, owner, 4)
    execute(
        place,
        "with made as (insert into app_user (account_id, email, password_hash, role) select account_id, %s, "
        "password_hash, 'EDITOR' from app_user where email = %s returning id, account_id) insert into site_user_access "
        "(account_id, site_id, user_id) select made.account_id, site.id, made.id from made join site "
        "on site.account_id = made.account_id and site.name = 'Mine'",
        f"editor-{owner.email}",
        owner.email,
    )
    sector = await owner.sector(mine)
    async with Api(url) as editor:
        signed_in = await editor.one(
            "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }",
            input={"email": f"editor-{owner.email}", "password": PASSWORD},
        )
        editor.token = signed_in["accessToken"]
        (error,) = (await paste(editor, sector, "d\ne\n"))["userErrors"]
        assert "this would make 5" in error["message"]
        assert counts(await paste(editor, sector, "d\n")) == (1, 0, 0, 0)
        assert (await editor.one("{ keywords { totalCount } }"))["totalCount"] == 1, "the hidden ones stay hidden"


async def test_two_imports_of_one_file_at_once(owner: Api) -> None:
    sector = await owner.sector()
    content = "Keyword,Volume\n" + "".join(f"keyword {n},{n}\n" for n in range(4000))

    reports = await asyncio.gather(*(send(owner, sector, content.encode()) for _ in range(2)))

    assert sorted(map(counts, reports)) == [(0, 0, 4000, 0), (4000, 0, 0, 0)]
    assert await number(owner, sector) == 4000


async def test_multipart_needs_a_header_that_a_form_cannot_send(owner: Api) -> None:
    parts = {"operations": (None, "{}"), "map": (None, "{}")}
    response = await owner.http.post(f"{owner.url}/graphql", files=parts, headers=owner.headers)
    assert response.status_code == 400
    assert "graphql-require-preflight" in response.text


async def test_an_import_is_in_the_audit_once(owner: Api, place: Place) -> None:
    await paste(owner, await owner.sector(), KNOWN)
    with psycopg.connect(place.database_url) as connection:
        found = connection.execute(
            "select e.count from audit_event e join app_user u on u.account_id = e.account_id "
            "where e.action = 'importKeywords' and u.email = %s",
            [owner.email],
        ).fetchall()
    assert found == [(2,)]


# Large files


def many_rows() -> bytes:
    """50,001 rows of 3,000 keywords."""
    return b"Keyword,Volume\n" + b"".join(b"keyword %d,%d\n" % (n % 3000, n % 3000) for n in range(50_001))


def many_bytes() -> bytes:
    """20 MB in 25,000 rows of 3,000 keywords; the addresses say nothing of them."""
    return b"Keyword,URL\n" + b"".join(b"keyword %d,%s\n" % (n % 3000, b"x" * 800) for n in range(25_000))


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("make", "skipped"), [(many_rows, 47_001), (many_bytes, 22_000)])
async def test_a_large_file_goes_on_as_a_job(owner: Api, make: Any, skipped: int) -> None:
    sector = await owner.sector()

    for dry, new in ((True, 3000), (False, 3000), (False, 0)):
        payload = await send(owner, sector, make(), dryRun=dry)
        assert payload["userErrors"] == []
        assert payload["imported"] is None
        ended = await owner.finished(payload["job"]["id"])
        assert (ended["status"], ended["creditsSpent"]) == ("SUCCEEDED", 0), ended
        rest = skipped + 3000 - new
        assert ended["message"] == f"GENERIC: {new} imported, 0 updated, {rest} skipped, 0 rejected"
        assert await number(owner, sector) == (0 if dry else 3000)


@pytest.mark.usefixtures("worker")
async def test_a_job_tells_why_it_could_not_import(owner: Api) -> None:
    sector = await owner.sector()
    too_many = "\n".join(f"keyword {n}" for n in range(50_001)).encode()

    ended = await owner.finished((await send(owner, sector, too_many))["job"]["id"])

    assert ended["status"] == "FAILED"
    assert "Your plan allows 25,000 keywords and this would make 50,001" in ended["error"]
    assert await number(owner, sector) == 0


async def test_text_of_too_many_rows_is_sent_to_the_file_way(owner: Api) -> None:
    sector = await owner.sector()
    (error,) = (await paste(owner, sector, "a\n" * 50_001))["userErrors"]
    assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", "text"])
    assert "as a file" in error["message"]


# What it does to the process


@pytest.fixture(scope="module")
def process(place: Place) -> Iterator[tuple[str, int]]:
    """An API process of its own: its address and pid."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "cli", "serve", "--port", port]
    with subprocess.Popen(command, env=place.environment, cwd=ROOT) as running:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: ready(url))
        yield url, running.pid
        running.terminate()


def peak(pid: int, *, forget: bool = False) -> float:
    """The most memory that the process had since it was last forgotten, in MB."""
    found = Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]
    if forget:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        return peak(pid)
    return int(found) / 1024


@pytest.fixture
async def remote(process: tuple[str, int]) -> AsyncIterator[Api]:
    async with Api(process[0]) as client:
        await client.sign_up()
        await send(client, await client.sector(name="First"), KNOWN.encode())  # what the first import loads
        yield client


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux
async def test_a_file_of_15_mb_neither_fills_memory_nor_stops_the_others(remote: Api, process: tuple[str, int]) -> None:
    sector = await remote.sector(await remote.site("Large"))
    content = b"Keyword,Volume,URL\n" + b"".join(
        b"keyword %d,%d,%s\n" % (n % 20_000, n % 20_000, b"x" * 290) for n in range(49_000)
    )
    before = peak(process[1], forget=True)

    waits, began = list[float](), time.perf_counter()
    importing = asyncio.create_task(send(remote, sector, content))
    async with httpx2.AsyncClient() as client:
        while not importing.done():
            started = time.perf_counter()
            assert (await client.get(f"{remote.url}/healthz")).status_code == 200
            waits.append(time.perf_counter() - started)
            await asyncio.sleep(0.02)

    assert counts(await importing) == (20_000, 0, 29_000, 0)
    took = time.perf_counter() - began
    assert max(waits) < max(0.2, took / 5), (took, sorted(waits)[-5:])
    assert peak(process[1]) - before < 50


def form(query: str, sector: str, size: int) -> tuple[bytes, bytes, bytes, int]:
    """Head, a repeated block and tail of a multipart body, and how often the block comes."""
    operations = json.dumps({"query": query, "variables": {"input": {"sectorId": sector, "file": None}}})
    disposition = "content-disposition: form-data; name="
    head = f'--cut\r\n{disposition}"operations"\r\n\r\n{operations}\r\n'
    head += f'--cut\r\n{disposition}"map"\r\n\r\n{{"0": ["variables.input.file"]}}\r\n'
    head += f'--cut\r\n{disposition}"0"; filename="a.csv"\r\n\r\n'
    block = b"a keyword of a file\n" * 5000
    return head.encode(), block, b"\r\n--cut--\r\n", size // len(block)


@linux
@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(
    ("size", "status", "message"),
    [(100_400_000, 200, "The file is larger than 100 MB; split it."), (300_000_000, 413, "larger than 101 MB")],
)
async def test_above_100_mb_a_file_is_refused_in_flat_memory(
    remote: Api, process: tuple[str, int], size: int, status: int, message: str, announced: bool
) -> None:
    sector = await remote.sector(await remote.site("Refused"))
    head, block, tail, times = form(FILE, sector, size)
    headers = {
        **remote.headers,
        "content-type": "multipart/form-data; boundary=cut",
        "graphql-require-preflight": "true",
    }
    if announced:
        headers["content-length"] = str(len(head) + len(block) * times + len(tail))

    async def body() -> AsyncIterator[bytes]:
        yield head
        for _ in range(times):
            yield block
        yield tail

    before = peak(process[1], forget=True)
    response = await remote.http.post(f"{remote.url}/graphql", content=body(), headers=headers)

    assert response.status_code == status
    assert message in response.text
    if status == 200:
        (error,) = response.json()["data"]["importKeywords"]["userErrors"]
        assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", "file"])
    assert peak(process[1]) - before < 30


SEARCHES = {
    "machine": ["Espresso Machine", "machine à café"],
    "MACHINE espresso": ["Espresso Machine"],
    "ESPRESSO mach": ["Espresso Machine"],
    '"machine espresso"': [],
    '"espresso machine"': ["Espresso Machine"],
    "espresso": ["Espresso Machine", "ｅｓｐｒｅｓｓｏ cups"],
    "50%": ["50% off"],
    "5_": [],
    "CAFÉ": ["machine à café"],
    '"': ["50% off", "Espresso Machine", "machine à café", "ｅｓｐｒｅｓｓｏ cups"],
    "tea": [],
}
FOUND = "query($s: String) { keywords(filter: {search: $s}) { totalCount nodes { keyword } } }"


async def test_a_search_finds_words_in_any_order_and_writing(owner: Api) -> None:
    sector = await owner.sector()
    await owner.import_text(sector, "Espresso Machine\nmachine à café\nｅｓｐｒｅｓｓｏ cups\n50% off\n")
    for search, keywords in SEARCHES.items():
        found = await owner.one(FOUND, s=search)
        assert sorted(node["keyword"] for node in found["nodes"]) == keywords, search
        assert found["totalCount"] == len(keywords)
    for endless in ("a " * 21, "a" * 501):
        (error,) = await owner.errors(FOUND, s=endless)
        assert error["extensions"]["code"] == "BAD_INPUT"
        assert error["message"] == "Search for at most 20 words and 500 characters."
