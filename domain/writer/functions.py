"""The background work of writing."""

from dataclasses import dataclass

from sqlalchemy import func, select

from domain.billing.rules import CREDITS_PER_ARTICLE
from domain.functions import Charge, Progress, Tools
from domain.ports import ArticleBrief, ArticleDraft, CallReport
from domain.writer.html import clean_html, excerpt, slugify, word_count
from persistence.models import Cluster, Content, ContentIdea, Job, JobItem, Keyword, Task
from persistence.terms import IdeaStatus, JobKind, TaskStatus
from persistence.unit import Unit

BRIEF_KEYWORDS = 40
BEFORE = (TaskStatus.DRAFT, TaskStatus.QUEUED, TaskStatus.IN_PROGRESS, TaskStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Brief:
    article: ArticleBrief


class GenerateContent:
    """An article for one task."""

    kind = JobKind.GENERATE_CONTENT

    async def prepare(self, unit: Unit, job: Job, item: JobItem) -> Brief | None:
        job.phase = "writing"
        task = await unit.session.get(Task, item.subject_id, with_for_update=True)
        if task is None or task.status not in BEFORE or await _has_content(unit, task):
            return None
        task.status = TaskStatus.IN_PROGRESS
        cluster = await unit.session.get(Cluster, task.cluster_id) if task.cluster_id else None
        words = job.params["targetWordCount"] or task.word_count
        keywords, language = await _keywords(unit, task)
        return Brief(
            ArticleBrief(
                title=task.title,
                description=task.description,
                content_type=task.content_type,
                content_structure=task.content_structure,
                keywords=keywords,
                cluster_name=cluster.name if cluster else None,
                target_word_count=words,
                language=language,
            )
        )

    async def call(self, tools: Tools, brief: Brief, progress: Progress) -> tuple[ArticleDraft, CallReport]:
        return await tools.writer.article(brief.article)

    async def apply(
        self, unit: Unit, job: Job, item: JobItem, brief: Brief, answer: tuple[ArticleDraft, CallReport]
    ) -> Charge:
        draft, report = answer
        task = await unit.session.get(Task, item.subject_id, with_for_update=True)
        if task is None or await _has_content(unit, task):
            return Charge(0, report.cost_micros, calls=(report,))
        content = await _content(unit, task, draft)
        unit.add(content)
        task.status = TaskStatus.REVIEW
        idea = await unit.session.get(ContentIdea, task.idea_id, with_for_update=True) if task.idea_id else None
        if idea:
            idea.status = IdeaStatus.DONE
        return Charge(CREDITS_PER_ARTICLE, report.cost_micros, {"words": content.word_count}, (report,))

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """The task may be tried again."""
        task = await unit.session.get(Task, item.subject_id, with_for_update=True)
        if task and task.status in (TaskStatus.QUEUED, TaskStatus.IN_PROGRESS):
            task.status = TaskStatus.DRAFT


async def _has_content(unit: Unit, task: Task) -> bool:
    return await unit.session.scalar(select(Content.id).where(Content.task_id == task.id)) is not None


async def _keywords(unit: Unit, task: Task) -> tuple[list[str], str | None]:
    """The task's own keywords first, then the strongest others of its cluster."""
    strength = func.coalesce(Keyword.volume, Keyword.impressions, 0)
    statement = (
        select(Keyword.keyword, Keyword.language)
        .where(Keyword.cluster_id == task.cluster_id)
        .order_by(strength.desc(), Keyword.id)
        .limit(BRIEF_KEYWORDS)
    )
    rows = (await unit.session.execute(statement)).all() if task.cluster_id else []
    keywords = list(dict.fromkeys([*task.keywords, *(row.keyword for row in rows)])) or [task.title]
    return keywords, rows[0].language if rows else None


async def _content(unit: Unit, task: Task, draft: ArticleDraft) -> Content:
    html = clean_html(draft.html)
    return Content(
        account_id=task.account_id,
        site_id=task.site_id,
        sector_id=task.sector_id,
        task_id=task.id,
        cluster_id=task.cluster_id,
        title=draft.title,
        slug=await _free_slug(unit, task, slugify(draft.title)),
        html_content=html,
        excerpt=excerpt(html),
        word_count=word_count(html),
        content_type=task.content_type,
        content_structure=task.content_structure,
        origin=draft.origin,
        meta_title=draft.meta_title,
        meta_description=draft.meta_description,
        primary_keyword=draft.primary_keyword,
        secondary_keywords=list(draft.secondary_keywords),
    )


async def _free_slug(unit: Unit, task: Task, slug: str) -> str:
    """The slug itself, or with the end of the task's id where the site has it."""
    taken = await unit.session.scalar(select(Content.id).where(Content.site_id == task.site_id, Content.slug == slug))
    return slug if taken is None else f"{slug}-{task.id.hex[-6:]}"
