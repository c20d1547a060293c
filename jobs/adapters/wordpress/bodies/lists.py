"""Lists as blocks."""

import re
from typing import Any

from jobs.adapters.wordpress.bodies.block import DEEPEST, Block, anchored
from jobs.adapters.wordpress.bodies.markup import inner
from jobs.adapters.wordpress.bodies.tree import Element, parts, words

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")
_TYPES = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}


def list_block(element: Element, deep: int) -> Block | None:
    """None for one that the editor has no block for: its items hold more than a text and lists after it."""
    found = _start(element)
    items = list(parts(element))
    if not found or not items or deep > DEEPEST:
        return None
    inside = []
    for item in items:
        block = _item(item, deep + 1) if isinstance(item, Element) and item.name == "li" else None
        if not block:
            return None
        inside.append(block)
    attributes, start = found
    return Block("list", start, attributes, inside, f"</{element.name}>")


def _start(element: Element) -> tuple[dict[str, Any], str] | None:
    """Its block's attributes, and its start tag."""
    said = element.attributes
    found = anchored(element, *(("reversed", "start", "type") if element.name == "ol" else ()))
    if not found:
        return None
    anchor, id = found
    if element.name == "ul":
        return anchor, f'<ul{id} class="wp-block-list">'
    start, kind = said.get("start"), said.get("type", "1")
    if not (start is None or _NUMBER.fullmatch(start)):
        return None
    if kind != "1" and kind not in _TYPES:
        return None
    attributes: dict[str, Any] = {"ordered": True}
    written = ""
    if kind in _TYPES:
        attributes["type"] = _TYPES[kind]
    if start is not None:
        attributes["start"] = int(start)
    if "reversed" in said:
        attributes["reversed"] = True
        written += " reversed"
    written += "" if start is None else f' start="{start}"'
    written += f' style="list-style-type:{_TYPES[kind]}"' if kind in _TYPES else ""
    return attributes | anchor, f'<ol{written}{id} class="wp-block-list">'


def _item(element: Element, deep: int) -> Block | None:
    found = anchored(element)
    if not found:
        return None
    pieces = list(parts(element))
    text = ""
    if pieces and (isinstance(pieces[0], list) or pieces[0].name == "p"):
        first = pieces.pop(0)
        run = first if isinstance(first, list) else words(first)
        if run is None:
            return None
        text = inner(run)
    inside = []
    for piece in pieces:
        block = list_block(piece, deep + 1) if isinstance(piece, Element) and piece.name in ("ol", "ul") else None
        if not block:
            return None
        inside.append(block)
    attributes, id = found
    return Block("list-item", f"<li{id}>{text}", attributes, inside, "</li>")
