"""Keywords that one page can answer are put into one cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from domain.access import Permission
from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from domain.errors import bad_input, not_found
from domain.functions import Charge, GrouperProcess, Params, Progress, Tools
from domain.planned import Place, Planned, Work
from domain.planner.rules import MAX_KEYWORD_IDS
from domain.planner.subjects import STRENGTH, find_sector
from domain.rows import distinct
from persistence.models import Job, JobItem, Keyword
from persistence.queries.keywords import assign
from persistence.terms import Granularity, JobKind, KeywordStatus, LimitKey, Queue
from persistence.unit import Unit

KEYWORDS_PER_CREDIT = 200
DEFAULT_SIZE, MAX_SIZE = 80, 500  # keywords of a cluster, at most


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to cluster, and how. No keywords given: all unclustered ones of the sector."""

    sector_id: UUID
    keyword_ids: list[UUID] | None = None
    granularity: Granularity = Granularity.BALANCED
    max_cluster_size: int | None = None


def _price(keywords: int) -> int:
    """Every 200 keywords or part of them."""
    return -(-keywords // KEYWORDS_PER_CREDIT)


def _checked_size(size: int | None) -> int:
    if size is None:
        return DEFAULT_SIZE
    if not 1 <= size <= MAX_SIZE:
        raise bad_input(f"maxClusterSize must be from 1 to {MAX_SIZE}.", "input", "maxClusterSize")
    return size


async def _count(unit: Unit, wanted: Wanted) -> int:
    statement = select(func.count()).select_from(Keyword).where(Keyword.sector_id == wanted.sector_id)
    if wanted.keyword_ids:
        ids = distinct(wanted.keyword_ids, "input", "keywordIds", most=MAX_KEYWORD_IDS)
        if await unit.session.scalar(statement.where(Keyword.id.in_(ids))) != len(ids):
            raise not_found("keyword in the sector", "input", "keywordIds")
        statement = statement.where(Keyword.id.in_(ids))
    free = statement.where(Keyword.cluster_id.is_(None), Keyword.status != KeywordStatus.ARCHIVED)
    number = (await unit.session.scalar(free)) or 0
    if not number:
        raise bad_input("There are no unclustered keywords; import some with importKeywords.", "input", "sectorId")
    return number


def _name_of(keyword: str) -> str:
    """Named after its strongest keyword."""
    return keyword[:1].upper() + keyword[1:]


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
    permission, wanted = Permission.PLAN, Wanted

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        """Charged by the keywords it places."""
        size = _checked_size(wanted.max_cluster_size)
        sector = await find_sector(unit, wanted.sector_id)
        number = await _count(unit, wanted)
        params = {
            "granularity": wanted.granularity.value,
            "maxClusterSize": size,
            "keywordIds": [str(id) for id in wanted.keyword_ids] if wanted.keyword_ids else None,
        }
        place = Place(sector.account_id, user_id, sector.site_id, sector.id)
        work = [Work(sector.id, number, _price(number))]
        return Planned(self, place, work, params)

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> ClusteringBrief | None:
        statement = (
            select(Keyword.id, Keyword.keyword, STRENGTH)
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
        named = [(_name_of(brief.keywords[g[0]]), [brief.ids[n] for n in g]) for g in answer]
        clusters, keywords = await assign(
            unit.session, named, account_id=job.account_id, site_id=job.site_id, sector_id=job.sector_id
        )
        await unit.get(Job, job.id, lock=True)  # before the credit row, as everywhere
        await lock_balance(unit, job.account_id)
        await check_room(unit, job.account_id, LimitKey.CLUSTERS, 0)
        sentence = f"{keywords} keywords in {clusters} clusters"
        return Charge(_price(keywords), details={"keywords": keywords, "clusters": clusters}, message=sentence)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


CLUSTER_KEYWORDS = ClusterKeywords()
