"""What became of each field of an article, by what was read back."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from domain.destinations import PICTURE, Article, Placed, Remote
from jobs.adapters.wordpress.posts import written
from jobs.adapters.wordpress.site import Site
from persistence.terms import FieldVerdict, RemoteEntityKind, RemoteStatus, TaxonomyType

SENT, KEPT, CHANGED, DROPPED = FieldVerdict.SENT, FieldVerdict.KEPT, FieldVerdict.CHANGED, FieldVerdict.DROPPED
LD_JSON = "application/ld+json"
REL = re.compile(r'\srel="([^"]*)"')


def verdicts(
    site: Site,
    article: Article,
    placed: Placed,
    sent: Mapping[str, Any],
    there: Mapping[str, Any],
    remote: Remote,
    *,
    now: str | None,
) -> dict[str, FieldVerdict]:
    """`there`: as WordPress answered; `now`: the date that was sent so that it is shown at once."""
    content, title, excerpt = remote.content or "", _raw(there, "title"), _raw(there, "excerpt")
    if "unfiltered_html" not in site.may:  # what these may write is stored escaped
        title, excerpt = unescape(title), unescape(excerpt)
    return {
        "title": _same(title.strip() == article.title.strip()),
        "slug": _same(remote.slug == article.slug),
        "content": _same(without_noopener(content) == without_noopener(sent.get("content", ""))),
        "excerpt": _text(article.excerpt, excerpt),
        "status": _same(remote.status is article.status),
        "date": _date(article, there, now),
        "author": _author(article, sent, there),
        "categories": _terms(article, placed, TaxonomyType.CATEGORY, article.categories, there.get("categories")),
        "tags": _terms(article, placed, TaxonomyType.TAG, article.tags, there.get("tags")),
        "featured": _featured(article, sent, there),
        "pictures": _pictures(article, placed, content),
        "alt_texts": _alt_texts(article, content),
        "json_ld": _json_ld(article, content),
    }


OF_TEXT = ("content", "pictures", "alt_texts", "json_ld")


def kept(article: Article) -> dict[str, FieldVerdict]:
    """Of what was not to be sent."""
    names = [each for name in article.keep for each in (OF_TEXT if name == "html" else (name,))]
    return dict.fromkeys(names, KEPT)


def _same(same: bool) -> FieldVerdict:
    return SENT if same else CHANGED


def _text(wanted: str, there: str) -> FieldVerdict:
    if wanted.strip() == there.strip():
        return SENT
    return CHANGED if there else DROPPED


def _date(article: Article, there: Mapping[str, Any], now: str | None) -> FieldVerdict:
    if now:
        return _same(there.get("date_gmt") == now)
    if article.status is not RemoteStatus.SCHEDULED or article.publish_at is None:
        return KEPT
    return _same(there.get("date_gmt") == written(article.publish_at))


def _author(article: Article, sent: Mapping[str, Any], there: Mapping[str, Any]) -> FieldVerdict:
    if not article.author:
        return KEPT
    return SENT if "author" in sent and there.get("author") == sent["author"] else DROPPED


def _terms(article: Article, placed: Placed, kind: TaxonomyType, names: Sequence[str], there: Any) -> FieldVerdict:
    """Of pages, which have none, what was wanted is dropped."""
    if article.entity is not RemoteEntityKind.POST:
        return DROPPED if names else KEPT
    ids = {placed.terms.get((kind, name.casefold())) for name in names}
    found = {str(id) for id in there} if isinstance(there, list) else set()
    if ids == found:
        return SENT
    return CHANGED if found or not names else DROPPED


def _featured(article: Article, sent: Mapping[str, Any], there: Mapping[str, Any]) -> FieldVerdict:
    if there.get("featured_media") != sent.get("featured_media", 0):
        return CHANGED if there.get("featured_media") else DROPPED
    return SENT if sent.get("featured_media") or not article.featured else DROPPED


def _pictures(article: Article, placed: Placed, content: str) -> FieldVerdict:
    """Those between the paragraphs, by their addresses."""
    wanted = [src.removeprefix(PICTURE) for src in _attributes(article.html, "src") if src.startswith(PICTURE)]
    if not wanted:
        return KEPT
    urls = [media.url if (media := placed.media.get(sha256)) else None for sha256 in wanted]
    found = sum(1 for url in urls if url and (url in content or escape(url) in content))
    return SENT if found == len(urls) else CHANGED if found else DROPPED


def _alt_texts(article: Article, content: str) -> FieldVerdict:
    wanted = [alt for alt in _attributes(article.html, "alt") if alt]
    if not wanted:
        return KEPT
    there = _attributes(content, "alt")
    found = sum(1 for alt in wanted if alt in there)
    return SENT if found == len(wanted) else CHANGED if found else DROPPED


def _json_ld(article: Article, content: str) -> FieldVerdict:
    """Compared by what it says: some characters of it are written otherwise."""
    if not article.json_ld:
        return KEPT
    scripts = [script.text() for script in LexborHTMLParser(content).css(f'script[type="{LD_JSON}"]')]
    return SENT if any(_json(text) == _json(article.json_ld) for text in scripts) else DROPPED


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _attributes(html: str, name: str) -> list[str]:
    return [image.attributes.get(name) or "" for image in LexborHTMLParser(html).css("img")]


def _raw(there: Mapping[str, Any], name: str) -> str:
    value = there.get(name)
    return str(value.get("raw") or "") if isinstance(value, dict) else ""


def without_noopener(html: str) -> str:
    """WordPress adds it to links that open another window."""

    def rel(found: re.Match[str]) -> str:
        words = [word for word in found[1].split() if word != "noopener"]
        return f' rel="{" ".join(words)}"' if words else ""

    return REL.sub(rel, html)
