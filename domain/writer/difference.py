"""What changed between two revisions of a content, as somebody reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from domain.writer.html import article
from persistence.models import ContentRevision
from persistence.terms import DiffKind

_ENDS = "p, h1, h2, h3, h4, h5, h6, li, ul, ol, tr, blockquote, summary, details"  # of blocks
MANY = 500
FIELDS = ("title", "meta_title", "meta_description", "primary_keyword", "secondary_keywords", "word_count", "origin")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`field` in Python's name; lists as text."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or item of the HTML."""

    kind: DiffKind
    html: str


def changed_fields(one: ContentRevision, two: ContentRevision) -> list[FieldChange]:
    values = [(name, _text(getattr(one, name)), _text(getattr(two, name))) for name in FIELDS]
    return [FieldChange(name, before, after) for name, before, after in values if before != after]


def _text(value: object) -> str | None:
    if value is None:
        return None
    return ", ".join(value) if isinstance(value, list) else str(value)


def changed_blocks(one: ContentRevision, two: ContentRevision) -> list[Block]:
    """All blocks in the order of reading, what went before what came in its place."""
    return list(_blocks(_split(one.html_content), _split(two.html_content)))


def _blocks(before: list[str], after: list[str]) -> Iterator[Block]:
    # Of very many blocks those that come again and again are not compared: to do so takes a time quadratic in them.
    matcher = SequenceMatcher(None, before, after, autojunk=len(after) > MANY)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield from (Block(DiffKind.SAME, html) for html in before[i:j])
        else:
            yield from (Block(DiffKind.REMOVED, html) for html in before[i:j])
            yield from (Block(DiffKind.ADDED, html) for html in after[k:m])


def _split(html: str) -> list[str]:
    lines = (line.strip() for part in article(html).cut_after(_ENDS) for line in part.split("\n"))
    return [line for line in lines if line]
