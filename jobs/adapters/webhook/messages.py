"""What a receiver is told of an article: JSON as Standard Webhooks has it, `{type, timestamp, data}`."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.destinations import PICTURE, Article, Connection
from persistence.terms import RemoteStatus

PING, UNPUBLISHED = "ping", "content.unpublished"
TYPES = {
    RemoteStatus.DRAFT: "content.draft",
    RemoteStatus.SCHEDULED: "content.scheduled",
    RemoteStatus.PUBLISHED: "content.published",
}
_PICTURE = re.compile(rf'"{PICTURE}([0-9a-f]{{64}})"')


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is the same whenever the same is said of the same errand, so that a receiver can drop repeats."""

    id: str
    body: bytes


def message(type: str, data: dict[str, Any], connection: Connection, at: datetime, salt: str = "") -> Message:
    """As of `at`; every try of an errand says the same."""
    errand = connection.errand
    said = {"type": type, "timestamp": _time(at), "data": data}
    body = json.dumps(said, ensure_ascii=False).encode()
    named = f"{connection.config.get('id')} {errand.id if errand else ''} {salt}\n".encode() + body
    return Message(f"msg_{hashlib.sha256(named).hexdigest()[:40]}", body)


def data_of(article: Article, connection: Connection, remote_id: str | None, files: str) -> dict[str, Any]:
    """`files`: below which address pictures are found by their keys. What is not given is null."""
    errand = connection.errand
    addresses = {media.sha256: f"{files}/{media.key}" for media in article.media}
    return {
        "id": errand.content if errand else None,
        "marker": article.marker,
        "remoteId": remote_id,
        "revision": errand.revision if errand else None,
        "kind": article.entity.value,
        "status": article.status.value,
        "publishAt": _time(article.publish_at) if article.publish_at else None,
        "title": article.title,
        "slug": article.slug,
        "html": _PICTURE.sub(lambda found: f'"{addresses.get(found[1], "")}"', article.html),
        "excerpt": article.excerpt,
        "language": article.language,
        "author": article.author,
        "metas": {
            "title": article.meta_title,
            "description": article.meta_description,
            "primaryKeyword": article.primary_keyword,
        },
        "categories": list(article.categories),
        "tags": list(article.tags),
        "images": [
            {
                "url": addresses[media.sha256], "sha256": media.sha256, "mimeType": media.mime_type,
                "alt": media.alt_text, "width": media.width, "height": media.height,
                "isFeatured": media.sha256 == article.featured,
            }
            for media in article.media
        ],
        "jsonLd": json.loads(article.json_ld) if article.json_ld else None,
    }  # fmt: skip


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
