"""Posts and pages as Ghost tells of them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.destinations import Remote
from persistence.terms import FieldVerdict, RemoteEntityKind, RemoteStatus

Json = dict[str, Any]
KINDS = {RemoteEntityKind.POST: "posts", RemoteEntityKind.PAGE: "pages"}
STATUSES = {
    "draft": RemoteStatus.DRAFT,
    "scheduled": RemoteStatus.SCHEDULED,
    "published": RemoteStatus.PUBLISHED,
    "sent": RemoteStatus.PUBLISHED,  # as a letter alone
}
_MARKER = re.compile(r"#(igny8-[a-z0-9-]+)")


def remote_of(post: Json, fields: Mapping[str, FieldVerdict] | None = None) -> Remote:
    """What is not shown has no address there but that of its preview, which is not told."""
    status = STATUSES.get(str(post.get("status")), RemoteStatus.DRAFT)
    return Remote(
        id=str(post["id"]),
        status=status,
        url=post.get("url") if status is RemoteStatus.PUBLISHED else None,
        slug=post.get("slug"),
        marker=marker_of(post),
        title=post.get("title"),
        content=post.get("html"),
        published_at=time_of(post.get("published_at")),
        modified_at=time_of(post.get("updated_at")),
        fields=fields or {},
    )


def marker_of(post: Json) -> str | None:
    """By its internal tag: as it is called and as it is found by."""
    for tag in tags_of(post):
        found = _MARKER.fullmatch(str(tag.get("name")))
        if found and tag.get("slug") == f"hash-{found[1]}":
            return found[1]
    return None


def has_marker(post: Json, marker: str) -> bool:
    return any(tag.get("name") == f"#{marker}" and tag.get("slug") == f"hash-{marker}" for tag in tags_of(post))


def tags_of(post: Json) -> list[Json]:
    return [tag for tag in post.get("tags") or () if isinstance(tag, dict)]


def time_of(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def time_as(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
