"""AI functions of writing: articles, and the prompts of their images."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, func, select

from domain.ai.answers import ArticleAnswer, ImagePromptsAnswer
from domain.ai.briefs import ArticleBrief, ImagePromptsBrief
from domain.ai.function import AiFunction, Asked, Done
from domain.ai.guidance import guidance_lines, guidance_of
from domain.ai.wording import fold
from domain.billing.rules import WORDS_PER_CREDIT, article_price, image_prompts_price
from domain.slugs import slugify
from domain.writer import prompts
from domain.writer.beside import beside
from domain.writer.html import cut, headings
from domain.writer.revisions import record_revision
from domain.writer.rules import article_problems, image_problems
from domain.writer.slugs import free_slug
from domain.writer.written import Written, write
from persistence.models import AuthorProfile, Cluster, Content, ContentIdea, Image, Job, JobItem, Keyword, Task
from persistence.terms import (
    ContentStatus,
    IdeaStatus,
    ImageStatus,
    ImageType,
    JobKind,
    LimitKey,
    PromptType,
    TaskStatus,
)
from persistence.unit import Unit

BRIEF_KEYWORDS = 40
BEFORE = (TaskStatus.DRAFT, TaskStatus.QUEUED, TaskStatus.IN_PROGRESS)
TOKENS_PER_WORD, MORE_TOKENS = 3, 1_500
STRENGTH = func.coalesce(Keyword.volume, Keyword.impressions, 0)


# Articles


async def _gather_article(unit: Unit, job: Job, item: JobItem) -> ArticleBrief | None:
    task = await unit.session.get(Task, item.subject_id, with_for_update=True)
    if task is None or task.status not in BEFORE or not await _to_be_written(unit, job, task):
        return None
    task.status = TaskStatus.IN_PROGRESS
    cluster = await unit.session.get(Cluster, task.cluster_id) if task.cluster_id else None
    keywords, language = await _keywords(unit, task)
    return ArticleBrief(
        title=task.title,
        description=task.description,
        content_type=task.content_type,
        content_structure=task.content_structure,
        keywords=keywords,
        cluster_name=cluster.name if cluster else None,
        target_word_count=job.params["targetWordCount"] or task.word_count,
        language=language,
        guidance=await guidance_of(
            unit,
            PromptType.GENERATE_CONTENT,
            task.sector_id,
            structure=task.content_structure,
            author_id=_author(job),
        ),
    )


def _author(job: Job) -> UUID | None:
    return UUID(job.params["authorProfileId"]) if job.params.get("authorProfileId") else None


async def content_of(unit: Unit, task: Task) -> Content | None:
    """Locked, where there is one."""
    statement = select(Content).where(Content.task_id == task.id).with_for_update()
    return (await unit.session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def _to_be_written(unit: Unit, job: Job, task: Task) -> bool:
    content = await content_of(unit, task)
    return content is None or (bool(job.params.get("rewrite")) and content.status is not ContentStatus.PUBLISHED)


async def _keywords(unit: Unit, task: Task) -> tuple[list[str], str | None]:
    """The task's own keywords first, then the strongest others of its cluster."""
    statement = (
        select(Keyword.keyword, Keyword.language)
        .where(Keyword.cluster_id == task.cluster_id)
        .order_by(STRENGTH.desc(), Keyword.id)
        .limit(BRIEF_KEYWORDS)
    )
    rows = (await unit.session.execute(statement)).all() if task.cluster_id else []
    keywords = list(dict.fromkeys([*task.keywords, *(row.keyword for row in rows)])) or [task.title]
    return keywords, rows[0].language if rows else None


def _article_values(brief: ArticleBrief) -> Mapping[str, str]:
    primary, *others = brief.keywords
    return {
        "title": brief.title,
        "description": brief.description or "(not said)",
        "content_type": brief.content_type.value,
        "structure": brief.content_structure.value.replace("_", " ").lower(),
        "form": prompts.FORMS[brief.content_structure.value],
        "primary_keyword": primary,
        "keywords": "\n".join(others) or "(none)",
        "cluster": brief.cluster_name or brief.title,
        "word_count": str(brief.target_word_count),
        "language": brief.guidance.language or brief.language or "the language of the title",
        "guidance": guidance_lines(brief.guidance),
    }


async def _make_article(unit: Unit, job: Job, item: JobItem, asked: Asked[ArticleBrief], answer: ArticleAnswer) -> Done:
    text, _ = await beside(lambda: write(answer.html))
    task = await unit.session.get(Task, item.subject_id, with_for_update=True)
    if task is None or not await _to_be_written(unit, job, task):
        return Done(0, {}, "the task was written or deleted meanwhile")
    content = await content_of(unit, task)
    reason = "rewritten" if content else "written"
    if content is None:
        content = await _new_content(unit, task, answer)
        unit.add(content)
    _fill(content, asked, answer, text)
    author = _author(job)
    if author and await unit.session.get(AuthorProfile, author) is not None:  # it may have been deleted meanwhile
        content.author_profile_id = author
    content.status, task.status = ContentStatus.REVIEW, TaskStatus.REVIEW
    await unit.flush()
    await record_revision(unit, content, reason, user_id=job.user_id, job_item_id=item.id)
    idea = await unit.session.get(ContentIdea, task.idea_id, with_for_update=True) if task.idea_id else None
    if idea:
        idea.status = IdeaStatus.DONE
    return Done(content.word_count, {"words": content.word_count}, f"“{content.title}”: {content.word_count} words")


