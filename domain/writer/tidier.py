"""Markup as it came → an article's own tags alone, each closed where it ends and nested at most 256 deep.

A parser that builds what browsers build takes time with the square of the depth, and gives bold text that nobody ended
a new element in every paragraph after it. What is made here of any text it reads in time with the length. This is one
reading from left to right; the sanitiser behind it has the last word on everything.
"""

import re
from enum import Enum, auto

from domain.writer.markup import SPACE, TOKEN, kept
from domain.writer.sanitiser_marks import marked, marked_text
from domain.writer.tags import (
    EMBEDDED,
    ENDED_BY,
    ENDS_P,
    HEADINGS,
    IMPLIED,
    INLINE,
    RAW,
    ROWS,
    RUBY,
    RUBY_HOLDS,
    RUBY_PARTS,
    SPECIAL,
    STRANGE_BLOCKS,
    TABLES,
    TAGS,
    VOID,
    WALLS,
    WITHIN,
)

DEEP, DEEPEST = 100, 256  # elements that are deep take a parser twice as long
ELEMENTS, CHARACTERS = 8_000, 8  # so many always, and one for so many characters of a longer text
REOPENED = 1000  # elements of a text that go on after the one around them
_START = {"a": '<a rel="noopener">'}  # as the sanitiser writes it


class _Kind(Enum):
    PLAIN = auto()  # opened as it stands
    ENDING = auto()  # ends a paragraph
    OTHER = auto()
    STRANGE = auto()  # goes, and ends a paragraph


_KINDS = {
    **dict.fromkeys(STRANGE_BLOCKS, _Kind.STRANGE),
    **dict.fromkeys(TAGS, _Kind.OTHER),
    **dict.fromkeys(INLINE - VOID - RUBY_PARTS - {"a"}, _Kind.PLAIN),
    **dict.fromkeys(ENDS_P - VOID - {"table"} - set(ENDED_BY), _Kind.ENDING),
}


class Excess(Enum):
    """What there was too much of."""

    DEPTH = f"elements are nested more than {DEEPEST} deep"
    ELEMENTS = f"there are more than {ELEMENTS:,} tags, and more than one for {CHARACTERS} characters"


def tidied(html: str) -> tuple[str, Excess | None]:
    """With marks for some signs. The tags of what is too much are left out; the text between them stays."""
    tidier = _Tidier(html)
    return tidier.run(), tidier.excess


