"""Fifty articles come to a real WordPress once each, whatever is killed on the way. `make test-wordpress` has one."""

import os
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.embedded import Services
from tests.publishing.chaos import Chaos, homed
from tests.publishing.felled import felled
from tests.publishing.many import Many, many
from tests.publishing.wire import Wire
from tests.wordpress.places import KIT, MISSING, Kits, Place

SEEDS = [int(seed) for seed in os.environ.get("IGNY8_CHAOS_SEEDS", "1").split(",")]
ARTICLES = 50
Row = Mapping[str, Any]


class Library:
    """What is at a WordPress."""

    def __init__(self, there: Place) -> None:
        self.there = there

    async def all(self, route: str, **params: Any) -> list[Row]:
        admin, found = self.there.people["admin"], list[Row]()
        async with httpx2.AsyncClient(auth=(admin.username, admin.password), trust_env=False, timeout=60) as client:
            while True:
                page = {"per_page": 100, "page": len(found) // 100 + 1, "context": "edit", **params}
                rows = (await client.get(f"{self.there.url}/wp-json/wp/v2/{route}", params=page)).raise_for_status()
                found += rows.json()
                if len(rows.json()) < 100:
                    return found


@pytest.mark.skipif(not KIT, reason=MISSING)
@pytest.mark.parametrize("companion", [False, True], ids=["stock", "with companion"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_every_article_comes_once(
    servers: Services, template: str, tmp_path: Path, empty_kits: Kits, companion: bool, seed: int
) -> None:
    there = await empty_kits.of(companion)
    admin = there.people["admin"]
    async with homed(servers, template, tmp_path / "home") as (home, owner), Wire(there.url, seed) as wire:
        wanted = await many(home, owner, ARTICLES)
        with felled(there.pids, "php") as server:
            chaos = Chaos(home, owner, wire, server, seed)
            given = {"url": wire.url, "username": admin.username, "appPassword": admin.password}
            await chaos.published(wanted, {"wordPress": given})
            print(f"{len(wire.requests) / ARTICLES:.1f} requests an article")
            found = Library(there)
            posts = await found.all("posts", status="any,trash")
            chaos.judge(wanted, {str(post["id"]): post["link"] for post in posts if post["status"] == "publish"})
            compare(wanted, posts, await found.all("media"), await found.all("categories"), await found.all("tags"))


def compare(wanted: Many, posts: list[Row], media: list[Row], categories: list[Row], tags: list[Row]) -> None:
    """Everything once, whole, and with what belongs to it."""
    hashes = {row["id"]: row["source_url"].rpartition("/")[2][len("sha256-") :][:64] for row in media}
    assert sorted(hashes.values()) == sorted(wanted.pictures)
    assert {row["alt_text"][: len("Picture ")] for row in media} == {"Picture "}
    names = [{row["id"]: unescape(row["name"]) for row in rows} for rows in (categories, tags)]
    assert sorted(names[0].values()) == sorted({*wanted.terms[0], "Uncategorized"})
    assert sorted(names[1].values()) == sorted(wanted.terms[1])
    assert sorted(unescape(post["title"]["raw"]) for post in posts) == sorted(each.title for each in wanted.articles)
    by_title = {unescape(post["title"]["raw"]): post for post in posts}
    for article in wanted.articles:
        post = by_title[article.title]
        assert (post["status"], post["slug"]) == ("publish", article.slug)
        assert hashes[post["featured_media"]] == article.featured
        assert {names[0][id] for id in post["categories"]} == article.categories
        assert {names[1][id] for id in post["tags"]} == article.tags
        assert set(re.findall(r"sha256-([0-9a-f]{64})", post["content"]["raw"])) == {article.inside}
        assert f"Step 4 of {article.title.split()[-1]}<" in post["content"]["raw"]
