"""Pictures without network, key or model, and a look at pictures that come from outside."""

import asyncio
import io

from PIL import Image

from domain.ports import CallReport, ImageRequest, Picture
from jobs.adapters.landscape import landscape

LEAST, MOST = 64, 2048
MAX_SIDE, MAX_PIXELS = 8192, 25_000_000
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_FREE = CallReport(provider="offline", model="drawing-1", cost_micros=0)


class OfflineImages:
    """The same title, prompt and size always give the same picture, as WEBP of at most 300 kB."""

    async def draw(self, request: ImageRequest) -> tuple[Picture, CallReport]:
        """Width and height as asked for, within 64 to 2048; in a thread, so that the event loop goes on."""
        width, height = (min(max(side, LEAST), MOST) for side in (request.width, request.height))
        data = await asyncio.to_thread(landscape, request.title, request.prompt, width, height)
        return Picture(data, "image/webp", width, height), _FREE


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
