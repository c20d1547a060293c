"""Posts and pages as Ghost tells of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.destinations import Remote, RemoteTerm
from jobs.adapters.ghost.head import categories_in
from jobs.adapters.ghost.reading import html_of
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
    """What is not shown has no address there but that of its preview, which is not told. Takes processor time."""
    status = status_of(post)
    filed = filed_of(post)
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
        html=html_of(post["html"] or "") if "html" in post else None,
        excerpt=_text(post, "custom_excerpt"),
        meta_title=_text(post, "meta_title"),
        meta_description=_text(post, "meta_description"),
        categories=None if filed.categories is None else _terms(filed.categories),
        tags=_terms(filed.tags) if "tags" in post else None,
        featured=_text(post, "feature_image"),
    )


def status_of(post: Json) -> RemoteStatus:
    return STATUSES.get(str(post.get("status")), RemoteStatus.DRAFT)


def _text(post: Json, name: str) -> str | None:
    """Empty for none."""
    return str(post[name] or "") if name in post else None


def _terms(tags: Sequence[Json]) -> tuple[RemoteTerm, ...]:
    return tuple(RemoteTerm(str(tag["id"]), str(tag.get("name") or "")) for tag in tags)


@dataclass(frozen=True, slots=True)
class Filed:
    """The tags of a post: those that we brought as categories, None where we brought none; all others that readers see;
    and those that they do not see, our own among them.
    """

    categories: Sequence[Json] | None
    tags: Sequence[Json]
    internal: Sequence[Json]


def filed_of(post: Json, marker: str | None = None) -> Filed:
    shown = [tag for tag in tags_of(post) if not is_internal(tag)]
    ids = categories_in(post.get("codeinjection_head"), marker or marker_of(post))
    return Filed(
        None if ids is None else [tag for tag in shown if tag.get("id") in ids],
        [tag for tag in shown if tag.get("id") not in (ids or ())],
        [tag for tag in tags_of(post) if is_internal(tag)],
    )


def is_internal(tag: Json) -> bool:
    return tag.get("visibility") == "internal" or str(tag.get("name")).startswith("#")


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
