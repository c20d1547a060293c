"""An article as blocks of WordPress's editor (Gutenberg).

What it reads here it calls valid and writes the same again, except for references to `[` and `//`, which keep WordPress
from running what is a text. Seen with @wordpress/blocks 15.11 and @wordpress/block-library 9.37.
"""

from collections.abc import Callable, Iterator

from jobs.adapters.wordpress.bodies import images, tables
from jobs.adapters.wordpress.bodies.block import DEEPEST, Block, anchored, html
from jobs.adapters.wordpress.bodies.images import can_be_caption, is_picture, picture
from jobs.adapters.wordpress.bodies.lists import list_block
from jobs.adapters.wordpress.bodies.markup import inner, outer, preformatted, saved
from jobs.adapters.wordpress.bodies.tree import Element, Run, is_inline, is_shown, parts, words

_DIRECTIONS = {None, "ltr", "rtl"}


def blocks(body: Element, marker: str) -> str:
    """With the marker as the name of the first paragraph, or in a block of HTML at the end where there is none."""
    made = list(_flow(body, 1))
    first = next((block for top in made for block in top.all() if block.name == "paragraph"), None)
    if first:
        first.attributes = {**first.attributes, "metadata": {"name": marker}}
    else:
        made.append(Block("html", f"<!-- {marker} -->"))
    return "\n\n".join(map(str, made))


def _flow(element: Element, deep: int) -> Iterator[Block]:
    for part in parts(element):
        if isinstance(part, list):
            yield _text(part)
        elif part.name in ("div", "p") and not part.attributes and deep <= DEEPEST:
            yield from _flow(part, deep + 1)
        elif part.name == "hr" or is_shown(part.children):
            make = _MAKERS.get(part.name)
            yield (make(part, deep) if make and deep <= DEEPEST else None) or html(part)


def _text(run: Run) -> Block:
    if is_picture(run):
        return picture(run, []) or Block("html", inner(run))
    return Block("paragraph", f"<p>{inner(run)}</p>")


def _paragraph(element: Element, _: int) -> Block | None:
    """One with an id, or that says which way it is read."""
    found, direction = anchored(element, "dir"), element.attributes.get("dir")
    if not found or direction not in _DIRECTIONS:
        return None
    anchor, id = found
    run = next(parts(element))
    assert isinstance(run, list)
    start = f"<p{saved({'dir': direction})}{id}>"
    return Block("paragraph", f"{start}{inner(run)}</p>", ({"direction": direction} if direction else {}) | anchor)


def _heading(element: Element, _: int) -> Block | None:
    found, (run, *others) = anchored(element), parts(element)
    if not found or others or isinstance(run, Element):
        return None
    anchor, id = found
    name = element.name
    html = f'<{name} class="wp-block-heading"{id}>{inner(run)}</{name}>'
    return Block("heading", html, ({} if name == "h2" else {"level": int(name[1])}) | anchor)


def _quote(element: Element, deep: int) -> Block | None:
    """A <cite> that ends it and stands by itself says who is quoted."""
    found = anchored(element)
    if not found:
        return None
    anchor, id = found
    said, who = element, ""
    *_, last = parts(element)
    cite = last[0] if isinstance(last, list) and len(last) == 1 else None
    if isinstance(cite, Element) and cite.name == "cite" and not cite.attributes and can_be_caption(cite.children):
        said, who = Element.holding(element.children[: element.children.index(cite)]), outer(cite)
    inside = list(_flow(said, deep + 1))
    return Block("quote", f'<blockquote class="wp-block-quote"{id}>', anchor, inside, f"{who}</blockquote>")


def _pre(element: Element, _: int) -> Block | None:
    found, nodes = anchored(element), element.children
    if not found or not all(map(is_inline, nodes)):
        return None
    anchor, id = found
    only = nodes[0] if len(nodes) == 1 else None
    if isinstance(only, Element) and only.name == "code" and not only.attributes:
        code = preformatted(only.children)
        return Block("code", f'<pre{id} class="wp-block-code"><code>{code}</code></pre>', anchor)
    return Block("preformatted", f'<pre{id} class="wp-block-preformatted">{preformatted(nodes)}</pre>', anchor)


def _rule(element: Element, _: int) -> Block | None:
    found = anchored(element)
    if not found:
        return None
    anchor, id = found
    return Block("separator", f'<hr class="wp-block-separator has-alpha-channel-opacity"{id}/>', anchor)


def _group(element: Element, deep: int) -> Block | None:
    found = anchored(element)
    if not found:
        return None
    anchor, id = found
    name = element.name
    attributes = {} if name == "div" else {"tagName": name}
    inside = list(_flow(element, deep + 1))
    return Block("group", f'<{name}{id} class="wp-block-group">', attributes | anchor, inside, f"</{name}>")


def _details(element: Element, deep: int) -> Block | None:
    summary, *_ = found = list(parts(element))
    own = anchored(element, "open")
    if not own or not isinstance(summary, Element) or summary.name != "summary":
        return None
    anchor, id = own
    title = words(summary)
    if (
        not title
        or not can_be_caption(title)
        or any(isinstance(part, Element) and part.name == "summary" for part in found[1:])
    ):
        return None
    is_open = "open" in element.attributes
    start = f'<details{id} class="wp-block-details"{" open" if is_open else ""}><summary>{inner(title)}</summary>'
    rest = Element.holding(element.children[element.children.index(summary) + 1 :])
    inside = list(_flow(rest, deep + 1))
    return Block("details", start, ({"showContent": True} if is_open else {}) | anchor, inside, "</details>")


_MAKERS: dict[str, Callable[[Element, int], Block | None]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
    **dict.fromkeys(("ol", "ul"), list_block),
    **dict.fromkeys(("div", "section"), _group),
    "p": _paragraph,
    "figure": lambda element, _: images.figure(element) or tables.figure(element),
    "table": lambda element, _: tables.table_block(element, []),
    "blockquote": _quote,
    "pre": _pre,
    "hr": _rule,
    "details": _details,
}
