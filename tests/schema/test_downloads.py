"""Files by their key, articles as pages behind a link, and files that nobody needs any more."""

import io
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import httpx2
import pytest
from PIL import Image as Pillow

from domain import tokens
from domain.tokens import Identity, Tokens
from jobs.recovery import remove_orphans
from persistence.files.blobs import Blobs
from persistence.files.folder_store import FolderStore
from tests import files
from tests.client import Api
from tests.conftest import SECRET, Place
from tests.files import blobs_of
from tests.jobs.support import Bench, account_of, bench, sql, tasks
from tests.schema.articles import article, colleague, image, run, uuid_of

PREVIEW = "query($id: ID!) { contentPreview(contentId: $id) { url expiresAt } }"
GONE = "This link is not valid"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(90))
CSP = "content-security-policy"


@pytest.fixture(autouse=True)
def _many_sign_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.auth.service.SIGN_UPS_PER_IP", "9999/hour")


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        yield made


@pytest.fixture
async def browser(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Signed in nowhere."""
    async with httpx2.AsyncClient(base_url=url) as client:
        yield client


async def stored(place: Place, data: bytes = PNG) -> str:
    return await files.stored(place, data)


def drawn(kind: str, width: int = 8, height: int = 6) -> bytes:
    target = io.BytesIO()
    Pillow.new("RGB", (width, height), "teal").save(target, kind)
    return target.getvalue()


# Pictures


async def test_a_drawn_picture_is_what_its_row_says(
    place: Place, owner: Api, desk: Bench, browser: httpx2.AsyncClient
) -> None:
    content = await article(place, owner)
    image(place, content)
    image(place, content, image_type="IN_ARTICLE", position=1)
    job = await run(desk, place, owner, "generateImages", "images", contentIds=[content])
    assert job["status"] == "SUCCEEDED"

    images = await owner.one("{ images { nodes { status url mimeType width height bytes origin error } } }")

    assert len(images["nodes"]) == 2
    for found in images["nodes"]:
        assert (found["status"], found["origin"], found["error"]) == ("READY", "OFFLINE_DRAFT", None)
        answer = await browser.get(found["url"])
        assert answer.headers["content-type"] == found["mimeType"]
        assert len(answer.content) == found["bytes"]
        with Pillow.open(io.BytesIO(answer.content)) as picture:
            picture.load()
            assert picture.size == (found["width"], found["height"])


# Previews


async def link(api: Api, content: str) -> str:
    found = await api.one(PREVIEW, id=content)
    assert found
    return str(found["url"])


async def is_gone(browser: httpx2.AsyncClient, address: str) -> bool:
    """And says no more about it than of any other."""
    answer = await browser.get(address)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.status_code in (200, 404)
    return answer.status_code == 404 and answer.text.startswith(GONE)


async def test_an_article_is_shown_with_its_pictures(place: Place, owner: Api, browser: httpx2.AsyncClient) -> None:
    content = await article(place, owner, title="Cold brew & you", meta_description="All of it.", word_count=1234)
    keys = [await stored(place) for _ in range(3)]
    image(place, content, key=keys[0], alt_text="A jug")
    image(place, content, key=keys[1], image_type="IN_ARTICLE", position=1)
    image(place, content, key=keys[2], image_type="IN_ARTICLE", position=2)
    image(place, content, image_type="IN_ARTICLE", position=3, prompt="Not drawn")

    answer = await browser.get(await link(owner, content))

    assert answer.status_code == 200
    page = answer.text
    assert "<title>Cold brew &amp; you</title>" in page
    assert '<meta name="description" content="All of it.">' in page
    assert "draft · 1,234 words" in page
    assert "An outline made without a language model" not in page
    order = [f"/files/{keys[0]}", "<h1>", "It begins", "<h2>First", "<h2>Second", "<h2>Third"]
    assert [page.index(part) for part in order] == sorted(page.index(part) for part in order)
    assert f'<img src="/files/{keys[0]}" alt="A jug" width="8" height="6">' in page
    for key, before, after in ((keys[1], "It begins", "<h2>First"), (keys[2], "One.", "<h2>Second")):
        assert page.index(before) < page.index(key) < page.index(after)
    assert "$" not in page
    for address in keys:
        assert (await browser.get(f"/files/{address}")).status_code == 200


async def test_a_page_can_do_nothing_and_is_kept_nowhere(place: Place, owner: Api, browser: httpx2.AsyncClient) -> None:
    headers = (await browser.get(await link(owner, await article(place, owner)))).headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = headers[CSP].split("; ")
    assert {"default-src 'none'", "img-src 'self' https:", "sandbox"} <= set(policy)
    assert not any(part.startswith(("script-src", "connect-src", "form-action")) for part in policy)
    assert headers["cache-control"] == "private, no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


async def test_hostile_text_stays_text(place: Place, owner: Api, browser: httpx2.AsyncClient) -> None:
    hostile = "</title></h1><script>alert(1)</script>\"'><img src=x onerror=alert(2)> $title ${body}"
    html = f"<p onclick='alert(3)'>In.</p><script>alert(4)</script><h2>{hostile}</h2><iframe src=x></iframe>"
    content = await article(place, owner, html, title=hostile, meta_description=hostile)
    image(place, content, key=await stored(place), alt_text=hostile)

    page = (await browser.get(await link(owner, content))).text

    assert page.count("<script") == 0
    assert page.count("<img") == 1, "the figure alone"
    assert "<iframe" not in page
    assert "onclick" not in page
    assert page.count("</title>") == 1
    assert page.count("</h1>") == 1
    assert "&lt;/title&gt;&lt;/h1&gt;&lt;script&gt;" in page
    assert "$title ${body}" in page


async def test_an_outline_says_that_it_is_one(place: Place, owner: Api, browser: httpx2.AsyncClient) -> None:
    content = await article(place, owner, origin="OFFLINE_DRAFT")
    assert "An outline made without a language model" in (await browser.get(await link(owner, content))).text


async def test_figures_stand_between_sections_alone(place: Place, owner: Api, browser: httpx2.AsyncClient) -> None:
    html = (
        '<p><a href="https://example.com/?a=<h2>b" title="an <h2>x</h2> in\nan attribute">Link</a></p>\n'
        '<img src="https://example.com/a.png" alt="<h2>no section</h2>">'
        "<h2>One</h2><p>First &lt;h2&gt;.</p>\n<h2>Two</h2><p>Second.</p>"
    )
    content = await article(place, owner, html)
    keys = [await stored(place) for _ in range(4)]
    for position, key in enumerate(keys):
        image(place, content, key=key, image_type="IN_ARTICLE", position=position)

    page = (await browser.get(await link(owner, content))).text

    assert page.index("no section") < page.index(keys[0]) < page.index("<h2>One</h2>")
    assert page.index("First") < page.index(keys[1]) < page.index("<h2>Two</h2>")
    assert [key for key in keys if key in page] == keys[:2], "one a section"
    assert page.count("<figure>") == page.count("</figure>") == 2
    assert "</figure>\n<h2>One" in page
    assert "</figure>\n<h2>Two" in page


async def test_a_link_lasts_minutes(
    place: Place, owner: Api, browser: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = await article(place, owner)
    address = await link(owner, content)
    assert not await is_gone(browser, address)

    now = int(time.time())
    monkeypatch.setattr(tokens, "_now", lambda: now - tokens.LINK_SECONDS - 1)
    expired = Tokens([SECRET]).link(identity(place, owner), uuid_of(content))[0]

    assert await is_gone(browser, f"/preview/{content}?token={expired}")


async def test_a_link_is_to_one_thing_of_one_kind(place: Place, owner: Api, browser: httpx2.AsyncClient) -> None:
    content, other = [await article(place, owner, task=task) for task in await tasks(place, owner, 2)]
    token = (await link(owner, content)).partition("token=")[2]
    me = identity(place, owner)
    links = [
        f"/preview/{other}?token={token}",
        f"/preview/{content}?token={owner.token}",
        f"/preview/{content}?token={Tokens(['another secret']).link(me, uuid_of(content))[0]}",
        f"/preview/{content}?token={token[:-2]}",
        f"/preview/{content}?token=",
        f"/preview/{content}",
        f"/preview/{content.replace('con_', 'task_')}?token={token}",
        f"/preview/nonsense?token={token}",
        f"/preview/con_{'0' * 36}?token={token}",
        "/preview/con_%00?token=%00",
    ]
    for address in links:
        assert await is_gone(browser, address), address
    assert not await is_gone(browser, f"/preview/{content}?token={token}")

    async with Api(owner.url, token) as bearer:
        (error,) = await bearer.errors("{ viewer { user { id } } }")
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_link_goes_with_its_makers_session(place: Place, owner: Api, browser: httpx2.AsyncClient) -> None:
    address = await link(owner, await article(place, owner))
    assert not await is_gone(browser, address)
    await owner.run("mutation { signOut { __typename } }")
    assert await is_gone(browser, address)


async def test_a_link_shows_what_its_maker_sees(
    place: Place, owner: Api, url: str, browser: httpx2.AsyncClient
) -> None:
    content = await article(place, owner)
    async with colleague(place, owner, "VIEWER") as viewer, Api(url) as stranger, Api(url) as nobody:
        address = await link(viewer, content)
        assert not await is_gone(browser, address)
        sql(place, "delete from site_user_access where account_id = %s", account_of(place, owner))
        assert await viewer.one(PREVIEW, id=content) is None
        assert await is_gone(browser, address)

        await stranger.sign_up()
        assert await stranger.one(PREVIEW, id=content) is None
        assert await owner.one(PREVIEW, id=content[:-12] + "0" * 12) is None
        assert await owner.one(PREVIEW, id="nonsense") is None
        (error,) = await nobody.errors(PREVIEW, id=content)
        assert error["extensions"]["code"] == "UNAUTHENTICATED"

        theirs = identity(place, stranger)
        forged = Tokens([SECRET]).link(replace(theirs, account_id=account_of(place, owner)), uuid_of(content))[0]
        assert await is_gone(browser, f"/preview/{content}?token={forged}"), "the session decides whose account"


async def test_suspended_accounts_are_read_and_cancelled_ones_gone(
    place: Place, owner: Api, browser: httpx2.AsyncClient
) -> None:
    content = await article(place, owner)
    status = "update account set status = %s where id = %s"
    sql(place, status, "SUSPENDED", account_of(place, owner))
    address = await link(owner, content)
    assert not await is_gone(browser, address)

    sql(place, status, "CANCELLED", account_of(place, owner))
    assert await is_gone(browser, address)
    (error,) = await owner.errors(PREVIEW, id=content)
    assert error["extensions"]["code"] == "FORBIDDEN"


def identity(place: Place, api: Api) -> Identity:
    """As the token that the caller was given says."""
    assert api.token
    found = Tokens([SECRET]).read(api.token)
    assert found
    return found


# Files that nobody needs


def aged(place: Place, key: str, hours: float) -> str:
    moment = time.time() - hours * 3600
    os.utime(place.data / "blobs" / key, (moment, moment))
    return key


def import_job(place: Place, account: UUID, key: str | None) -> None:
    sql(
        place,
        "insert into job (account_id, kind, params) "
        "values (%s, 'IMPORT_KEYWORDS', jsonb_build_object('blob', %s::text))",
        account,
        key,
    )


async def test_only_old_files_that_nobody_names_go(place: Place, owner: Api, url: str, desk: Bench) -> None:
    blobs = blobs_of(place)
    lonely = [aged(place, await stored(place), 25) for _ in range(3)]
    half = place.data / "blobs" / f"{lonely[0]}#1"
    half.write_bytes(b"its writer was killed")
    aged(place, half.name, 25)
    young = [aged(place, await stored(place), 23), await stored(place)]
    named = []
    async with Api(url) as stranger:
        await stranger.sign_up()
        for api in (owner, stranger):
            pictured, imported = [aged(place, await stored(place), 48) for _ in range(2)]
            image(place, await article(place, api), key=pictured)
            import_job(place, account_of(place, api), imported)
            import_job(place, account_of(place, api), None)
            named += [pictured, imported]

    await remove_orphans(desk.units, blobs)

    assert [key for key in lonely if await blobs.find(key)] == []
    assert not half.exists()
    assert [key for key in [*young, *named] if await blobs.find(key) is None] == []

    sql(place, "delete from image where blob_key = %s", named[0])
    await remove_orphans(desk.units, blobs)
    assert [key for key in named if await blobs.find(key) is None] == [named[0]]
    await remove_orphans(desk.units, Blobs(FolderStore(place.data / "nowhere")))


async def test_what_cannot_be_asked_about_is_kept(place: Place, desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    key = aged(place, await stored(place), 25)

    async def away(*_: object) -> set[str]:
        raise OSError("the database is away")

    monkeypatch.setattr("jobs.recovery.queries.known_blobs", away)
    with pytest.raises(OSError):
        await remove_orphans(desk.units, blobs_of(place))
    assert await blobs_of(place).find(key)
