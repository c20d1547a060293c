"""Opens an export and streams its rows."""

import codecs
import io
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from domain.planner.exports.dialect import Dialect, find_dialect
from domain.planner.exports.encoding import SAMPLE_SIZE, detect
from domain.planner.exports.lines import physical_lines, split
from domain.planner.exports.plan import Plan
from domain.planner.exports.records import MOST_LINES, read_records
from domain.planner.exports.rows import Batch, ExportError, KeywordRow, RejectedRow
from persistence.terms import KeywordSource


class Export:
    """A recognised export. It reads its stream, which the caller keeps open and closes."""

    def __init__(self, stream: BinaryIO, encoding: str, dialect: Dialect) -> None:
        self._stream = stream
        self._dialect = dialect
        self.encoding = encoding

    @property
    def format(self) -> KeywordSource:
        return self._dialect.layout.format

    @property
    def delimiter(self) -> str:
        """Empty for one keyword per line."""
        return self._dialect.delimiter

    @property
    def header_line(self) -> int:
        """The physical line, from 1, where the header row starts; 0 when there is none."""
        return self._dialect.header_line

    def batches(self, size: int = 5000) -> Iterator[Batch]:
        """All rows in file order, `size` rows and rejected rows at a time; each call reads from the beginning."""
        results = self._results()
        while chunk := list(islice(results, size)):
            yield Batch(
                [result for result in chunk if isinstance(result, KeywordRow)],
                [result for result in chunk if isinstance(result, RejectedRow)],
            )

    def _results(self) -> Iterator[KeywordRow | RejectedRow]:
        plan, before = Plan(self._dialect.layout), self._dialect.last
        lines = islice(physical_lines(self._stream, self.encoding), before, None)
        span = MOST_LINES if self.header_line else 1
        for record in read_records(lines, self.delimiter, width=plan.width, before=before, most_lines=span):
            if record.problem:
                yield RejectedRow(record.line, record.problem)
            elif result := plan.read(record.line, record.cells):
                yield result


def open_export(stream: BinaryIO) -> Export:
    """Recognises the file in a seekable stream. Raises ExportError when it holds no keywords to read."""
    stream.seek(0)
    sample = stream.read(SAMPLE_SIZE)
    return _open(stream, sample, detect(sample))


def open_text(text: str) -> Export:
    """As `open_export`, for text that is already decoded, such as a pasted list."""
    content = text.encode("utf-8", "surrogatepass")
    return _open(io.BytesIO(content), content[:SAMPLE_SIZE], "utf-8")


def _open(stream: BinaryIO, sample: bytes, encoding: str) -> Export:
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample).lstrip("\ufeff")
    if not text.strip():
        raise ExportError("EMPTY", "The file is empty. Choose a file with one keyword per row.")
    return Export(stream, encoding, find_dialect(split(text)))
