"""Clean HTML as Ghost's converter keeps it: what an editor there can go on with, and the rest in HTML cards.

Of what `?source=html` takes, Ghost makes nodes of its editor. It knows paragraphs, headings, lists, quotations, code,
rules and pictures, and some marks in them. Of the rest it keeps no more than the text, with words run together where
an element ended. An HTML card is kept as it is, but for lines between the elements at its top.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING

from domain.destinations import PICTURE, RemoteMedia
from domain.writer.tags import HEADINGS, INLINE

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

BEGIN, END = "<!--kg-card-begin: html-->", "<!--kg-card-end: html-->"
EMPTY = "<p></p>"  # no text at all would leave there what was there
TEXT = "-text"
DEEP = 32
_KEPT = {tag: tag for tag in ("a", "b", "code", "em", "i", "s", "strong", "sub", "sup", "u")}
_AS = {**_KEPT, "del": "s", "ins": "u", "kbd": "code"}
_DROPPED = {"abbr", "cite", "mark", "small", "span", "time", "wbr"}
_LINE = INLINE | {TEXT, "br"}
_RUN = _LINE | {"img"}
_BLANKS = re.compile(r"[ \t\n\f\r]+")
_START = re.compile(r"[1-9][0-9]{0,8}")


def ghost_html(html: str, media: Mapping[str, RemoteMedia]) -> str:
    """`media` by the hash that stands in `picture:…`; a picture that is not among them is left out."""
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(f"<body>{html}").body
    assert body
    for image in body.css("img"):
        _placed(image, media)
    out: list[str] = []
    for part, is_card in _parted(_blocks(body)):
        out.append(f"{BEGIN}{part}{END}" if is_card else part)
    return "".join(out) or EMPTY


def _placed(image: "LexborNode", media: Mapping[str, RemoteMedia]) -> None:
    src = image.attributes.get("src") or ""
    if not src.startswith(PICTURE):
        return
    if there := media.get(src.removeprefix(PICTURE)):
        image.attrs["src"] = there.url
        return
    parent = image.parent
    around = parent if parent and parent.tag == "figure" and len(parent.css("img")) == 1 else image
    around.decompose()


def _parted(blocks: Iterable[tuple[str, str | None]]) -> Iterator[tuple[str, bool]]:
    """(markup, whether it is for a card). Cards beside each other are one; a list that Ghost would join to the list
    before it is in a card.
    """
    card: list[str] = []
    before = None
    for html, native in blocks:
        if native is None or (native == before and native in ("ol", "ul")):
            card.append(html)
            before = None
            continue
        if card:
            yield "\n".join(card), True
            card = []
        yield html, False
        before = native
    if card:
        yield "\n".join(card), True


def _blocks(parent: "LexborNode") -> Iterator[tuple[str, str | None]]:
    """(markup, the tag that Ghost knows it by, or None where it does not)."""
    run: list[LexborNode] = []
    for node in parent.iter(include_text=True):
        if node.tag in _RUN:
            run.append(node)
            continue
        yield from _paragraph(run)
        run = []
        yield from _block(node)
    yield from _paragraph(run)


def _block(node: "LexborNode") -> Iterator[tuple[str, str | None]]:
    tag = node.tag or ""
    if tag == "hr":
        yield "<hr>", "hr"
    elif _is_empty(node) and tag != "table":
        return
    elif is_deep([node]):
        yield node.html or "", None
    elif tag in ("div", "section") and not node.attributes:
        yield from _blocks(node)
    elif tag == "p" and not node.attributes:
        yield from _paragraph(_children(node))
    elif (known := _native(node)) is not None:
        yield known, tag
    else:
        yield node.html or "", None


def _native(node: "LexborNode") -> str | None:
    """A block as Ghost knows it; None where it would lose something."""
    tag = node.tag or ""
    if node.attributes and tag != "ol":
        return None
    if tag in HEADINGS:
        return f"<{tag}>{_line(_children(node))}</{tag}>" if _is_line(_children(node)) else None
    if tag in ("ol", "ul"):
        return _list(node)
    if tag == "blockquote":
        return _quotation(node)
    if tag == "pre":
        return _code(node)
    return _figure(node) if tag == "figure" else None


def _paragraph(nodes: list["LexborNode"]) -> Iterator[tuple[str, str | None]]:
    """Of what stands in a line; pictures alone in it are figures."""
    if all(map(_is_empty, nodes)):
        return
    if all(node.tag == "img" or _is_empty(node) for node in nodes):
        yield from ((_image(node), "figure") for node in nodes if node.tag == "img")
    elif not is_deep(nodes) and _is_line(nodes):
        yield f"<p>{_line(nodes)}</p>", "p"
    else:
        html = "".join(_html(node) for node in nodes)
        around = "p" if all(_holds_line(node) for node in nodes) else "div"
        yield f"<{around}>{html}</{around}>", None


def _list(node: "LexborNode") -> str | None:
    """Of items that are a line each, with at most one list after it, in none of which anything comes after that."""
    start = node.attributes.get("start")
    if set(node.attributes) - {"start"} or not (start is None or _START.fullmatch(start)):
        return None
    items = []
    for item in _children(node):
        if _is_blank(item):
            continue
        written = _item(item) if item.tag == "li" and not item.attributes else None
        if written is None:
            return None
        items.append(f"<li>{written}</li>")
    said = f' start="{start}"' if start else ""
    return f"<{node.tag}{said}>{''.join(items)}</{node.tag}>"


def _item(item: "LexborNode") -> str | None:
    children, inner = _children(item), ""
    while children and _is_empty(children[-1]):
        children.pop()
    if children and children[-1].tag in ("ol", "ul"):
        found = _list(children.pop())
        if found is None or all(map(_is_empty, children)):
            return None
        inner = found
    solid = [child for child in children if not _is_blank(child)]
    if len(solid) == 1 and solid[0].tag == "p" and not solid[0].attributes:
        children = _children(solid[0])
    return f"{_line(children)}{inner}" if _is_line(children) else None


def _quotation(node: "LexborNode") -> str | None:
    children = [child for child in _children(node) if not _is_blank(child)]
    if children and all(child.tag == "p" and not child.attributes for child in children):
        lines = [_children(child) for child in children]
        if not all(map(_is_line, lines)):
            return None
        return f"<blockquote>{''.join(f'<p>{_line(line)}</p>' for line in lines)}</blockquote>"
    children = _children(node)
    return f"<blockquote>{_line(children)}</blockquote>" if _is_line(children) else None


def _code(node: "LexborNode") -> str | None:
    """Of one piece of code that is text alone."""
    children = _children(node)
    if len(children) != 1 or children[0].tag != "code" or children[0].attributes:
        return None
    if any(child.tag != TEXT for child in _children(children[0])):
        return None
    return node.html


def _figure(node: "LexborNode") -> str | None:
    """Of one picture that leads nowhere, with a line below it or none."""
    children = [child for child in _children(node) if not _is_blank(child)]
    if not children or children[0].tag != "img" or len(children) > 2:
        return None
    if len(children) == 1:
        return _image(children[0])
    line = _children(children[1])
    if children[1].tag != "figcaption" or children[1].attributes or not _is_line(line):
        return None
    return _image(children[0], f"<figcaption>{_line(line)}</figcaption>")


def _image(node: "LexborNode", caption: str = "") -> str:
    return f"<figure>{node.html}{caption}</figure>"


def _is_line(nodes: Iterable["LexborNode"]) -> bool:
    """Whether Ghost keeps all that is to be seen of these."""
    return all(_is_plain(node) for node in nodes)


def _is_plain(node: "LexborNode") -> bool:
    tag = node.tag or ""
    if tag in (TEXT, "br"):
        return True
    if tag not in _AS and tag not in _DROPPED:
        return False
    said = node.attributes
    if "lang" in said or (tag == "abbr" and "title" in said):
        return False
    return _is_line(_children(node))


def _holds_line(node: "LexborNode") -> bool:
    return node.tag in _RUN and all(map(_holds_line, _children(node)))


def _line(nodes: Iterable["LexborNode"]) -> str:
    line = _Line()
    for node in nodes:
        line.add(node)
    return "".join(line.out)


class _Line:
    """Text and the marks that Ghost knows, with blanks as a browser shows them: one at a time, none where it begins."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.after_blank = True

    def add(self, node: "LexborNode") -> None:
        tag = node.tag or ""
        if tag == TEXT:
            self.text(node.text_content or "")
        elif tag == "br":
            self.out.append("<br>")
            self.after_blank = True
        else:
            href = node.attributes.get("href") if tag == "a" else None
            # A line break alone in a mark is lost with it.
            name = _AS.get(tag) if (tag != "a" or href) and not _is_empty(node) else None
            said = f' href="{escape(href, quote=True)}" rel="noopener"' if href else ""
            self.out.append(f"<{name}{said}>" if name else "")
            for child in _children(node):
                self.add(child)
            self.out.append(f"</{name}>" if name else "")

    def text(self, text: str) -> None:
        text = _BLANKS.sub(" ", text)
        if self.after_blank:
            text = text.removeprefix(" ")
        if text:
            self.out.append(escape(text, quote=False))
            self.after_blank = text.endswith(" ")


def is_deep(nodes: Iterable["LexborNode"]) -> bool:
    """Nested beyond what any article is; what looks into it goes down with it."""
    level = list(nodes)
    for _ in range(DEEP):
        level = [child for node in level for child in node.iter()]
        if not level:
            return False
    return True


def _children(node: "LexborNode") -> list["LexborNode"]:
    return list(node.iter(include_text=True))


def _is_blank(node: "LexborNode") -> bool:
    return node.tag == TEXT and not (node.text_content or "").strip(" \t\n\f\r")


def _is_empty(node: "LexborNode") -> bool:
    """Whether nothing of it is to be seen."""
    if node.tag == TEXT:
        return _is_blank(node)
    return node.tag not in ("img", "hr") and not node.css("img, hr") and not node.text().strip(" \t\n\f\r")


def _html(node: "LexborNode") -> str:
    return escape(node.text_content or "", quote=False) if node.tag == TEXT else node.html or ""
