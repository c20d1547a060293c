"""Posts, pages and pictures, as wp/v2 keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from tests.standins.wordpress.terms import DEFAULT, Terms
from tests.standins.wordpress.texts import all_html, line, slug_of, some_html
from tests.standins.wordpress.users import RefusedError, User

SHOWN = ("publish", "future", "draft", "pending", "private")
TAKEN_BY_WORDPRESS = ("feed", "embed", "rdf", "rss", "rss2", "atom")


@dataclass(slots=True)
class Post:
    id: int
    type: str
    author: int
    title: str = ""
    content: str = ""
    excerpt: str = ""
    slug: str = ""
    status: str = "draft"
    date: datetime | None = None  # of drafts only where one was given
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    featured_media: int = 0
    categories: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    before_trash: str = ""
    file: str = ""
    alt_text: str = ""
    mime_type: str = ""
    data: bytes = b""


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def moment(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise invalid("date_gmt", "Invalid date.") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).replace(microsecond=0)


def invalid(name: str, why: str) -> RefusedError:
    return RefusedError(400, "rest_invalid_param", f"Invalid parameter(s): {name}", params={name: why})


class Shelf:
    """All posts of a site. `url`: of the site; `meta_keys`: which keys wp/v2 takes, by type."""

    def __init__(self, terms: Terms, meta_keys: Mapping[str, list[str]]) -> None:
        self.terms = terms
        self.url = ""
        self.meta_keys = meta_keys
        self.posts: dict[int, Post] = {}

    def add(self, type: str, author: int) -> Post:
        id = max(self.posts, default=0) + 1
        self.posts[id] = Post(id, type, author)
        return self.posts[id]

    def change(self, post: Post, fields: Mapping[str, Any], user: User) -> None:
        """Whatever is among `fields`; what is not known of them is dropped without a word."""
        clean = all_html if user.may("unfiltered_html") else some_html
        if "title" in fields:
            post.title = clean(_raw(fields["title"])).strip()
        if "content" in fields:
            post.content = clean(_raw(fields["content"]))
        if "excerpt" in fields:
            post.excerpt = clean(_raw(fields["excerpt"]))
        if "author" in fields:
            post.author = int(fields["author"])
        if "featured_media" in fields:
            media = self.posts.get(int(fields["featured_media"] or 0))
            post.featured_media = media.id if media and media.type == "attachment" else 0
        if fields.get("date_gmt"):
            post.date = moment(fields["date_gmt"])
        self._stand(post, fields)
        for key in self.meta_keys.get(post.type, ()):
            value = (fields.get("meta") or {}).get(key)
            if value is not None:
                post.meta[key] = line(str(value))
        self._touch(post)

    def _touch(self, post: Post) -> None:
        """No post is without a category after a change of anything."""
        post.modified = datetime.now(UTC)
        if post.type == "post" and not post.categories:
            post.categories = [DEFAULT]

    def _stand(self, post: Post, fields: Mapping[str, Any]) -> None:
        """Status, date and slug hang together."""
        status = str(fields.get("status", post.status))
        was_trash = post.status == "trash" and status != "trash"
        slug = unquote(post.slug).removesuffix("__trashed") if was_trash else None
        if status in ("publish", "future"):
            now = datetime.now(UTC)
            if post.date is None:
                post.date = now.replace(microsecond=0)
            status = "future" if post.date >= now + timedelta(minutes=1) else "publish"
        post.status = status
        if fields.get("slug") is not None:
            slug = str(fields["slug"])
        elif not post.slug and status in ("publish", "future"):
            slug = post.title
        if slug is not None:
            post.slug = self._free(post, slug_of(slug) or (str(post.id) if status == "publish" else ""))

    def _free(self, post: Post, wanted: str) -> str:
        """Posts have slugs of their own; pages share theirs with pictures."""
        types = ("post",) if post.type == "post" else ("page", "attachment")
        taken = {p.slug for p in self.posts.values() if p.id != post.id and p.type in types}
        bad = wanted in TAKEN_BY_WORDPRESS or (post.type == "post" and wanted.isdecimal())
        if not wanted or (wanted not in taken and not bad):
            return wanted
        number = 2
        while f"{wanted}-{number}" in taken:
            number += 1
        return f"{wanted}-{number}"

    def trash(self, post: Post) -> None:
        post.before_trash, post.status = post.status, "trash"
        post.slug = f"{post.slug}__trashed" if post.slug else post.slug
        self._touch(post)

    def row(self, post: Post, user: User | None) -> dict[str, Any]:
        """As in context=edit."""
        at = post.date or post.modified
        plain = post.status in ("draft", "future", "pending", "trash") or not post.slug
        query = "page_id" if post.type == "page" else "p"
        row: dict[str, Any] = {
            "id": post.id,
            "date_gmt": stamp(at),
            "modified_gmt": stamp(post.modified),
            "slug": post.slug,
            "status": post.status,
            "type": post.type,
            "link": f"{self.url}/?{query}={post.id}" if plain else f"{self.url}/{post.slug}/",
            "title": {"raw": post.title, "rendered": post.title},
            "content": {"raw": post.content, "rendered": post.content, "protected": False},
            "excerpt": {"raw": post.excerpt, "rendered": post.excerpt, "protected": False},
            "author": post.author,
            "featured_media": post.featured_media,
            "meta": {key: post.meta.get(key, "") for key in self.meta_keys.get(post.type, ())} or [],
        }
        if post.type == "post":
            row |= {"categories": self.terms.by_name(post.categories), "tags": self.terms.by_name(post.tags)}
        return row


def _raw(value: Any) -> str:
    return str(value.get("raw", "")) if isinstance(value, Mapping) else str(value)
