"""Elements as HTML text: as browsers write it (innerHTML), and attributes as the block editor writes its own.

Every `[` is a reference, so that WordPress sees no shortcode, and every `<` and `>` in an attribute: it tells tags from
text by the next `>`, and blocks by their comments wherever they stand.
"""

import re
from collections.abc import Iterable

from jobs.adapters.wordpress.bodies.tree import VOID, Element, Node

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\xa0": "&nbsp;", "[": "&#91;"})
_VALUE = _TEXT | str.maketrans({'"': "&quot;"})
# WordPress makes a player of an address that has a line for itself, in code too.
_LONELY_ADDRESS = re.compile(r"^([^\S\n]*+https?:)//(?=[^\s<>\"]++[^\S\n]*+$)", re.M | re.I)
# What the block editor would write as something else than it read: it takes these for references.
_REREAD = re.compile(r"&(?:[a-z0-9]+|#[0-9]+|#x[a-f0-9]+);|[<\[]", re.I)


def inner(nodes: Iterable[Node]) -> str:
    """As innerHTML says it."""
    written: list[str] = []
    for node in nodes:
        _write(node, written, pre=False)
    return "".join(written)


def preformatted(nodes: Iterable[Node]) -> str:
    """As `inner`, for what stands in <pre>."""
    written: list[str] = []
    for node in nodes:
        _write(node, written, pre=True)
    return "".join(written)


def outer(element: Element) -> str:
    return inner([element])


def text(said: str) -> str:
    return said.translate(_TEXT)


def _write(node: Node, written: list[str], pre: bool) -> None:
    if isinstance(node, str):
        said = text(node)
        written.append(_LONELY_ADDRESS.sub(r"\1&#47;&#47;", said) if pre and "://" in said else said)
        return
    name = node.name
    written.append(start(node))
    if name not in VOID:
        for child in node.children:
            _write(child, written, pre or name == "pre")
        written.append(f"</{name}>")


def start(element: Element) -> str:
    """Its start tag."""
    if not element.attributes:
        return f"<{element.name}>"
    said = "".join(f' {name}="{value.translate(_VALUE)}"' for name, value in element.attributes.items())
    return f"<{element.name}{said}>"


def saved(attributes: dict[str, str | None]) -> str:
    """Those that have a value, as the block editor's own elements have them: with a space before each."""
    text = ""
    for name, value in attributes.items():
        if value is not None:
            value = value.replace("&", "&amp;").replace('"', "&quot;").replace(">", "&gt;")
            text += f' {name}="{value}"'
    return text


def can_be_saved(*values: str) -> bool:
    """Whether attributes stay what they are when the block editor writes them."""
    return not any(map(_REREAD.search, values))
