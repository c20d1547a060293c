"""An article as what Ghost is sent of it."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from domain.destinations import Article, Placed
from domain.texts import cut
from jobs.adapters.ghost.body import ghost_html
from jobs.adapters.ghost.head import head_with, slug_asked
from jobs.adapters.ghost.posts import STATUSES, tags_of, time_as, time_of
from jobs.adapters.ghost.tokens import now
from persistence.terms import RemoteStatus, TaxonomyType

Json = dict[str, Any]
# Characters that Ghost takes; it refuses what is longer.
MAX_TITLE, MAX_SLUG, MAX_EXCERPT, MAX_META_TITLE, MAX_META_DESCRIPTION, MAX_ALT = 255, 185, 300, 300, 500, 191
MAX_TAG = 191
UNTITLED = "(Untitled)"


def draft_of(article: Article) -> Json:
    """What is made first: it can be found by its tag from then on."""
    return {
        "title": cut(article.title, MAX_TITLE) or UNTITLED,
        "slug": slug_of(article.slug),
        "status": "draft",
        "tags": [{"name": f"#{article.marker}"}],
        "codeinjection_head": head_with(None, article),
    }


def whole_of(article: Article, placed: Placed, there: Json, tags: Sequence[Json], author: str | None) -> Json:
    """All of it, over what is `there`. What the article says nothing of is not sent, and stays as it is there."""
    sent: Json = {
        "updated_at": there["updated_at"],
        "title": cut(article.title, MAX_TITLE) or UNTITLED,
        "html": ghost_html(article.html, placed.media),
        "tags": [*tags, {"name": f"#{article.marker}"}],
        "codeinjection_head": head_with(there.get("codeinjection_head"), article),
        **status_of(article, there),
    }
    for name, text, most in (
        ("custom_excerpt", article.excerpt, MAX_EXCERPT),
        ("meta_title", article.meta_title, MAX_META_TITLE),
        ("meta_description", article.meta_description, MAX_META_DESCRIPTION),
    ):
        if text:
            sent[name] = cut(text, most)
    if moves(article, there):
        sent["slug"] = slug_of(article.slug)
    if article.featured and (picture := placed.media.get(article.featured)):
        sent["feature_image"] = picture.url
        sent["feature_image_alt"] = cut(featured_alt(article), MAX_ALT) or None
    if author:
        sent["authors"] = [{"id": author}]
    return sent


def status_of(article: Article, there: Json) -> Json:
    """Its status and its date. A date that is over is no date: it is shown at once, as from that date on."""
    current = STATUSES.get(there["status"])
    if article.status is RemoteStatus.SCHEDULED and article.publish_at:
        if article.publish_at > now():
            return {"status": "scheduled", "published_at": time_as(article.publish_at.astimezone(UTC))}
        return {"status": "published", "published_at": time_as(article.publish_at.astimezone(UTC))}
    if article.status is RemoteStatus.PUBLISHED:
        since = time_of(there.get("published_at"))
        if current is RemoteStatus.PUBLISHED:
            return {}
        # Without a new date what waited for one is published from that date on.
        return {"status": "published"} if since and since <= now() else {"status": "published", "published_at": None}
    return {"status": "draft"}


def slug_of(slug: str) -> str:
    """Cut after a whole word where it is longer than what Ghost takes."""
    if len(slug) <= MAX_SLUG:
        return slug
    return slug[: MAX_SLUG + 1].rpartition("-")[0] or slug[:MAX_SLUG]


def moves(article: Article, there: Json) -> bool:
    """Whether another slug is to be asked for than the one that was."""
    wanted = slug_of(article.slug)
    if not wanted or wanted == there.get("slug"):
        return False
    asked = slug_asked(there.get("codeinjection_head"), article.marker)
    if asked is not None:
        return asked != article.slug
    base, _, number = str(there.get("slug")).rpartition("-")
    return wanted.isascii() and not (base == wanted and number.isdecimal())


def featured_alt(article: Article) -> str:
    return next((media.alt_text for media in article.media if media.sha256 == article.featured), "")


def terms_of(article: Article) -> list[tuple[TaxonomyType, str]]:
    """Categories first: the first tag of all is a post's primary one."""
    kinds = ((TaxonomyType.CATEGORY, article.categories), (TaxonomyType.TAG, article.tags))
    return [(kind, name) for kind, names in kinds for name in names]


def tags_kept(article: Article, there: Json) -> list[Json]:
    """Of the tags that are there: the internal ones of others; all, where the article has none of its own."""
    every = [tag for tag in tags_of(there) if tag.get("name") != f"#{article.marker}"]
    if terms_of(article):
        every = [tag for tag in every if tag.get("visibility") == "internal"]
    return [{"id": tag["id"]} for tag in every]


def tag_name(name: str) -> str:
    """As Ghost takes it: what begins with # would be hidden, what begins with a comma is refused."""
    return cut(name.lstrip("#, "), MAX_TAG)
