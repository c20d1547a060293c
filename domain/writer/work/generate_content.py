"""Articles, written from tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import exists, func, select

from domain.access import Permission
from domain.ai.answers import Answer, Line
from domain.ai.briefs import NO_GUIDANCE, Guidance
from domain.ai.function import AiFunction, Asked, Done
from domain.ai.guidance import guidance_lines, guidance_of
from domain.ai.offline import MAX_TITLE, sentence, summary
from domain.ai.offline import distinct as distinct_keywords
from domain.ai.samples import CLUSTER, GUIDANCE, KEYWORDS
from domain.ai.templates import PromptTemplate
from domain.ai.wording import fold
from domain.errors import conflict
from domain.functions import Params
from domain.planned import MAX_SUBJECTS, Planned, Work, place_of
from domain.ports import ProviderError
from domain.rows import belonging, find, find_all
from domain.slugs import slugify
from domain.texts import check_word_count, cut
from domain.writer.editorial import LOOKALIKE
from domain.writer.outline import outline
from domain.writer.revisions import record_revision
from domain.writer.rules import unfinished
from domain.writer.slugs import free_slug
from domain.writer.stored_body import Written, write
from domain.writer.threads import beside
from persistence.models import Account, AuthorProfile, Cluster, Content, Idea, Job, JobItem, Keyword, Task
from persistence.terms import (
    ContentOrigin,
    ContentStatus,
    ContentStructure,
    ContentType,
    FailureCause,
    IdeaStatus,
    JobKind,
    LimitKey,
    PromptType,
    TaskStatus,
)
from persistence.unit import Unit

WORDS_PER_CREDIT = 100
BEFORE = (TaskStatus.DRAFT, TaskStatus.QUEUED, TaskStatus.IN_PROGRESS)
BRIEF_KEYWORDS, MAX_SECONDARY = 40, 50
TOKENS_PER_WORD, MORE_TOKENS = 3, 1_500
STRENGTH = func.coalesce(Keyword.volume, Keyword.impressions, 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to write, and how. `rewrite`: tasks that have content are written anew; what it said stays a revision."""

    task_ids: list[UUID]
    target_word_count: int | None = None
    author_profile_id: UUID | None = None
    rewrite: bool = False


