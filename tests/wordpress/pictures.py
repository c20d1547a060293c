"""Small pictures, each with bytes of its own."""

import hashlib
from io import BytesIO

from PIL import Image

from domain.destinations import Media


def picture(colour: int = 0, format: str = "PNG", size: tuple[int, int] = (8, 6)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, (colour % 256, colour // 256 % 256, 40)).save(file, format)
    return file.getvalue()


def media_of(data: bytes, mime_type: str = "image/png", alt_text: str = "A cup of tea") -> Media:
    async def read() -> bytes:
        return data

    return Media(hashlib.sha256(data).hexdigest(), mime_type, 8, 6, alt_text, "Tea & co", read)


PICTURE = picture()
PICTURE_NAME = f"sha256-{hashlib.sha256(PICTURE).hexdigest()}"
