"""Tables as blocks."""

import re

from jobs.adapters.wordpress.bodies.block import Block, anchored
from jobs.adapters.wordpress.bodies.images import can_be_caption
from jobs.adapters.wordpress.bodies.markup import inner, saved
from jobs.adapters.wordpress.bodies.tree import Element, Run, is_inline, parts, trimmed, words

_SECTIONS = ("thead", "tbody", "tfoot")
_SPAN = re.compile("[0-9]{1,4}")
_IN_CELLS = {"li", "ol", "p", "ul"}


def table_block(table: Element, caption: Run, frame: Element | None = None) -> Block | None:
    """None for one that the editor has no block for. Its caption stands below it."""
    found = anchored(table, frame=frame)
    if not found or not can_be_caption(caption):
        return None
    sections = ""
    left = list(_SECTIONS)
    for n, part in enumerate(parts(table)):
        if not isinstance(part, Element):
            return None
        if part.name == "caption" and n == 0 and not caption:
            own = words(part)
            if own is None or not can_be_caption(own):
                return None
            caption = own
        elif part.name == "colgroup":
            if part.attributes or any(isinstance(child, Element) and child.attributes for child in part.children):
                return None
        elif part.name in left and not part.attributes:
            del left[: left.index(part.name) + 1]
            rows = _rows(part)
            if rows is None:
                return None
            sections += f"<{part.name}>{rows}</{part.name}>" if rows else ""
        else:
            return None
    below = f'<figcaption class="wp-element-caption">{inner(caption)}</figcaption>' if caption else ""
    anchor, id = found
    html = f'<figure{id} class="wp-block-table"><table>{sections}</table>{below}</figure>'
    return Block("table", html, {"hasFixedLayout": False} | anchor) if sections else None


def figure(element: Element) -> Block | None:
    """A figure of one table, with or without a caption. None for any other."""
    pieces = list(parts(element))
    if not pieces or not isinstance(pieces[0], Element) or pieces[0].name != "table":
        return None
    if len(pieces) == 1:
        return table_block(pieces[0], [], element)
    if len(pieces) > 2 or not isinstance(pieces[1], Element) or pieces[1].name != "figcaption":
        return None
    caption = words(pieces[1])
    return table_block(pieces[0], caption, element) if caption is not None else None


def _rows(section: Element) -> str | None:
    rows = []
    for row in parts(section):
        if not isinstance(row, Element) or row.name != "tr" or row.attributes:
            return None
        cells = [_cell(cell) if isinstance(cell, Element) else None for cell in parts(row)]
        if None in cells:
            return None
        rows.append(f"<tr>{''.join(cell for cell in cells if cell)}</tr>")
    return "".join(rows)


def _cell(cell: Element) -> str | None:
    said = cell.attributes
    spans = [said[name] for name in ("colspan", "rowspan") if name in said]
    if said.keys() - {"scope", "colspan", "rowspan"} or not all(map(_SPAN.fullmatch, spans)):
        return None
    attributes = saved({name: said.get(name) for name in ("scope", "colspan", "rowspan")})
    text = _content(cell)
    return None if text is None else f"<{cell.name}{attributes}>{text}</{cell.name}>"


def _content(cell: Element) -> str | None:
    if all(map(is_inline, cell.children)):
        return inner(trimmed(cell.children))
    run = words(Element.holding(cell.children))
    if run is not None:
        return inner(run)
    return inner(cell.children) if _is_plain(cell) else None


def _is_plain(element: Element) -> bool:
    """Whether paragraphs and lists are all the blocks in it."""
    left = [element]
    while left:
        for child in left.pop().children:
            if isinstance(child, Element) and not is_inline(child):
                if child.name not in _IN_CELLS:
                    return False
                left.append(child)
    return True
