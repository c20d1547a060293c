"""What an account's files are counted as: before they are stored, while something names them, and no longer."""

import asyncio
import io
import os
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from domain.ai.drawing import uses
from domain.billing.storage import PICTURE_BYTES
from jobs.recovery import remove_orphans, tidy
from persistence.terms import LimitKey
from tests.client import Api
from tests.conftest import Place
from tests.files import blobs_of
from tests.jobs.support import Bench, account_of, bench, check_books, keywords, one, sql
from tests.schema.articles import article, image, uuid_of
from tests.schema.test_writer import PIXEL, UPLOAD

LIMITS = "{ account { limits { key used limit resetsAt } plan { maxStorageBytes } } }"
REPLACE = """mutation($id: ID!, $input: UpdateImageInput!) {
  updateImage(id: $id, input: $input) { image { url } userErrors { code message field } } }"""
DELETE = "mutation($ids: [ID!]!) { deleteImages(ids: $ids) { deletedIds userErrors { code message } } }"
IMPORT = """mutation($input: ImportKeywordsInput!) {
  importKeywords(input: $input) { job { id } userErrors { code message field } } }"""


@pytest.fixture(autouse=True)
def _many_sign_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.auth.service.SIGN_UPS_PER_IP", "9999/hour")
    monkeypatch.setattr("domain.planner.service.MAX_REQUEST_BYTES", 1000)  # more is a job


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        yield made


async def limits(api: Api) -> tuple[int, int | None]:
    """(used, limit)"""
    (found,) = [each for each in (await api.one(LIMITS))["limits"] if each["key"] == "STORAGE"]
    assert found["resetsAt"] is None
    return found["used"], found["limit"]


async def used(api: Api) -> int:
    return (await limits(api))[0]


def allow(place: Place, api: Api, size: int | None) -> None:
    """A plan of its own, that allows no more."""
    sql(
        place,
        "with made as (insert into plan (name, slug, max_storage_bytes) values ('Own', %s, %s) returning id) "
        "update account set plan_id = (select id from made) where id = %s",
        secrets.token_hex(8), size, account_of(place, api),
    )  # fmt: skip


def stored(place: Place) -> set[str]:
    """Names in the folder."""
    folder = place.data / "blobs"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


async def upload(api: Api, content: str, data: bytes = PIXEL, **more: object) -> dict[str, object]:
    given = {"contentId": content, "imageType": "FEATURED", "altText": "", "file": None, **more}
    answer = await api.upload(UPLOAD, "dot.png", data, "variables.input.file", input=given)
    found: dict[str, object] = answer["data"]["createImage"]
    return found


def codes(payload: dict[str, object]) -> list[str]:
    errors = payload["userErrors"]
    assert isinstance(errors, list)
    return [error["code"] for error in errors]


def aged(path: Path) -> None:
    """Two days."""
    moment = time.time() - 48 * 3600
    os.utime(path, (moment, moment))


def source() -> io.BytesIO:
    return io.BytesIO(bytes(1000))


def of(size: int) -> bytes:
    """A picture of that many bytes."""
    return PIXEL + bytes(size - len(PIXEL))


# Plans


async def test_a_trial_may_keep_half_a_gigabyte(place: Place, owner: Api) -> None:
    assert await limits(owner) == (0, 500_000_000)
    assert (await owner.one(LIMITS))["plan"]["maxStorageBytes"] == 500_000_000
    content = await article(place, owner)
    allow(place, owner, 500_000_000_000)
    sql(place, "insert into stored_file (account_id, bytes) values (%s, 499999999000)", account_of(place, owner))
    assert await limits(owner) == (499_999_999_000, 500_000_000_000)
    assert codes(await upload(owner, content, of(1001))) == ["LIMIT_REACHED"]
    assert codes(await upload(owner, content, of(1000))) == []
    allow(place, owner, None)
    assert codes(await upload(owner, content, of(5000))) == []
    assert await limits(owner) == (500_000_005_000, None)


# Uploads


async def test_uploads_at_once_stop_at_the_limit(place: Place, owner: Api) -> None:
    content, before = await article(place, owner), stored(place)
    allow(place, owner, 3_500)
    payloads = await asyncio.gather(*(upload(owner, content, of(1000)) for _ in range(8)))
    said = sorted(codes(payload) for payload in payloads)
    assert said == [[], [], []] + [["LIMIT_REACHED"]] * 5
    (error,) = next(payload["userErrors"] for payload in payloads if payload["userErrors"])  # type: ignore[misc]
    assert error["field"] == ["input", "file"]
    assert "allows 3,500 bytes of files and this would make 4,000" in error["message"]
    assert "choose a larger plan" in error["message"]
    assert (await used(owner), len(stored(place) - before)) == (3000, 3)
    assert await owner.one("{ images { totalCount } }") == {"totalCount": 3}


