"""A byte stream as physical lines of text, in flat memory."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

LONGEST_LINE = 65_536

_BLOCK = 65_536


def split(text: str) -> list[str]:
    """Lines with their ends. Only CR, LF and CRLF end one: `str.splitlines` would also cut at U+2028 or U+0085."""
    return io.StringIO(text, newline="").readlines()


def physical_lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Every line from the stream's beginning; of one above LONGEST_LINE only as much as shows that it is."""
    tail, skipping = "", False
    for text in _decoded(stream, encoding):
        lines = split(tail + text)
        tail = "" if not lines or lines[-1].endswith(("\n", "\r")) else lines.pop()
        yield from lines[skipping:]
        skipping = skipping and not lines
        if len(tail) > LONGEST_LINE:
            if not skipping:
                yield tail[: LONGEST_LINE + 1]
            tail, skipping = "", True
    if tail and not skipping:
        yield tail


def _decoded(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Text in blocks; what cannot be decoded becomes U+FFFD, and CRLF is never cut in two."""
    decode = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=False).decode
    stream.seek(0)
    yield decode(stream.read(_BLOCK)).lstrip("\ufeff")
    while block := stream.read(_BLOCK):
        yield decode(block)
    yield decode(b"", final=True)
