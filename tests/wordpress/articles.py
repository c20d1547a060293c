"""Articles as the sanitiser leaves them, of all its tags in any order, with pictures of ours in them."""

import re
from html import unescape

from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from domain.destinations import RemoteMedia
from domain.writer.html import clean_html
from domain.writer.tags import ATTRIBUTES, TAGS, VOID

HASH = "0123456789abcdef" * 4
PICTURE = f'<figure><img src="picture:{HASH}" alt="A pot" width="1200" height="800"></figure>'
MEDIA = {HASH: RemoteMedia("5", "https://blog.example/pot.png")}
MARKER = "igny8-1f2e"
TEXTS = [
    *("word", "two words", " ", "\n\n", "a & b", "x <", "5 > 3", "&nbsp;", "\u3000", "日本", "—", "&amp;lt;"),
    *("[gallery]", "[caption]x[/caption]", "&lt;!-- wp:paragraph --&gt;"),
    *("https://video.example/1", "\nhttps://video.example/1\nhttps://video.example/2\n"),
]
COMMON = ["p", "p", "ul", "ol", "li", "table", "tr", "td", "blockquote", "figure", "pre", "code", "div", "br", "img"]
VALUES = {
    "alt": ["", "A pot", 'a &lt; "b" [c]', "&amp;amp;", "&lt;!-- wp:html {"],
    "href": ["https://shop.example/?a=1&amp;b[]=2", "/x"],
    "src": ["https://cdn.example/a.png?a=1&amp;b=2", "https://cdn.example/&amp;copy;.png"],
    "width": ["300", "100%"],
    "height": ["200", "x"],
    "target": ["_blank"],
    "start": ["3", "0", "-1", "x", "1.5"],
    "colspan": ["2", "x"],
    "rowspan": ["3", ""],
    "scope": ["col", "row"],
    "datetime": ["2026-11-30"],
    "lang": ["de"],
    "title": ["t", "a &gt; b\n\n[c]"],
    "dir": ["rtl", "auto"],
    "id": ["x", "größe", "a b"],
    "open": [""],
    "rel": ["", "nofollow ugc"],
    "reversed": [""],
    "type": ["A", "x"],
    "value": ["7", "x"],
}


@st.composite
def _tags(draw: st.DrawFn, inside: st.SearchStrategy[str]) -> str:
    name = draw(st.sampled_from([*sorted(TAGS), *COMMON]))
    known = [*sorted(ATTRIBUTES.get(name, ()))] * 4 + ["dir", "id", "lang", "title"]
    said = draw(st.lists(st.sampled_from(known), max_size=4, unique=True)) if draw(st.integers(0, 2)) == 0 else []
    if name == "img" and "src" not in said:
        said.append("src")
    attributes = "".join(f" {each}='{draw(st.sampled_from(VALUES[each]))}'" for each in said)
    return f"<{name}{attributes}>" + ("" if name in VOID else f"{draw(inside)}</{name}>")


_INSIDE = st.recursive(
    st.sampled_from(TEXTS), lambda inside: st.lists(_tags(inside) | inside, max_size=4).map("".join), max_leaves=10
)


@st.composite
def articles(draw: st.DrawFn) -> str:
    written = draw(st.lists(_tags(_INSIDE) | _INSIDE, max_size=6))
    clean = [clean_html(each) for each in written]
    if draw(st.booleans()):
        clean.insert(draw(st.integers(0, len(clean))), PICTURE)
    return "".join(clean)


def text(html: str) -> str:
    """What a reader sees, without white space."""
    body = LexborHTMLParser(f"<body>{html}").body
    return "".join(body.text().split()) if body else ""


def outside_pre(html: str) -> list[str]:
    return re.split(r"<pre[ >].*?</pre>", html, flags=re.S)


def sources(html: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<img[^>]*? src="([^"]*)"', html)]
