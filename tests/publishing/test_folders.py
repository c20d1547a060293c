"""Contents as pages in a folder beside the server, from the API to the disk and back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.schedule import publish_due
from jobs.worker import leftovers
from tests.client import Api
from tests.conftest import Place
from tests.files import stored
from tests.jobs.support import account_of, one, sql
from tests.pages.test_folder import files
from tests.publishing.house import House
from tests.publishing.real import after_test, made, real_house, taken_back
from tests.publishing.test_integrations import DELETE, UPDATE
from tests.schema.articles import image, uuid_of

STORAGE = "{ account { limits { key used } } }"
BYTES = "select coalesce(sum(bytes), 0) from publication where integration_id = %s"


@pytest.fixture
async def home(place: Place, owner: Api) -> AsyncIterator[House]:
    async with real_house(place, owner) as opened:
        given = await made(opened, folder={"baseUrl": "https://blog.example/"})
        assert given["integration"] | {"id": ""} == {
            "id": "", "kind": "FOLDER", "url": "https://blog.example", "config": {}, "hasSecret": False,
            "status": "UNTESTED",
        }  # fmt: skip
        yield opened


def folder(home: House) -> Path:
    account = account_of(home.place, home.owner)
    return home.place.settings.published / str(account) / str(uuid_of(home.integration))


async def used(home: House) -> int:
    limits = (await home.owner.one(STORAGE))["limits"]
    return int(next(limit["used"] for limit in limits if limit["key"] == "STORAGE"))


async def test_a_content_is_published_updated_and_taken_away(home: House) -> None:
    found = await after_test(home)
    assert (found["status"], [check["stage"] for check in found["checks"]]) == (
        "CONNECTED", ["ADDRESS", "CAPABILITIES", "MEDIA"],
    )  # fmt: skip

    (content,) = await home.contents(title="Cold brew", slug="cold-brew", html_content="<p>One.</p>")
    image(home.place, content, key=await stored(home.place, b"\x89PNG\r\n\x1a\nsame"), bytes=12)
    before = await used(home)
    assert (await home.published([content]))["status"] == "SUCCEEDED"
    (name,) = (name for name in files(folder(home)) if name.endswith(".png"))
    assert files(folder(home)) == {"cold-brew/index.html", name}
    said = await home.read(content)
    assert said["publishedUrl"] == "https://blog.example/cold-brew/"
    (publication,) = said["publications"]["nodes"]
    assert publication["records"]["nodes"][0]["fields"]["html"] == "SENT"
    assert await used(home) == before + one(home.place, BYTES, uuid_of(home.integration))
    assert await used(home) > before + 12 + len("<p>One.</p>")

    change = 'mutation($id: ID!) { updateContent(id: $id, input: {slug: "warm-brew"}) { userErrors { message } } }'
    await home.owner.one(change, id=content)
    assert (await home.published([content]))["status"] == "SUCCEEDED"
    assert files(folder(home)) == {"warm-brew/index.html", name.replace("cold", "warm")}

    assert (await taken_back(home, [content]))["status"] == "SUCCEEDED"
    assert files(folder(home)) == set()
    said = await home.read(content)
    assert (said["status"], said["publications"]["nodes"][0]["status"]) == ("APPROVED", "TRASHED")
    assert await used(home) == before


async def test_a_draft_is_noted_and_a_date_is_kept_by_our_clock(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content], "DRAFT")
    said = (await home.read(content))["publications"]["nodes"][0]
    assert (said["status"], said["records"]["nodes"][0]["fields"]["html"]) == ("DRAFT", "DROPPED")
    assert (files(folder(home)), one(home.place, BYTES, uuid_of(home.integration))) == (set(), 0)

    at = datetime.now(UTC) + timedelta(days=1)
    await home.published([content], "SCHEDULED", publishAt=at.isoformat())
    assert (await home.read(content))["publications"]["nodes"][0]["status"] == "SCHEDULED"
    assert files(folder(home)) == set()
    sql(home.place, "update publication set publish_at = now() - interval '2 minutes' where integration_id = %s",
        uuid_of(home.integration))  # fmt: skip
    await publish_due(home.desk.units, at)
    await home.work()
    assert (await home.read(content))["publications"]["nodes"][0]["status"] == "PUBLISHED"
    assert len(files(folder(home))) == 1


async def test_pages_take_room_of_the_plan(home: House) -> None:
    small, large = await home.contents(2)
    sql(home.place, "update content set html_content = %s where id = %s", f"<p>{'word ' * 40_000}</p>", uuid_of(large))
    account = account_of(home.place, home.owner)
    plan = "insert into plan (slug, name, max_storage_bytes) values ('tight', 'Tight', %s) returning id"
    room = await used(home) + 30_000
    sql(home.place, f"with p as ({plan}) update account set plan_id = p.id from p where account.id = %s", room, account)

    job = await home.published([small, large])
    assert (job["status"], job["done"]) == ("PARTIAL", 2)
    said = (await home.read(large))["publications"]["nodes"][0]
    assert "STORAGE" in said["error"]
    assert said["records"]["nodes"][0]["code"] == "storage_limit"
    assert len(files(folder(home))) == 1


async def test_what_is_deleted_frees_its_room_and_its_files_follow(home: House) -> None:
    contents = await home.contents(2)
    before = await used(home)
    await home.published(contents)
    assert len(files(folder(home))) == 2
    await leftovers(home.desk.units, home.place.settings.published)
    assert len(files(folder(home))) == 2

    sql(home.place, "delete from content where id = %s", uuid_of(contents[0]))
    await leftovers(home.desk.units, home.place.settings.published)
    assert len(files(folder(home))) == 1
    there = folder(home)
    deleted = await home.owner.one(DELETE, ids=[home.integration], input={"cascade": True})
    assert deleted["userErrors"] == []
    await leftovers(home.desk.units, home.place.settings.published)
    assert (there.exists(), await used(home)) == (False, before)


async def test_settings_of_a_folder(home: House) -> None:
    unknown = await made(home, name="Other", folder={"root": "docs"})
    (error,) = unknown["userErrors"]
    assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", "folder", "root"])
    assert "“docs”" in error["message"]
    for bad in ("ftp://x", "https://a:b@example.com", "https://example.com/?q"):
        refused = await made(home, name="Other", folder={"baseUrl": bad})
        assert [e["field"] for e in refused["userErrors"]] == [["input", "folder", "baseUrl"]]

    moved = await home.owner.one(UPDATE, id=home.integration, input={"folder": {"root": "docs"}})
    assert [e["field"] for e in moved["userErrors"]] == [["input", "folder", "root"]]
    changed = await home.owner.one(UPDATE, id=home.integration, input={"folder": {"baseUrl": None}})
    assert (changed["userErrors"], changed["integration"]["url"]) == ([], None)


async def test_a_folder_of_the_operators_is_no_room_of_the_plan(place: Place, owner: Api, tmp_path: Path) -> None:
    async with real_house(place, owner, folders=f"blog={tmp_path}") as home:
        await made(home, folder={})
        sql(place, """update integration set config = '{"root": "blog"}' where id = %s""", uuid_of(home.integration))
        (content,) = await home.contents()
        await home.published([content])

        inside = f"{account_of(place, owner)}/{uuid_of(home.integration)}"
        assert len(files(tmp_path / inside)) == 1
        assert one(place, BYTES, uuid_of(home.integration)) == 0
        assert (await home.read(content))["publications"]["nodes"][0]["url"] is None
