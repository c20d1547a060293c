"""The background work of planning: large imports, clustering, ideas."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import func, select

from domain.billing.rules import CREDITS_PER_IDEAS, clustering_price
from domain.billing.service import lock_balance, plan_of
from domain.errors import DomainError, bad_input
from domain.functions import Charge, Progress, Tools
from domain.planner.imports import file_source, import_rows
from domain.planner.rules import cluster_name
from domain.ports import CallReport, ClusterBrief, IdeaDraft
from persistence.models import Cluster, ContentIdea, Job, JobItem, Keyword
from persistence.queries.keywords import assign
from persistence.terms import ErrorCode, JobKind, KeywordStatus
from persistence.unit import Unit

BRIEF_KEYWORDS = 60


class ImportKeywords:
    """A file too large for a request. It streams into its one transaction."""

    kind = JobKind.IMPORT_KEYWORDS

    async def prepare(self, unit: Unit, job: Job, item: JobItem) -> str:
        job.phase = "importing"
        key = job.params.get("blob")
        if key is None:
            raise bad_input("The file is no longer kept; import it again.", "input", "file")
        return str(key)

    async def call(self, tools: Tools, brief: str, progress: Progress) -> Callable[[], BinaryIO]:
        return lambda: tools.blobs.open(brief)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: str, answer: Callable[[], BinaryIO]) -> Charge:
        assert job.sector_id
        with await asyncio.to_thread(answer) as file:
            report = await import_rows(unit, job.sector_id, file_source(file), dry_run=bool(job.params["dryRun"]))
        return Charge(0, message=report.sentence)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None


@dataclass(frozen=True, slots=True)
class ClusteringBrief:
    ids: list[UUID]
    keywords: list[str]
    strengths: list[int]
    granularity: str
    max_size: int


class ClusterKeywords:
    """Groups what is unclustered when it begins, places what still is when it ends."""

    kind = JobKind.CLUSTER_KEYWORDS

    async def prepare(self, unit: Unit, job: Job, item: JobItem) -> ClusteringBrief | None:
        statement = (
            select(Keyword.id, Keyword.keyword, func.coalesce(Keyword.volume, Keyword.impressions, 0))
            .where(Keyword.sector_id == job.sector_id, Keyword.cluster_id.is_(None))
            .where(Keyword.status != KeywordStatus.ARCHIVED)
            .order_by(Keyword.id)
        )
        if job.params["keywordIds"]:
            statement = statement.where(Keyword.id.in_([UUID(id) for id in job.params["keywordIds"]]))
        rows = (await unit.session.execute(statement)).all()
        job.phase = "reading"
        if not rows:
            return None
        ids, keywords, strengths = ([*column] for column in zip(*rows, strict=True))
        return ClusteringBrief(ids, keywords, strengths, job.params["granularity"], job.params["maxClusterSize"])

    async def call(self, tools: Tools, brief: ClusteringBrief, progress: Progress) -> list[list[int]]:
        groups = await tools.grouper.group(brief.keywords, brief.strengths, brief.granularity, brief.max_size, progress)
        placed = sorted(n for group in groups for n in group)
        if placed != list(range(len(brief.keywords))) or not all(groups):
            raise AssertionError("the grouper did not place every keyword once")
        return groups

    async def apply(
        self, unit: Unit, job: Job, item: JobItem, brief: ClusteringBrief, answer: list[list[int]]
    ) -> Charge:
        assert job.site_id
        assert job.sector_id
        named = [(cluster_name(brief.keywords[g[0]]), [brief.ids[n] for n in g]) for g in answer]
        clusters, keywords = await assign(
            unit.session, named, account_id=job.account_id, site_id=job.site_id, sector_id=job.sector_id
        )
        await unit.get(Job, job.id, lock=True)  # before the credit row, as everywhere
        await _check_cluster_limit(unit, job)
        sentence = f"{keywords} keywords in {clusters} clusters"
        return Charge(
            clustering_price(keywords), details={"keywords": keywords, "clusters": clusters}, message=sentence
        )

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None


async def _check_cluster_limit(unit: Unit, job: Job) -> None:
    await lock_balance(unit, job.account_id)
    limit = (await plan_of(unit, job.account_id)).max_clusters
    used = (await unit.session.scalar(select(func.count()).select_from(Cluster))) or 0
    if limit is not None and used > limit:
        raise DomainError(
            ErrorCode.LIMIT_REACHED,
            f"Your plan allows {limit} clusters and this would make {used}. Choose granularity BROAD or a larger plan.",
        )


@dataclass(frozen=True, slots=True)
class IdeasBrief:
    cluster: ClusterBrief
    count: int


class GenerateIdeas:
    """Content ideas for one cluster."""

    kind = JobKind.GENERATE_IDEAS

    async def prepare(self, unit: Unit, job: Job, item: JobItem) -> IdeasBrief | None:
        job.phase = "writing ideas"
        cluster = await unit.session.get(Cluster, item.subject_id)
        if cluster is None:
            return None
        rows = await strongest(unit, cluster.id)
        language = rows[0].language if rows else None
        keywords = [row.keyword for row in rows] or [cluster.name]
        return IdeasBrief(ClusterBrief(cluster.name, keywords, language), job.params["count"])

    async def call(self, tools: Tools, brief: IdeasBrief, progress: Progress) -> tuple[list[IdeaDraft], CallReport]:
        return await tools.writer.ideas(brief.cluster, brief.count)

    async def apply(
        self, unit: Unit, job: Job, item: JobItem, brief: IdeasBrief, answer: tuple[list[IdeaDraft], CallReport]
    ) -> Charge:
        drafts, report = answer
        cluster = await unit.session.get(Cluster, item.subject_id)
        if cluster is None:
            return Charge(0, calls=(report,))
        unit.add(*(_idea(cluster, item, draft) for draft in drafts))
        return Charge(CREDITS_PER_IDEAS if drafts else 0, report.cost_micros, {"ideas": len(drafts)}, (report,))

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None


async def strongest(unit: Unit, cluster_id: UUID) -> Sequence[Any]:
    """A cluster's strongest keywords with their language."""
    statement = (
        select(Keyword.keyword, Keyword.language)
        .where(Keyword.cluster_id == cluster_id)
        .order_by(func.coalesce(Keyword.volume, Keyword.impressions, 0).desc(), Keyword.id)
        .limit(BRIEF_KEYWORDS)
    )
    return (await unit.session.execute(statement)).all()


def _idea(cluster: Cluster, item: JobItem, draft: IdeaDraft) -> ContentIdea:
    return ContentIdea(
        account_id=cluster.account_id,
        site_id=cluster.site_id,
        sector_id=cluster.sector_id,
        cluster_id=cluster.id,
        idea_title=draft.title,
        description=draft.description,
        content_type=draft.content_type,
        content_structure=draft.content_structure,
        target_keywords=list(draft.target_keywords),
        estimated_word_count=draft.estimated_word_count,
        job_item_id=item.id,
    )
