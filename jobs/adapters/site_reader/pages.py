"""A page of the web as what it says: its own text, without what stands round it."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from domain.crawling import Page
from jobs.adapters.site_reader.places import Scope, address

ROUND = (
    "nav,footer,aside,form,script,style,noscript,template,dialog,iframe,object,embed,button,select,"
    "[hidden],[aria-hidden=true],[role=navigation],[role=banner],[role=contentinfo],[role=search],[role=complementary]"
)
ARTICLES = {"article", "blogposting", "newsarticle", "techarticle", "report", "scholarlyarticle", "howto"}
OWN_SHARE = 0.5  # of the page's words, that an element has to hold to be its article
CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_-]{2,40})""", re.I)


@dataclass(frozen=True, slots=True)
class Found:
    """`page` is None where it asks not to be listed, or says nothing; `links` are pages of its site."""

    page: Page | None
    canonical: str
    links: list[str] = field(default_factory=list)


def found(data: bytes, charset: str | None, url: str, scope: Scope) -> Found:
    """`charset`: as the answer said. Takes processor time."""
    tree = LexborHTMLParser(_text(data, charset))
    base = address(_attribute(tree, "base[href]", "href"), url) or url
    canonical = address(_attribute(tree, "link[rel~=canonical]", "href"), base)
    own = canonical if canonical and scope.has(canonical) else url
    robots = " ".join(_meta(tree, "name", "robots") + _meta(tree, "name", "googlebot")).lower()
    links = [] if "nofollow" in robots or "none" in robots.split(",") else list(_links(tree, base, scope))
    if "noindex" in robots or "none" in robots.split(","):
        return Found(None, own, links)
    data_of = list(_json_ld(tree))
    name = tree.css_first("title")
    head = " ".join((name.text() if name else "").split())
    body = tree.body
    if body is None:
        return Found(None, own, links)
    for node in body.css(ROUND):
        node.decompose()
    main = _main(body)
    heading = main.css_first("h1") or body.css_first("h1")
    title = " ".join(heading.text().split()) if heading else ""
    if heading and heading.parent is not None:
        heading.decompose()
    _absolute(main, base)
    page = Page(
        url=own,
        title=title or "".join(_meta(tree, "property", "og:title")[:1]) or head,
        html=main.inner_html or "",
        meta_title=head,
        meta_description="".join(_meta(tree, "name", "description")[:1]),
        is_article=_is_article(tree, data_of),
        published_at=_published(tree, data_of),
    )
    return Found(page if page.title or page.html.strip() else None, own, links)


def _text(data: bytes, charset: str | None) -> str:
    said = CHARSET.search(data[:2048])
    for name in (charset, said[1].decode() if said else None, "utf-8"):
        if name:
            with suppress(LookupError, UnicodeDecodeError):
                return data.decode(name)
    return data.decode("utf-8", "replace")


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    node = tree.css_first(selector)
    return (node.attributes.get(name) or "") if node else ""


def _meta(tree: LexborHTMLParser, by: str, name: str) -> list[str]:
    nodes = (node.attributes for node in tree.css(f"meta[{by}]"))
    return [" ".join((a.get("content") or "").split()) for a in nodes if (a.get(by) or "").lower() == name]


def _links(tree: LexborHTMLParser, base: str, scope: Scope) -> Iterator[str]:
    for node in tree.css("a[href]"):
        if "nofollow" not in (node.attributes.get("rel") or "").lower():
            url = address(node.attributes.get("href") or "", base)
            if url and scope.is_page(url):
                yield url


def _main(body: LexborNode) -> LexborNode:
    """What holds the page's own words: an article, where one holds most of them; else what is said to be the main."""
    said = body.css_first("main,[role=main]") or body
    whole = len(said.text())
    largest = max(said.css("article"), key=lambda node: len(node.text()), default=None)
    if largest is not None and len(largest.text()) >= OWN_SHARE * whole:
        return largest
    for node in said.css("header"):
        if node.parent is not None and node.parent.tag == "body":
            node.decompose()
    return said


def _absolute(main: LexborNode, base: str) -> None:
    """Pictures that load late stand in another attribute."""
    for node in main.css("a[href]"):
        href = node.attributes.get("href") or ""
        if not href.startswith(("#", "mailto:", "tel:")):
            node.attrs["href"] = address(href, base) or ""
    for node in main.css("img"):
        held = node.attributes
        source = next((held[n] for n in ("data-src", "data-lazy-src", "src") if (held.get(n) or "").strip()), None)
        node.attrs["src"] = address(source or "", base) or ""


def _json_ld(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    for node in tree.css('script[type="application/ld+json"]'):
        with suppress(ValueError, RecursionError):
            yield from _objects(json.loads(node.text()))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """At the top, in a list, or in a graph."""
    if isinstance(value, list):
        for each in value[:100]:
            yield from _objects(each)
    elif isinstance(value, dict):
        yield value
        if isinstance(value.get("@graph"), list):
            yield from _objects(value["@graph"])


def _is_article(tree: LexborHTMLParser, data: list[dict[str, Any]]) -> bool:
    kinds = {kind.lower() for each in data for kind in _strings(each.get("@type"))}
    return bool(kinds & ARTICLES) or "article" in _meta(tree, "property", "og:type")


def _strings(value: Any) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _published(tree: LexborHTMLParser, data: list[dict[str, Any]]) -> datetime | None:
    said = _meta(tree, "property", "article:published_time")
    said += [text for each in data for text in _strings(each.get("datePublished"))]
    for text in said:
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