async def _new_content(unit: Unit, task: Task, answer: ArticleAnswer) -> Content:
    return Content(
        account_id=task.account_id,
        site_id=task.site_id,
        sector_id=task.sector_id,
        task_id=task.id,
        cluster_id=task.cluster_id,
        slug=await free_slug(unit, task.site_id, slugify(answer.title), task.id),
        content_type=task.content_type,
        content_structure=task.content_structure,
    )


def _fill(content: Content, asked: Asked[ArticleBrief], answer: ArticleAnswer, text: Written) -> None:
    spelt = {fold(keyword): keyword for keyword in reversed(asked.brief.keywords)}
    content.title, content.html_content, content.origin = answer.title, text.html_content, asked.origin
    content.excerpt, content.word_count = text.excerpt, text.word_count
    content.meta_title, content.meta_description = cut(answer.meta_title, 60), cut(answer.meta_description, 155)
    content.primary_keyword = asked.brief.keywords[0]
    found = dict.fromkeys(spelt[fold(keyword)] for keyword in answer.secondary_keywords)
    content.secondary_keywords = [keyword for keyword in found if keyword != content.primary_keyword]


async def _undo_article(unit: Unit, job: Job, item: JobItem) -> None:
    """The task may be tried again."""
    task = await unit.session.get(Task, item.subject_id, with_for_update=True)
    if task and task.status in (TaskStatus.QUEUED, TaskStatus.IN_PROGRESS):
        task.status = TaskStatus.REVIEW if await content_of(unit, task) else TaskStatus.DRAFT


GENERATE_CONTENT = AiFunction(
    kind=JobKind.GENERATE_CONTENT,
    phase="writing",
    template=prompts.GENERATE_CONTENT,
    answer=ArticleAnswer,
    gather=_gather_article,
    values=_article_values,
    checks=article_problems,
    make=_make_article,
    price=article_price,
    undo=_undo_article,
    again=lambda failed: {LimitKey.WORDS: sum(item.credits_estimate for item in failed) * WORDS_PER_CREDIT},
    output_tokens=lambda brief: brief.target_word_count * TOKENS_PER_WORD + MORE_TOKENS,
)


# Prompts of images


async def _gather_image_prompts(unit: Unit, job: Job, item: JobItem) -> ImagePromptsBrief | None:
    content = await unit.session.get(Content, item.subject_id, with_for_update=True)
    if content is None or await drawn(unit, [content.id]):
        return None
    return ImagePromptsBrief(
        title=content.title,
        summary=content.excerpt,
        headings=[text for _, text in await beside(lambda: headings(content.html_content))],
        keywords=[k for k in (content.primary_keyword, *content.secondary_keywords[:10]) if k],
        in_article=job.params["inArticle"],
        guidance=await guidance_of(unit, PromptType.GENERATE_IMAGE_PROMPTS, content.sector_id),
    )


async def drawn(unit: Unit, content_ids: list[UUID]) -> bool:
    """Whether one of the contents has an image that is there or under way."""
    statement = select(Image.id).where(
        Image.content_id.in_(content_ids), Image.status.in_((ImageStatus.READY, ImageStatus.QUEUED))
    )
    return await unit.session.scalar(statement.limit(1)) is not None


def _image_prompt_values(brief: ImagePromptsBrief) -> Mapping[str, str]:
    return {
        "title": brief.title,
        "summary": brief.summary,
        "headings": "\n".join(brief.headings) or "(none)",
        "keywords": "\n".join(brief.keywords) or "(none)",
        "in_article": str(brief.in_article),
        "guidance": guidance_lines(brief.guidance),
    }


async def _make_image_prompts(
    unit: Unit, job: Job, item: JobItem, asked: Asked[ImagePromptsBrief], answer: ImagePromptsAnswer
) -> Done:
    """In place of earlier prompts that nothing was drawn of."""
    content = await unit.session.get(Content, item.subject_id, with_for_update=True)
    if content is None or await drawn(unit, [content.id]):
        return Done(0, {}, "the content was deleted or illustrated meanwhile")
    undrawn = Image.status.in_((ImageStatus.PROMPTED, ImageStatus.FAILED))
    await unit.session.execute(delete(Image).where(Image.content_id == content.id, undrawn))
    ideas = sorted(answer.images, key=lambda image: image.image_type is not ImageType.FEATURED)
    unit.add(
        *(
            Image(
                account_id=content.account_id,
                site_id=content.site_id,
                sector_id=content.sector_id,
                task_id=content.task_id,
                content_id=content.id,
                image_type=idea.image_type,
                position=position,
                prompt=idea.prompt,
                alt_text=idea.alt_text,
            )
            for position, idea in enumerate(ideas)
        )
    )
    return Done(len(ideas), {"images": len(ideas)}, f"{len(ideas)} images for “{content.title}”")


GENERATE_IMAGE_PROMPTS = AiFunction(
    kind=JobKind.GENERATE_IMAGE_PROMPTS,
    phase="describing images",
    template=prompts.GENERATE_IMAGE_PROMPTS,
    answer=ImagePromptsAnswer,
    gather=_gather_image_prompts,
    values=_image_prompt_values,
    checks=image_problems,
    make=_make_image_prompts,
    price=image_prompts_price,
)
