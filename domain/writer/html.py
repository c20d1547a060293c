"""Article HTML: what may stay in it, and what can be read out of it.

The readers see `clean_html` of what they are given, so any input is safe to pass and only what a visitor sees counts.
"""

import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import nh3

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_PHRASES = {"a", "abbr", "cite", "code", "kbd", "q", "span", "time", "wbr"}
_MARKS = {"b", "del", "em", "i", "ins", "mark", "s", "small", "strong", "sub", "sup", "u"}
_INLINE = _PHRASES | _MARKS
_LISTS = {"dd", "dl", "dt", "li", "ol", "ul"}
_BLOCKS = {"blockquote", "br", "div", "figcaption", "figure", "hr", "img", "p", "pre", "section"}
_TABLES = {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_EMBEDDED = {"iframe", "math", "noscript", "script", "select", "style", "svg", "template", "textarea", "title"}

# Written for one CJK character a word, as word processors count; Korean is spaced and counts by words.
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Quoted values only: the sanitiser writes no others, and anything looser could cut inside one and free its text.
_IMAGE_WITHOUT_SOURCE = re.compile(r'<img(?: (?!src=)[a-z]+="[^"]*")*>')
_PRE_BLANK = re.compile(r"<pre>\n+")  # every reading takes one of these lines away
_READINGS = 8  # more than what was tried needs; each result is as safe as the last


def _permitted(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not value.strip().lower().startswith("https://"):
        return None
    return value


@cache
def _cleaner() -> "nh3.Cleaner":
    """Made for the first article: processes that only answer reads do without its library."""
    import nh3

    return nh3.Cleaner(
        tags=_HEADINGS | _INLINE | _LISTS | _BLOCKS | _TABLES,
        clean_content_tags=_EMBEDDED,
        attributes={
            "a": {"href", "title"},
            "img": {"src", "alt", "width", "height"},
            "ol": {"start"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan"},
            "time": {"datetime"},
        },
        tag_attribute_values={"a": {"target": {"_blank"}}, "th": {"scope": {"col", "row"}}},
        attribute_filter=_permitted,
        link_rel="noopener",
        url_schemes={"http", "https", "mailto", "tel"},
    )


def clean_html(html: str) -> str:
    """Allow-listed article markup; the text of tags that are not allowed stays, scripts and the like go whole.

    Where a tag goes from between two that may not nest (a heading in a heading), a browser would read the rest as
    another tree than was written: it is read again until it stays as it is.
    """
    for _ in range(_READINGS):
        cleaned = _IMAGE_WITHOUT_SOURCE.sub("", _cleaner().clean(html))
        read, html = html, _PRE_BLANK.sub("<pre>", cleaned)
        if html == read:
            break
    return html


def word_count(html: str) -> int:
    """Visible words; every CJK ideograph or kana is one."""
    words = _IDEOGRAPH.sub(r" \g<0> ", _read(html).text()).split()
    return sum(any(map(str.isalnum, word)) for word in words)


def text_of(html: str) -> str:
    """What a visitor reads, with single spaces."""
    return _read(html).text()


def sections(html: str) -> list[str]:
    """Clean HTML cut before every h2; put together it is whole again. The first part may be empty."""
    reader = _read(html)
    lines = [0]
    for line in clean_html(html).split("\n"):
        lines.append(lines[-1] + len(line) + 1)
    ends = [0, *(lines[line - 1] + column for line, column in reader.sections), None]
    return [clean_html(html)[start:end] for start, end in pairwise(ends)]


def excerpt(html: str, length: int = 200) -> str:
    return cut(_read(html).text(), length)


def headings(html: str) -> list[tuple[int, str]]:
    """Level and text of every heading that has text, in order."""
    return _read(html).headings


def cut(text: str, length: int) -> str:
    """At most `length` characters with single spaces; a longer text ends in … after a whole word where it can."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    head = text[: max(length - 1, 0)]
    space = text.rfind(" ", 0, len(head) + 1)
    if space > length // 2:
        head = head[:space]
    return head.rstrip(" ,;:.-–—") + "…"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.headings: list[tuple[int, str]] = []
        self.sections: list[tuple[int, int]] = []
        self._parts: list[str] = []
        self._open: list[int] = []

    def text(self, start: int = 0) -> str:
        return " ".join("".join(self._parts[start:]).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._separate(tag)
        if tag == "h2":
            self.sections.append(self.getpos())
        if tag in _HEADINGS:
            self._open.append(len(self._parts))

    def handle_endtag(self, tag: str) -> None:
        if tag in _HEADINGS and (text := self.text(self._open.pop())):
            self.headings.append((int(tag[1]), text))
        self._separate(tag)

    def handle_data(self, data: str) -> None:
        self._parts.append(data)

    def _separate(self, tag: str) -> None:
        if tag not in _INLINE:
            self._parts.append(" ")


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(clean_html(html))
    reader.close()
    return reader
