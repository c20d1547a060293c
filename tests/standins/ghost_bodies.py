"""What Ghost makes of a body that comes as HTML: its editor's nodes, and from those the HTML that it serves."""

import re
from html import escape
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

CARD = re.compile(r"<!--\s*kg-card-begin:\s?html\s*-->(.*?)<!--\s*kg-card-end:\s?html\s*-->", re.S)
MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "s": "s", "u": "u", "code": "code", "sub": "sub",
         "sup": "sup"}  # fmt: skip
# What it takes for part of a line; blanks beside anything else are lost.
IN_LINE = {"a", "abbr", "cite", "del", "ins", "kbd", "q", "span", "time", "-text", *MARKS}
BLOCKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "hr", "figure", "table", "img"}


def served(html: str) -> str | None:
    """None for a body with nothing in it."""
    cards: list[str] = []

    def kept(found: re.Match[str]) -> str:
        cards.append(found[1])
        return f'<hr title="{len(cards) - 1}">'

    body = LexborHTMLParser(f"<body>{CARD.sub(kept, html.strip())}").body
    assert body
    out = ""
    loose = ""
    for node in _children(body):
        if node.tag not in BLOCKS:
            loose += _line([node])
            continue
        out += f"<p>{loose.strip()}</p>" if loose.strip() else ""
        loose = ""
        out += _block(node, cards)
    out += f"<p>{loose.strip()}</p>" if loose.strip() else ""
    out = re.sub(r"</(ol|ul)><\1(?: start=\"\d+\")?>", "", out)  # lists beside each other are one
    return re.sub(r"<p></p>$", "", out) or None


def _block(node: "LexborNode", cards: list[str]) -> str:
    tag = node.tag or ""
    if tag == "hr":
        number = node.attributes.get("title")
        return "<hr>" if number is None else _card(cards[int(number)])
    if tag == "table":
        return _card(node.html or "")
    if tag in ("figure", "img"):
        return _figure(node)
    if tag in ("ol", "ul"):
        return _list(node)
    if tag == "pre" and node.child and node.child.tag == "code":
        return f"<pre><code>{escape(node.child.text(), quote=False)}</code></pre>"
    if tag == "blockquote":
        lines = [_line(_children(child)) for child in _children(node) if child.tag == "p"]
        return f"<blockquote>{'<br><br>'.join(lines) if lines else _line(_children(node))}</blockquote>"
    line = _line(_children(node)).strip()
    if tag[0] == "h":
        id = re.sub(r"[^a-z0-9]+", "-", node.text(separator=" ").lower()).strip("-")
        return f'<{tag} id="{id}">{line}</{tag}>'
    return f"<p>{line}</p>"


def _card(html: str) -> str:
    """With a line to each of the elements at its top."""
    body = LexborHTMLParser(f"<body>{html}").body
    assert body
    parts = [(node.text_content or "") if node.tag == "-text" else node.html or "" for node in _children(body)]
    inner = "\n".join(parts).strip()
    return f"\n<!--kg-card-begin: html-->\n{inner}\n<!--kg-card-end: html-->\n"


def _figure(node: "LexborNode") -> str:
    image = node if node.tag == "img" else node.css_first("img")
    if image is None:
        return "".join(f"<p>{_line(_children(child))}</p>" for child in _children(node) if child.tag != "-text")
    said = image.attributes
    sizes = "".join(f' {name}="{said[name]}"' for name in ("width", "height") if said.get(name))
    alt = f' alt="{escape(said["alt"] or "", quote=True)}"' if said.get("alt") else ""
    picture = f'<img src="{said.get("src")}" class="kg-image"{alt} loading="lazy"{sizes}>'
    caption = node.css_first("figcaption") if node.tag == "figure" else None
    if caption is None:
        return f'<figure class="kg-card kg-image-card">{picture}</figure>'
    shown = f"<figcaption>{caption.inner_html}</figcaption>"
    return f'<figure class="kg-card kg-image-card kg-card-hascaption">{picture}{shown}</figure>'


def _list(node: "LexborNode") -> str:
    items = ""
    for item in _children(node):
        if item.tag == "li":
            inner = "".join(_list(child) for child in _children(item) if child.tag in ("ol", "ul"))
            line = [child for child in _children(item) if child.tag not in ("ol", "ul")]
            items += f"<li>{_line(line).strip()}{inner}</li>"
    start = node.attributes.get("start")
    return f"<{node.tag}{' start=' + repr(start).replace(chr(39), chr(34)) if start else ''}>{items}</{node.tag}>"


def _line(nodes: list["LexborNode"]) -> str:
    out = ""
    for n, node in enumerate(nodes):
        if node.tag == "-text":
            text = re.sub(r"\s+", " ", node.text_content or "")
            if n and nodes[n - 1].tag not in IN_LINE:
                text = text.lstrip(" ")
            if n + 1 < len(nodes) and nodes[n + 1].tag not in IN_LINE:
                text = text.rstrip(" ")
            out += escape(text, quote=False)
        elif node.tag == "br":
            out += "<br>"
        else:
            out += _marked(node)
    return out


def _marked(node: "LexborNode") -> str:
    inner = _line(_children(node))
    if node.tag == "a":
        said = node.attributes
        href = f' href="{escape(said["href"] or "", quote=True)}"' if said.get("href") else ""
        rel = f' rel="{said["rel"]}"' if said.get("rel") else ""
        return f"<a{href}{rel}>{inner}</a>"
    mark = MARKS.get(node.tag or "")
    return f"<{mark}>{inner}</{mark}>" if mark else inner


def _children(node: "LexborNode") -> list["LexborNode"]:
    return list(node.iter(include_text=True))