class _Tidier:
    """`where`: at which depths elements of a name are open; `walls`, `special`: those of these kinds."""

    def __init__(self, html: str) -> None:
        self.html = marked(html)
        self.room = max(ELEMENTS, len(html) // CHARACTERS)
        self.out: list[str] = []
        self.open: list[str] = []
        self.starts: list[str] = []  # of each open element: its tag as it was written
        self.where: dict[str, list[int]] = {name: [-1] for name in TAGS}
        self.walls, self.special = [-1], [-1]
        self.left_out: dict[str, int] = {}
        self.endless: set[str] = set()
        self.reopened, self.shells = 0, set[int]()  # how many there were, and at which depths one is open
        self.excess: Excess | None = None

    def run(self) -> str:
        at = 0
        while at < len(self.html):
            at = self.read(at)
        self.pop(0)
        return "".join(self.out)

    def read(self, at: int) -> int:
        """Up to the end, or to where something embedded ends."""
        html = self.html
        for found in TOKEN.finditer(html, at):
            start, end = found.span()
            if start > at:
                self.text(html[at:start])
            if self.room < 0:
                self.pop(0)
                self.text(TOKEN.sub(" ", html[end:]))
                return len(html)
            at = end
            slash, name, attributes, closed = found.groups()
            if not closed:
                continue  # no tag of an element, or one that the text breaks off in
            name = name.lower()
            kind = _KINDS.get(name)
            if kind is None:
                if name in EMBEDDED and not slash:
                    return self.after(name, at)
            elif slash:
                self.end(name)
            else:
                self.start(name, kind, attributes)
        self.text(html[at:])
        return len(html)

    def text(self, text: str) -> None:
        if self.open and self.open[-1] == "colgroup" and not text.isspace():
            self.pop(len(self.open) - 1)
        self.out.append(marked_text(text))

    def start(self, name: str, kind: _Kind, attributes: str) -> None:
        if kind is _Kind.ENDING or kind is _Kind.STRANGE:
            self.end_paragraph()
        self.room -= bool(attributes)  # they take as long again
        if kind is _Kind.STRANGE or (kind is _Kind.OTHER and not self.stands(name)):
            return
        tag = f"<{name}{kept(name, attributes)}>" if attributes else _START.get(name) or f"<{name}>"
        if name in VOID:
            self.leaf(tag)
        else:
            self.push(name, tag)

    def stands(self, name: str) -> bool:
        """Ends what ends before it. False for a part of a table, or of ruby text, that is in none."""
        opened = self.open
        if opened and opened[-1] == "colgroup" and name != "col":
            self.pop(len(opened) - 1)
        if name in WITHIN:
            if self.where["table"][-1] < 0:
                return False
            while opened[-1] not in WITHIN[name]:
                self.pop(len(opened) - 1)
            self.complete(name)
        elif name in ENDED_BY:
            last = self.special[-1]
            if last >= 0 and opened[last] in ENDED_BY[name] and (name not in HEADINGS or last == len(opened) - 1):
                self.pop(last)
        elif name in RUBY_HOLDS:
            return self.begin_part_of_ruby(name)
        elif name == "a":
            self.end_inline("a")
        elif name == "table" and opened and opened[-1] in ROWS:
            self.pop(self.where["table"][-1])
        if name in ENDS_P:
            self.end_paragraph()
        return True

    def complete(self, name: str) -> None:
        """Opens what stands between a table and its part, as every parser does."""
        if name == "col" and self.open[-1] == "table":
            self.push("colgroup", "<colgroup>")
        if name in ("td", "th", "tr") and self.open[-1] == "table":
            self.push("tbody", "<tbody>")
        if name in ("td", "th") and self.open[-1] != "tr":
            self.push("tr", "<tr>")

    def begin_part_of_ruby(self, name: str) -> bool:
        """Parts do not stand in each other, but for those of an rtc."""
        holders, parts = RUBY_HOLDS[name]
        if self.where["ruby"][-1] <= self.walls[-1]:
            return False
        holder = max(self.where[each][-1] for each in holders)
        inside = [at for each in parts if (at := self.where[each][-1]) > holder]
        if inside:
            self.pop(min(inside))
        while self.open[-1] in IMPLIED and len(self.open) > holder + 1:
            self.pop(len(self.open) - 1)
        return True

    def end_paragraph(self) -> bool:
        at = self.where["p"][-1]
        if at > self.walls[-1]:
            self.pop(at)
            return True
        return False

    def leaf(self, html: str) -> None:
        self.room -= 1
        if self.room < 0:
            self.excess = self.excess or Excess.ELEMENTS
        else:
            self.out.append(html)

    def push(self, name: str, tag: str) -> None:
        depth = len(self.open)
        self.room -= 2 if depth > DEEP else 1
        if depth >= DEEPEST or self.room < 0:
            self.excess = self.excess or (Excess.DEPTH if depth >= DEEPEST else Excess.ELEMENTS)
            self.left_out[name] = self.left_out.get(name, 0) + 1
            return
        self.open.append(name)
        self.starts.append(tag)
        self.out.append(tag)
        self.where[name].append(depth)
        if name in SPECIAL:
            self.special.append(depth)
            if name in WALLS:
                self.walls.append(depth)

    def pop(self, to: int) -> None:
        """Ends all that are open beyond the first `to`."""
        opened = self.open
        while len(opened) > to:
            name, start = opened.pop(), self.starts.pop()
            if self.shells and len(opened) in self.shells:
                self.close_again(name, start)
            else:
                self.out.append(f"</{name}>")
            self.where[name].pop()
            if name in SPECIAL:
                self.special.pop()
                if name in WALLS:
                    self.walls.pop()

    def close_again(self, name: str, start: str) -> None:
        """What was opened again and holds nothing was not there."""
        self.shells.remove(len(self.open))
        if self.out[-1] is start:
            self.out.pop()
        else:
            self.out.append(f"</{name}>")

    def end(self, name: str) -> None:
        if self.left_out.get(name):
            self.left_out[name] -= 1
        elif self.open and self.open[-1] == name:
            self.pop(len(self.open) - 1)
        elif name in INLINE:
            self.end_inline(name)
        elif name in STRANGE_BLOCKS:
            self.end_paragraph()
        elif name == "p":
            if not self.end_paragraph():
                self.leaf("<p></p>")
        elif name == "br":
            self.leaf("<br>")
        else:
            self.end_block(name)

    def end_block(self, name: str) -> None:
        """With all that is open in it, unless something stands between that it cannot end."""
        at = max(self.where[each][-1] for each in HEADINGS) if name in HEADINGS else self.where[name][-1]
        wall = self.where["table"][-1] if name in TABLES else self.walls[-1]
        if name == "li":
            wall = max(wall, self.where["ol"][-1], self.where["ul"][-1])
        if at >= max(wall, 0):
            self.pop(at)

    def end_inline(self, name: str) -> None:
        """What was opened inside of it and has not ended goes on after it; ruby text does not."""
        at = self.where[name][-1]
        if at <= self.walls[-1]:
            return
        if at == len(self.open) - 1:
            self.pop(at)
            return
        opened = zip(self.open[at + 1 :], self.starts[at + 1 :], strict=True)
        inside = [(each, start) for each, start in opened if each not in RUBY]
        self.pop(at)
        self.reopened += len(inside)
        if self.reopened <= REOPENED:
            for each in inside:
                self.shells.add(len(self.open))
                self.push(*each)

    def after(self, name: str, at: int) -> int:
        """Where what is embedded ends; where it does not, the text's end, or `at` for what may hold text."""
        if name in self.endless:
            return at
        level = 1
        for found in re.compile(rf"<(/?){name}[{SPACE}/>]", re.I).finditer(self.html, at):
            level = 0 if name in RAW and found[1] else level + (-1 if found[1] else 1)
            if level == 0:
                end = self.html.find(">", found.end() - 1)
                return end + 1 if end >= 0 else len(self.html)
        self.endless.add(name)
        return len(self.html) if name in RAW else at
