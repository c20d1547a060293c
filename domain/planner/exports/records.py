"""Physical lines as records of a delimited table, where one bad quote costs one line and not the file."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.planner.exports.lines import LONGEST_LINE

_NO_DELIMITER = "\x1f"

MOST_LINES = 50

_UNQUOTED = frozenset({"", "\t"})  # plain lists and tab-separated files are often written without quoting


@dataclass(frozen=True, slots=True)
class Record:
    """Lines `line` to `last` of the file: cells, or the problem that leaves none."""

    line: int
    last: int
    cells: list[str]
    problem: str | None = None


class _Feed:
    """Gives csv.reader its lines and remembers those of the current record, so that they can be taken back."""

    def __init__(self, lines: Iterable[str], most_lines: int) -> None:
        self._lines = iter(lines)
        self._most_lines = most_lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.taken and (len(self.taken) >= self._most_lines or sum(map(len, self.taken)) > LONGEST_LINE):
            raise csv.Error("open quote")
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        if len(line) > LONGEST_LINE:
            raise csv.Error("long line")
        return line

    def give_back(self) -> str:
        """Keeps the first line of the record and gives the others to the next ones."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        return self.taken[0]


def read_records(
    lines: Iterable[str], delimiter: str, *, width: int = 0, before: int = 0, most_lines: int = MOST_LINES
) -> Iterator[Record]:
    """The records of a table of `width` columns, if that is known; `before` lines precede it.

    A record that spans more than `most_lines`, or spans lines and has another width, ends with its first line.
    """
    feed = _Feed(lines, most_lines)
    reader = csv.reader(feed, delimiter=delimiter or _NO_DELIMITER, strict=True)
    line = before + 1
    while True:
        feed.taken.clear()
        try:
            cells: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        if cells is None or (width and len(feed.taken) > 1 and len(cells) != width):
            record = _salvage(line, feed.give_back(), delimiter, width)
        else:
            record = Record(line, line + len(feed.taken) - 1, cells)
        yield record
        line = record.last + 1


def _salvage(line: int, text: str, delimiter: str, width: int) -> Record:
    """A line with stray quotes read by itself: leniently, or literally if a quote is still open at its end."""
    if len(text) > LONGEST_LINE:
        return Record(line, line, [], f"row: a line longer than {LONGEST_LINE:,} characters")
    text = text.rstrip("\r\n")
    cells = next(csv.reader([text + "\n"], delimiter=delimiter or _NO_DELIMITER))
    if not cells or not cells[-1].endswith("\n"):
        return Record(line, line, cells)
    literal = text.split(delimiter) if delimiter else [text]
    if delimiter in _UNQUOTED and width in (0, len(literal)):
        return Record(line, line, literal)
    return Record(line, line, [], "row: a quoted cell is not closed")
