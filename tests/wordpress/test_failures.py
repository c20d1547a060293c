"""What goes wrong between us and a WordPress: what it is called, whether it passes, and what may have been done."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from domain.destinations import DestinationError, Placed
from persistence.terms import FieldVerdict, RemoteEntityKind, RemoteStatus
from tests.jobs.scripted import Answer, drip, garbage, hang_up, huge, reply, silence
from tests.standins.wordpress import WordPressSite, after_it_was_done, once
from tests.standins.wordpress.answers import page
from tests.wordpress.opening import article, capabilities_of, opened
from tests.wordpress.places import place_of

POST = RemoteEntityKind.POST
HTML = {"content-type": "text/html"}


def error(status: int, code: str, message: str = "It says no.", headers: Mapping[str, str] | None = None) -> Answer:
    return reply(status, {"code": code, "message": message, "data": {"status": status}}, headers)


def shown(status: int, title: str, headers: Mapping[str, str] | None = None) -> Answer:
    return reply(status, page(title), HTML | dict(headers or {}))


FAULTS: list[tuple[Answer, str, str, bool, bool]] = [
    # answer, what is said of it, its code, whether it is tried again, whether it may have been done
    (error(503, "wp_die", headers={"retry-after": "600"}), "being maintained", "503 wp_die", True, False),
    (shown(503, "Backend fetch failed"), "HTTP 503 .Backend fetch failed.", "503", True, True),
    (shown(429, "Slow down", {"retry-after": "30"}), "fewer requests", "429", True, False),
    (shown(502, "Bad Gateway"), "HTTP 502 .Bad Gateway.", "502", True, True),
    (shown(504, "Gateway Time-out"), "HTTP 504", "504", True, True),
    (error(500, "wp_die", "No database connection"), "No database connection", "500 wp_die", True, True),
    (shown(500, "There has been a critical error"), "critical error", "500", True, True),
    (error(500, "db_insert_error"), "did not do it: It says no", "500 db_insert_error", False, False),
    (shown(403, "Attention Required! | Cloudflare"), "refuses the request: HTTP 403 .Attention", "403", False, False),
    (shown(406, "Not Acceptable!"), "refuses the request: HTTP 406", "406", False, False),
    (shown(404, "Page not found"), "refuses the request: HTTP 404", "404", False, False),
    (shown(413, "Request Entity Too Large"), "no request of this size", "413", False, False),
    (shown(401, "Locked", {"www-authenticate": 'Basic realm="Staging"'}), "web server .*Staging", "401", False, False),
    (error(401, "rest_cannot_create"), "takes admin for nobody", "401 rest_cannot_create", False, False),
    (error(401, "incorrect_password"), "is not the user's", "401 incorrect_password", False, False),
    (error(403, "rest_cannot_create"), "admin may not do that", "403 rest_cannot_create", False, False),
    (error(404, "rest_no_route"), "has no /wp/v2/posts", "404 rest_no_route", False, False),
    (error(501, "rest_trash_not_supported"), "no trash", "501 rest_trash_not_supported", False, False),
    (reply(302, b"", {"location": "https://www.example.com/wp-json/wp/v2/posts"}), r"to https://www\.example\.com\.",
     "302", False, False),
    (shown(200, "Welcome to Hotel Wi-Fi"), "a page, “Welcome to Hotel Wi-Fi”, not with JSON", "200", False, True),
    (reply(201, b"<b>Notice</b>: In x.php\n{\"id\": 5}"), "begins with other words", "201", False, True),
    (reply(201, b""), "something else, not with JSON", "201", False, True),
    (reply(201, {"ok": True}), "is not WordPress's", "not_wordpress", False, True),
    (reply(200, b"[]"), "is not WordPress's", "not_wordpress", False, True),
    (hang_up(), "hung up", "hung_up", True, True),
    (garbage(), "hung up", "hung_up", True, True),
    (silence(), "has not answered in time|has not ended in 1 seconds", "timeout", True, True),
    (drip(), "has not ended in 1 seconds", "timeout", True, True),
    (huge(201), "more than 16 MB", "too_large", False, True),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "said", "code", "retryable", "maybe_done"), FAULTS)
async def test_a_draft_that_fails_is_sent_once(
    site: WordPressSite, answer: Answer, said: str, code: str, retryable: bool, maybe_done: bool
) -> None:
    capabilities = await capabilities_of(place_of(site))
    site.breaks_with(once(answer, "POST"))
    async with opened(place_of(site), capabilities=capabilities, seconds=1) as there:
        with pytest.raises(DestinationError, match=said) as failed:
            await there.wordpress.create(article())
        assert len(there.asked) == 1
    found = failed.value
    assert (found.code, found.retryable, found.maybe_done) == (code, retryable, maybe_done)
    assert found.cure
    assert site.posts == []


@pytest.mark.parametrize(("answer", "said", "code", "retryable"), [fault[:4] for fault in FAULTS])
async def test_what_only_reads_has_done_nothing(
    site: WordPressSite, answer: Answer, said: str, code: str, retryable: bool
) -> None:
    capabilities = await capabilities_of(place_of(site))
    site.breaks_with(once(answer, "GET", "/wp/v2/posts/"))
    async with opened(place_of(site), capabilities=capabilities, seconds=1) as there:
        with pytest.raises(DestinationError) as failed:
            await there.wordpress.fetch("1", POST)
    assert (failed.value.retryable, failed.value.maybe_done) == (retryable, False)


async def test_a_wait_is_as_long_as_it_was_asked_for(site: WordPressSite) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    waits = []
    async with opened(place_of(site), capabilities=await capabilities_of(place_of(site))) as there:
        for value in ("600", later, "soon"):
            site.breaks_with(once(shown(429, "Slow down", {"retry-after": value})))
            with pytest.raises(DestinationError) as failed:
                await there.wordpress.fetch("1", POST)
            waits.append(failed.value.retry_after)
    assert waits[0] == 600
    assert 80 <= (waits[1] or 0) <= 90
    assert waits[2] is None


async def test_a_draft_whose_answer_was_lost_is_found_and_gone_on_with(site: WordPressSite) -> None:
    wanted = article()
    site.breaks_with(after_it_was_done("POST", "/wp/v2/posts"))
    async with opened(place_of(site)) as there:
        with pytest.raises(DestinationError) as lost:
            await there.wordpress.create(wanted)
        found = await there.wordpress.find(wanted.marker, POST)
        assert found
        site.breaks_with(after_it_was_done("POST", f"/wp/v2/posts/{found.id}", answer=shown(504, "Gateway Time-out")))
        with pytest.raises(DestinationError) as again:
            await there.wordpress.put(found.id, wanted, Placed())
        remote = await there.wordpress.put(found.id, wanted, Placed())

    assert lost.value.maybe_done
    assert again.value.retryable
    assert remote.status is RemoteStatus.PUBLISHED
    assert [str(post.id) for post in site.posts] == [found.id]


async def test_nothing_was_done_where_nobody_listened(site: WordPressSite) -> None:
    capabilities = await capabilities_of(place_of(site))
    for url, code in (("http://127.0.0.1:1", "unreachable"), ("http://nowhere.invalid", "unknown_host")):
        async with opened(place_of(site), capabilities=capabilities, url=url) as there:
            with pytest.raises(DestinationError) as failed:
                await there.wordpress.create(article())
        assert (failed.value.code, failed.value.retryable, failed.value.maybe_done) == (code, True, False)


async def test_only_wordpress_itself_says_that_a_post_is_gone(site: WordPressSite) -> None:
    async with opened(place_of(site)) as there:
        assert await there.wordpress.fetch("7", POST) is None
        assert await there.wordpress.remove("7", POST) is None
        for answer in (shown(404, "Not Found"), error(404, "rest_no_route"), shown(410, "Gone")):
            for call in (there.wordpress.fetch, there.wordpress.remove):
                site.breaks_with(once(answer, path="/wp/v2/posts/7"))
                with pytest.raises(DestinationError):
                    await call("7", POST)
        with pytest.raises(DestinationError) as gone:
            await there.wordpress.put("7", article(), Placed())
    assert gone.value.code == "404 rest_post_invalid_id"


async def test_what_wordpress_says_is_shown_plain_and_without_secrets(site: WordPressSite) -> None:
    site.breaks_with(once(hang_up()))
    place = place_of(site)
    password = place.people["admin"].password
    capabilities = None
    async with opened(place) as there:
        with pytest.raises(DestinationError):
            await there.wordpress.fetch("1", POST)
        capabilities = await capabilities_of(place)
    told = []

    async def echo(received: Any, writer: asyncio.StreamWriter) -> None:
        basic = received.headers["authorization"]
        message = (
            f"<strong>Error</strong>:\n<script>alert(1)</script> {password} {password.replace(' ', '')} {basic} "
            f"<a href='/help'>Lost &amp; found?</a> {'x' * 5_000}"
        )
        await error(400, "rest_odd", message)(received, writer)

    async with opened(place, capabilities=capabilities) as there:
        site.breaks_with(once(echo))
        with pytest.raises(DestinationError) as failed:
            await there.wordpress.create(article())
        told.append(str(failed.value))
    (line,) = told
    assert line.startswith("WordPress did not do it: Error: [secret] [secret] Basic [secret] Lost & found? xxx")
    assert len(line) < 400
    assert "\n" not in line
    assert "alert" not in line


async def test_a_byte_order_mark_before_the_json_does_no_harm(site: WordPressSite) -> None:
    row = {"id": 5, "status": "draft", "slug": "x", "title": {"raw": "T"}, "content": {"raw": ""}}
    site.breaks_with(once(reply(200, b"\xef\xbb\xbf\n" + json.dumps(row).encode()), path="/wp/v2/posts/5"))
    async with opened(place_of(site)) as there:
        remote = await there.wordpress.fetch("5", POST)
    assert remote
    assert remote.title == "T"


async def test_an_article_goes_without_what_is_refused_of_it(site: WordPressSite) -> None:
    wanted = article(author="Editor", meta_title="T")
    async with opened(place_of(site), capabilities=await capabilities_of(place_of(site))) as there:
        made = await there.wordpress.create(wanted)
        del site.users["editor"]
        remote = await there.wordpress.put(made.id, wanted, Placed())
    assert remote.status is RemoteStatus.PUBLISHED
    assert remote.fields["author"] is FieldVerdict.DROPPED
    assert remote.fields["title"] is FieldVerdict.SENT


@pytest.mark.parametrize("entity", [POST, RemoteEntityKind.PAGE])
@pytest.mark.parametrize("plugin", ["yoast", "rank_math"])
async def test_titles_for_search_engines_go_the_way_that_a_site_offers(plugin: str, entity: RemoteEntityKind) -> None:
    """Yoast takes them of posts alone; Rank Math by its own route, unless it refuses."""
    wanted = article(entity=entity, meta_title="T & co", meta_description="D", primary_keyword="k")
    names = ("meta_title", "meta_description", "primary_keyword")
    async with WordPressSite(**{plugin: True}) as site:
        known = await capabilities_of(place_of(site))
        async with opened(place_of(site), capabilities=known) as there:
            made = await there.wordpress.create(wanted)
            remote = await there.wordpress.put(made.id, wanted, Placed())
            emptied = await there.wordpress.put(made.id, replace(wanted, meta_title=None), Placed())
            meta = dict(site.posts[0].meta)
            if plugin == "rank_math":
                site.breaks_with(once(error(403, "rest_cannot_edit"), path="updateMeta"))
                refused = await there.wordpress.put(made.id, wanted, Placed())
                assert {refused.fields[name] for name in names} == {FieldVerdict.DROPPED}
                site.breaks_with(once(shown(502, "Bad Gateway"), path="updateMeta"))
                with pytest.raises(DestinationError) as failed:
                    await there.wordpress.put(made.id, wanted, Placed())
                assert failed.value.retryable
    takes = plugin == "rank_math" or entity is POST
    assert {remote.fields[name] for name in names} == {FieldVerdict.SENT if takes else FieldVerdict.DROPPED}
    assert emptied.fields["meta_title"] is (FieldVerdict.SENT if takes else FieldVerdict.KEPT)
    assert sorted(meta.values()) == (["", "D", "k"] if takes else [])


async def test_a_site_without_pretty_permalinks_is_published_to(site: WordPressSite) -> None:
    site.permalinks = False
    wanted = article()
    for known in ({}, await capabilities_of(place_of(site))):
        async with opened(place_of(site), capabilities=known) as there:
            made = await there.wordpress.create(replace(wanted, marker=f"{wanted.marker}{len(known)}"))
            remote = await there.wordpress.put(made.id, wanted, Placed())
            assert (await there.wordpress.fetch(made.id, POST) or remote).status is RemoteStatus.PUBLISHED
            assert await there.wordpress.remove(made.id, POST)
            assert all("rest_route" in asked for asked in there.asked[-3:])


async def test_capabilities_of_another_form_are_asked_anew(site: WordPressSite) -> None:
    async with opened(place_of(site), capabilities={"root": "elsewhere", "user": "ada"}) as there:
        assert (await there.wordpress.create(article())).status is RemoteStatus.DRAFT
