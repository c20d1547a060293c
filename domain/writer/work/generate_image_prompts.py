"""Descriptions of an article's pictures, which are drawn of them later."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete, select

from domain.access import Permission
from domain.ai.answers import Answer, Line, Paragraph
from domain.ai.briefs import NO_GUIDANCE, Guidance
from domain.ai.function import AiFunction, Asked, Done
from domain.ai.guidance import guidance_lines, guidance_of
from domain.ai.offline import distinct as distinct_headings
from domain.ai.samples import GUIDANCE, KEYWORDS
from domain.ai.templates import PromptTemplate
from domain.ai.wording import fold
from domain.errors import bad_input, conflict
from domain.job import under_way
from domain.planned import MAX_SUBJECTS, Planned, Work, place_of
from domain.rows import belonging, find_all
from domain.texts import cut
from domain.writer.html import headings
from domain.writer.threads import beside
from persistence.models import Content, Image, Job, JobItem
from persistence.terms import ImageStatus, ImageType, JobKind, LimitKey, PromptType
from persistence.unit import Unit

DEFAULT, MOST = 1, 5  # besides the featured one


@dataclass(frozen=True, slots=True)
class Wanted:
    """`in_article`: how many pictures of each besides the featured one."""

    content_ids: list[UUID]
    in_article: int | None = None


async def _plan(unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
    """One item per content. CONFLICT for contents that have images already."""
    number = DEFAULT if wanted.in_article is None else wanted.in_article
    if not 0 <= number <= MOST:
        raise bad_input(f"inArticle must be from 0 to {MOST}.", "input", "inArticle")
    contents = await find_all(unit, Content, wanted.content_ids, "input", "contentIds", most=MAX_SUBJECTS)
    ids = [content.id for content in contents]
    await unit.all(select(Content).where(Content.id.in_(ids)).order_by(Content.id).with_for_update())
    if await under_way(unit, JobKind.GENERATE_IMAGE_PROMPTS, ids):
        raise conflict("A content's images are being described.", "input", "contentIds")
    if await _drawn(unit, ids):
        raise conflict("A content has images that are drawn, or being drawn.", "input", "contentIds")
    work = [Work(content.id, 1, _price(1)) for content in contents]
    params, uses = {"inArticle": number}, {LimitKey.AI_REQUESTS: len(work)}
    return Planned(GENERATE_IMAGE_PROMPTS, place_of(contents, user_id), work, params, uses)


def _price(images: int) -> int:
    """Of one article, however many images are described."""
    return 1 if images else 0


@dataclass(frozen=True, slots=True)
class ImagePromptsBrief:
    """An article that wants pictures: one featured, at most `in_article` others."""

    title: str
    summary: str
    headings: Sequence[str]
    keywords: Sequence[str]
    in_article: int
    guidance: Guidance = NO_GUIDANCE


class ImageIdea(Answer):
    image_type: ImageType
    prompt: Paragraph
    alt_text: Line


class ImagePromptsAnswer(Answer):
    images: list[ImageIdea] = Field(min_length=1, max_length=8)


PROMPT = PromptTemplate(
    function=PromptType.GENERATE_IMAGE_PROMPTS,
    version=1,
    variables={
        "title": "the article's title",
        "summary": "how the article begins",
        "headings": "its headings, one a line",
        "keywords": "its keywords, one a line",
        "in_article": "how many images it may have besides the featured one",
        "guidance": "the account's strategy for this work",
    },
    system="""You choose pictures for articles and describe them for an image model: one subject, one scene, its light and
style; no text, logos or real people in the picture. You answer with JSON alone.""",
    prompt="""Describe the pictures for the article "{{title}}": exactly one FEATURED, and up to {{in_article}} IN_ARTICLE ones
that show what its sections are about. alt_text says in one sentence what is to be seen, for those who cannot see it.

{{guidance}}

It begins: {{summary}}

Headings:
{{headings}}

