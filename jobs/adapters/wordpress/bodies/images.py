"""Pictures as blocks."""

import re

from jobs.adapters.wordpress.bodies.block import Block, anchored
from jobs.adapters.wordpress.bodies.markup import can_be_saved, inner, saved
from jobs.adapters.wordpress.bodies.tree import Element, Node, Run, is_inline, is_shown, parts, words

_MEDIA = re.compile(r"wp-image-([1-9][0-9]{0,17})")
_PIXELS = re.compile(r"[1-9][0-9]{0,4}")


def figure(element: Element) -> Block | None:
    """Of one picture, with or without a caption. None for any other."""
    pieces = list(parts(element))
    if not 1 <= len(pieces) <= 2:
        return None
    caption: Run | None = []
    if len(pieces) == 2:
        caption = words(pieces[1]) if isinstance(pieces[1], Element) and pieces[1].name == "figcaption" else None
    run = words(pieces[0]) if isinstance(pieces[0], Element) and pieces[0].name == "p" else pieces[0]
    if caption is None or not isinstance(run, list) or not can_be_caption(caption):
        return None
    return picture(run, caption, element)


def picture(run: Run, caption: Run, frame: Element | None = None) -> Block | None:
    """None unless the run is one picture, or one that is a link. `frame` is the figure that it is in."""
    link, image = _parts(run)
    if not image or not can_be_saved(*image.attributes.values(), *(link.attributes.values() if link else ())):
        return None
    found = anchored(image, "src", "alt", "title", "width", "height", "class", frame=frame)
    attributes, kind, style = _shown_as(image)
    if not found or attributes is None:
        return None
    anchor, id = found
    said = {"src": image.attributes.get("src"), "alt": image.attributes.get("alt", "")}
    said |= {"class": image.attributes.get("class"), "style": style, "title": image.attributes.get("title")}
    html = f"<img{saved(said)}/>"
    if link:
        if link.attributes.keys() - {"href", "target", "rel"} or not link.attributes.get("href"):
            return None
        html = f"<a{saved({name: link.attributes.get(name) for name in ('href', 'target', 'rel')})}>{html}</a>"
    if caption:
        html += f'<figcaption class="wp-element-caption">{inner(caption)}</figcaption>'
    return Block("image", f'<figure class="{kind}"{id}>{html}</figure>', attributes | anchor)


def can_be_caption(run: Run) -> bool:
    """The editor leaves out one that holds neither text nor a picture."""
    return not run or is_shown(run, targets=False)


def is_picture(run: Run) -> bool:
    return _parts(run)[1] is not None


def _parts(run: Run) -> tuple[Element | None, Element | None]:
    """The link and the picture that a run consists of; no picture where it holds anything else."""
    link, image = None, _only(run)
    if image and image.name == "a":
        link, image = image, _only(image.children)
    return link, image if image and image.name == "img" else None


def _only(nodes: list[Node]) -> Element | None:
    """The one element that there is beside white space."""
    found = [node for node in nodes if not isinstance(node, str) or node.strip()]
    return found[0] if len(found) == 1 and isinstance(found[0], Element) and is_inline(found[0]) else None


def _shown_as(image: Element) -> tuple[dict[str, str | int] | None, str, str | None]:
    """The block's attributes, its class, and the picture's style. None where there is no such block.

    WordPress knows the sizes of its own media. Of others the width is kept, and the height as what it is of that: with
    both in pixels a picture would be distorted on a narrow screen.
    """
    media = _MEDIA.fullmatch(image.attributes.get("class", ""))
    if media:
        return {"id": int(media[1])}, "wp-block-image", None
    width, height = (image.attributes.get(name) for name in ("width", "height"))
    if width is None and height is None:
        return {}, "wp-block-image", None
    if width is None or not _PIXELS.fullmatch(width) or (height is not None and not _PIXELS.fullmatch(height)):
        return None, "", None
    if height is None:
        return {"width": f"{width}px"}, "wp-block-image is-resized", f"width:{width}px"
    ratio = f"{width}/{height}"
    attributes: dict[str, str | int] = {"width": f"{width}px", "aspectRatio": ratio}
    return attributes, "wp-block-image is-resized", f"aspect-ratio:{ratio};width:{width}px"
