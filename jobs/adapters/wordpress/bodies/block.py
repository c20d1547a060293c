"""A block of WordPress's editor, and the comments around it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.adapters.wordpress.bodies.markup import outer
from jobs.adapters.wordpress.bodies.tree import Element

DEEPEST = 16  # blocks in each other; what is deeper is HTML


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


def html(element: Element) -> Block:
    """As it stands, for what the editor has no block for."""
    return Block("html", outer(element))


def _json(attributes: dict[str, Any]) -> str:
    """As the editor writes it: with nothing in it that ends a comment."""
    text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":")).replace('\\"', "\\u0022")
    for sign in ("--", "<", ">", "&"):
        text = text.replace(sign, "".join(f"\\u{ord(each):04x}" for each in sign))
    return text
