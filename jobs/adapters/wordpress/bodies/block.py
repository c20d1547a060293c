"""A block of WordPress's editor, and the comments around it."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.adapters.wordpress.bodies.markup import can_be_saved, outer, saved
from jobs.adapters.wordpress.bodies.tree import Element

DEEPEST = 16  # blocks in each other; what is deeper is HTML
_SPACES = re.compile(r"\s")


@dataclass(slots=True)
class Block:
    """`before` and `after` are the HTML around the blocks in it."""

    name: str
    before: str
    attributes: dict[str, Any] = field(default_factory=dict)
    inside: Sequence["Block"] = ()
    after: str = ""

    def __str__(self) -> str:
        attributes = f" {_json(self.attributes)}" if self.attributes else ""
        inside = "\n\n".join(map(str, self.inside))
        return f"<!-- wp:{self.name}{attributes} -->\n{self.before}{inside}{self.after}\n<!-- /wp:{self.name} -->"

    def all(self) -> Iterator["Block"]:
        """This and all in it, as they are read."""
        yield self
        for block in self.inside:
            yield from block.all()


def anchored(element: Element, *others: str, frame: Element | None = None) -> tuple[dict[str, Any], str] | None:
    """The id of it or of the figure around it: as an attribute of a block, and as HTML with a space before it.

    Both are empty where there is none. None where both have one, where the editor would not keep it, and where there
    are attributes beside it that are no `others`.
    """
    holds = [each for each in (element, frame) if each and "id" in each.attributes]
    if element.attributes.keys() - {"id", *others} or (frame and frame.attributes.keys() - {"id"}) or len(holds) > 1:
        return None
    if not holds:
        return {}, ""
    anchor = holds[0].attributes["id"]
    if not anchor or _SPACES.search(anchor) or not can_be_saved(anchor):
        return None
    return {"anchor": anchor}, saved({"id": anchor})


def html(element: Element) -> Block:
    """As it stands, for what the editor has no block for."""
    return Block("html", outer(element))


def _json(attributes: dict[str, Any]) -> str:
    """As the editor writes it: with nothing in it that ends a comment."""
    text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":")).replace('\\"', "\\u0022")
    for sign in ("--", "<", ">", "&"):
        text = text.replace(sign, "".join(f"\\u{ord(each):04x}" for each in sign))
    return text
