"""A look at pictures that come from outside: nothing that a provider says of them counts."""

import asyncio
import base64
import io

from PIL import Image

from domain.ports import CallReport, Picture
from jobs.adapters.failures import Callee

MAX_SIDE, MAX_PIXELS = 8192, 25_000_000
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


async def picture_of(callee: Callee, encoded: str, report: CallReport) -> Picture:
    """A picture out of base64, its type and size looked up in the bytes: nothing else that a provider says counts."""
    try:
        return await asyncio.to_thread(_decode, encoded)
    except ValueError as error:
        raise callee.not_understood(f"not with a picture that can be used ({error})", report) from None


def _decode(encoded: str) -> Picture:
    data = base64.b64decode(encoded, validate=True)
    mime_type, width, height = probe(data)
    return Picture(data, mime_type, width, height)


def probe(data: bytes) -> tuple[str, int, int]:
    """(mime type, width, height) of a PNG, JPEG, WEBP or GIF that decodes to its end; ValueError for all else.

    Dimensions are judged before a pixel is unpacked: a few kilobytes can claim gigabytes.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP", "GIF"]) as image:
            kind, (width, height) = _TYPES[image.format or ""], image.size
            if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
                raise ValueError(f"{width} × {height} pixels are too many")
            image.load()
    except (ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(str(error)) from None
    except Exception as error:  # Pillow's decoders let out what they stumble over: OSError, SyntaxError, struct.error …
        raise ValueError("no PNG, JPEG, WEBP or GIF, or a damaged one") from error
    return kind, width, height