async def _plan(unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
    """One item per task. CONFLICT for tasks that are under way, or have content that is not to be rewritten."""
    words = wanted.target_word_count
    if words is not None:
        check_word_count(words, "input", "targetWordCount")
    tasks = await find_all(unit, Task, wanted.task_ids, "input", "taskIds", most=MAX_SUBJECTS)
    ids = [task.id for task in tasks]
    author = wanted.author_profile_id or (await unit.get(Account, tasks[0].account_id)).default_author_profile_id
    if author:
        await find(unit, AuthorProfile, author, "input", "authorProfileId")
    await _lock(unit, ids)
    await _check_writable(unit, tasks, rewrite=wanted.rewrite)
    work = [Work(task.id, 1, _price(words or task.word_count)) for task in tasks]
    params = {
        "targetWordCount": words,
        "authorProfileId": str(author) if author else None,
        "rewrite": wanted.rewrite,
    }
    uses = {LimitKey.AI_REQUESTS: len(work), LimitKey.WORDS: sum(words or task.word_count for task in tasks)}
    return Planned(GENERATE_CONTENT, place_of(tasks, user_id), work, params, uses)


async def _lock(unit: Unit, ids: list[UUID]) -> None:
    """Read afresh: of two requests for a task the second finds it under way."""
    statement = select(Task).where(Task.id.in_(ids)).order_by(Task.id).with_for_update()
    await unit.all(statement.execution_options(populate_existing=True))


def _states(rewrite: bool) -> tuple[TaskStatus, ...]:
    """In which a task may be given to the workers."""
    return (TaskStatus.DRAFT, TaskStatus.REVIEW) if rewrite else (TaskStatus.DRAFT,)


async def _check_writable(unit: Unit, tasks: list[Task], *, rewrite: bool) -> None:
    busy = next((task for task in tasks if task.status not in _states(rewrite)), None)
    if busy:
        raise conflict(f"The task “{busy.title}” is {busy.status.value}.", "input", "taskIds")
    statement = select(Content.title, Content.status).where(Content.task_id.in_([task.id for task in tasks]))
    for written, status in await unit.session.execute(statement):
        if status is ContentStatus.PUBLISHED:
            raise conflict(f"The content “{written}” is PUBLISHED.", "input", "taskIds")
        if not rewrite:
            raise conflict(f"A task has content: “{written}”. Give rewrite: true to write it anew.", "input", "taskIds")


def _price(words: int) -> int:
    """Every 100 words or part of them."""
    return -(-words // WORDS_PER_CREDIT)


async def _begin(unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
    """What is to be written shows it."""
    statement = select(Task).where(Task.id.in_(subject_ids), Task.status.in_(_states(params["rewrite"])))
    if not params["rewrite"]:
        statement = statement.where(~exists().where(Content.task_id == Task.id))
    locked = statement.order_by(Task.id).with_for_update().execution_options(populate_existing=True)
    for task in await unit.all(locked):
        task.status = TaskStatus.QUEUED


def _again(failed: Sequence[JobItem]) -> dict[LimitKey, int]:
    return {LimitKey.WORDS: sum(item.credits_estimate for item in failed) * WORDS_PER_CREDIT}


@dataclass(frozen=True, slots=True)
class ArticleBrief:
    """What an article is to be about; `keywords` strongest first, the first is the primary one."""

    title: str
    description: str
    content_type: ContentType
    content_structure: ContentStructure
    keywords: Sequence[str]
    cluster_name: str | None
    target_word_count: int
    language: str | None = None
    guidance: Guidance = NO_GUIDANCE


class ArticleAnswer(Answer):
    title: Line
    html: Annotated[str, Field(min_length=40, max_length=200_000)]
    meta_title: Line
    meta_description: Line
    secondary_keywords: list[Line] = Field(max_length=50)


PROMPT = PromptTemplate(
    function=PromptType.GENERATE_CONTENT,
    version=1,
    variables={
        "title": "the working title",
        "description": "what the page has to cover",
        "content_type": "POST, PAGE, PRODUCT or TAXONOMY",
        "structure": "what kind of page it is: a guide, a comparison …",
        "form": "how such a page is built",
        "primary_keyword": "the keyword that the page is to be found for",
        "keywords": "further keywords, strongest first, one a line",
        "cluster": "the topic that the page belongs to",
        "word_count": "how many words are wanted",
        "language": "the language to write in",
        "guidance": "the account's strategy, its author's voice, the sections it wants",
    },
    system="""You write web pages that answer what people search for: concrete, correct, without filler or repetition.
You claim no experience, figures or sources that you do not have. You answer with JSON alone.""",
    prompt="""Write the page "{{title}}" in {{language}}, about {{word_count}} words long.

What it has to cover: {{description}}
Kind of page: {{structure}} ({{content_type}}). {{form}}
Topic: {{cluster}}
Main keyword: {{primary_keyword}}

{{guidance}}

html: the body alone as clean HTML of p, h2, h3, ul, ol, li, table, strong, em and blockquote; no h1, no images, no links.
Begin with a paragraph that answers the search at once. Give every section an h2.
title: at most 60 characters. meta_title: at most 60 characters. meta_description: at most 155 characters.
secondary_keywords: those of the list below that the page really answers, spelt as they stand there.

Further keywords:
{{keywords}}""",
)

FORMS = {
    "ARTICLE": "Explain the subject from the general to the particular.",
    "GUIDE": "Go step by step; say what is needed and what can go wrong.",
    "COMPARISON": "Put the options side by side in a table and say whom each one suits.",
    "REVIEW": "Say what it does well, what not, and whom it suits.",
    "LISTICLE": "A numbered list of entries, each with the reason why it is there.",
    "LANDING_PAGE": "Say what is offered, for whom, why here, and what to do next.",
    "BUSINESS_PAGE": "Say who the business is, what it does and how to reach it.",
    "SERVICE_PAGE": "Say what the service includes, how it works, what it costs to ask for.",
    "CLUSTER_HUB": "An overview of the whole topic, a short section on each part of it.",
    "PRODUCT_PAGE": "Benefits first, then properties, uses and answers to objections.",
    "CATEGORY_ARCHIVE": "A short introduction to the category and how to choose within it.",
    "TAG_ARCHIVE": "A short introduction that says what entries under this tag share.",
    "ATTRIBUTE_ARCHIVE": "A short introduction that says what the attribute means and for whom it matters.",
}


async def _gather(unit: Unit, job: Job, item: JobItem) -> ArticleBrief | None:
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


async def _content_of(unit: Unit, task: Task) -> Content | None:
    """Locked, where there is one."""
    statement = select(Content).where(Content.task_id == task.id).with_for_update()
    return (await unit.session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def _to_be_written(unit: Unit, job: Job, task: Task) -> bool:
    content = await _content_of(unit, task)
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


def _values(brief: ArticleBrief) -> Mapping[str, str]:
    primary, *others = brief.keywords
    return {
        "title": brief.title,
        "description": brief.description or "(not said)",
        "content_type": brief.content_type.value,
        "structure": brief.content_structure.value.replace("_", " ").lower(),
        "form": FORMS[brief.content_structure.value],
        "primary_keyword": primary,
        "keywords": "\n".join(others) or "(none)",
        "cluster": brief.cluster_name or brief.title,
        "word_count": str(brief.target_word_count),
        "language": brief.guidance.language or brief.language or "the language of the title",
        "guidance": guidance_lines(brief.guidance),
    }


def _check(asked: Asked[ArticleBrief], answer: ArticleAnswer) -> list[str]:
    """An outline that says it is one need not be a whole article; keywords must not be invented in either."""
    known = {fold(keyword) for keyword in asked.brief.keywords}
    invented = [keyword for keyword in answer.secondary_keywords if fold(keyword) not in known]
    problems = [f"the secondary keyword “{keyword[:80]}” is not in the list" for keyword in invented[:5]]
    if asked.origin is not ContentOrigin.OFFLINE_DRAFT:
        problems += unfinished(answer.html, asked.brief.target_word_count, asked.brief.keywords[0])
    return problems


async def _make(unit: Unit, job: Job, item: JobItem, asked: Asked[ArticleBrief], answer: ArticleAnswer) -> Done:
    text, _ = await beside(lambda: write(answer.html))
    task = await unit.session.get(Task, item.subject_id, with_for_update=True)
    if task is None or not await _to_be_written(unit, job, task):
        return Done(0, {}, "the task was written or deleted meanwhile")
    content = await _content_of(unit, task)
    reason = "rewritten" if content else "written"
    if content is None:
        content = await _new_content(unit, task, answer, asked.brief.guidance.language or asked.brief.language)
        unit.add(content)
    _fill(content, asked, answer, text)
    author = _author(job)
    if author and await unit.session.get(AuthorProfile, author) is not None:  # it may have been deleted meanwhile
        content.author_profile_id = author
    content.status, task.status = ContentStatus.REVIEW, TaskStatus.REVIEW
    await unit.flush()
    await record_revision(unit, content, reason, user_id=job.user_id, job_item_id=item.id)
    idea = await unit.session.get(Idea, task.idea_id, with_for_update=True) if task.idea_id else None
    if idea:
        idea.status = IdeaStatus.DONE
    return Done(content.word_count, {"words": content.word_count}, f"“{content.title}”: {content.word_count} words")


async def _new_content(unit: Unit, task: Task, answer: ArticleAnswer, language: str | None) -> Content:
    return Content(
        **belonging(task),
        task_id=task.id,
        cluster_id=task.cluster_id,
        slug=await free_slug(unit, task.site_id, slugify(answer.title, language=language), task.id),
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


async def _undo(unit: Unit, job: Job, item: JobItem) -> None:
    """The task may be tried again: it is what its content is."""
    task = await unit.session.get(Task, item.subject_id, with_for_update=True)
    if task and task.status in (TaskStatus.QUEUED, TaskStatus.IN_PROGRESS):
        content = await _content_of(unit, task)
        task.status = LOOKALIKE[content.status] if content else TaskStatus.DRAFT


def _offline(brief: ArticleBrief) -> ArticleAnswer:
    """An outline as HTML. Without keywords the title stands in for the primary one."""
    keywords = distinct_keywords(brief.keywords) or distinct_keywords([brief.title])
    if not keywords:
        raise ProviderError(
            "there is neither a title nor a keyword to write about", retryable=False, cause=FailureCause.RULE
        )
    title = cut(brief.title, MAX_TITLE) or sentence(keywords[0])
    return ArticleAnswer(
        title=title,
        html=outline(keywords, brief.description, brief.content_structure, brief.target_word_count),
        meta_title=cut(title, 60),
        meta_description=cut(brief.description.strip() or summary(keywords), 155),
        secondary_keywords=keywords[1:MAX_SECONDARY],
    )


SAMPLE = ArticleBrief(
    title="How to clean an espresso machine",
    description="What to do every day, week and month.",
    content_type=ContentType.POST,
    content_structure=ContentStructure.GUIDE,
    keywords=KEYWORDS[::-1],
    cluster_name=CLUSTER.name,
    target_word_count=1200,
    language="en",
    guidance=GUIDANCE,
)
GENERATE_CONTENT = AiFunction(
    kind=JobKind.GENERATE_CONTENT,
    phase="writing",
    permission=Permission.WRITE,
    wanted=Wanted,
    plan=_plan,
    begin=_begin,
    template=PROMPT,
    answer=ArticleAnswer,
    sample=SAMPLE,
    gather=_gather,
    values=_values,
    checks=_check,
    make=_make,
    undo=_undo,
    price=_price,
    again=_again,
    offline=_offline,
    output_tokens=lambda brief: brief.target_word_count * TOKENS_PER_WORD + MORE_TOKENS,
)
