"""Writing tasks and what is made of them."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from domain import audit
from domain.billing.rules import article_price, image_prompts_price, images_price
from domain.errors import bad_input, conflict, not_found
from domain.job import under_way
from domain.planned import Planned, Work, place_of
from domain.texts import check_word_count
from domain.writer.functions import GENERATE_CONTENT, GENERATE_IMAGE_PROMPTS, drawn
from domain.writer.images import GenerateImages
from persistence.base import SectorRow
from persistence.errors import Missing
from persistence.models import Account, AuthorProfile, Content, ContentIdea, Image, Task
from persistence.terms import AuditOperation, ContentStatus, IdeaStatus, ImageStatus, JobKind, LimitKey, TaskStatus
from persistence.unit import Unit

MAX_IDS = 500
WRITABLE = (TaskStatus.DRAFT,)
DEFAULT_IN_ARTICLE, MAX_IN_ARTICLE = 1, 5
R = TypeVar("R", bound=SectorRow)


async def create_tasks_from_ideas(unit: Unit, idea_ids: list[UUID]) -> list[UUID]:
    """One task per idea, in the order given; CONFLICT when one of them has a task."""
    ids = _distinct(idea_ids, "ideaIds")
    try:
        ideas = await unit.many(ContentIdea, ids)
    except Missing:
        raise not_found("idea", "input", "ideaIds") from None
    if any(idea.status is not IdeaStatus.NEW for idea in ideas):
        raise conflict("An idea was scheduled or rejected before.", "input", "ideaIds")
    tasks = [_task(idea) for idea in ideas]
    unit.add(*tasks)
    for idea in ideas:
        idea.status = IdeaStatus.SCHEDULED
    await unit.flush()
    made = [task.id for task in tasks]
    account_id = ideas[0].account_id
    audit.record(unit, account_id, "createTasksFromIdeas", "Task", operation=AuditOperation.INSERT, ids=made)
    return made


def _task(idea: ContentIdea) -> Task:
    return Task(
        account_id=idea.account_id,
        site_id=idea.site_id,
        sector_id=idea.sector_id,
        cluster_id=idea.cluster_id,
        idea_id=idea.id,
        title=idea.idea_title,
        description=idea.description,
        keywords=idea.target_keywords,
        content_type=idea.content_type,
        content_structure=idea.content_structure,
        word_count=idea.estimated_word_count,
    )


@dataclass(frozen=True, slots=True)
class Writing:
    """What to write, and how. `rewrite`: tasks that have content are written anew; what it said stays a revision."""

    task_ids: list[UUID]
    target_word_count: int | None = None
    author_profile_id: UUID | None = None
    rewrite: bool = False


async def plan_content(unit: Unit, user_id: UUID, wanted: Writing) -> Planned:
    """One item per task. CONFLICT for tasks that are under way, or have content that is not to be rewritten."""
    ids = _distinct(wanted.task_ids, "taskIds")
    words = wanted.target_word_count
    if words is not None:
        check_word_count(words, "input", "targetWordCount")
    tasks = await _many(unit, Task, ids, "task", "taskIds")
    author = wanted.author_profile_id or (await unit.get(Account, tasks[0].account_id)).default_author_profile_id
    if author and await unit.session.get(AuthorProfile, author) is None:
        raise not_found("author profile", "input", "authorProfileId")
    await _lock(unit, ids)
    await _check_writable(unit, tasks, rewrite=wanted.rewrite)
    work = [Work(task.id, 1, article_price(words or task.word_count)) for task in tasks]
    params = {
        "targetWordCount": words,
        "authorProfileId": str(author) if author else None,
        "rewrite": wanted.rewrite,
    }
    uses = {LimitKey.AI_REQUESTS: len(work), LimitKey.WORDS: sum(words or task.word_count for task in tasks)}
    return Planned(GENERATE_CONTENT, place_of(tasks, user_id), work, params, uses)


async def queue_tasks(unit: Unit, planned: Planned) -> None:
    """What is to be written shows it; they are locked."""
    for task in await unit.many(Task, [work.subject_id for work in planned.work if work.subject_id]):
        task.status = TaskStatus.QUEUED


async def plan_image_prompts(unit: Unit, user_id: UUID, content_ids: list[UUID], in_article: int | None) -> Planned:
    """One item per content. CONFLICT for contents that have images already."""
    ids = _distinct(content_ids, "contentIds")
    number = DEFAULT_IN_ARTICLE if in_article is None else in_article
    if not 0 <= number <= MAX_IN_ARTICLE:
        raise bad_input(f"inArticle must be from 0 to {MAX_IN_ARTICLE}.", "input", "inArticle")
    contents = await _many(unit, Content, ids, "content", "contentIds")
    await unit.all(select(Content).where(Content.id.in_(ids)).order_by(Content.id).with_for_update())
    if await under_way(unit, JobKind.GENERATE_IMAGE_PROMPTS, ids):
        raise conflict("A content's images are being described.", "input", "contentIds")
    if await drawn(unit, ids):
        raise conflict("A content has images that are drawn, or being drawn.", "input", "contentIds")
    work = [Work(content.id, 1, image_prompts_price(1)) for content in contents]
    params, uses = {"inArticle": number}, {LimitKey.AI_REQUESTS: len(work)}
    return Planned(GENERATE_IMAGE_PROMPTS, place_of(contents, user_id), work, params, uses)


async def plan_images(
    unit: Unit, user_id: UUID, image_ids: list[UUID] | None, content_ids: list[UUID] | None
) -> Planned:
    """One item per image; of contents, those that are not drawn yet. CONFLICT for one that is under way or there."""
    if (image_ids is None) == (content_ids is None):
        raise bad_input("Give either imageIds or contentIds.", "input")
    if content_ids is not None:
        images = await _undrawn(unit, _distinct(content_ids, "contentIds"))
    else:
        images = await _many(unit, Image, _distinct(image_ids or [], "imageIds"), "image", "imageIds")
    statement = select(Image).where(Image.id.in_([i.id for i in images])).order_by(Image.id).with_for_update()
    await unit.all(statement.execution_options(populate_existing=True))
    if any(image.status in (ImageStatus.QUEUED, ImageStatus.READY) for image in images):
        raise conflict("An image is drawn, or being drawn.", "input", "imageIds" if image_ids else "contentIds")
    work = [Work(image.id, 1, images_price(1)) for image in images]
    return Planned(GenerateImages(), place_of(images, user_id), work, {}, {LimitKey.IMAGES: len(work)})


async def queue_images(unit: Unit, planned: Planned) -> None:
    for image in await unit.many(Image, [work.subject_id for work in planned.work if work.subject_id]):
        image.status, image.error = ImageStatus.QUEUED, None


async def _undrawn(unit: Unit, content_ids: list[UUID]) -> list[Image]:
    await _many(unit, Content, content_ids, "content", "contentIds")
    statement = (
        select(Image)
        .where(Image.content_id.in_(content_ids), Image.status.in_((ImageStatus.PROMPTED, ImageStatus.FAILED)))
        .order_by(Image.content_id, Image.position, Image.id)
    )
    images = await unit.all(statement)
    if not images:
        raise bad_input(
            "These contents have no images to draw; describe some with generateImagePrompts.", "input", "contentIds"
        )
    if len(images) > MAX_IDS:
        raise bad_input(f"That is more than {MAX_IDS} images; take fewer contents.", "input", "contentIds")
    return images


async def _many(unit: Unit, row: type[R], ids: list[UUID], what: str, field: str) -> list[R]:
    try:
        return await unit.many(row, ids)
    except Missing:
        raise not_found(what, "input", field) from None


async def _lock(unit: Unit, ids: list[UUID]) -> None:
    """Read afresh: of two requests for a task the second finds it under way."""
    statement = select(Task).where(Task.id.in_(ids)).order_by(Task.id).with_for_update()
    await unit.all(statement.execution_options(populate_existing=True))


async def _check_writable(unit: Unit, tasks: list[Task], *, rewrite: bool) -> None:
    states = (*WRITABLE, TaskStatus.REVIEW) if rewrite else WRITABLE
    busy = next((task for task in tasks if task.status not in states), None)
    if busy:
        raise conflict(f"The task “{busy.title}” is {busy.status.value}.", "input", "taskIds")
    statement = select(Content.title, Content.status).where(Content.task_id.in_([task.id for task in tasks]))
    for written, status in await unit.session.execute(statement):
        if status is ContentStatus.PUBLISHED:
            raise conflict(f"The content “{written}” is PUBLISHED.", "input", "taskIds")
        if not rewrite:
            raise conflict(f"A task has content: “{written}”. Give rewrite: true to write it anew.", "input", "taskIds")


def _distinct(ids: list[UUID], field: str) -> list[UUID]:
    distinct = list(dict.fromkeys(ids))
    if not 1 <= len(distinct) <= MAX_IDS:
        raise bad_input(f"Give from 1 to {MAX_IDS} ids.", "input", field)
    return distinct
