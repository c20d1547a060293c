"""The background work of planning that asks no model: large imports, clustering."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import func, select

from domain.billing.limits import check_room
from domain.billing.rules import clustering_price
from domain.billing.service import lock_balance
from domain.errors import bad_input
from domain.functions import Charge, GrouperProcess, Progress, Tools
from domain.planner.imports import file_source, import_rows
from domain.planner.rules import cluster_name
from persistence.blobs import Blobs
from persistence.models import Job, JobItem, Keyword
from persistence.queries.keywords import assign
from persistence.terms import JobKind, KeywordStatus, LimitKey, Queue
from persistence.unit import Unit


class ImportKeywords:
    """A file too large for a request. It streams into its one transaction."""

    kind, queue, phase = JobKind.IMPORT_KEYWORDS, Queue.FILES, "importing"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> str:
        key = job.params.get("blob")
        if key is None:
            raise bad_input("The file is no longer kept; import it again.", "input", "file")
        return str(key)

    async def call(self, tools: Tools, brief: str, progress: Progress) -> Callable[[], BinaryIO]:
        return lambda: tools[Blobs].open(brief)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: str, answer: Callable[[], BinaryIO]) -> Charge:
        assert job.sector_id
        with await asyncio.to_thread(answer) as file:
            report = await import_rows(unit, job.sector_id, file_source(file), dry_run=bool(job.params["dryRun"]))
        return Charge(0, message=report.sentence)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


@dataclass(frozen=True, slots=True)
class ClusteringBrief:
    ids: list[UUID]
    keywords: list[str]
    strengths: list[int]
    granularity: str
    max_size: int


class ClusterKeywords:
    """Groups what is unclustered when it begins, places what still is when it ends."""

    kind, queue, phase = JobKind.CLUSTER_KEYWORDS, Queue.COMPUTE, "reading"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> ClusteringBrief | None:
        statement = (
            select(Keyword.id, Keyword.keyword, func.coalesce(Keyword.volume, Keyword.impressions, 0))
            .where(Keyword.sector_id == job.sector_id, Keyword.cluster_id.is_(None))
            .where(Keyword.status != KeywordStatus.ARCHIVED)
            .order_by(Keyword.id)
        )
        if job.params["keywordIds"]:
            statement = statement.where(Keyword.id.in_([UUID(id) for id in job.params["keywordIds"]]))
        rows = (await unit.session.execute(statement)).all()
        if not rows:
            return None
        ids, keywords, strengths = ([*column] for column in zip(*rows, strict=True))
        return ClusteringBrief(ids, keywords, strengths, job.params["granularity"], job.params["maxClusterSize"])

    async def call(self, tools: Tools, brief: ClusteringBrief, progress: Progress) -> list[list[int]]:
        grouper = tools[GrouperProcess]
        groups = await grouper.group(brief.keywords, brief.strengths, brief.granularity, brief.max_size, progress)
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
        await lock_balance(unit, job.account_id)
        await check_room(unit, job.account_id, LimitKey.CLUSTERS, 0)
        sentence = f"{keywords} keywords in {clusters} clusters"
        return Charge(
            clustering_price(keywords), details={"keywords": keywords, "clusters": clusters}, message=sentence
        )

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}
