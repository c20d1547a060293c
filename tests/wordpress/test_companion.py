"""The companion plugin in a real WordPress: what it lets whom write, and whom find."""

from typing import Any

import httpx2
import pytest

from tests.waiting import until
from tests.wordpress.opening import marker
from tests.wordpress.places import KIT, MISSING, Kits, Place

pytestmark = pytest.mark.skipif(not KIT, reason=MISSING)
OWN = "publisher_external_id"
# What Yoast does from 28.4 on: it offers a key by itself, and keeps it in its own way.
OTHER = """<?php
add_action( 'init', function () {
	register_post_meta( 'post', '_yoast_wpseo_title', array(
		'type' => 'string', 'single' => true, 'show_in_rest' => true, 'auth_callback' => '__return_true',
		'sanitize_callback' => function ( $value ) { return strtoupper( $value ); },
	) );
} );
"""


@pytest.fixture
async def there(kits: Kits) -> Place:
    return await kits.of(companion=True)


async def ask(there: Place, method: str, path: str, who: str | None = "admin", **given: Any) -> Any:
    person = there.people[who] if who else None
    auth = (person.username, person.password) if person else None
    async with httpx2.AsyncClient(auth=auth, trust_env=False, timeout=60) as client:
        return (await client.request(method, f"{there.url}/wp-json/wp/v2/{path}", **given)).json()


async def post(there: Place, who: str = "admin", route: str = "posts", **meta: str) -> Any:
    return await ask(there, "POST", route, who, json={"title": "T", "status": "publish", "meta": meta})


@pytest.mark.parametrize("route", ["posts", "pages"])
async def test_its_key_is_told_to_editors_alone_and_found_by_them_alone(there: Place, route: str) -> None:
    key = marker()
    made = await post(there, route=route, **{OWN: key})
    await post(there, route=route, **{OWN: marker()})
    assert made["meta"][OWN] == key
    for who, ids in (("admin", [made["id"]]), ("editor", [made["id"]]), ("subscriber", []), (None, [])):
        found = await ask(there, "GET", f"{route}?{OWN}={key}", who)
        assert [each["id"] for each in found] == ids, who
    assert OWN not in (await ask(there, "GET", f"{route}/{made['id']}", None))["meta"]
    assert await ask(there, "GET", f"{route}?{OWN}={key[:-1]}&context=edit&status=any") == []


async def test_who_may_not_edit_a_post_writes_nothing_of_it(there: Place) -> None:
    made = await post(there, _yoast_wpseo_title="Mine")
    for who in ("author", "subscriber", None):
        refused = await ask(there, "POST", f"posts/{made['id']}", who, json={"meta": {"_yoast_wpseo_title": "Theirs"}})
        assert refused["data"]["status"] in (401, 403)
    assert (await ask(there, "GET", f"posts/{made['id']}"))["meta"]["_yoast_wpseo_title"] == "Mine"
    own = await post(there, "author", _yoast_wpseo_title="Theirs", rank_math_title="Too")
    assert (own["meta"]["_yoast_wpseo_title"], own["meta"]["rank_math_title"]) == ("Theirs", "Too")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("100%caffeine, 50%ab", "100%caffeine, 50%ab"),
        ("%%title%% %%sep%% “Ünï” 日本 \\ 'x' & y", "%%title%% %%sep%% “Ünï” 日本 \\ 'x' & y"),
        (" A \n <b>title</b>\t.", "A title ."),
        ("<script>alert(1)</script>Tea", "Tea"),
        ("", ""),
    ],
)
async def test_a_line_of_text_is_kept_as_it_is(there: Place, sent: str, kept: str) -> None:
    made = await post(there, rank_math_description=sent)
    assert made["meta"]["rank_math_description"] == kept


async def test_what_another_plugin_offers_stays_as_that_made_it(there: Place) -> None:
    assert there.files
    plugin = there.files / "wp-content/mu-plugins/other.php"
    plugin.write_text(OTHER)
    try:

        async def offered() -> bool:
            return bool((await post(there, _yoast_wpseo_title="tea"))["meta"]["_yoast_wpseo_title"] == "TEA")

        await until(offered)
        assert (await post(there, _yoast_wpseo_metadesc="tea"))["meta"]["_yoast_wpseo_metadesc"] == "tea"
        assert (await post(there, route="pages", _yoast_wpseo_title="tea"))["meta"]["_yoast_wpseo_title"] == "tea"
    finally:
        plugin.unlink()
