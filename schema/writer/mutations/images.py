"""Images: uploaded, described, drawn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import strawberry
from starlette.datastructures import UploadFile

from domain.access import Permission
from domain.writer import images
from domain.writer.images import Upload
from domain.writer.work.generate_images import GENERATE_IMAGES
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.jobs.actions import starts
from schema.mutation import DeletePayload, create_one_once, given, id_argument, mutation
from schema.writer.inputs import CreateImageInput, GenerateImagesInput, UpdateImageInput
from schema.writer.payloads import ImagePayload
from schema.writer.types import Image

ImageId = Annotated[UUID, id_argument("Image")]
ImageIds = Annotated[list[UUID], id_argument("Image", many=True)]


@strawberry.type
class ImageMutation:
    @mutation(Permission.WRITE)
    async def create_image(self, info: Info, input: CreateImageInput) -> ImagePayload:
        """Uploaded, or described for generateImages."""
        columns = given(input, "content_id", "file", "idempotency_key")
        async with uploaded(info, input.file) as upload:
            same: Any = replace(input, file=upload and upload.stored.sha256)  # type: ignore[arg-type]  # sent again, it is another file with the same bytes
            id = await create_one_once(
                info,
                Image,
                "createImage",
                same,
                lambda unit: images.create_image(unit, input.content_id, columns, upload),
            )
        return ImagePayload(image=ref(Image, id))

    @mutation(Permission.WRITE)
    async def update_image(self, info: Info, id: ImageId, input: UpdateImageInput) -> ImagePayload:
        """Only what is given of the image changes; not while it is being drawn."""
        async with uploaded(info, input.file) as upload, info.context.write() as unit:
            fields = given(input, "file", "expected_version")
            await images.update_image(unit, id, fields, upload, input.expected_version)
        return ImagePayload(image=ref(Image, id))

    @mutation(Permission.WRITE, archived=True)
    async def delete_images(self, info: Info, ids: ImageIds) -> DeletePayload:
        """Up to 1,000 images, all or none, with their files."""
        async with info.context.write() as unit:
            deleted = await images.delete_images(unit, ids)
        return DeletePayload(deleted_ids=encoded(Image, deleted))

    generate_images = starts(GENERATE_IMAGES, GenerateImagesInput, "3 credits per image.")


@asynccontextmanager
async def uploaded(info: Info, file: object) -> AsyncIterator[Upload | None]:
    """Before the transaction: a slow disk holds no row."""
    if file is None:
        yield None
        return
    assert isinstance(file, UploadFile)
    context = info.context
    scope = context.scope(write=True)
    async with images.uploaded(context.services.units, scope, context.services.blobs, file.file) as upload:
        yield upload
