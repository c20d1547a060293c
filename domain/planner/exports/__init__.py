"""Reads the export of any keyword tool, or a plain list of keywords, as one kind of row.

`open_export` recognises encoding, delimiter, header row and tool; `Export.batches` streams the rows.
"""

from domain.planner.exports.reader import Export, open_export, open_text
from domain.planner.exports.rows import LOADED, Batch, ExportError, KeywordRow, RejectedRow
from domain.planner.exports.wording import keyword_key

__all__ = [
    "LOADED",
    "Batch",
    "Export",
    "ExportError",
    "KeywordRow",
    "RejectedRow",
    "keyword_key",
    "open_export",
    "open_text",
]
