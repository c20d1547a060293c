"""Finds the delimiter and the header row of a table, or that the text is a plain list of keywords."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.planner.exports.formats import Layout, recognise
from domain.planner.exports.records import Record, read_records
from domain.planner.exports.rows import ExportError
from domain.planner.exports.wording import LONGEST_KEYWORD, spaced, strange_share
from persistence.terms import KeywordSource

HEADER_LINES = 50

_DELIMITERS = (",", ";", "\t")
_DETECTED_SIZE = 4_096
_MARKUP = ("<!", "<?", "<html", "<svg", "{", "[{", '["')
_PLAIN = Layout(KeywordSource.GENERIC, ("",), {"keyword": 0}, None)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`delimiter` is empty for one keyword per line; `header_line` is 0 without a header row, which ends on `last`."""

    layout: Layout
    delimiter: str
    header_line: int
    last: int


def find_dialect(lines: Sequence[str]) -> Dialect:
    """How to read a file that starts with `lines`. Raises ExportError when they are no table and no list."""
    top = lines[:HEADER_LINES]
    found = [candidate for delimiter in _DELIMITERS for candidate in _headers(top, delimiter)]
    if found:
        return max(found, key=_rank)
    _refuse_what_is_no_text(lines)
    delimiter = _table_delimiter(top)
    if delimiter:
        raise _no_keyword_column(top, delimiter)
    return Dialect(_PLAIN, "", 0, 0)


def _rank(candidate: Dialect) -> tuple[bool, int, int]:
    layout = candidate.layout
    return layout.format is not KeywordSource.GENERIC, len(layout.fields), -candidate.header_line


def _headers(top: Sequence[str], delimiter: str) -> Iterator[Dialect]:
    """Rows that can be the header; one with a single known name only where no keywords can precede it."""
    at_top, after_gap = True, True
    for record in read_records(top, delimiter):
        cells = _trimmed(record.cells)
        layout = recognise(cells) if cells else None
        if layout and (at_top or len(layout.fields) > 1 or (after_gap and len(cells) > 1)):
            yield Dialect(layout, delimiter if len(record.cells) > 1 else "", record.line, record.last)
        at_top, after_gap = at_top and not cells, not cells


def _trimmed(cells: list[str]) -> list[str]:
    """Without the blank cells at the end that spreadsheets add."""
    used = max((index for index, cell in enumerate(cells, 1) if cell.strip()), default=0)
    return cells[:used]


def _refuse_what_is_no_text(lines: Sequence[str]) -> None:
    texts = [text for line in lines if (text := line.strip())]
    wordy = sum(any(map(str.isalnum, text)) for text in texts)
    long = sum(len(text) > LONGEST_KEYWORD for text in texts)
    markup = "".join(texts[:2])[:10].lower().startswith(_MARKUP)
    if markup or strange_share("".join(texts)) > 0.002 or wordy * 2 < len(texts) or long * 2 > len(texts):
        raise ExportError(
            "UNREADABLE",
            "The file is neither a table nor a list of keywords. Export the keywords as CSV and import that file.",
        )


def _table_delimiter(top: Sequence[str]) -> str | None:
    """The delimiter that cuts nearly every line into the same number of cells, two or more."""
    regular = [delimiter for delimiter in _DELIMITERS if _is_regular(read_records(top, delimiter))]
    if len(regular) < 2:
        return regular[0] if regular else None
    import clevercsv  # few files come here, and it takes 3 MB of each process

    detected = clevercsv.Detector().detect("".join(top)[:_DETECTED_SIZE], delimiters=regular)
    return detected.delimiter if detected and detected.delimiter in regular else regular[0]


def _is_regular(records: Iterator[Record]) -> bool:
    widths = Counter(len(cells) for record in records if (cells := _trimmed(record.cells)))
    usual, times = widths.most_common(1)[0] if widths else (0, 0)
    return usual > 1 and times * 5 >= widths.total() * 4


def _no_keyword_column(top: Sequence[str], delimiter: str) -> ExportError:
    cells = next(cells for record in read_records(top, delimiter) if (cells := _trimmed(record.cells)))
    headers = ", ".join(f'"{spaced(cell)[:40]}"' for cell in cells[:20])
    return ExportError(
        "NO_KEYWORD_COLUMN",
        f'No column is named as one that holds keywords. Columns found: {headers}. Name one "Keyword" and try again.',
    )
