"""A full disk: what is refused, what waits, what is held, and that no picture is paid for twice.

By a limit on what this process may write into a file, as a quota would, and by the operator's own reserve.
"""

import asyncio
import os
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

from domain.ai import drawing
from domain.ports import CallReport, ImageRequest, Mail, Picture, ProviderError, Providers
from domain.settings import Settings
from jobs import lease
from jobs.adapters.drawing import OfflineImages
from jobs.adapters.mail import mailer_of
from persistence.files import blobs
from persistence.files.blobs import Blobs
from persistence.files.paid_answers import Answers
from persistence.terms import FailureCause
from tests.client import Api
from tests.conftest import Place, served
from tests.jobs.support import Bench, account_of, check_books, one, sql, tasks
from tests.schema.articles import article, image
from tests.schema.test_writer import PIXEL, UPLOAD
from tests.waiting import until

SIZE = 3_000_000
MOST = 1_500_000  # bytes of a file while the disk is full: also the test's own output goes into one
EVERYTHING = 10**18


@dataclass(slots=True)
class Artist:
    """Pictures of three megabytes; `disk` is full from the first on."""

    drawn: int = 0
    fills: bool = False

    async def draw(self, request: ImageRequest) -> tuple[Picture, CallReport]:
        self.drawn += 1
        if self.fills:
            resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, resource.RLIM_INFINITY))
        picture, _ = await OfflineImages().draw(request)
        data = picture.data + os.urandom(SIZE)
        report = CallReport("runware", "runware:100@1", cost_micros=1_300)
        return Picture(data, picture.mime_type, picture.width, picture.height), report


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(blobs, "RETRY_SECONDS", 0.1)
    yield
    emptied()


@contextmanager
def full(most: int) -> Iterator[None]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        emptied()


def emptied() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.fixture
def artist(desk: Bench) -> Artist:
    made = Artist()
    desk.runner.tools[Providers].images = lambda choice: made  # type: ignore[method-assign]
    return made


async def started(place: Place, owner: Api, number: int = 1) -> tuple[UUID, str]:
    """The account, and its job of so many pictures."""
    text = await article(place, owner)
    ids = [image(place, text, image_type="IN_ARTICLE", position=n) for n in range(number)]
    payload = await owner.start("generateImages", imageIds=ids)
    assert payload["userErrors"] == []
    return account_of(place, owner), payload["job"]["id"]


async def state(owner: Api, job: str) -> tuple[str, int, list[tuple[str, int]]]:
    asked = "query($id: ID!) { job(id: $id) { status creditsSpent items { nodes { status attempts } } } }"
    found = await owner.one(asked, id=job)
    return found["status"], found["creditsSpent"], [(i["status"], i["attempts"]) for i in found["items"]["nodes"]]


async def test_a_picture_waits_for_room_before_it_is_paid_for(
    place: Place, owner: Api, desk: Bench, artist: Artist
) -> None:
    account, job = await started(place, owner)
    desk.runner.tools[Blobs].reserve = EVERYTHING
    for _ in range(5):
        await desk.runner.run(account, "images")
        sql(place, "update job_item set available_at = now() where account_id = %s", account)
    assert (artist.drawn, await state(owner, job)) == (0, ("RUNNING", 0, [("WAITING", 0)]))
    assert one(place, "select count(*) from ai_call where account_id = %s", account) == 0
    assert "room on the disk" in one(place, "select message from job where account_id = %s", account)
    desk.runner.tools[Blobs].reserve = 0
    await desk.work(account, "images")
    assert (artist.drawn, (await state(owner, job))[0]) == (1, "SUCCEEDED")
    check_books(place)


async def test_a_picture_that_was_paid_for_is_held_until_there_is_room(
    place: Place, owner: Api, desk: Bench, artist: Artist
) -> None:
    account, job = await started(place, owner)
    artist.fills = True
    run = asyncio.create_task(desk.runner.run(account, "images"))
    await until(lambda: desk.runner.tools[Blobs].held.size)
    first = one(place, "select lease_until from job_item where account_id = %s", account)
    await until(lambda: one(place, "select lease_until from job_item where account_id = %s", account) > first)
    await until(lambda: "room" in one(place, "select phase from job where account_id = %s", account))
    assert not run.done()
    emptied()
    await run
    assert (artist.drawn, (await state(owner, job))[::2]) == (1, ("SUCCEEDED", [("APPLIED", 1)]))
    (key,) = sql(place, "select blob_key from image where account_id = %s", account)[0]
    assert (place.data / "blobs" / key).stat().st_size > SIZE
    assert not [path for path in (place.data / "blobs").iterdir() if "#" in path.name]
    check_books(place)


async def test_a_picture_that_finds_no_room_fails_and_is_refunded(
    place: Place, owner: Api, desk: Bench, artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "HOLD_SECONDS", 0.3)
    account, job = await started(place, owner)
    artist.fills = True
    await desk.work(account, "images")
    assert (artist.drawn, await state(owner, job)) == (1, ("FAILED", 0, [("FAILED", 1)]))
    assert sql(place, "select status, cost_micros from ai_call where account_id = %s", account) == [("FAILED", 1_300)]
    assert "no room on the disk" in one(place, "select error from image where account_id = %s", account)
    assert desk.runner.tools[Blobs].held.size == 0
    check_books(place)


