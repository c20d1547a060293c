"""An article as plain HTML that WordPress's wpautop leaves as it is.

wpautop makes paragraphs of what it finds between blank lines and the tags of blocks, without reading HTML. So text that
stands beside a block is a paragraph here, no line is blank outside of <pre>, and no two breaks follow each other.
"""

from jobs.adapters.wordpress.bodies.markup import preformatted, start, text
from jobs.adapters.wordpress.bodies.tree import VOID, WHITE, Element, Node, Run, is_address, is_shown, parts

_BREAK, _NOTHING = "<br />", "<!-- -->"
_KEEPING = {"blockquote", "div", "section"}  # whose paragraphs stay what they are when they are turned into blocks
_AFTER_TEXT = {"div", "dl", "ol", "p", "pre", "ul"}  # before which wpautop takes away the break that it makes itself


def plain(body: Element, marker: str) -> str:
    """With the marker as a comment in the first paragraph; where there is none, in one of its own at the end.

    A paragraph in a list, table or figure does not count, nor one that is an address: when a person turns the text
    into blocks, a comment there is lost.
    """
    return _Writer(f"<!-- {marker} -->").article(body)


class _Writer:
    """`comment`: what the next paragraph begins with."""

    def __init__(self, comment: str) -> None:
        self.comment = comment

    def article(self, body: Element) -> str:
        written: list[str] = []
        for part in parts(body):
            if isinstance(part, list):
                self.paragraph("<p>", part, written)
            elif part.name == "hr" or is_shown(part.children):
                self.block(part, written)
            else:
                continue
            written.append("\n")
        if self.comment:
            self.paragraph("<p>", [], written)
        return "".join(written).rstrip("\n")

    def block(self, element: Element, written: list[str]) -> None:
        name = element.name
        if name == "p":
            for part in parts(element):
                if isinstance(part, list):
                    self.paragraph(_start(element), part, written)
            return
        written.append(_start(element))
        if name == "pre":
            written.append(preformatted(element.children))
        elif name in _KEEPING:
            self.inside(element, written)
        else:
            comment, self.comment = self.comment, ""
            self.inside(element, written)
            self.comment = comment
        if name not in VOID:
            written.append(f"</{name}>")

    def inside(self, element: Element, written: list[str]) -> None:
        found = [part for part in parts(element) if not _is_empty(part)]
        beside = any(isinstance(part, Element) and part.name != "figcaption" for part in found)
        begins = element.name == "li" and len(found) > 1 and getattr(found[1], "name", "") in _AFTER_TEXT
        for n, part in enumerate(found):
            if isinstance(part, Element):
                self.block(part, written)
            elif element.name == "blockquote" or (beside and not (begins and n == 0)):
                self.paragraph("<p>", part, written)
            else:
                _write(part, written)

    def paragraph(self, start: str, run: Run, written: list[str]) -> None:
        written.append(start)
        if self.comment and not is_address(run):
            written.append(self.comment)
            self.comment = ""
        _write(run, written)
        written.append("</p>")


def _is_empty(part: Element | Run) -> bool:
    return isinstance(part, Element) and part.name == "p" and not is_shown(part.children)


def _write(nodes: list[Node], written: list[str]) -> None:
    after_break = False
    for node in nodes:
        if isinstance(node, str):
            if not after_break or node.strip(WHITE):
                written.append(text(node))
                after_break = after_break and not node.strip()
        elif node.name == "br":
            written.append(_NOTHING + _BREAK if after_break else _BREAK)
            after_break = True
        else:
            after_break = False
            written.append(_start(node))
            if node.name not in VOID:
                _write(node.children, written)
                written.append(f"</{node.name}>")


def _start(element: Element) -> str:
    """On one line."""
    return start(element).replace("\r", "&#13;").replace("\n", "&#10;")
