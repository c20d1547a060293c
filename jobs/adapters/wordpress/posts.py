"""Posts and pages: what is sent of an article, and what WordPress says that it has."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from domain.destinations import Article, Placed, Remote
from jobs.adapters.wordpress.api import Api
from jobs.adapters.wordpress.failures import RefusedError
from jobs.adapters.wordpress.remotes import remote_of
from jobs.adapters.wordpress.site import OWN_KEY, ROUTES, Site
from persistence.terms import RemoteEntityKind, RemoteStatus, TaxonomyType

FIELDS = (
    "id,slug,status,link,title.raw,content.raw,excerpt.raw,author,date_gmt,modified_gmt,featured_media,categories,"
    "tags,meta"
)
WITHOUT_TEXT = FIELDS.replace("content.raw,", "")
STATUSES = {
    RemoteStatus.DRAFT: "draft",
    RemoteStatus.SCHEDULED: "future",
    RemoteStatus.PUBLISHED: "publish",
    RemoteStatus.TRASHED: "trash",
}
MAX_SLUG = 200  # bytes as they stand in addresses; WordPress cuts what is longer, in the middle of a word
PAGE, MAX_PAGES = 100, 10
# What a refusal by this code says of a field: the article can do without it.
UNWANTED = {
    "rest_invalid_author": ("author",),
    "rest_cannot_edit_others": ("author",),
    "rest_cannot_assign_term": ("categories", "tags"),
    "rest_invalid_featured_media": ("featured_media",),
    "rest_cannot_update": ("meta",),
}


# What an article's `keep` names, as WordPress does.
KEPT = {
    "title": "title",
    "slug": "slug",
    "html": "content",
    "excerpt": "excerpt",
    "featured": "featured_media",
    "categories": "categories",
    "tags": "tags",
}


async def find(api: Api, site: Site, marker: str, entity: RemoteEntityKind) -> Remote | None:
    """The oldest that carries the marker, what is in the trash last; a copy that somebody made there carries it too."""
    found = await _all(api, site, entity, {"search": marker}, marker)
    if not found and entity in site.finds:
        found = await _all(api, site, entity, {OWN_KEY: marker}, marker)
    found.sort(key=lambda remote: (remote.status is RemoteStatus.TRASHED, int(remote.id)))
    return found[0] if found else None


async def _all(api: Api, site: Site, entity: RemoteEntityKind, wanted: Mapping[str, str], marker: str) -> list[Remote]:
    """Filters that a site does not know are ignored by it: what comes is looked at."""
    found: list[Remote] = []
    page = 0
    while True:
        page += 1
        params = {
            **wanted, "status": "any,trash", "context": "edit", "orderby": "id", "order": "asc",
            "per_page": PAGE, "page": page, "_fields": FIELDS if "search" in wanted else WITHOUT_TEXT,
        }  # fmt: skip
        answer = await api.get(ROUTES[entity], params)
        found += [remote for row in answer.rows if (remote := remote_of(row, site, entity, marker)).marker == marker]
        if page >= min(pages(answer.headers), MAX_PAGES) or OWN_KEY in wanted:
            return found


def pages(headers: Mapping[str, str]) -> int:
    """How many a list has."""
    value = headers.get("x-wp-totalpages", "")
    return int(value) if value.isdecimal() else 0


async def write(api: Api, path: str, fields: dict[str, Any]) -> Mapping[str, Any]:
    """What is there now. Where a field is refused, the rest is sent without it."""
    while True:
        try:
            return (await api.post(path, fields, {"_fields": FIELDS})).made
        except RefusedError as error:
            unwanted = [name for name in UNWANTED.get(error.name, ()) if name in fields]
            if not unwanted:
                raise
            fields = {name: value for name, value in fields.items() if name not in unwanted}


def sent_fields(article: Article, placed: Placed, content: str, meta: Mapping[str, str]) -> dict[str, Any]:
    """All of an article but its author and what is kept; emptied is what it has none of."""
    fields: dict[str, Any] = {
        "title": article.title,
        "slug": fitting_slug(article.slug),
        "content": content,
        "excerpt": article.excerpt,
        "status": STATUSES[article.status],
        "featured_media": featured(article, placed),
    }
    if article.status is RemoteStatus.SCHEDULED and article.publish_at:
        fields["date_gmt"] = written(article.publish_at)
    if article.entity is RemoteEntityKind.POST:
        fields["categories"] = terms(placed, TaxonomyType.CATEGORY, article.categories)
        fields["tags"] = terms(placed, TaxonomyType.TAG, article.tags)
    if meta:
        fields["meta"] = dict(meta)
    return {name: value for name, value in fields.items() if name not in {KEPT.get(each) for each in article.keep}}


def featured(article: Article, placed: Placed) -> int:
    """0 for none."""
    media = placed.media.get(article.featured or "")
    return int(media.id) if media else 0


def terms(placed: Placed, kind: TaxonomyType, names: tuple[str, ...]) -> list[int]:
    ids = (placed.terms.get((kind, name.casefold())) for name in names)
    return list(dict.fromkeys(int(id) for id in ids if id is not None))


def fitting_slug(slug: str) -> str:
    """As much of it as WordPress keeps, whole words where there are any."""
    if len(quote(slug)) <= MAX_SLUG:
        return slug
    while len(quote(slug)) > MAX_SLUG:
        words, hyphen, _ = slug.rpartition("-")
        slug = words if hyphen else slug[:-1]
    return slug.strip("-")


def written(at: datetime) -> str:
    """As `date_gmt` has it: to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
