"""A WordPress is tried: each thing that may be in the way is named, with what to do about it."""

import asyncio
import json
from typing import Any

import pytest

from domain.destinations import Connected, Placed
from persistence.terms import CheckStage
from tests.jobs.scripted import Answer, Received, Scripted, drip, hang_up, huge, reply
from tests.standins.wordpress import Break, WordPressSite
from tests.standins.wordpress.answers import page
from tests.wordpress.opening import article, opened
from tests.wordpress.places import Person, Place, place_of

HTML = {"content-type": "text/html"}
WP_API = "wp-json"


async def checked(place: Place, who: str = "admin", **more: Any) -> Connected:
    told: list[tuple[str, int, int]] = []
    async with opened(place, who, **more) as there:
        connected = await there.wordpress.check(lambda *news: told.append(news))
    assert [stage.stage for stage in connected.stages] == list(CheckStage)[: len(connected.stages)]
    assert [stage.ok for stage in connected.stages[:-1]] == [True] * (len(connected.stages) - 1)
    assert told == [("connecting", n, 8) for n in range(len(connected.stages) + 1)]
    assert all(stage.ms >= 0 and stage.found.endswith((".", "…")) for stage in connected.stages)
    assert bool(connected.capabilities) is connected.ok
    json.dumps(dict(connected.capabilities))
    return connected


def failed_at(connected: Connected) -> tuple[CheckStage, str, str]:
    last = connected.stages[-1]
    assert not last.ok, last
    return last.stage, last.found, last.cure


async def test_a_site_that_is_well_passes_every_stage(place: Place) -> None:
    connected = await checked(place)
    assert connected.ok
    assert len(connected.stages) == 8
    found = {stage.stage: stage.found for stage in connected.stages}
    assert "Kit Site" in found[CheckStage.API]
    assert found[CheckStage.CREDENTIALS] == "Signed in as admin (administrator)."
    assert found[CheckStage.CAPABILITIES] == "May publish posts, and all that goes along."
    assert ("can be set (posts: by wp/v2; pages: by wp/v2)" in found[CheckStage.SEO_META]) is place.companion
    assert "cannot be set" in found[CheckStage.SEO_META] or place.companion
    assert "newest page has the title" in found[CheckStage.SEO_META]
    assert connected.capabilities["root"] == "wp-json"
    assert (connected.capabilities["finds"] == ["POST", "PAGE"]) is place.companion


async def test_what_an_author_may_not_is_told(place: Place) -> None:
    stage = (await checked(place, "author")).stages[5]
    assert stage.found == (
        "May publish posts; may not publish pages, publish for other authors, make categories, send structured data."
    )
    assert "editor" in stage.cure


@pytest.mark.parametrize("who", ["subscriber", "contributor"])
async def test_who_may_not_publish_is_told_so(place: Place, who: str) -> None:
    stage, found, cure = failed_at(await checked(place, who))
    assert stage is CheckStage.CAPABILITIES
    assert f"{who} ({who}) may not" in found
    assert "publish posts" in found
    assert "editor" in cure


async def test_a_wrong_password_is_told_from_one_that_the_host_withholds(place: Place) -> None:
    wrong = failed_at(await checked(place, password="wrong wrong wrong"))
    assert wrong[0] is CheckStage.CREDENTIALS
    assert "neither admin nor the application password" in wrong[1]
    assert "Users → Profile" in wrong[2]


async def test_a_header_that_the_host_withholds_is_named_with_the_line_that_lets_it_through() -> None:
    for xmlrpc, said in ((True, "The password is right, but the host"), (False, "are wrong, or the host keeps")):
        async with WordPressSite(strips=True, xmlrpc=xmlrpc) as site:
            stage, found, cure = failed_at(await checked(place_of(site)))
        assert stage is CheckStage.CREDENTIALS
        assert said in found
        assert 'SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1' in cure


async def test_a_wrong_password_where_users_are_looked_at_early() -> None:
    async with WordPressSite(early=True) as site:
        assert (await checked(place_of(site))).ok
        stage, found, cure = failed_at(await checked(place_of(site), password="wrong"))
    assert (stage, found) == (CheckStage.CREDENTIALS, "The application password is not the user's.")
    assert cure


async def test_application_passwords_that_are_off_are_told_before_any_is_sent() -> None:
    async with WordPressSite(passwords=False) as site:
        stage, found, cure = failed_at(await checked(place_of(site)))
        assert all("authorization" not in request.headers for request in site.requests)
    assert (stage, found) == (CheckStage.SIGN_IN, "The site offers no application passwords.")
    assert "https" in cure


async def test_plain_permalinks_work_and_are_told(site: WordPressSite) -> None:
    site.permalinks = False
    connected = await checked(place_of(site))
    assert connected.ok
    assert "permalinks are plain" in connected.stages[2].found
    assert connected.capabilities["root"] == "rest_route"


