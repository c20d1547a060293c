"""Finds a file's text encoding from its first bytes, and refuses what is no text at all."""

import codecs
import re

from domain.planner.exports.rows import ExportError

SAMPLE_SIZE = 262_144

_AS_CSV = "Export the keywords as CSV and import that file."
_KINDS = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"PK\x05\x06": "a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF87a": "an image",
    b"GIF89a": "an image",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
    b"{\\rtf": "a word processor document",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "shift_jis", "gb18030", "big5", "euc_kr"]
_WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüßœÀÁÂÄÅÆÇÈÉÊËÍÎÑÓÔÖØÙÚÜ€£‘’“”–—…•·°´«»¿¡ \xa0")
_NON_ASCII_RUN = re.compile(rb"[\xc0-\xff]{4}")


def detect(sample: bytes) -> str:
    """The codec of a file that starts with `sample`. Raises ExportError for an empty file and for known binary ones."""
    if not sample.strip():
        raise ExportError("EMPTY", "The file is empty. Choose a file with one keyword per row.")
    for magic, kind in _KINDS.items():
        if sample.startswith(magic):
            raise ExportError("UNREADABLE", f"This is {kind}, not a text file. {_AS_CSV}")
    marked = next((name for mark, name in _MARKS if sample.startswith(mark)), None)
    return marked or _unmarked_utf16(sample) or _utf8(sample) or _legacy(sample)


def _unmarked_utf16(sample: bytes) -> str | None:
    """UTF-16 has most of its NULs on one side, and line ends of two bytes."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 3 >= max(even, odd):
        return None
    name, end = ("utf-16-le", b"\n\0") if odd > even else ("utf-16-be", b"\0\n")
    aligned = any(sample[index : index + 2] == end for index in range(0, min(len(sample), 8192), 2))
    return name if aligned or (max(even, odd) * 3 > len(sample) and b"\n" not in sample) else None


def _utf8(sample: bytes) -> str | None:
    """UTF-8 if all of it decodes, or if most of what is not ASCII does: that is no accident."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    damaged = text.count("\ufffd")
    if not damaged:
        return "utf-8"
    sound = sum(not character.isascii() for character in text) - damaged
    return "utf-8" if sound > 2 * damaged else None


def _legacy(sample: bytes) -> str:
    """Windows-1252 for western letters; otherwise what the statistics say of the lines that are not ASCII."""
    telling = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:16_384]
    high = bytes(byte for byte in telling if byte > 0x7F)
    western = sum(character in _WESTERN for character in high.decode("cp1252", "replace")) / max(len(high), 1)
    if western < 0.7 or _NON_ASCII_RUN.search(telling):
        from charset_normalizer import from_bytes  # few files come here, and it takes 3 MB of each process

        best = from_bytes(telling, cp_isolation=_LEGACY).best()
        if best is not None and best.encoding != "ascii":
            return best.encoding
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"
