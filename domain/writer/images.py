"""The background work of drawing images from their prompts."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from domain.ai.calls import begin_call, end_call
from domain.ai.choice import image_choice
from domain.ai.function import seconds_left
from domain.ai.receipts import Bought, Receipt, receipt_of
from domain.billing.rules import images_price
from domain.functions import Answered, Charge, Progress, Tools
from domain.ports import CallReport, ImageRequest, Picture, PostponedError, ProviderChoice, ProviderError, Providers
from domain.writer.rules import IMAGE_SIZES
from persistence.blobs import Blobs
from persistence.errors import NoRoom
from persistence.models import Content, Image, Job, JobItem
from persistence.terms import (
    AiProvider,
    ContentOrigin,
    FailureCause,
    ImageStatus,
    ImageType,
    JobItemStatus,
    JobKind,
    LimitKey,
    Queue,
)
from persistence.unit import Unit

ATTEMPT_SECONDS = 120.0
MAX_BYTES = 32_000_000
HOLD_SECONDS, WAIT_SECONDS = 900.0, 15.0  # a picture is held while its file has no room; an item waits for room


@dataclass(frozen=True, slots=True)
class Drawing:
    request: ImageRequest
    choice: ProviderChoice
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that is kept under a key, before its row says so; `size` in bytes."""

    key: str
    mime_type: str
    width: int
    height: int
    size: int


async def draw(tools: Tools, drawing: Drawing, progress: Progress) -> Answered:
    """The picture as it is stored. Postponed, before it is paid for, where its file would have no room."""
    bought = drawing.receipt.bought or await _bought(tools, drawing, progress)
    return Answered(Stored(**bought.value), bought.report, bought.ms)


async def _bought(tools: Tools, drawing: Drawing, progress: Progress) -> Bought:
    if not await tools[Blobs].has_room(MAX_BYTES):
        raise PostponedError("Waiting for room on the disk: nothing is drawn before it can be kept.", WAIT_SECONDS)
    started = time.monotonic()
    picture, report = await tools[Providers].images(drawing.choice).draw(drawing.request)
    took = int((time.monotonic() - started) * 1000)
    stored = await _stored(tools, picture, report, progress)
    bought = Bought(asdict(stored), report, took)
    await drawing.receipt.keep(tools, bought)
    return bought


async def _stored(tools: Tools, picture: Picture, report: CallReport, progress: Progress) -> Stored:
    """Held meanwhile, where there is no room after all."""

    def waits() -> None:
        progress("waiting for room on the disk to keep the picture", 1, 2)

    try:
        key = await tools[Blobs].put_paid(picture.data, HOLD_SECONDS, waits)
    except NoRoom:
        reason = "It was drawn, but there was no room on the disk to keep it. Try again once there is."
        raise ProviderError(reason, retryable=False, report=report, cause=FailureCause.NO_ROOM) from None
    return Stored(key, picture.mime_type, picture.width, picture.height, len(picture.data))


class GenerateImages:
    """One picture. Its file is stored before its row knows: a file that no row names is removed later."""

    kind, queue, phase = JobKind.GENERATE_IMAGES, Queue.IMAGES, "drawing"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Drawing | None:
        image = await unit.session.get(Image, item.subject_id, with_for_update=True)
        if image is None or image.status is ImageStatus.READY:
            return None
        choice = await image_choice(unit, tools[Providers].default_images)
        content = await unit.session.get(Content, image.content_id) if image.content_id else None
        width, height = IMAGE_SIZES[image.image_type]
        title = content.title if content and image.image_type is ImageType.FEATURED else ""
        receipt = receipt_of(tools, item, choice, image.prompt, title, width, height)
        await begin_call(unit, job, item, choice, receipt=receipt)
        seconds = await seconds_left(unit, item, ATTEMPT_SECONDS)
        return Drawing(ImageRequest(image.prompt, title, width, height, seconds), choice, receipt)

    async def call(self, tools: Tools, brief: Drawing, progress: Progress) -> Answered:
        return await draw(tools, brief, progress)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Drawing, answer: Answered) -> Charge:
        stored: Stored = answer.value
        image = await unit.session.get(Image, item.subject_id, with_for_update=True)
        await end_call(unit, item, answer)
        if image is None:
            return Charge(0, answer.report.cost_micros, message="the image was deleted meanwhile")
        offline = brief.choice.provider is AiProvider.OFFLINE
        image.status, image.error, image.blob_key = ImageStatus.READY, None, stored.key
        image.mime_type, image.bytes = stored.mime_type, stored.size
        image.width, image.height = stored.width, stored.height
        image.origin = ContentOrigin.OFFLINE_DRAFT if offline else ContentOrigin.AI
        details: dict[str, object] = {"width": stored.width, "height": stored.height, "bytes": stored.size}
        return Charge(images_price(1), answer.report.cost_micros, details, "image drawn")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """The reason is kept with the image; a cancelled one is as before."""
        image = await unit.session.get(Image, item.subject_id, with_for_update=True)
        if image and image.status is not ImageStatus.READY:
            failed = item.status is JobItemStatus.FAILED
            image.status = ImageStatus.FAILED if failed else ImageStatus.PROMPTED
            image.error = item.error if failed else None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {LimitKey.IMAGES: len(failed)}
