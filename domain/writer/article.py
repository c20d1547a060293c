"""An article's clean HTML as a tree, read once: its words, headings and parts."""

import re
from functools import cached_property
from typing import TYPE_CHECKING

from domain.writer.sanitiser_marks import CUT
from domain.writer.tags import HEADINGS, INLINE, TAGS

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# Written for one CJK character a word, as word processors count; Korean is spaced and counts by words.
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SEPARATE = ",".join(sorted(TAGS - INLINE))
_HEADINGS = ",".join(sorted(HEADINGS))
_READING = re.compile(r'<(/?)(?:rp|rtc?)(?: [a-z]+="[^"]*")*>')


class Article:
    """`html` has to be clean: what it holds is counted, and shown."""

    def __init__(self, html: str) -> None:
        self.html = html

    def _tree(self) -> "LexborNode":
        """A new one each time, to be changed at will. Processes that only answer reads do without its library."""
        from selectolax.lexbor import LexborHTMLParser

        body = LexborHTMLParser(f"<body>{self.html}").body
        assert body
        return body

    @cached_property
    def _spaced(self) -> "LexborNode":
        """With a space on either side of all that a visitor sees apart, and without how ruby text is read."""
        tree = Article(_without_readings(self.html))._tree()
        for node in tree.css(_SEPARATE):
            node.insert_before(" ")
            node.insert_after(" ")
        return tree

    @cached_property
    def text(self) -> str:
        """What a visitor reads, with single spaces."""
        return " ".join(self._spaced.text().split())

    @cached_property
    def word_count(self) -> int:
        words = [*_IDEOGRAPH.findall(self.text), *_IDEOGRAPH.sub(" ", self.text).split()]
        return sum(any(map(str.isalnum, word)) for word in words)

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        found = [(int((node.tag or "")[1]), " ".join(node.text().split())) for node in self._spaced.css(_HEADINGS)]
        return [(level, text) for level, text in found if text]

    def cut_before(self, selector: str) -> list[str]:
        return self._cut(selector, before=True)

    def cut_after(self, selector: str) -> list[str]:
        return self._cut(selector, before=False)

    def _cut(self, selector: str, *, before: bool) -> list[str]:
        """Put together the parts are the whole again."""
        tree = self._tree()
        for node in tree.css(selector):
            (node.insert_before if before else node.insert_after)(CUT)
        return (tree.inner_html or "").split(CUT)


def _without_readings(html: str) -> str:
    """Of ruby text what it is written with alone."""
    if "<ruby" not in html:
        return html
    kept, at, depth = [], 0, 0
    for found in _READING.finditer(html):
        if depth == 0:
            kept.append(html[at : found.start()])
        depth += -1 if found[1] else 1
        at = found.end()
    return "".join([*kept, html[at:]])
