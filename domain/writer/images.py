"""Images that people describe, upload, change and delete by hand."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from domain.billing.storage import storing
from domain.crud import create, delete_all, edit
from domain.errors import bad_input, conflict
from domain.rows import belonging, find, lock, lock_all
from domain.texts import check_text
from persistence.files.blobs import Blobs, Stored
from persistence.files.pictures import Picture, picture_in
from persistence.models import Content, Image
from persistence.scope import SessionScope
from persistence.terms import ContentOrigin, ImageStatus
from persistence.unit import Unit, Units

Given = Mapping[str, Any]
MAX_BYTES, MAX_PROMPT, MAX_ALT_TEXT, MAX_POSITION, MAX_PIXELS = 32_000_000, 4000, 500, 1000, 50_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is stored already, before its row says so."""

    stored: Stored
    picture: Picture


@asynccontextmanager
async def uploaded(units: Units, scope: SessionScope, blobs: Blobs, file: BinaryIO) -> AsyncIterator[Upload]:
    """Stored while it lasts, and for good once an image names it. BAD_INPUT for what is no raster image, and for more
    than 32 MB; LIMIT_REACHED where the plan has no room for it.
    """
    picture = await asyncio.to_thread(picture_in, file)
    if picture is None or picture.width * picture.height > MAX_PIXELS:
        raise bad_input("Send a PNG, JPEG, WebP or GIF picture of at most 50 megapixels.", "input", "file")
    if picture.size > MAX_BYTES:
        raise bad_input(f"The file is larger than {MAX_BYTES // 1_000_000} MB.", "input", "file")
    async with storing(units, scope, blobs, picture.size, "input", "file") as key:
        yield Upload(await blobs.put(file, MAX_BYTES, key), picture)


def _columns(given: Given, upload: Upload | None) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "prompt":
                columns[name] = check_text(value, MAX_PROMPT, "input", "prompt")
            case "alt_text":
                columns[name] = check_text(value, MAX_ALT_TEXT, "input", "altText")
            case "position":
                if value is None or not 0 <= value <= MAX_POSITION:
                    raise bad_input(f"Give a number from 0 to {MAX_POSITION}.", "input", "position")
                columns[name] = value
            case "image_type":
                if value is not None:
                    columns[name] = value
    if upload:
        picture = upload.picture
        columns |= {
            "blob_key": upload.stored.key, "mime_type": picture.media_type, "width": picture.width,
            "height": picture.height, "bytes": picture.size, "sha256": upload.stored.sha256,
            "status": ImageStatus.READY, "origin": ContentOrigin.HUMAN, "error": None,
        }  # fmt: skip
    return columns


async def create_image(unit: Unit, content_id: UUID, given: Given, upload: Upload | None) -> UUID:
    """READY with a file; without one PROMPTED, for generateImages."""
    content = await find(unit, Content, content_id, "input", "contentId")
    columns = _columns(given, upload)
    if not upload and not columns.get("prompt"):
        raise bad_input("Give a file, or a prompt to draw it from.", "input", "prompt")
    columns.setdefault("prompt", "")
    (id,) = await create(unit, Image(**belonging(content), content_id=content.id, task_id=content.task_id, **columns))
    return id


async def update_image(unit: Unit, id: UUID, given: Given, upload: Upload | None, expected_version: int | None) -> UUID:
    """A new file takes the place of the old one; a new prompt of one that is drawn lets it be drawn again."""
    image = await lock(unit, Image, id, "id")
    if image.status is ImageStatus.QUEUED:
        raise conflict("The image is being drawn.", "id")
    columns = _columns(given, upload)
    anew = not upload and "prompt" in columns and columns["prompt"] != image.prompt
    if anew and image.origin is not ContentOrigin.HUMAN:
        columns["status"] = ImageStatus.PROMPTED
    return await edit(unit, image, columns, expected_version)


async def delete_images(unit: Unit, ids: Sequence[UUID]) -> list[UUID]:
    """Their files go later."""
    if any(image.status is ImageStatus.QUEUED for image in await lock_all(unit, Image, ids, "ids")):
        raise conflict("An image is being drawn; wait for its job, or cancel it with cancelJob.", "ids")
    return await delete_all(unit, Image, ids)
