"""Files by their key over HTTP, kept in a folder and in a bucket."""

import asyncio
import io
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx2
import pytest
from PIL import Image as Pillow

from domain.settings import Settings
from jobs.recovery import remove_orphans
from persistence.files import bucket_store
from persistence.files.blobs import Blobs
from persistence.files.stores import store_at
from schema.http.byte_ranges import Unsatisfiable, wanted_part
from tests.client import Api
from tests.conftest import Place, served
from tests.jobs.support import Bench, account_of, bench, keywords, one, sql
from tests.s3 import ACCESS_KEY, SECRET_KEY, Refused, Service, s3_service
from tests.schema.articles import article, image
from tests.schema.test_writer import UPLOAD

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(90))
CSP = "content-security-policy"


@dataclass(frozen=True, slots=True)
class Elsewhere(Place):
    """Whose operator keeps files where `blobs_url` says."""

    blobs_url: str = ""

    @property
    def settings(self) -> Settings:
        return Settings(**{**super(Elsewhere, self).settings.model_dump(), "blobs_url": self.blobs_url or None})


@dataclass(frozen=True, slots=True)
class Shelf:
    """An API process, and where it keeps files; `service` where that is a bucket."""

    place: Elsewhere
    url: str
    blobs: Blobs
    service: Service | None

    async def stored(self, data: bytes = PNG) -> str:
        return (await self.blobs.put(io.BytesIO(data), len(data))).key


@pytest.fixture(scope="module", autouse=True)
def _keys() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        patched.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        patched.setattr(bucket_store, "RETRIES", 0)
        patched.setattr("domain.auth.service.SIGN_UPS_PER_IP", "9999/hour")
        yield


@asynccontextmanager
async def shelf_of(place: Place, service: Service | None) -> AsyncIterator[Shelf]:
    given = Elsewhere(place.database_url, place.redis_url, place.data, service.blobs_url if service else "")
    async with served(given) as url:
        yield Shelf(given, url, Blobs(store_at(given.settings.files)), service)


@pytest.fixture(scope="module")
async def bucket(place: Place) -> AsyncIterator[Shelf]:
    with s3_service() as service:
        async with shelf_of(place, service) as shelf:
            yield shelf


@pytest.fixture(scope="module")
async def folder(place: Place) -> AsyncIterator[Shelf]:
    async with shelf_of(place, None) as shelf:
        yield shelf


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, folder: Shelf, bucket: Shelf) -> Shelf:
    return folder if request.param == "folder" else bucket


@pytest.fixture
async def browser(shelf: Shelf) -> AsyncIterator[httpx2.AsyncClient]:
    """Signed in nowhere."""
    async with httpx2.AsyncClient(base_url=shelf.url) as client:
        yield client


@pytest.fixture
async def author(shelf: Shelf) -> AsyncIterator[Api]:
    async with Api(shelf.url) as api:
        await api.sign_up()
        yield api


@pytest.fixture
async def desk(shelf: Shelf) -> AsyncIterator[Bench]:
    async with bench(shelf.place) as made:
        made.runner.tools = made.runner.tools.having(Blobs, shelf.blobs)
        yield made


def drawn(kind: str, width: int = 8, height: int = 6) -> bytes:
    target = io.BytesIO()
    Pillow.new("RGB", (width, height), "teal").save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_pictures_are_shown(shelf: Shelf, browser: httpx2.AsyncClient, kind: str) -> None:
    data = drawn(kind)
    answer = await browser.get(f"/files/{await shelf.stored(data)}")
    assert (answer.status_code, answer.content) == (200, data)
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    assert answer.headers["content-disposition"] == "inline"


@pytest.mark.parametrize(
    "data",
    [
        b"Keyword,Volume\ncoffee,10\n",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"GIF88a<script>",
        b" \x89PNG\r\n\x1a\n",
        b"",
    ],
)
async def test_all_else_is_saved(shelf: Shelf, browser: httpx2.AsyncClient, data: bytes) -> None:
    key = await shelf.stored(data)
    answer = await browser.get(f"/files/{key}")
    assert (answer.status_code, answer.content) == (200, data)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{key}"'


