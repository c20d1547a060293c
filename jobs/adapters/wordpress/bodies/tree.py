"""An article's clean HTML as a light tree in which nothing inline holds a block.

What is bold or linked around blocks (`<b><p>a</p><p>b</p></b>`) is so inside of each of them instead. White space is
as browsers show it: single spaces, except in <pre>.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

from domain.destinations import PICTURE, RemoteMedia
from domain.writer.tags import HEADINGS
from domain.writer.tags import INLINE as _INLINE

INLINE = _INLINE | {"bdi", "bdo", "br", "data", "dfn", "img", "rb", "rp", "rt", "rtc", "ruby", "samp", "var", "wbr"}
VOID = {"br", "col", "hr", "img", "wbr"}
WHITE = " \t\n\f\r"
_AROUND = 8  # inline elements that are taken into a block; of more, the innermost
_REPEATED = 100_000  # characters of their tags, or as many as the article has
_ADDRESS = re.compile(r"https?://\S+", re.I)
_SPACES = re.compile(f"[{WHITE}]+")


class Element:
    __slots__ = ("attributes", "children", "name", "weight")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.weight = 0  # of its tag, where that stands already
        self.children: list[Node] = []

    @classmethod
    def holding(cls, children: "list[Node]") -> "Element":
        """One without a name, as `parts` reads it."""
        element = cls("", {})
        element.children = children
        return element


Node: TypeAlias = Element | str
Run: TypeAlias = list[Node]  # text and inline elements beside each other


def read(html: str, media: Mapping[str, RemoteMedia]) -> Element:
    """Its body. Pictures (`picture:SHA256`) have their address and `wp-image-<id>`; those not in `media` go."""
    builder = _Builder(media, max(_REPEATED, len(html)))
    body = LexborHTMLParser(f"<body>{html}").body
    assert body
    node: LexborNode | None = body.child
    while node is not None:
        builder.enter(node)
        following = node.child
        while following is None and node is not None:
            builder.leave(node)
            following = node.next
            if following is None:
                node = node.parent
                if node is None or node.tag == "body":
                    return builder.blocks[0]
        node = following
    return builder.blocks[0]


class _Builder:
    """`inline`: those that are open. `made`: what of them stands in the block that is open, outermost first.

    `room`: how many characters may still be opened again. `links`, `pre`: how many of these are open.
    """

    def __init__(self, media: Mapping[str, RemoteMedia], room: int) -> None:
        self.media, self.room = media, room
        self.blocks = [Element("body", {})]
        self.inline: list[Element] = []
        self.made: list[Element] = []
        self.links = self.pre = 0

    def enter(self, node: LexborNode) -> None:
        if node.is_text_node:
            self.text(node.text_content or "")
        elif node.is_element_node and node.tag:
            attributes = {name: value or "" for name, value in node.attributes.items()}
            self.start(Element(node.tag, attributes))

    def text(self, text: str) -> None:
        if not self.pre:
            text = _SPACES.sub(" ", text)
            if text == " " and len(self.made) < len(self.inline):
                self.blocks[-1].children.append(text)
                return
        self.parent().children.append(text)

    def start(self, element: Element) -> None:
        name = element.name
        if name in ("br", "img", "wbr"):
            if name != "img" or self.picture(element):
                self.parent().children.append(element)
        elif name in INLINE:
            self.inline.append(element)
            self.links += name == "a"
            self.parent()
        else:
            if name == "pre":
                element.name = "div" if self.pre else name  # WordPress takes the first </pre> for the end
                self.pre += 1
            elif name == "figcaption" and self.blocks[-1].name != "figure":
                element.name = "div"
            elif name in HEADINGS and self.blocks[-1].name in HEADINGS:
                element.name = "div"  # a heading ends where one begins right in it
            self.shut()
            self.blocks[-1].children.append(element)
            self.blocks.append(element)
            self.made = []

    def shut(self) -> None:
        """What has opened and holds nothing opens where something comes."""
        while self.made and not self.made[-1].children:
            shell = self.made.pop()
            around = self.made[-1] if self.made else self.blocks[-1]
            if around.children and around.children[-1] is shell:
                around.children.pop()
                self.inline[len(self.made)].weight = 0

    def leave(self, node: LexborNode) -> None:
        name = node.tag
        if not node.is_element_node or name in ("br", "img", "wbr"):
            return
        if name in INLINE:
            self.inline.pop()
            self.links -= name == "a"
            del self.made[len(self.inline) :]
        else:
            self.pre -= name == "pre"
            self.blocks.pop()
            self.made = []

    def parent(self) -> Element:
        """Of what is inline and comes now, with all that is open around it."""
        made, around = self.made, self.made[-1] if self.made else self.blocks[-1]
        missing = len(self.inline) - len(made)
        if missing:
            most = _AROUND if self.room > 0 else self.inline[-1].weight == 0  # one that opens here stands here
            made += [around] * max(0, missing - most)
            for opened in self.inline[len(made) :]:
                if opened.name == "a" and self.links > 1 and any(e.name == "a" for e in self.inline[len(made) + 1 :]):
                    made.append(around)  # a link ends where another begins
                    continue
                element = Element(opened.name, opened.attributes)
                if opened.weight:
                    self.room -= opened.weight
                    element.attributes = {name: value for name, value in opened.attributes.items() if name != "id"}
                opened.weight = len(opened.name) + sum(map(len, opened.attributes.values()))
                around.children.append(element)
                made.append(around := element)
        return around

    def picture(self, image: Element) -> bool:
        source = image.attributes.get("src", "")
        if not source.startswith(PICTURE):
            return True
        found = self.media.get(source.removeprefix(PICTURE))
        if found:
            image.attributes |= {"src": found.url} | ({"class": f"wp-image-{found.id}"} if found.id.isdecimal() else {})
        return found is not None


def is_inline(node: Node) -> bool:
    return isinstance(node, str) or node.name in INLINE


def is_shown(nodes: list[Node], *, targets: bool = True) -> bool:
    """Whether there is text or a picture in it, or what a link may lead to."""
    left = [iter(nodes)]
    while left:
        for node in left[-1]:
            if isinstance(node, str):
                if node.strip():
                    return True
            elif node.name == "img" or (targets and "id" in node.attributes):
                return True
            elif node.children:
                left.append(iter(node.children))
                break
        else:
            left.pop()
    return False


def is_address(run: Run) -> bool:
    """Whether its text is an address and nothing else."""
    said = "".join(node if isinstance(node, str) else "" for node in _all(run)).strip()
    return _ADDRESS.fullmatch(said) is not None


def _all(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Element):
            yield from _all(node.children)


def parts(element: Element) -> Iterator[Element | Run]:
    """Its blocks, and the runs between them that show something, without white space around them."""
    run: Run = []
    for child in element.children:
        if is_inline(child):
            run.append(child)
            continue
        if run and is_shown(run):
            yield trimmed(run)
        run = []
        assert isinstance(child, Element)
        yield child
    if run and is_shown(run):
        yield trimmed(run)


def words(element: Element) -> Run | None:
    """What an element without attributes holds that is nothing but text, or one paragraph; None where it is more."""
    if element.attributes:
        return None
    found = list(parts(element))
    if not found:
        return []
    if len(found) > 1:
        return None
    only = found[0]
    if isinstance(only, list):
        return only
    return words(only) if only.name == "p" else None


def trimmed(run: Run) -> Run:
    """Without white space at either end, and without breaks there, which would show nothing."""
    start, end = 0, len(run)
    while start < end and _is_space(run[start]):
        start += 1
    while end > start and _is_space(run[end - 1]):
        end -= 1
    run = run[start:end]
    if run and isinstance(run[0], str):
        run[0] = run[0].lstrip(WHITE)
    if run and isinstance(run[-1], str):
        run[-1] = run[-1].rstrip(WHITE)
    return run


def _is_space(node: Node) -> bool:
    return not node.strip() if isinstance(node, str) else node.name == "br"