Keywords:
{{keywords}}""",
)


async def _gather(unit: Unit, job: Job, item: JobItem) -> ImagePromptsBrief | None:
    content = await unit.session.get(Content, item.subject_id, with_for_update=True)
    if content is None or await _drawn(unit, [content.id]):
        return None
    return ImagePromptsBrief(
        title=content.title,
        summary=content.excerpt,
        headings=[text for _, text in await beside(lambda: headings(content.html_content))],
        keywords=[k for k in (content.primary_keyword, *content.secondary_keywords[:10]) if k],
        in_article=job.params["inArticle"],
        guidance=await guidance_of(unit, PromptType.GENERATE_IMAGE_PROMPTS, content.sector_id),
    )


async def _drawn(unit: Unit, content_ids: list[UUID]) -> bool:
    """Whether one of the contents has an image that is there or under way."""
    statement = select(Image.id).where(
        Image.content_id.in_(content_ids), Image.status.in_((ImageStatus.READY, ImageStatus.QUEUED))
    )
    return await unit.session.scalar(statement.limit(1)) is not None


def _values(brief: ImagePromptsBrief) -> Mapping[str, str]:
    return {
        "title": brief.title,
        "summary": brief.summary,
        "headings": "\n".join(brief.headings) or "(none)",
        "keywords": "\n".join(brief.keywords) or "(none)",
        "in_article": str(brief.in_article),
        "guidance": guidance_lines(brief.guidance),
    }


def _check(asked: Asked[ImagePromptsBrief], answer: ImagePromptsAnswer) -> list[str]:
    kinds = Counter(image.image_type for image in answer.images)
    problems = []
    if kinds[ImageType.FEATURED] != 1:
        problems.append(f"there are {kinds[ImageType.FEATURED]} FEATURED images; exactly one is wanted")
    if kinds[ImageType.IN_ARTICLE] > asked.brief.in_article:
        problems.append(f"there are {kinds[ImageType.IN_ARTICLE]} IN_ARTICLE images; at most {asked.brief.in_article}")
    if others := [kind.value for kind in kinds if kind not in (ImageType.FEATURED, ImageType.IN_ARTICLE)]:
        problems.append(f"image_type {others[0]} is not wanted here; use FEATURED and IN_ARTICLE")
    prompts = Counter(fold(image.prompt) for image in answer.images)
    if any(times > 1 for times in prompts.values()):
        problems.append("two images have the same prompt")
    return problems


async def _make(
    unit: Unit, job: Job, item: JobItem, asked: Asked[ImagePromptsBrief], answer: ImagePromptsAnswer
) -> Done:
    """In place of earlier prompts that nothing was drawn of."""
    content = await unit.session.get(Content, item.subject_id, with_for_update=True)
    if content is None or await _drawn(unit, [content.id]):
        return Done(0, {}, "the content was deleted or illustrated meanwhile")
    undrawn = Image.status.in_((ImageStatus.PROMPTED, ImageStatus.FAILED))
    await unit.session.execute(delete(Image).where(Image.content_id == content.id, undrawn))
    ideas = sorted(answer.images, key=lambda image: image.image_type is not ImageType.FEATURED)
    unit.add(
        *(
            Image(
                **belonging(content),
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


def _offline(brief: ImagePromptsBrief) -> ImagePromptsAnswer:
    """The title's picture, and one each of the first headings."""
    scene = "Quiet landscape with layered hills, a low sun and soft light"
    subjects = [heading for heading in distinct_headings(brief.headings) if heading != brief.title][: brief.in_article]
    title = cut(brief.title, 200)
    featured = ImageIdea(image_type=ImageType.FEATURED, prompt=f"{scene}, for: {title}", alt_text=f"{scene}.")
    return ImagePromptsAnswer(
        images=[featured]
        + [
            ImageIdea(
                image_type=ImageType.IN_ARTICLE,
                prompt=f"{scene}, seen from place {n}, for: {cut(subject, 200)}",
                alt_text=f"{scene}.",
            )
            for n, subject in enumerate(subjects, 1)
        ]
    )


SAMPLE = ImagePromptsBrief(
    "How to clean an espresso machine",
    "What to do every day, week and month.",
    ["Every day", "Every week"],
    KEYWORDS,
    1,
    GUIDANCE,
)
GENERATE_IMAGE_PROMPTS = AiFunction(
    kind=JobKind.GENERATE_IMAGE_PROMPTS,
    phase="describing images",
    permission=Permission.WRITE,
    wanted=Wanted,
    plan=_plan,
    template=PROMPT,
    answer=ImagePromptsAnswer,
    sample=SAMPLE,
    gather=_gather,
    values=_values,
    checks=_check,
    make=_make,
    price=_price,
    offline=_offline,
)
