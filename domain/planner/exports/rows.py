"""What an export yields: keyword rows, rejected rows, or the reason why the file cannot be read at all."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from persistence.terms import Intent


class KeywordRow(NamedTuple):
    """One keyword with what its file says of it; None where the file is silent or its value cannot be read.

    A tuple, because it is made four times as fast as a frozen dataclass and files have a million of them. But for the
    line, a field is called as the column of the keyword that it goes into: rows are loaded by these names.

    `line` is the physical line, from 1, where the record starts; `key` is the keyword's identity; difficulty and
    competition are 0 to 100; a range of values stands as its geometric middle.
    """

    line: int
    keyword: str
    key: str
    country: str | None = None
    language: str | None = None
    volume: int | None = None
    difficulty: int | None = None
    cpc_micros: int | None = None
    currency: str | None = None
    competition: int | None = None
    intent: tuple[Intent, ...] = ()
    is_branded: bool | None = None
    is_local: bool | None = None
    parent_topic: str | None = None
    serp_features: tuple[str, ...] = ()
    clicks: int | None = None
    impressions: int | None = None
    position_hundredths: int | None = None


LOADED = KeywordRow._fields[1:]  # of `row[1:]`: all but the line


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A record that yields no keyword; `reason` names the column and the problem."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    rows: list[KeywordRow]
    rejected: list[RejectedRow]


class ExportError(Exception):
    """A file that cannot be imported; `message` says why and what to do about it."""

    def __init__(self, code: Literal["EMPTY", "UNREADABLE", "NO_KEYWORD_COLUMN"], message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
