"""The adapter at a place, as a worker opens it, and what it asked there."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import httpx2

from domain.addresses import AllowedHosts
from domain.destinations import PICTURE, Article, Connection, RemoteMedia
from jobs.adapters.door import Door
from jobs.adapters.wordpress import WordPress
from persistence.terms import IntegrationKind, RemoteEntityKind, RemoteStatus, WordPressMarkup
from tests.wordpress.places import Place

DOOR = Door(AllowedHosts.of("127.0.0.1, nowhere.invalid"))


@dataclass(frozen=True, slots=True)
class Opened:
    wordpress: WordPress
    asked: list[str]


def body(html: str, media: Mapping[str, RemoteMedia], marker: str) -> str:
    """Plain HTML, the marker inside its first paragraph."""
    for sha256, there in media.items():
        html = html.replace(f"{PICTURE}{sha256}", escape(there.url))
    return html.replace("<p>", f"<p><!-- {marker} -->", 1)


@asynccontextmanager
async def opened(
    place: Place,
    who: str = "admin",
    *,
    capabilities: Mapping[str, Any] | None = None,
    password: str | None = None,
    url: str | None = None,
    seconds: float = 30,
    connect_seconds: float = 5,
    markup: WordPressMarkup | None = None,
) -> AsyncIterator[Opened]:
    """Without capabilities: as of an integration that was never tested; with `markup` bodies are the product's own."""
    person = place.people[who]
    config = {"username": person.username, "capabilities": dict(capabilities or {}), "markup": markup and markup.value}
    connection = Connection(IntegrationKind.WORDPRESS, url or place.url, config, password or person.password)
    asked: list[str] = []

    async def note(request: httpx2.Request) -> None:
        asked.append(f"{request.method} {request.url.raw_path.decode()}")

    async with DOOR.client(seconds=seconds, connect_seconds=connect_seconds) as client:
        client.event_hooks = {"request": [note]}
        yield Opened(WordPress(client, connection, None if markup else body), asked)


async def capabilities_of(place: Place, who: str = "admin") -> Mapping[str, Any]:
    """What a connection test keeps."""
    async with opened(place, who) as there:
        connected = await there.wordpress.check(lambda *_: None)
    assert connected.ok, connected.stages[-1]
    return connected.capabilities


def marker() -> str:
    return f"igny8-{secrets.token_hex(12)}"


def article(**more: Any) -> Article:
    """A post of its own, to be shown at once."""
    word = secrets.token_hex(5)
    fields: dict[str, Any] = {
        "marker": marker(), "entity": RemoteEntityKind.POST, "title": f"Tea & toast {word}", "slug": f"tea-{word}",
        "html": "<p>Boil the water.</p><h2>Then</h2><p>Wait.</p>", "excerpt": "How to make tea.",
        "status": RemoteStatus.PUBLISHED,
    }  # fmt: skip
    return Article(**(fields | more))


def in_days(days: float) -> datetime:
    return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