async def test_what_is_not_kept_does_not_count(place: Place, owner: Api) -> None:
    before = stored(place)
    content = await article(place, owner)
    other = content[:-12] + "0" * 12
    assert codes(await upload(owner, other, of(1000))) == ["NOT_FOUND"]
    assert codes(await upload(owner, content, b"%PDF" + bytes(1000))) == ["BAD_INPUT"]
    assert (await used(owner), stored(place)) == (0, before)


async def test_what_is_sent_again_counts_once(place: Place, owner: Api) -> None:
    content, before = await article(place, owner), stored(place)
    first, again = [await upload(owner, content, of(1000), idempotencyKey="one") for _ in range(2)]
    assert (first["image"], codes(again)) == (again["image"], [])
    assert (await used(owner), len(stored(place) - before)) == (1000, 1)


async def test_another_file_takes_the_place_of_the_first(place: Place, owner: Api) -> None:
    content = await article(place, owner)
    allow(place, owner, 5000)
    assert codes(await upload(owner, content, of(2000))) == []
    id = (await owner.one("{ images { nodes { id } } }"))["nodes"][0]["id"]
    for size, left, said in ((3000, 3000, []), (2001, 3000, ["LIMIT_REACHED"]), (500, 500, [])):
        answer = await owner.upload(REPLACE, "dot.png", of(size), "variables.input.file", id=id, input={"file": None})
        assert codes(answer["data"]["updateImage"]) == said
        assert await used(owner) == left


async def test_what_is_deleted_makes_room_at_once(place: Place, owner: Api, desk: Bench) -> None:
    content = await article(place, owner)
    allow(place, owner, 2000)
    assert [codes(await upload(owner, content, of(1000))) for _ in range(3)] == [[], [], ["LIMIT_REACHED"]]
    keys = [key for (key,) in sql(place, "select blob_key from image where account_id = %s", account_of(place, owner))]
    first, second = [node["id"] for node in (await owner.one("{ images { nodes { id } } }"))["nodes"]]
    assert (await owner.one(DELETE, ids=[first]))["deletedIds"] == [first]
    assert await used(owner) == 1000
    assert codes(await upload(owner, content, of(1000))) == []
    sql(place, "delete from sector where account_id = %s", account_of(place, owner))
    assert await used(owner) == 0, "with all that the images belonged to"
    for key in keys:
        found = place.data / "blobs" / key
        assert found.exists()
        aged(found)
    await remove_orphans(desk.units, blobs_of(place))
    assert not stored(place) & set(keys)
    assert second


async def test_a_site_that_is_archived_counts_nothing_and_comes_back_where_there_is_room(
    place: Place, owner: Api
) -> None:
    content = await article(place, owner)
    assert codes(await upload(owner, content, of(1000))) == []
    ((site,),) = sql(place, "select site_id from content where id = %s", uuid_of(content))
    change = (
        "mutation($id: ID!, $input: UpdateSiteInput!) { updateSite(id: $id, input: $input) { userErrors { code } } }"
    )
    await owner.run("mutation($ids: [ID!]!) { deleteSites(ids: $ids) { deletedIds } }", ids=[f"site_{site}"])
    assert await used(owner) == 0
    for most, said in ((999, ["LIMIT_REACHED"]), (1000, [])):
        allow(place, owner, most)
        assert codes(await owner.one(change, id=f"site_{site}", input={"status": "ACTIVE"})) == said
    assert await used(owner) == 1000


async def test_an_account_that_goes_takes_its_files_with_it(place: Place, owner: Api, desk: Bench) -> None:
    assert codes(await upload(owner, await article(place, owner), of(1000))) == []
    account = account_of(place, owner)
    (key,) = sql(place, "select blob_key from image where account_id = %s", account)[0]
    aged(place.data / "blobs" / key)
    await remove_orphans(desk.units, blobs_of(place))
    assert key in stored(place)
    sql(place, "update account set owner_id = null where id = %s", account)
    sql(place, "delete from account where id = %s", account)
    await remove_orphans(desk.units, blobs_of(place))
    assert key not in stored(place)


