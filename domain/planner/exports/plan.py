"""A table's columns compiled into parsers that remember the cells they have seen, and the rows they make."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.planner.exports import cells, numbers
from domain.planner.exports.formats import Layout
from domain.planner.exports.rows import KeywordRow, RejectedRow
from domain.planner.exports.wording import display, fault, keyword_key, plain
from persistence.terms import KeywordSource

_MOST_REMEMBERED = 20_000
_LONGEST_REMEMBERED = 500

_PARSERS: Mapping[str, cells.Parser] = {
    "country": cells.single("country", cells.country),
    "language": cells.single("language", cells.language),
    "locale": cells.locale,
    "volume": cells.single("volume", numbers.count),
    "difficulty": cells.single("difficulty", numbers.percent),
    "cpc": cells.single("cpc_micros", numbers.micros),
    "currency": cells.single("currency", cells.currency),
    "competition": cells.single("competition", numbers.share_or_percent),
    "intent": cells.intents,
    "parent_topic": cells.single("parent_topic", plain),
    "serp_features": cells.single("serp_features", cells.serp_features),
    "clicks": cells.single("clicks", numbers.count),
    "impressions": cells.single("impressions", numbers.count),
    "position": cells.single("position_hundredths", numbers.hundredths),
}
_PAIRS: Mapping[str, cells.Parser] = {
    "volume": cells.single("volume", cells.volume_bounds),
    "cpc": cells.single("cpc_micros", cells.price_bounds),
}
_SHARES = cells.single("competition", numbers.share)
_PERCENTAGES = cells.single("competition", numbers.percent)
_BY_FORMAT: Mapping[KeywordSource, Mapping[str, cells.Parser]] = {
    KeywordSource.SEMRUSH_KEYWORD_MAGIC: {"competition": _SHARES},
    KeywordSource.SEMRUSH_ORGANIC_POSITIONS: {"competition": _SHARES},
    KeywordSource.SEMRUSH_API: {"competition": _SHARES, "intent": cells.intent_codes},
    KeywordSource.GOOGLE_KEYWORD_PLANNER: {"competition": _PERCENTAGES},
    KeywordSource.UBERSUGGEST: {"competition": _PERCENTAGES},
}


class Memory(dict[str, cells.Fields]):
    """A parser that looks a repeated cell up; bounded, so that a file of distinct cells stays cheap."""

    def __init__(self, parse: cells.Parser) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: str) -> cells.Fields:
        fields = self._parse(cell)
        if len(self) < _MOST_REMEMBERED and len(cell) <= _LONGEST_REMEMBERED:
            self[cell] = fields
        return fields


@dataclass(frozen=True, slots=True)
class Column:
    """One cell, or the two that hold the bounds of one value."""

    memory: Memory
    index: int
    other: int | None = None


class Plan:
    """Reads the records of one table."""

    def __init__(self, layout: Layout) -> None:
        self.width = len(layout.headers)
        self._headers = list(layout.headers)
        self._keyword = layout.fields["keyword"]
        self._name = display(self._headers[self._keyword])[:100] if layout.headers != ("",) else "keyword"
        self._constants = {"currency": layout.currency} if layout.currency else {}
        self._columns = tuple(_columns(layout))

    def read(self, line: int, record: list[str]) -> KeywordRow | RejectedRow | None:
        """A row, the reason why there is none, or None for a blank record or a repeated header row."""
        if len(record) != self.width:
            if len(record) > self.width and any(map(str.strip, record[self.width :])):
                return RejectedRow(line, f"row: {len(record)} cells where the header has {self.width}")
            record = record[: self.width] + [""] * (self.width - len(record))
        keyword = display(record[self._keyword])
        key = keyword_key(keyword)
        if problem := fault(keyword, key):
            return RejectedRow(line, f"{self._name}: {problem}") if any(map(str.strip, record)) else None
        return None if record == self._headers else KeywordRow(line, keyword, key, **self._values(record))

    def _values(self, record: list[str]) -> cells.Fields:
        values: cells.Fields = dict(self._constants)
        for column in self._columns:
            cell = record[column.index]
            if column.other is not None:
                cell = f"{cell} – {record[column.other]}"
            if cell:
                values.update(column.memory[cell])
        return values


def _columns(layout: Layout) -> Iterator[Column]:
    fields, special = layout.fields, _BY_FORMAT.get(layout.format, {})
    for field, parse in _PARSERS.items():
        if field in fields:
            yield Column(Memory(special.get(field, parse)), fields[field])
        elif field in _PAIRS and f"{field}_low" in fields and f"{field}_high" in fields:
            yield Column(Memory(_PAIRS[field]), fields[f"{field}_low"], fields[f"{field}_high"])
