"""Sitemaps: lists of addresses, and lists of lists; in XML, in plain text, packed or not."""

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError, XMLPullParser

MAX_BYTES = 52_428_800  # of one, unpacked: https://www.sitemaps.org/protocol.html
MAX_ADDRESSES = 50_000
GZIP = b"\x1f\x8b"


@dataclass(slots=True)
class Sitemap:
    pages: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)


def sitemap(data: bytes) -> Sitemap:
    """What it lists, up to where it can be read; nothing of what is no sitemap. Takes processor time."""
    text = _unpacked(data)
    if text.lstrip()[:1] != b"<":
        return Sitemap(pages=_lines(text))
    found = Sitemap()
    parser: Any = XMLPullParser(["start", "end"])
    root = ""
    try:
        for at in range(0, len(text), 65_536):
            parser.feed(text[at : at + 65_536])
            for event, element in parser.read_events():
                name = element.tag.rpartition("}")[2].lower()
                if event == "start":
                    root = root or name
                elif name == "loc" and len(found.pages) < MAX_ADDRESSES:
                    kept = found.sitemaps if root == "sitemapindex" else found.pages
                    kept.append((element.text or "").strip())
                elif name in ("url", "sitemap"):
                    element.clear()
    except ParseError:
        pass  # as far as it went
    return found if root in ("urlset", "sitemapindex") else Sitemap()


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(GZIP):
        return data[:MAX_BYTES]
    try:
        with gzip.open(io.BytesIO(data)) as file:
            return file.read(MAX_BYTES)
    except (OSError, EOFError):
        return b""


def _lines(text: bytes) -> list[str]:
    lines: Sequence[str] = text.decode("utf-8-sig", "replace").splitlines()[:MAX_ADDRESSES]
    return [line.strip() for line in lines if line.strip().startswith(("http://", "https://"))]
