"""Articles and pictures for places of files."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from domain.destinations import Article, Connected, Errand, Media, Placed, Remote
from jobs.adapters.pages import Pages
from persistence.terms import RemoteEntityKind, RemoteStatus


def errand() -> Errand:
    """Of now."""
    now = datetime.now(UTC)
    return Errand(secrets.token_hex(4), "con_1", 1, now, now)


PNG = b"\x89PNG\r\n\x1a\n"


def picture(alt: str = "A cup") -> Media:
    data = PNG + secrets.token_bytes(40)

    async def read() -> bytes:
        return data

    return Media(hashlib.sha256(data).hexdigest(), "image/png", 8, 6, alt, alt, read, len(data))


def article(slug: str = "cold-brew", **more: Any) -> Article:
    said = {"title": "Cold brew", "html": "<p>Steep it.</p>", "excerpt": "In short.", "status": RemoteStatus.PUBLISHED}
    return Article(marker=f"igny8-{secrets.token_hex(12)}", entity=RemoteEntityKind.POST, slug=slug, **{**said, **more})  # type: ignore[arg-type]


async def put(pages: Pages, one: Article) -> Remote:
    """As publishing does it."""
    if await pages.find(one.marker, one.entity) is None:
        await pages.create(one)
    return await pages.put(one.marker, one, Placed())


async def looked_at(pages: Pages) -> Connected:
    return await pages.check(lambda *_: None)
