"""Articles and pictures that tests send to Ghost."""

import hashlib
import secrets
from dataclasses import replace
from io import BytesIO
from typing import Any

from PIL import Image

from domain.destinations import Article, Media, Placed
from jobs.adapters.ghost import Ghost
from jobs.adapters.ghost.outgoing import terms_of
from persistence.terms import RemoteEntityKind, RemoteStatus


def picture(text: str | None = None) -> Media:
    """One of its own; the same for the same text."""
    digest = hashlib.sha256((text or secrets.token_hex(8)).encode()).digest()
    file = BytesIO()
    Image.frombytes("RGB", (2, 5), digest[:30]).save(file, "PNG")
    data = file.getvalue()

    async def read() -> bytes:
        return data

    return Media(hashlib.sha256(data).hexdigest(), "image/png", 2, 5, "A cup", "Cup", read)


def article(**fields: Any) -> Article:
    name = secrets.token_hex(6)
    plain = Article(
        marker=f"igny8-{name}",
        entity=RemoteEntityKind.POST,
        title=f"Brewing {name}",
        slug=f"brewing-{name}",
        html="<p>One.</p>",
        excerpt="",
        status=RemoteStatus.PUBLISHED,
    )
    return replace(plain, **fields)


async def placed(ghost: Ghost, article: Article) -> Placed:
    """With its pictures and terms there."""
    media = {media.sha256: await ghost.upload(media) for media in article.media}
    terms = {(kind, name.casefold()): await ghost.term(kind, name) for kind, name in terms_of(article)}
    return Placed(media, terms)


async def published(ghost: Ghost, article: Article) -> tuple[str, Any]:
    """(its id, what was read back)."""
    made = await ghost.create(article)
    return made.id, await ghost.put(made.id, article, await placed(ghost, article))
