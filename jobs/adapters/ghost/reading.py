"""A body as Ghost serves it, as HTML of an article: what the editor's cards say, without what their themes need.

Cards of HTML stay as they are. Time grows with the length: what is read was written by anybody.
"""

import re
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from domain.writer.tags import HEADINGS
from jobs.adapters.ghost.body import is_deep

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

CARD = re.compile(r"<!--\s*kg-card-(begin|end): ?(?:html|markdown)\s*-->")
SHOWN_NOT = "svg, button, form, template, script, style"
WHOLE = HEADINGS | {"p", "ul", "ol", "blockquote", "pre", "table", "figure"}
LINK = re.compile(r'href="[^"#]*#([^"]+)"')


def html_of(served: str) -> str:
    """What a card does not end stays a card to the end of the text."""
    named = set(LINK.findall(served))
    out, at, inside = [], 0, False
    for mark in CARD.finditer(served):
        out.append(_part(served[at : mark.start()], named, inside=inside))
        at, inside = mark.end(), mark[1] == "begin"
    out.append(_part(served[at:], named, inside=inside))
    return "".join(out)


def _part(html: str, named: set[str], *, inside: bool) -> str:
    from selectolax.lexbor import LexborHTMLParser

    if not html.strip():
        return html
    body = LexborHTMLParser(f"<body>{html}").body
    assert body
    if inside:
        return body.inner_html or ""  # nothing of it is left open
    return "".join(_block(node, named) for node in body.iter(include_text=True))


def _block(node: "LexborNode", named: set[str]) -> str:
    """Ghost names every heading; only names that a link of the text leads to are worth keeping."""
    if node.tag in HEADINGS:
        if node.attributes.get("id") not in named and "id" in node.attributes:
            del node.attrs["id"]
        return node.html or ""
    kinds = (node.attributes.get("class") or "").split()
    if "kg-card" not in kinds or is_deep([node]):
        return node.html or ""
    said = next((said(node) for kind, said in CARDS.items() if kind in kinds), None)
    return said or (_flat(node) if node.tag == "div" else node.html or "")


def _flat(card: "LexborNode") -> str:
    """What stands in it, one after the other."""
    for part in card.css(SHOWN_NOT):
        part.decompose()
    out, waiting = [], [card]
    while waiting:
        node = waiting.pop()
        if node.tag in WHOLE:
            if "id" in node.attributes:
                del node.attrs["id"]
            out.append(node.html or "")
        elif node.tag == "img":
            out.append(f"<figure>{node.html}</figure>")
        elif node.tag in ("a", "-text"):
            out.append(f"<p>{(node.html or '').strip()}</p>" if node.text().strip() else "")
        else:
            waiting += reversed(list(node.iter(include_text=True)))
    return "".join(out)


def _gallery(card: "LexborNode") -> str:
    return "".join(f"<figure>{image.html}</figure>" for image in card.css("img")) + _caption(card)


def _bookmark(card: "LexborNode") -> str:
    return _linked(card, "a[href]", "href", ".kg-bookmark-title")


def _button(card: "LexborNode") -> str:
    return _linked(card, "a[href]", "href", "a[href]")


def _file(card: "LexborNode") -> str:
    return _linked(card, "a[href]", "href", ".kg-file-card-title, .kg-file-card-filename")


def _audio(card: "LexborNode") -> str:
    return _linked(card, "audio[src]", "src", ".kg-audio-title")


def _video(card: "LexborNode") -> str:
    return _linked(card, "video[src]", "src", "figcaption")


def _embedded(card: "LexborNode") -> str:
    """A frame is a link to what it shows; a quotation beside a script is itself."""
    return _linked(card, "iframe[src]", "src", "figcaption") if card.css_first("iframe[src]") else ""


def _callout(card: "LexborNode") -> str:
    parts = [card.css_first(f".kg-callout-{name}") for name in ("emoji", "text")]
    return f"<blockquote>{' '.join(_inner(part) for part in parts if part)}</blockquote>"


def _toggle(card: "LexborNode") -> str:
    heading, text = card.css_first(".kg-toggle-heading-text"), card.css_first(".kg-toggle-content")
    if heading is None:
        return ""
    return f"<details><summary>{_inner(heading)}</summary>{_inner(text) if text else ''}</details>"


def _signup(card: "LexborNode") -> str:
    """Of a form nothing is to be read but what stands over it."""
    shown = (card.css_first(f".kg-signup-card-{name}") for name in ("heading", "subheading"))
    return "".join(f"<p>{_inner(part)}</p>" for part in shown if part) or "<p></p>"


CARDS: dict[str, Callable[["LexborNode"], str]] = {
    "kg-gallery-card": _gallery,
    "kg-bookmark-card": _bookmark,
    "kg-button-card": _button,
    "kg-file-card": _file,
    "kg-audio-card": _audio,
    "kg-video-card": _video,
    "kg-embed-card": _embedded,
    "kg-callout-card": _callout,
    "kg-toggle-card": _toggle,
    "kg-signup-card": _signup,
}


def _linked(card: "LexborNode", link: str, attribute: str, named: str) -> str:
    """Empty where it leads nowhere. What is named by its caption needs no other."""
    found, title = card.css_first(link), card.css_first(named)
    href = (found.attributes.get(attribute) or "") if found else ""
    if not href:
        return ""
    text = " ".join(title.text().split()) if title else ""
    shown = f'<p><a href="{escape(href, quote=True)}">{escape(text or href, quote=False)}</a></p>'
    return shown if named == "figcaption" else shown + _caption(card)


def _caption(card: "LexborNode") -> str:
    found = card.css_first("figcaption")
    return f"<p>{_inner(found)}</p>" if found and found.text().strip() else ""


def _inner(node: "LexborNode") -> str:
    return node.inner_html or ""