async def test_a_file_can_do_no_harm_and_be_kept_for_ever(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    key = await shelf.stored()
    headers = (await browser.get(f"/files/{key}")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers[CSP] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["etag"] == f'"{key}"'
    assert "set-cookie" not in headers


@pytest.mark.parametrize(("tag", "status"), [('"{}"', 304), ('W/"{}"', 304), ('"x", "{}"', 304), ('"x"', 200)])
async def test_what_is_there_already_is_not_sent(
    shelf: Shelf, browser: httpx2.AsyncClient, tag: str, status: int
) -> None:
    key = await shelf.stored()
    answer = await browser.get(f"/files/{key}", headers={"if-none-match": tag.format(key)})
    assert (answer.status_code, len(answer.content)) == (status, 0 if status == 304 else len(PNG))
    assert answer.headers["etag"] == f'"{key}"'
    assert answer.headers["cache-control"].endswith("immutable")


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("bytes=0-9", slice(0, 10)), ("bytes=90-", slice(90, None)), ("bytes=-5", slice(-5, None))],
)
async def test_a_part_is_sent(shelf: Shelf, browser: httpx2.AsyncClient, wanted: str, part: slice) -> None:
    key = await shelf.stored()
    answer = await browser.get(f"/files/{key}", headers={"range": wanted, "if-range": f'"{key}"'})
    assert (answer.status_code, answer.content) == (206, PNG[part])
    assert answer.headers["content-range"].endswith(f"/{len(PNG)}")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_parts_that_are_not_there(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    address = f"/files/{await shelf.stored()}"
    beyond = await browser.get(address, headers={"range": "bytes=1000-"})
    assert (beyond.status_code, beyond.headers["content-range"].removeprefix("bytes ")) == (416, f"*/{len(PNG)}")
    other = await browser.get(address, headers={"range": "bytes=0-9", "if-range": '"another"'})
    assert (other.status_code, other.content) == (200, PNG)


async def test_head_tells_without_a_body(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    answer = await browser.head(f"/files/{await shelf.stored()}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["content-length"], answer.headers["content-type"]) == (str(len(PNG)), "image/png")


async def test_nothing_can_be_written(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    key = await shelf.stored()
    for method in ("POST", "PUT", "DELETE"):
        assert (await browser.request(method, f"/files/{key}", content=b"x")).status_code == 405
    assert (await browser.get(f"/files/{key}")).content == PNG


async def test_odd_keys_find_nothing(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    key = await shelf.stored()
    (shelf.place.data / "blobs").mkdir(exist_ok=True)
    (shelf.place.data / "blobs" / f"{key}#1").write_bytes(b"half")
    (shelf.place.data / "outside").write_bytes(b"outside")
    odd = [
        secrets.token_hex(16),
        key.upper().replace("0", "A"),
        key[:-1],
        key + "0",
        "z" * 32,
        f"{key}.partial",
        f"{key}%231",
        f"{key}%00",
        f"{key}%0A",
        "..%2Foutside",
        "%2e%2e%2foutside",
        "%2Fetc%2Fpasswd",
        "",
    ]
    for name in odd:
        answer = await browser.get(f"/files/{name}", follow_redirects=False)
        assert answer.status_code == 404, name
        assert b"outside" not in answer.content
    missing = await browser.get(f"/files/{odd[0]}")
    assert missing.headers["x-content-type-options"] == "nosniff"
    assert "immutable" not in missing.headers.get("cache-control", "")


LARGE = PNG + secrets.token_bytes(1 << 20) * 5


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", (0, 1)), ("bytes=5-", (5, 100)), ("bytes=-5", (95, 100)), ("bytes=-500", (0, 100)),
        ("bytes=90-500", (90, 100)), ("BYTES = 1-2", (1, 3)), ("bytes=99-99", (99, 100)),
        ("bytes=5-4", None), ("bytes=-", None), ("bytes=", None), ("lines=1-2", None), ("bytes=a-b", None),
        ("bytes=0-1,5-6", None), ("bytes=--5", None), ("bytes=\u0661-2", None), ("bytes=1-" + "9" * 40, None),
        ("", None),
    ],
)  # fmt: skip
def test_parts_are_understood_or_not_heeded(asked: str, part: tuple[int, int] | None) -> None:
    assert wanted_part(asked, 100) == part


@pytest.mark.parametrize(
    ("asked", "size"), [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=0-", 0), ("bytes=-0", 9)]
)
def test_parts_after_the_end(asked: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        wanted_part(asked, size)


async def test_several_parts_are_all_of_it(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    answer = await browser.get(f"/files/{await shelf.stored()}", headers={"range": "bytes=0-1, 5-6"})
    assert (answer.status_code, answer.content, answer.headers["accept-ranges"]) == (200, PNG, "bytes")


async def test_a_date_decides_over_a_part(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    address = f"/files/{await shelf.stored()}"
    date = (await browser.get(address)).headers["last-modified"]
    for unless, status in ((date, 206), ("Mon, 01 Jan 2001 00:00:00 GMT", 200)):
        answer = await browser.get(address, headers={"range": "bytes=0-9", "if-range": unless})
        assert answer.status_code == status


async def test_large_files_and_the_middle_of_them(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    address = f"/files/{await shelf.stored(LARGE)}"
    whole, middle = await browser.get(address), await browser.get(address, headers={"range": "bytes=1000000-3999999"})
    assert whole.content == LARGE
    assert (middle.status_code, middle.content) == (206, LARGE[1_000_000:4_000_000])
    assert (middle.headers["content-type"], middle.headers["content-length"]) == ("image/png", "3000000")


async def test_all_of_it_is_asked_for_once(bucket: Shelf) -> None:
    assert bucket.service
    key = await bucket.stored(LARGE)
    bucket.service.calls.clear()
    async with httpx2.AsyncClient() as client:
        assert (await client.get(f"{bucket.url}/files/{key}")).content == LARGE
    assert bucket.service.calls == ["get"]


async def test_a_reader_who_leaves_holds_nothing(shelf: Shelf, browser: httpx2.AsyncClient) -> None:
    key = await shelf.stored(LARGE)
    for _ in range(3):
        async with browser.stream("GET", f"/files/{key}") as answer:
            assert await anext(answer.aiter_bytes(100))
    assert (await browser.get(f"/files/{key}", headers={"range": "bytes=0-7"})).content == PNG[:8]


async def test_uploads_are_kept_and_shown(shelf: Shelf, author: Api) -> None:
    content = await article(shelf.place, author)
    given = {"contentId": content, "imageType": "FEATURED", "altText": "", "file": None}
    for data in (drawn("PNG"), drawn("PNG") + bytes(9_000_000)):
        answer = await author.upload(UPLOAD, "dot.png", data, "variables.input.file", input=given)
        created = answer["data"]["createImage"]
        assert created["userErrors"] == []
        assert (await author.http.get(f"{shelf.url}{created['image']['url']}")).content == data
    rows = sql(
        shelf.place, "select blob_key, bytes, sha256 from image where account_id = %s", account_of(shelf.place, author)
    )
    for key, size, digest in rows:
        found = await shelf.blobs.find(key)
        assert found
        assert (found.size, await shelf.blobs.digest(key)) == (size, digest)


async def test_what_is_no_picture_is_not_kept(shelf: Shelf, author: Api) -> None:
    given = {"contentId": await article(shelf.place, author), "imageType": "FEATURED", "altText": "", "file": None}
    before = len([each async for each in shelf.blobs.store.list()])
    answer = await author.upload(UPLOAD, "dot.png", b"%PDF-1.7" + bytes(100), "variables.input.file", input=given)
    assert answer["data"]["createImage"]["userErrors"][0]["code"] == "BAD_INPUT"
    assert len([each async for each in shelf.blobs.store.list()]) == before


async def test_pictures_are_drawn_into_it(shelf: Shelf, author: Api, desk: Bench) -> None:
    id = image(shelf.place, await article(shelf.place, author))
    await author.start("generateImages", imageIds=[id])
    await desk.work(account_of(shelf.place, author), "images")
    url = (await author.one("query($id: ID!) { image(id: $id) { url } }", id=id))["url"]
    answer = await author.http.get(f"{shelf.url}{url}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")


async def test_large_imports_are_read_from_it(shelf: Shelf, author: Api, desk: Bench) -> None:
    sector, account = await author.sector(), account_of(shelf.place, author)
    file = keywords(60, secrets.token_hex(3)).encode() + b"\n" + b" " * 21_000_000
    mutation = (
        "mutation($input: ImportKeywordsInput!) { importKeywords(input: $input) { job { id } userErrors { message } } }"
    )
    given = {"sectorId": sector, "file": None}
    answer = await author.upload(mutation, "all.csv", file, "variables.input.file", input=given)
    assert answer["data"]["importKeywords"]["userErrors"] == []
    await desk.work(account, "files")
    assert sql(shelf.place, "select status, error from job where account_id = %s", account) == [("SUCCEEDED", None)]
    assert one(shelf.place, "select count(*) from keyword where account_id = %s", account) == 60


async def test_old_files_that_nobody_names_go_from_a_bucket_too(bucket: Shelf, place: Place) -> None:
    assert bucket.service
    async with Api(bucket.url) as api, bench(bucket.place) as desk:
        await api.sign_up()
        lonely, named, young = [await bucket.stored() for _ in range(3)]
        image(bucket.place, await article(bucket.place, api), key=named)
        for key in (lonely, named):
            bucket.service.objects[f"of/ours/{key}"].modified -= timedelta(hours=25)
        await remove_orphans(desk.units, bucket.blobs)
    assert [key for key in (lonely, named, young) if await bucket.blobs.find(key)] == [named, young]


# A bucket that is away


@pytest.fixture
async def mended(bucket: Shelf) -> AsyncIterator[Service]:
    assert bucket.service
    yield bucket.service
    bucket.service.fault = None
    bucket.service.silent.set()


async def test_readers_and_writers_are_told(bucket: Shelf, mended: Service) -> None:
    async with Api(bucket.url) as api:
        await api.sign_up()
        key, content = await bucket.stored(), await article(bucket.place, api)
        mended.fault = Refused(503, "SlowDown")
        answer = await api.http.get(f"{bucket.url}/files/{key}")
        assert (answer.status_code, answer.headers["retry-after"], answer.headers["cache-control"]) == (
            503,
            "10",
            "no-store",
        )
        assert "127.0.0.1" not in answer.text
        given = {"contentId": content, "imageType": "FEATURED", "altText": "", "file": None}
        told = await api.upload(UPLOAD, "dot.png", drawn("PNG"), "variables.input.file", input=given)
        (error,) = told["data"]["createImage"]["userErrors"]
        assert (error["code"], "try again" in error["message"]) == ("UNAVAILABLE", True)
        assert await api.one("{ images { totalCount } }") == {"totalCount": 0}
        counted = "select count(*) from stored_file where account_id = %s"
        assert one(bucket.place, counted, account_of(bucket.place, api)) == 0
        ready = await api.http.get(f"{bucket.url}/readyz")
        assert (ready.status_code, ready.json()["missing"]) == (503, ["files"])
        mended.fault = None
        assert (await api.http.get(f"{bucket.url}/files/{key}")).content == PNG
        assert (await api.http.get(f"{bucket.url}/readyz")).status_code == 200


async def test_one_that_says_nothing_does_not_hold_readiness_up(bucket: Shelf, mended: Service) -> None:
    mended.silent.clear()
    async with httpx2.AsyncClient() as client:
        began = asyncio.get_running_loop().time()
        ready = await client.get(f"{bucket.url}/readyz")
        assert (ready.status_code, ready.json()["missing"]) == (503, ["files"])
        assert asyncio.get_running_loop().time() - began < 10


async def test_work_waits_for_it(bucket: Shelf, mended: Service) -> None:
    """A picture before it is paid for, an import until its file is read."""
    async with Api(bucket.url) as api, bench(bucket.place) as desk:
        desk.runner.tools = desk.runner.tools.having(Blobs, bucket.blobs)
        await api.sign_up()
        account = account_of(bucket.place, api)
        await api.start("generateImages", imageIds=[image(bucket.place, await article(bucket.place, api))])
        mended.fault = Refused(503, "SlowDown")
        await desk.runner.run(account, "images")
        asked = "select i.status, i.attempts, j.message from job_item i join job j on j.id = i.job_id"
        ((status, attempts, message),) = sql(bucket.place, f"{asked} where i.account_id = %s", account)
        assert (status, attempts, "Waiting for where files are kept" in message) == ("WAITING", 0, True)
        mended.fault = None
        await desk.work(account, "images")
        assert sql(bucket.place, "select status from job where account_id = %s", account) == [("SUCCEEDED",)]