async def test_a_worker_holds_so_much_and_no_more(
    place: Place, owner: Api, desk: Bench, artist: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "MOST_HELD", SIZE * 3 // 2)
    account, job = await started(place, owner, 2)
    artist.fills = True
    runs = [asyncio.create_task(desk.runner.run(account, "images")) for _ in range(2)]
    failed = "select count(*) from job_item where status = 'FAILED' and account_id = %s"
    await until(lambda: one(place, failed, account))
    assert desk.runner.tools[Blobs].held.size > SIZE
    emptied()
    await asyncio.gather(*runs)
    assert artist.drawn == 2
    assert sorted((await state(owner, job))[2]) == [("APPLIED", 1), ("FAILED", 1)]
    check_books(place)


@pytest.mark.parametrize(("size", "most"), [(3_000_000, 1_500_000), (800_000, 400_000)])
async def test_an_upload_says_that_there_is_no_room(place: Place, owner: Api, size: int, most: int) -> None:
    """Large files wait on a disk while they are received, others in memory."""
    given = {"contentId": await article(place, owner), "imageType": "FEATURED", "altText": "", "file": None}
    with full(most):
        answer = await owner.upload(UPLOAD, "dot.png", PIXEL + bytes(size), "variables.input.file", input=given)
    (error,) = answer.get("errors") or answer["data"]["createImage"]["userErrors"]
    code = error["extensions"]["code"] if "extensions" in error else error["code"]
    assert (code, "no room" in error["message"]) == ("UNAVAILABLE", True)
    assert await owner.one("{ images { totalCount } }") == {"totalCount": 0}
    answer = await owner.upload(UPLOAD, "dot.png", PIXEL + bytes(size), "variables.input.file", input=given)
    assert answer["data"]["createImage"]["userErrors"] == []


@dataclass(frozen=True, slots=True)
class Reserved(Place):
    """Whose operator keeps more free than there is."""

    @property
    def settings(self) -> Settings:
        return Settings(**{**super(Reserved, self).settings.model_dump(), "disk_reserve": 1_000_000_000})


@pytest.fixture
async def reserved(place: Place) -> AsyncIterator[str]:
    async with served(Reserved(place.database_url, place.redis_url, place.data)) as url:
        yield url


async def test_readiness_tells_of_it_and_files_are_refused(place: Place, reserved: str) -> None:
    async with Api(reserved) as owner:
        answer = await owner.http.get(f"{reserved}/readyz")
        assert (answer.status_code, answer.json()["missing"]) == (503, ["disk"])
        await owner.sign_up()
        given = {"contentId": await article(place, owner), "imageType": "FEATURED", "altText": "", "file": None}
        answer = await owner.upload(UPLOAD, "dot.png", PIXEL, "variables.input.file", input=given)
        (error,) = answer["data"]["createImage"]["userErrors"]
        assert (error["code"], "no room" in error["message"]) == ("UNAVAILABLE", True)


async def test_an_answer_that_cannot_be_kept_is_used_all_the_same(place: Place, owner: Api, desk: Bench) -> None:
    (place.data / "file").touch()
    desk.runner.tools[Answers].folder = place.data / "file"
    payload = await owner.start("generateContent", taskIds=await tasks(place, owner, 1))
    await desk.work(account_of(place, owner))
    assert (await state(owner, payload["job"]["id"]))[0] == "SUCCEEDED"


async def test_a_full_disk_of_the_database_is_waited_for(place: Place, owner: Api, desk: Bench) -> None:
    """What a client asks for is refused, an answer that was paid for is held."""
    account = account_of(place, owner)
    first, second = await tasks(place, owner, 2)
    payload = await owner.start("generateContent", taskIds=[first])
    content = await article(place, owner, task=second)
    sql(place, "create sequence tried; grant usage on sequence tried to public")
    sql(
        place,
        "create function full_disk() returns trigger language plpgsql as "
        "$$ begin perform nextval('tried'); raise exception 'could not extend file' using errcode = '53100'; end $$",
    )
    sql(place, "create trigger full_disk before insert or update on content execute function full_disk()")
    try:
        run = asyncio.create_task(desk.runner.run(account, "text"))
        update = 'updateContent(id: $id, input: {title: "New"}) { userErrors { code message } }'
        (error,) = (await owner.one(f"mutation($id: ID!) {{ {update} }}", id=content))["userErrors"]
        assert (error["code"], "no room" in error["message"]) == ("UNAVAILABLE", True)
        await until(lambda: one(place, "select last_value from tried") > 2)
    finally:
        sql(place, "drop function full_disk cascade")
    await run
    assert (desk.writer.calls, await state(owner, payload["job"]["id"])) == (1, ("SUCCEEDED", 1, [("APPLIED", 1)]))


async def test_a_letter_that_cannot_be_written_is_tried_again(place: Place) -> None:
    mailer = mailer_of(None, place.data / "letters", "IGNY8 <igny8@localhost>")
    mail = Mail("key", "ann@example.com", "Hello", "word " * 200)
    with full(400), pytest.raises(ProviderError, match="cannot be written") as refused:
        await mailer.send(mail)
    assert (refused.value.retryable, refused.value.cause) == (True, FailureCause.NO_ROOM)
    await mailer.send(mail)