async def test_accounts_do_not_count_each_others(place: Place, owner: Api, url: str) -> None:
    async with Api(url) as stranger:
        await stranger.sign_up()
        assert codes(await upload(owner, await article(place, owner), of(1000))) == []
        assert (await used(owner), await used(stranger)) == (1000, 0)


async def test_what_was_never_kept_is_removed_when_its_time_is_over(place: Place, owner: Api, desk: Bench) -> None:
    """As of a process that was killed during an upload."""
    account, before = account_of(place, owner), stored(place)
    rows = "insert into stored_file (id, account_id, bytes, kept_until) values (%s, %s, 1000, now() + %s::interval)"
    over, under_way = [(await blobs_of(place).put(source(), 1000)).key for _ in range(2)]
    sql(place, rows, UUID(over), account, "-1 second")
    sql(place, rows, UUID(under_way), account, "1 minute")
    assert await used(owner) == 2000
    await tidy(desk.units, blobs_of(place))
    assert (await used(owner), stored(place) - before) == (1000, {under_way})


# Pictures that are drawn


async def test_pictures_to_be_drawn_take_room_before_they_are_paid_for(place: Place, owner: Api, desk: Bench) -> None:
    content, account = await article(place, owner), account_of(place, owner)
    ids = [image(place, content, image_type="IN_ARTICLE", position=n) for n in range(3)]
    allow(place, owner, 2 * PICTURE_BYTES)
    payload = await owner.start("generateImages", imageIds=ids)
    assert codes(payload) == ["LIMIT_REACHED"]
    assert one(place, "select count(*) from job where account_id = %s", account) == 0
    assert codes(await owner.start("generateImages", imageIds=ids[:2])) == []
    assert await used(owner) == 2 * PICTURE_BYTES
    assert codes(await upload(owner, content)) == ["LIMIT_REACHED"]
    await desk.work(account, "images")
    drawn = one(place, "select sum(bytes) from image where account_id = %s", account)
    assert 0 < await used(owner) == drawn < PICTURE_BYTES
    assert codes(await upload(owner, content)) == []
    check_books(place)


async def test_a_picture_that_was_tried_lasts_a_day(place: Place, owner: Api, desk: Bench) -> None:
    account = account_of(place, owner)
    assert codes(await owner.start("testImage", prompt="A cup")) == []
    await desk.work(account, "images")
    (size,) = sql(place, "select (details ->> 'bytes')::int from credit_usage_log where account_id = %s", account)[0]
    assert await used(owner) == size > 0
    await tidy(desk.units, blobs_of(place))
    sql(place, "update stored_file set kept_until = kept_until - interval '25 hours' where account_id = %s", account)
    before = len(stored(place))
    await tidy(desk.units, blobs_of(place))
    assert (await used(owner), len(stored(place))) == (0, before - 1)


def test_what_a_picture_counts_as_is_said_once_in_each_language() -> None:
    assert uses(3) == {LimitKey.IMAGES: 3, LimitKey.STORAGE: 3 * PICTURE_BYTES}


# Imports


async def test_imports_count_while_they_wait(place: Place, owner: Api, desk: Bench) -> None:
    sector, account, before = await owner.sector(), account_of(place, owner), stored(place)
    file = keywords(60, "wait").encode() + b"\n" + b" " * 1000
    given = {"sectorId": sector, "file": None}
    allow(place, owner, len(file) - 1)
    refused = await owner.upload(IMPORT, "all.csv", file, "variables.input.file", input=given)
    (error,) = refused["data"]["importKeywords"]["userErrors"]
    assert (error["code"], error["field"]) == ("LIMIT_REACHED", ["input", "file"])
    assert (await used(owner), stored(place)) == (0, before)

    allow(place, owner, len(file))
    answer = await owner.upload(IMPORT, "all.csv", file, "variables.input.file", input=given)
    assert codes(answer["data"]["importKeywords"]) == []
    await tidy(desk.units, blobs_of(place))
    assert (await used(owner), len(stored(place) - before)) == (len(file), 1)
    await desk.work(account, "files")
    await tidy(desk.units, blobs_of(place))
    assert (await used(owner), stored(place)) == (0, before)


async def test_an_import_into_nothing_leaves_nothing(place: Place, owner: Api) -> None:
    before, file = stored(place), b" " * 2000
    given = {"sectorId": (await owner.sector())[:-12] + "0" * 12, "file": None}
    answer = await owner.upload(IMPORT, "all.csv", file, "variables.input.file", input=given)
    assert codes(answer["data"]["importKeywords"]) == ["NOT_FOUND"]
    assert (await used(owner), stored(place)) == (0, before)
