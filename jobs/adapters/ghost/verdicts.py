"""What became of each field of an article, by what Ghost has of it afterwards."""

import re
from typing import Any

from domain.destinations import PICTURE, Article, Placed
from domain.writer.html import text_of
from jobs.adapters.ghost.head import json_of
from jobs.adapters.ghost.outgoing import TEXTS, featured_alt
from jobs.adapters.ghost.posts import STATUSES, tags_of, time_of
from persistence.terms import FieldVerdict, TaxonomyType

Json = dict[str, Any]
_LINK = re.compile(r'<a [^>]*?href="(https?://[^"]+)"')


def verdicts(article: Article, placed: Placed, back: Json) -> dict[str, FieldVerdict]:
    """By the article's own names, of what it says something of, or Ghost has something of."""
    found = {
        "title": _told(article.title, back.get("title")),
        "slug": _told(article.slug, back.get("slug")),
        "html": _body(article, placed, back.get("html") or ""),
        "status": _told(article.status, STATUSES.get(back["status"])),
    }
    for name, (field, _) in TEXTS.items():
        wanted = getattr(article, name)
        if wanted or back.get(field):
            found[name] = _told(wanted, back.get(field))
    if article.publish_at:
        found["publish_at"] = _told(article.publish_at, time_of(back.get("published_at")))
    kept = [*article.keep, *(("json_ld",) if "html" in article.keep else ())]
    return found | _terms(article, placed, back) | _more(article, placed, back) | dict.fromkeys(kept, FieldVerdict.KEPT)


def _told(wanted: object, there: object) -> FieldVerdict:
    if wanted == there:
        return FieldVerdict.SENT
    return FieldVerdict.CHANGED if there else FieldVerdict.DROPPED


def _more(article: Article, placed: Placed, back: Json) -> dict[str, FieldVerdict]:
    found = {}
    picture = placed.media.get(article.featured or "")
    if picture:
        alt = (back.get("feature_image_alt") or "") == featured_alt(article)
        told = _told(picture.url, back.get("feature_image"))
        found["featured"] = FieldVerdict.CHANGED if told is FieldVerdict.SENT and not alt else told
    elif article.featured and not back.get("feature_image"):
        found["featured"] = FieldVerdict.DROPPED
    elif back.get("feature_image"):
        found["featured"] = FieldVerdict.KEPT
    if article.author:
        names = [str(author.get("name")).casefold() for author in back.get("authors") or ()]
        found["author"] = FieldVerdict.SENT if names == [article.author.casefold()] else FieldVerdict.DROPPED
    if json := json_of(article):
        there = f">{json}</script>" in (back.get("codeinjection_head") or "")
        found["json_ld"] = FieldVerdict.SENT if there else FieldVerdict.DROPPED
    # Ghost has one language for the whole site, and no word for what a page aims at.
    for name in ("language", "primary_keyword"):
        if getattr(article, name):
            found[name] = FieldVerdict.DROPPED
    return found


def _terms(article: Article, placed: Placed, back: Json) -> dict[str, FieldVerdict]:
    """CHANGED where some are not there, or called otherwise."""
    ids = {str(tag.get("id")) for tag in tags_of(back)}
    names = {str(tag.get("name")).casefold() for tag in tags_of(back)}
    found = {}
    kinds = ((TaxonomyType.CATEGORY, "categories", article.categories), (TaxonomyType.TAG, "tags", article.tags))
    for kind, field, wanted in kinds:
        called = [name.casefold() in names for name in wanted]
        there = [placed.terms.get((kind, name.casefold())) in ids for name in wanted]
        if wanted and all(called):
            found[field] = FieldVerdict.SENT
        elif wanted:
            found[field] = FieldVerdict.CHANGED if any((*called, *there)) else FieldVerdict.DROPPED
    return found


def _body(article: Article, placed: Placed, html: str) -> FieldVerdict:
    """SENT where it reads the same, with the same pictures and links."""
    if not html:
        return FieldVerdict.DROPPED if text_of(article.html) or "<img" in article.html else FieldVerdict.SENT
    shown = [media for media in article.media if PICTURE + media.sha256 in article.html]
    pictures = all((there := placed.media.get(media.sha256)) and there.url in html for media in shown)
    links = set(_LINK.findall(article.html)) <= set(_LINK.findall(html))
    same = pictures and links and text_of(article.html) == text_of(html)
    return FieldVerdict.SENT if same else FieldVerdict.CHANGED
