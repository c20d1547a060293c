"""What a content says here and at a destination, compared field by field with what both said when they were the same.

Never by time: clocks differ, and a touch is no change. Each side is compared with itself, since a destination keeps
what it is given in a form of its own.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import Enum

from persistence.terms import SyncField

Said = Mapping[SyncField, str]
Base = Mapping[str, Sequence[str]]  # of each field the hashes of ours and of theirs


class Change(Enum):
    """Since both said the same."""

    NONE = "none"
    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def names_of(names: Sequence[str]) -> str:
    """Of terms, whatever their order."""
    return json.dumps(sorted(names, key=lambda name: (name.casefold(), name)), ensure_ascii=False)


def changes(base: Base, ours: Said, theirs: Said) -> dict[SyncField, Change]:
    """Of the fields that the destination tells. Of what was never compared both sides count as they are."""
    found = {}
    for field, text in theirs.items():
        before = base.get(field.value)
        if before is None or field not in ours:
            found[field] = Change.NONE
            continue
        here, there = hash_of(ours[field]) != before[0], hash_of(text) != before[1]
        if here and there:
            found[field] = Change.NONE if ours[field] == text else Change.BOTH
        else:
            found[field] = Change.OURS if here else Change.THEIRS if there else Change.NONE
    return found


def rebased(base: Base, ours: Said, theirs: Said, fields: Sequence[SyncField]) -> dict[str, list[str]]:
    """With what both say of these fields now; of the others as it was."""
    now = {field.value: [hash_of(ours[field]), hash_of(theirs[field])] for field in fields if field in ours}
    return {**{name: list(pair) for name, pair in base.items()}, **now}
