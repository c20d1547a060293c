"""The background work of drawing images from their prompts."""

import io
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.ai.calls import begin_call, end_call
from domain.ai.choice import image_choice
from domain.billing.rules import images_price
from domain.functions import Answered, Charge, Progress, Tools
from domain.ports import ImageRequest, Picture, ProviderChoice
from domain.writer.rules import IMAGE_SIZES
from persistence.models import Content, Image, Job, JobItem
from persistence.terms import AiProvider, ContentOrigin, ImageStatus, ImageType, JobItemStatus, JobKind
from persistence.unit import Unit

ATTEMPT_SECONDS = 120.0
MAX_BYTES = 32_000_000


@dataclass(frozen=True, slots=True)
class Drawing:
    request: ImageRequest
    choice: ProviderChoice


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that is kept under a key, before its row says so."""

    picture: Picture
    key: str


async def draw(tools: Tools, drawing: Drawing) -> Answered:
    """The picture, and the key that it is kept under."""
    started = time.monotonic()
    picture, report = await tools.providers.images(drawing.choice).draw(drawing.request)
    key = await tools.blobs.put(io.BytesIO(picture.data), MAX_BYTES)
    return Answered(Stored(picture, key), report, int((time.monotonic() - started) * 1000))


class GenerateImages:
    """One picture. Its file is stored before its row knows: a file that no row names is removed later."""

    kind, phase = JobKind.GENERATE_IMAGES, "drawing"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Drawing | None:
        image = await unit.session.get(Image, item.subject_id, with_for_update=True)
        if image is None or image.status is ImageStatus.READY:
            return None
        choice = await image_choice(unit, tools.providers.default_images)
        content = await unit.session.get(Content, image.content_id) if image.content_id else None
        width, height = IMAGE_SIZES[image.image_type]
        title = content.title if content and image.image_type is ImageType.FEATURED else ""
        begin_call(unit, job, item, choice)
        seconds = (item.deadline_at - datetime.now(UTC)).total_seconds() if item.deadline_at else ATTEMPT_SECONDS
        return Drawing(ImageRequest(image.prompt, title, width, height, max(1, min(seconds, ATTEMPT_SECONDS))), choice)

    async def call(self, tools: Tools, brief: Drawing, progress: Progress) -> Answered:
        return await draw(tools, brief)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Drawing, answer: Answered) -> Charge:
        stored: Stored = answer.value
        picture = stored.picture
        image = await unit.session.get(Image, item.subject_id, with_for_update=True)
        await end_call(unit, item, answer)
        if image is None:
            return Charge(0, answer.report.cost_micros, message="the image was deleted meanwhile")
        offline = brief.choice.provider is AiProvider.OFFLINE
        image.status, image.error, image.blob_key = ImageStatus.READY, None, stored.key
        image.mime_type, image.bytes = picture.mime_type, len(picture.data)
        image.width, image.height = picture.width, picture.height
        image.origin = ContentOrigin.OFFLINE_DRAFT if offline else ContentOrigin.AI
        details = {"width": picture.width, "height": picture.height, "bytes": len(picture.data)}
        return Charge(images_price(1), answer.report.cost_micros, dict(details), "image drawn")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """The reason is kept with the image; a cancelled one is as before."""
        image = await unit.session.get(Image, item.subject_id, with_for_update=True)
        if image and image.status is not ImageStatus.READY:
            failed = item.status is JobItemStatus.FAILED
            image.status = ImageStatus.FAILED if failed else ImageStatus.PROMPTED
            image.error = item.error if failed else None
