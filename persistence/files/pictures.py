"""What the first bytes of a file say that it is."""

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

HEAD = 16  # bytes that tell
ANYTHING = "application/octet-stream"
SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster image; `size` in bytes."""

    media_type: str
    width: int
    height: int
    size: int


def media_type_of(head: bytes) -> str:
    """A raster image, or anything."""
    return next((kind for signature, kind in SIGNATURES if signature.match(head)), ANYTHING)


def picture_in(file: BinaryIO) -> Picture | None:
    """What its header says; None for what is no raster image. It is read from its beginning. Blocking."""
    import imagesize  # with an XML parser, that most processes never need

    size = file.seek(0, 2)
    file.seek(0)
    media_type = media_type_of(file.read(HEAD))
    if media_type == ANYTHING:
        return None
    file.seek(0)
    try:
        width, height = imagesize.get(file)
    except (ValueError, OSError, struct.error):
        return None
    return Picture(media_type, width, height, size) if width > 0 and height > 0 else None
