"""The Ghost in memory beside a real one, exchange by exchange; and bodies of every kind through the real one.

`make test-ghost` runs these; IGNY8_GHOST_KIT names the folder of a kit whose `up` starts a Ghost.
"""

import asyncio
import re
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from domain.writer.html import clean_html, text_of
from jobs.adapters.ghost import Ghost
from jobs.adapters.ghost.body import ghost_html
from persistence.terms import RemoteEntityKind
from tests.ghost.articles import article, published
from tests.ghost.conversation import converse
from tests.ghost.documents import documents
from tests.ghost.sites import KIT, There
from tests.ghost.test_bodies import ALL, THERE, code

pytestmark = pytest.mark.skipif(not KIT, reason="IGNY8_GHOST_KIT is not set")


async def test_the_stand_in_answers_as_ghost_does(memory: There, kit: There) -> None:
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as http:
        ours, theirs = await converse(memory, http), await converse(kit, http)

    assert len(theirs) >= 100
    different = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    assert different == []


def seen(html: str) -> tuple[Any, ...]:
    """What a reader has of it: its text, where links lead, its pictures, and code to the letter."""
    links = {link for link, text in re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', html, re.S) if text_of(text)}
    return (
        text_of(html),
        links,
        re.findall(r'<img [^>]*?src="([^"]+)"', html),
        [c.strip() for c in code(html) if c.strip()],
    )


async def through(ghost: Ghost, bodies: list[str]) -> list[str]:
    """Each as Ghost serves it."""

    async def one(html: str) -> str:
        made = await ghost.api.post(
            "posts/", {"posts": [{"title": "x", "html": ghost_html(html, THERE)}]}, source="html", formats="html"
        )
        there = await ghost.fetch(made["posts"][0]["id"], RemoteEntityKind.POST)
        assert there
        return there.content or ""

    return [part for n in range(0, len(bodies), 4) for part in await asyncio.gather(*map(one, bodies[n : n + 4]))]


async def test_every_form_reads_the_same_there(kit: There) -> None:
    bodies = [html.replace('href="/', 'href="https://x.example/') for html in ALL if "b" * 64 not in html]
    async with kit.ghost() as ghost:
        served = await through(ghost, bodies)
    for html, back in zip(bodies, served, strict=True):
        assert seen(back) == seen(html.replace(f"picture:{'a' * 64}", THERE["a" * 64].url)), html


async def test_a_page_that_readers_see_reads_the_same(kit: There) -> None:
    html = "".join(html.replace('href="/', 'href="https://x.example/') for html in ALL if "picture:" not in html)
    async with kit.ghost() as ghost:
        _, remote = await published(ghost, article(html=html, json_ld='{"@type": "Article", "name": "It"}'))
        page = (await ghost.api.client.get(remote.url)).text
    body = LexborHTMLParser(page).css_first("section.gh-content")
    assert body
    shown = re.sub(r'(?:\?|&amp;)ref=[\w.-]+"', '"', body.inner_html or "")  # Ghost's own setting adds it to all links
    assert seen(shown) == seen(html)
    assert '{"@type": "Article", "name": "It"}</script>' in page


@pytest.fixture(scope="module")
def served_by(kit: There) -> Any:
    def served(bodies: list[str]) -> list[str]:
        async def run() -> list[str]:
            async with kit.ghost() as ghost:
                return await through(ghost, bodies)

        return asyncio.run(run())

    return served


@settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink]
)
@given(st.lists(documents, min_size=4, max_size=4))
def test_any_article_reads_the_same_there(served_by: Any, four: list[str]) -> None:
    bodies = [clean_html(document) for document in four]
    for html, back in zip(bodies, served_by(bodies), strict=True):
        assert seen(back) == seen(html), ghost_html(html, {})
