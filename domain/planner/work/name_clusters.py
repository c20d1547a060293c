"""Clusters get names and descriptions; those that would become the same page may be put together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from domain.access import Permission
from domain.ai.answers import Answer, Line, once_each
from domain.ai.briefs import NO_GUIDANCE, ClusterBrief, Guidance
from domain.ai.function import AiFunction, Asked, Done
from domain.ai.guidance import guidance_lines, guidance_of
from domain.ai.offline import MAX_TITLE, sentence, summary
from domain.ai.samples import CLUSTER, GUIDANCE
from domain.ai.templates import PromptTemplate
from domain.ai.wording import fold, numbered
from domain.errors import bad_input
from domain.planned import Planned, Work, place_of
from domain.planner.clusters import merge_into
from domain.planner.prompts import PLANNER
from domain.planner.subjects import brief_of, find_clusters, portion_of, portions
from domain.texts import cut
from persistence.models import Cluster, Job, JobItem
from persistence.terms import JobKind, LimitKey, PromptType
from persistence.unit import Unit

AT_ONCE = 20  # clusters that one question is about
KEYWORDS = 12  # of a cluster, at most
MAX_NAME, MAX_OFFLINE_NAME = 120, 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """`merge`: clusters that would become the same page may be put together."""

    cluster_ids: list[UUID]
    merge: bool = False


async def _plan(unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
    """One item per 20 clusters, all of one sector."""
    clusters = await find_clusters(unit, wanted.cluster_ids)
    if len({cluster.sector_id for cluster in clusters}) > 1:
        raise bad_input("Take clusters of one sector at a time.", "input", "clusterIds")
    clusters.sort(key=lambda cluster: (-cluster.volume, cluster.id))
    params = {"clusterIds": [str(cluster.id) for cluster in clusters], "merge": wanted.merge}
    work = [Work(None, n, _price(n)) for n in portions(len(clusters), AT_ONCE)]
    return Planned(NAME_CLUSTERS, place_of(clusters, user_id), work, params, {LimitKey.AI_REQUESTS: len(work)})


def _price(clusters: int) -> int:
    """One question names up to 20 clusters."""
    return 1 if clusters else 0


@dataclass(frozen=True, slots=True)
class NamesBrief:
    """Clusters to be named; `merge` when those that belong on one page may be put together."""

    clusters: Sequence[ClusterBrief]
    merge: bool
    guidance: Guidance = NO_GUIDANCE
    ids: Sequence[UUID] = ()


class NamedCluster(Answer):
    """`numbers`: which of the given clusters it is made of; several where they belong on one page."""

    numbers: list[int] = Field(min_length=1)
    name: Line
    description: Line


class ClusterNamesAnswer(Answer):
    clusters: list[NamedCluster] = Field(min_length=1)


PROMPT = PromptTemplate(
    function=PromptType.NAME_CLUSTERS,
    version=1,
    variables={
        "clusters": "the numbered clusters, each with its strongest keywords",
        "merge_rule": "whether clusters may be put together",
        "guidance": "the account's strategy for this work",
    },
    system=PLANNER,
    prompt="""Below are numbered clusters of search keywords. Each is to become one page.
Give each a name of two to six words that says what its page is about, in the language of its keywords, and a description
of one sentence that says what a searcher wants to know. {{merge_rule}}
Every number must appear exactly once.

{{guidance}}

Clusters:
{{clusters}}""",
)


async def _gather(unit: Unit, job: Job, item: JobItem) -> NamesBrief | None:
    ids = portion_of(job, item, "clusterIds", AT_ONCE)
    clusters = await unit.all(select(Cluster).where(Cluster.id.in_(ids)).order_by(Cluster.volume.desc(), Cluster.id))
    if not clusters:
        return None
    briefs = [await brief_of(unit, cluster, KEYWORDS) for cluster in clusters]
    guidance = await guidance_of(unit, PromptType.NAME_CLUSTERS, job.sector_id)
    return NamesBrief(briefs, bool(job.params["merge"]), guidance, [c.id for c in clusters])


def _values(brief: NamesBrief) -> Mapping[str, str]:
    merge = "Where two clusters would become the same page, put their numbers into one entry."
    return {
        "clusters": numbered(f"{c.name}: {', '.join(c.keywords)}" for c in brief.clusters),
        "merge_rule": merge if brief.merge else "Put one number into each entry.",
        "guidance": guidance_lines(brief.guidance),
    }


def _check(asked: Asked[NamesBrief], answer: ClusterNamesAnswer) -> list[str]:
    problems = once_each((n for entry in answer.clusters for n in entry.numbers), len(asked.brief.clusters))
    if not asked.brief.merge and any(len(entry.numbers) > 1 for entry in answer.clusters):
        problems.append("an entry has several numbers, and merging was not asked for")
    names = Counter(fold(entry.name) for entry in answer.clusters)
    problems += [f"the name “{name}” is given to several clusters" for name, times in names.items() if times > 1]
    problems += [f"the name “{e.name[:40]}…” is too long" for e in answer.clusters if len(e.name) > MAX_NAME]
    return problems


async def _make(unit: Unit, job: Job, item: JobItem, asked: Asked[NamesBrief], answer: ClusterNamesAnswer) -> Done:
    ids = asked.brief.ids
    statement = select(Cluster).where(Cluster.id.in_(ids)).order_by(Cluster.id).with_for_update()
    found = {c.id: c for c in await unit.all(statement.execution_options(populate_existing=True))}
    merged = 0
    for entry in answer.clusters:
        there = [found[ids[n - 1]] for n in sorted(entry.numbers) if ids[n - 1] in found]
        if there:
            there[0].name, there[0].description = entry.name, entry.description
            merged += await merge_into(unit, there[0].id, there[1:])
    named = len(found) - merged
    return Done(named, {"named": named, "merged": merged}, f"{named} clusters named, {merged} merged into others")


def _offline(brief: NamesBrief) -> ClusterNamesAnswer:
    """After the strongest keyword; nothing is merged."""
    given: set[str] = set()
    entries = []
    for number, cluster in enumerate(brief.clusters, 1):
        name = cut(sentence(cluster.keywords[0]), MAX_OFFLINE_NAME)
        name = f"{name} ({number})" if name.casefold() in given else name
        given.add(name.casefold())
        description = cut(summary(cluster.keywords), MAX_TITLE)
        entries.append(NamedCluster(numbers=[number], name=name, description=description))
    return ClusterNamesAnswer(clusters=entries)


NAME_CLUSTERS = AiFunction(
    kind=JobKind.NAME_CLUSTERS,
    phase="naming clusters",
    permission=Permission.PLAN,
    wanted=Wanted,
    plan=_plan,
    template=PROMPT,
    answer=ClusterNamesAnswer,
    sample=NamesBrief(
        [CLUSTER, ClusterBrief("Coffee grinders", ("coffee grinder", "burr grinder"), "en")], True, GUIDANCE
    ),
    gather=_gather,
    values=_values,
    checks=_check,
    make=_make,
    price=_price,
    offline=_offline,
)