CLOSED: list[tuple[Answer, str, str, str]] = [
    # what answers at every address of the API, what is said, in which words of the cure
    (reply(401, {"code": "rest_disabled", "message": "No.", "data": {"status": 401}}), "closed there", "401 rest_dis",
     "security plugin"),
    (reply(403, {"code": "rest_forbidden", "message": "No.", "data": {}}), "closed there", "403 rest_forb", "Open it"),
    (reply(403, page("Forbidden by ModSecurity"), HTML), "REST API does not answer. Something before WordPress",
     "HTTP 403 (Forbidden by ModSecurity)", "firewall"),
    (reply(404, page("Nothing here"), HTML), "WordPress runs there, but its REST API", "HTTP 404", "firewall"),
    (reply(200, page("Just a moment..."), HTML), "WordPress runs there, but", "“Just a moment...”", "/wp-json/"),
    (reply(200, b"<b>Deprecated</b>: x in y.php {}"), "begins with other words", "Deprecated: x in y.php",
     "WP_DEBUG_DISPLAY"),
    (reply(200, {"hello": "world"}), "WordPress runs there", "JSON that is not WordPress's", "/wp-json/"),
    (reply(503, {"code": "wp_die", "message": "x", "data": {}}, {"retry-after": "600"}), "being maintained", "",
     "tried again later"),
    (reply(500, page("Critical error"), HTML), "The site has a fault", "HTTP 500 (Critical error)", "error log"),
    (huge(), "more than 16 MB", "", "Look what the address answers"),
    (drip(), "has not ended in 1 seconds", "", "later"),
    (hang_up(), "hung up", "", "later"),
    (reply(401, page("Members"), HTML | {"www-authenticate": 'Basic realm="Staging"'}), "behind a password of its web",
     "Staging", "Take that off"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "said", "more", "cure"), CLOSED)
async def test_what_answers_in_place_of_the_api_is_named(
    site: WordPressSite, answer: Answer, said: str, more: str, cure: str
) -> None:
    site.breaks_with(Break(answer, path=WP_API), Break(answer, path="rest_route"))
    stage, found, what = failed_at(await checked(place_of(site), seconds=1))
    assert stage is CheckStage.API
    assert said in found
    assert more in found
    assert cure in what
    assert all("authorization" not in request.headers or "401" in found or "403" in found for request in site.requests)


async def test_an_address_where_no_wordpress_is() -> None:
    async with Scripted(otherwise=reply(200, page("Welcome to Hotel Wi-Fi"), HTML)) as other:
        place = Place(other.url.removesuffix("/v1"), {"admin": Person("admin", "secret", "admin")}, False)
        stage, found, cure = failed_at(await checked(place))
    assert stage is CheckStage.API
    assert found == "No WordPress answers there, but a page called “Welcome to Hotel Wi-Fi”."
    assert "home page" in cure


async def test_a_home_page_names_where_its_api_is() -> None:
    linked = reply(200, page("Shop"), HTML | {"link": '<https://cms.example.com/wp-json/>; rel="https://api.w.org/"'})
    async with Scripted(otherwise=linked) as other:
        place = Place(other.url.removesuffix("/v1"), {"admin": Person("admin", "secret", "admin")}, False)
        _, found, cure = failed_at(await checked(place))
    assert "https://cms.example.com" in found
    assert cure == "Give https://cms.example.com as the address."


async def test_a_redirect_is_followed_to_the_address_to_give(site: WordPressSite) -> None:
    """Without the password; inward it is refused as any address is."""

    leads_to = [""]

    async def elsewhere(received: Received, writer: asyncio.StreamWriter) -> None:
        await reply(301, b"", {"location": f"{leads_to[-1]}{received.path}"})(received, writer)

    async with Scripted(otherwise=elsewhere) as old:
        place = Place(old.url.removesuffix("/v1"), place_of(site).people, False)
        seen = len(old.requests)
        for to, said, cure in (
            (f"{site.url}/blog", f"leads to {site.url}/blog.", f"Give {site.url}/blog as the address."),
            ("http://10.0.0.1", "leads to http://10.0.0.1", "Give a public address"),
            (place.url, "in a circle", "redirects"),
        ):
            leads_to.append(to)
            stage, found, what = failed_at(await checked(place))
            assert stage is CheckStage.API
            assert said in found
            assert cure in what
    assert len(old.requests) > seen
    assert all("authorization" not in request.headers for request in old.requests)


async def test_addresses_that_lead_nowhere(site: WordPressSite) -> None:
    place = place_of(site)
    unknown = failed_at(await checked(place, url="http://nowhere.invalid"))
    shut = failed_at(await checked(place, url="http://127.0.0.1:1"))
    plain = failed_at(await checked(place, url=place.url.replace("http:", "https:"), connect_seconds=1))
    assert unknown == (CheckStage.ADDRESS, "There is no host nowhere.invalid.", "Check the address.")
    assert shut[:2] == (CheckStage.TLS, "127.0.0.1:1 takes no connections.")
    assert plain[0] is CheckStage.TLS
    assert "no encrypted connection" in plain[1]


async def test_pictures_that_may_not_be_uploaded(site: WordPressSite) -> None:
    site.breaks_with(Break(reply(200, {"namespace": "wp/v2"}, {"allow": "GET"}), "OPTIONS", "/wp/v2/media"))
    stage, found, _ = failed_at(await checked(place_of(site)))
    assert (stage, found) == (CheckStage.MEDIA, "admin may not upload pictures.")


async def test_a_proxy_that_answers_options_by_itself_is_no_hindrance(site: WordPressSite) -> None:
    site.breaks_with(Break(reply(204, b""), "OPTIONS"))
    connected = await checked(place_of(site))
    assert connected.ok
    assert connected.capabilities["meta"] == {"POST": [], "PAGE": []}


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        ("yoast", "(posts: by wp/v2; pages: not). Yoast SEO runs."),
        ("rank_math", "by Rank Math's own route). Rank Math"),
    ],
)
async def test_what_search_engines_are_shown_is_looked_at(plugin: str, said: str) -> None:
    async with WordPressSite(**{plugin: True}) as site:
        place = place_of(site)
        wanted = article(meta_title="As told to search engines", meta_description="D")
        async with opened(place) as there:
            made = await there.wordpress.create(wanted)
            await there.wordpress.put(made.id, wanted, Placed())
        found = (await checked(place)).stages[-1].found
    assert said in found
    assert "the title “As told to search engines” and a description." in found
