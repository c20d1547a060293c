"""An article as what Ghost is sent of it."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from domain.destinations import Article, Placed
from domain.texts import cut
from jobs.adapters.ghost.body import ghost_html
from jobs.adapters.ghost.head import head_with, slug_asked
from jobs.adapters.ghost.posts import STATUSES, filed_of, time_as, time_of
from jobs.adapters.ghost.tokens import now
from persistence.terms import RemoteStatus, TaxonomyType

Json = dict[str, Any]
# Characters that Ghost takes; it refuses what is longer.
MAX_TITLE, MAX_SLUG, MAX_EXCERPT, MAX_META_TITLE, MAX_META_DESCRIPTION, MAX_ALT = 255, 185, 300, 300, 500, 191
MAX_TAG = 191
UNTITLED = "(Untitled)"
OWN_PICTURE = re.compile(r"/sha256-[0-9a-f]{64}(?:-\d+)?\.")
TEXTS = {  # each with what Ghost calls it, and how long it may be
    "excerpt": ("custom_excerpt", MAX_EXCERPT),
    "meta_title": ("meta_title", MAX_META_TITLE),
    "meta_description": ("meta_description", MAX_META_DESCRIPTION),
}


def draft_of(article: Article) -> Json:
    """What is made first: it can be found by its tag from then on."""
    return {
        "title": cut(article.title, MAX_TITLE) or UNTITLED,
        "slug": slug_of(article.slug),
        "status": "draft",
        "tags": [{"name": f"#{article.marker}"}],
        "codeinjection_head": head_with(None, article),
    }


def whole_of(article: Article, placed: Placed, there: Json, own: Mapping[TaxonomyType, Sequence[str]]) -> Json:
    """All of it, over what is `there`, but its author and what is kept; emptied is what it has none of. `own`: ids of
    its tags.
    """
    categories, tags = filed(article, there, own)
    sent: Json = {
        "updated_at": there["updated_at"],
        "codeinjection_head": head_with(there.get("codeinjection_head"), article, categories),
        **status_of(article, there),
    }
    if tags is not None:
        sent["tags"] = tags
    if "title" not in article.keep:
        sent["title"] = cut(article.title, MAX_TITLE) or UNTITLED
    if "html" not in article.keep:
        sent["html"] = ghost_html(article.html, placed.media)
    for name, (field, most) in TEXTS.items():
        if name not in article.keep:
            sent[field] = cut(getattr(article, name) or "", most) or None
    if "slug" not in article.keep and moves(article, there):
        sent["slug"] = slug_of(article.slug)
    return sent | featured_of(article, placed, there)


def filed(
    article: Article, there: Json, own: Mapping[TaxonomyType, Sequence[str]]
) -> tuple[list[str], list[Json] | None]:
    """Ids of its categories; and all its tags, or None where they stay as they are. Categories first: the first of all
    is a post's primary tag.
    """
    before, marker = filed_of(there, article.marker), f"#{article.marker}"
    told = {"categories": before.categories or (), "tags": before.tags}
    kinds = {"categories": TaxonomyType.CATEGORY, "tags": TaxonomyType.TAG}
    ids = {
        name: [str(tag["id"]) for tag in told[name]] if name in article.keep else list(own.get(kind, ()))
        for name, kind in kinds.items()
    }
    if kinds.keys() <= article.keep:
        return ids["categories"], None
    others = [str(tag["id"]) for tag in before.internal if tag.get("name") != marker]
    every = dict.fromkeys([*ids["categories"], *ids["tags"], *others])
    return ids["categories"], [*({"id": id} for id in every), {"name": marker}]


def featured_of(article: Article, placed: Placed, there: Json) -> Json:
    """What others put there is not taken away, since it is not told of; a picture of ours is."""
    if "featured" in article.keep:
        return {}
    if picture := placed.media.get(article.featured or ""):
        return {"feature_image": picture.url, "feature_image_alt": cut(featured_alt(article), MAX_ALT) or None}
    if article.featured is None and OWN_PICTURE.search(str(there.get("feature_image"))):
        return {"feature_image": None, "feature_image_alt": None}
    return {}


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
    kinds = ((TaxonomyType.CATEGORY, article.categories), (TaxonomyType.TAG, article.tags))
    return [(kind, name) for kind, names in kinds for name in names]


def tag_name(name: str) -> str:
    """As Ghost takes it: what begins with # would be hidden, what begins with a comma is refused."""
    return cut(name.lstrip("#, "), MAX_TAG)
