"""Pictures, drawn from their prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain.access import Permission
from domain.ai.calls import begin_call, end_call
from domain.ai.choice import image_choice
from domain.ai.drawing import PRICE, Drawing, Stored, draw, uses
from domain.ai.function import seconds_left
from domain.ai.paid_answers import receipt_of
from domain.errors import bad_input, conflict
from domain.functions import Answered, Charge, Params, Progress, Tools
from domain.planned import MAX_SUBJECTS, Planned, Work, place_of
from domain.ports import ImageRequest, Providers
from domain.rows import find_all
from persistence.models import Content, Image, Job, JobItem
from persistence.terms import (
    AiProvider,
    ContentOrigin,
    ImageStatus,
    ImageType,
    JobItemStatus,
    JobKind,
    LimitKey,
    Queue,
)
from persistence.unit import Unit

ATTEMPT_SECONDS = 120.0
UNDRAWN = (ImageStatus.PROMPTED, ImageStatus.FAILED)
SIZES: dict[ImageType, tuple[int, int]] = {
    ImageType.FEATURED: (1200, 640),
    ImageType.IN_ARTICLE: (1024, 768),
    ImageType.DESKTOP: (1920, 1080),
    ImageType.MOBILE: (1080, 1344),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Either: of contents all images that are not drawn yet."""

    image_ids: list[UUID] | None = None
    content_ids: list[UUID] | None = None


async def _undrawn(unit: Unit, content_ids: list[UUID]) -> list[Image]:
    contents = await find_all(unit, Content, content_ids, "input", "contentIds", most=MAX_SUBJECTS)
    statement = (
        select(Image)
        .where(
            Image.content_id.in_([content.id for content in contents]),
            Image.status.in_(UNDRAWN),
        )
        .order_by(Image.content_id, Image.position, Image.id)
    )
    images = await unit.all(statement)
    if not images:
        raise bad_input(
            "These contents have no images to draw; describe some with generateImagePrompts.", "input", "contentIds"
        )
    if len(images) > MAX_SUBJECTS:
        raise bad_input(f"That is more than {MAX_SUBJECTS} images; take fewer contents.", "input", "contentIds")
    return images


class GenerateImages:
    """One picture. Its file is stored before its row knows: a file that no row names is removed later."""

    kind, queue, phase = JobKind.GENERATE_IMAGES, Queue.IMAGES, "drawing"
    permission, wanted = Permission.WRITE, Wanted

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        """One item per image; of contents, those that are not drawn yet. CONFLICT for one that is under way or there."""
        image_ids, content_ids = wanted.image_ids, wanted.content_ids
        if (image_ids is None) == (content_ids is None):
            raise bad_input("Give either imageIds or contentIds.", "input")
        if content_ids is not None:
            images = await _undrawn(unit, content_ids)
        else:
            images = await find_all(unit, Image, image_ids or [], "input", "imageIds", most=MAX_SUBJECTS)
        statement = select(Image).where(Image.id.in_([i.id for i in images])).order_by(Image.id).with_for_update()
        await unit.all(statement.execution_options(populate_existing=True))
        if any(image.status in (ImageStatus.QUEUED, ImageStatus.READY) for image in images):
            raise conflict("An image is drawn, or being drawn.", "input", "imageIds" if image_ids else "contentIds")
        work = [Work(image.id, 1, PRICE) for image in images]
        return Planned(self, place_of(images, user_id), work, {}, uses(len(work)))

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        statement = select(Image).where(Image.id.in_(subject_ids), Image.status.in_(UNDRAWN)).order_by(Image.id)
        for image in await unit.all(statement.with_for_update().execution_options(populate_existing=True)):
            image.status, image.error = ImageStatus.QUEUED, None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Drawing | None:
        image = await unit.session.get(Image, item.subject_id, with_for_update=True)
        if image is None or image.status is ImageStatus.READY:
            return None
        choice = await image_choice(unit, tools[Providers].default_images)
        content = await unit.session.get(Content, image.content_id) if image.content_id else None
        width, height = SIZES[image.image_type]
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
        image.mime_type, image.bytes, image.sha256 = stored.mime_type, stored.size, stored.sha256
        image.width, image.height = stored.width, stored.height
        image.origin = ContentOrigin.OFFLINE_DRAFT if offline else ContentOrigin.AI
        details: dict[str, object] = {"width": stored.width, "height": stored.height, "bytes": stored.size}
        return Charge(PRICE, answer.report.cost_micros, details, "image drawn")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """The reason is kept with the image; a cancelled one is as before."""
        image = await unit.session.get(Image, item.subject_id, with_for_update=True)
        if image and image.status is not ImageStatus.READY:
            failed = item.status is JobItemStatus.FAILED
            image.status = ImageStatus.FAILED if failed else ImageStatus.PROMPTED
            image.error = item.error if failed else None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return uses(len(failed))


GENERATE_IMAGES = GenerateImages()
