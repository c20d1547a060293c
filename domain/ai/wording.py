"""Keywords and titles as texts: written into prompts, recognised in answers."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"\w+")


def numbered(lines: Iterable[str]) -> str:
    """One a line, from 1."""
    return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))


def fold(text: str) -> str:
    """What two spellings of one keyword or title have in common."""
    return " ".join(text.casefold().split())


def share_spoken_of(text: str, keyword: str) -> float:
    """How many of the keyword's words are found in a text, as words or, unspaced, within them; 1 where it has none."""
    folded, words = fold(text), _WORD.findall(fold(keyword))
    return sum(word in folded for word in words) / len(words) if words else 1.0
