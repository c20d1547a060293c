"""Fifty articles come to a real Ghost once each, whatever is killed on the way. `make test-ghost` has one."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.embedded import Services
from tests.ghost.sites import KIT, There, real
from tests.publishing.chaos import Chaos, homed
from tests.publishing.felled import felled
from tests.publishing.many import Many, many
from tests.publishing.wire import Wire

SEEDS = [int(seed) for seed in os.environ.get("IGNY8_CHAOS_SEEDS", "1").split(",")]
ARTICLES = 50
OWN_TAG = re.compile(r"#igny8-[0-9a-f]{24}")
Row = Mapping[str, Any]


@pytest.mark.skipif(not KIT, reason="IGNY8_GHOST_KIT names no folder with `up` and `down`, which start and end a Ghost")
@pytest.mark.parametrize("seed", SEEDS)
async def test_every_article_comes_once(servers: Services, template: str, tmp_path: Path, seed: int) -> None:
    with real(tmp_path) as there:
        async with homed(servers, template, tmp_path / "home") as (home, owner), Wire(there.url, seed) as wire:
            wanted = await many(home, owner, ARTICLES)
            with felled(there.pids, "node") as server:
                chaos = Chaos(home, owner, wire, server, seed)
                await chaos.published(wanted, {"ghost": {"url": wire.url, "adminApiKey": there.key}})
                print(f"{len(wire.requests) / ARTICLES:.1f} requests an article")
                posts, tags = await _all(there, "posts", include="tags"), await _all(there, "tags")
                ours = [post for post in posts if any(OWN_TAG.fullmatch(tag["name"]) for tag in post["tags"])]
                assert {post["slug"] for post in posts if post not in ours} <= {"coming-soon"}
                chaos.judge(wanted, {post["id"]: post["url"] for post in ours if post["status"] == "published"})
            assert there.images
            compare(wanted, ours, tags, [path.name for path in there.images.rglob("sha256-*") if path.is_file()])


async def _all(there: There, what: str, **params: str) -> list[Row]:
    found, page = list[Row](), 1
    async with there.ghost() as ghost:
        while True:
            answer = await ghost.api.get(f"{what}/", formats="html", limit="50", page=str(page), **params)
            found += answer[what]
            if not answer["meta"]["pagination"]["next"]:
                return found
            page += 1


def compare(wanted: Many, posts: list[Row], tags: list[Row], images: list[str]) -> None:
    """Everything once, whole, and with what belongs to it. Ghost keeps each picture as it came as `_o`, where it is not
    killed before that.
    """
    shown = [name for name in images if not name.endswith("_o.png")]
    assert sorted(shown) == sorted(f"sha256-{sha256}.png" for sha256 in wanted.pictures)
    assert {name.replace("_o.png", ".png") for name in images} == set(shown)
    named = Counter(tag["name"] for tag in tags if not tag["name"].startswith("#"))
    categories, own = wanted.terms
    assert {name: named[name] for name in categories | own} == dict.fromkeys(categories | own, 1)
    assert len([tag for tag in tags if OWN_TAG.fullmatch(tag["name"])]) == len(posts)
    assert sorted(post["title"] for post in posts) == sorted(each.title for each in wanted.articles)
    by_title = {post["title"]: post for post in posts}
    for article in wanted.articles:
        post = by_title[article.title]
        assert (post["status"], post["slug"]) == ("published", article.slug)
        assert article.featured in post["feature_image"]
        own = {tag["name"] for tag in post["tags"] if not tag["name"].startswith("#")}
        assert own == article.categories | article.tags
        assert set(re.findall(r"sha256-([0-9a-f]{64})", post["html"])) == {article.inside}
        assert f"Step 4 of {article.title.split()[-1]}<" in post["html"]
