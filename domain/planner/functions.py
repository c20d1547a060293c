"""AI functions of planning: names and merges of clusters, intents of keywords, content ideas."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from domain.ai.answers import ClusterNamesAnswer, Idea, IdeasAnswer, IntentsAnswer
from domain.ai.briefs import ClusterBrief, IdeasBrief, IntentsBrief, NamesBrief
from domain.ai.function import AiFunction, Asked, Done
from domain.ai.guidance import guidance_lines, guidance_of
from domain.ai.wording import fold, numbered, share_spoken_of
from domain.billing.rules import ideas_price, intents_price, names_price
from domain.planner import prompts
from domain.planner.clusters import merge_into
from domain.planner.rules import INTENTS_AT_ONCE, NAMES_AT_ONCE
from persistence.models import Cluster, ContentIdea, Job, JobItem, Keyword
from persistence.terms import JobKind, PromptType
from persistence.unit import Unit

BRIEF_KEYWORDS = 60
NAME_KEYWORDS = 12
MAX_NAME = 120
STRENGTH = func.coalesce(Keyword.volume, Keyword.impressions, 0)


async def strongest(unit: Unit, cluster_id: UUID, limit: int = BRIEF_KEYWORDS) -> Sequence[Any]:
    """A cluster's strongest keywords with their language."""
    statement = (
        select(Keyword.keyword, Keyword.language)
        .where(Keyword.cluster_id == cluster_id)
        .order_by(STRENGTH.desc(), Keyword.id)
        .limit(limit)
    )
    return (await unit.session.execute(statement)).all()


async def _brief_of(unit: Unit, cluster: Cluster, limit: int) -> ClusterBrief:
    rows = await strongest(unit, cluster.id, limit)
    return ClusterBrief(cluster.name, [r.keyword for r in rows] or [cluster.name], rows[0].language if rows else None)


def _slice(job: Job, item: JobItem, name: str, size: int) -> list[UUID]:
    """The ids that an item of a job over many is about."""
    ids: list[str] = job.params[name]
    return [UUID(id) for id in ids[item.position * size : (item.position + 1) * size]]


def _once_each(numbers: Iterable[int], count: int) -> list[str]:
    """What is wrong where every number from 1 to `count` should be there once."""
    seen = Counter(numbers)
    wrong = {
        "is missing": [n for n in range(1, count + 1) if not seen[n]],
        "appears more than once": [n for n, times in seen.items() if times > 1],
        "was not given": [n for n in seen if not 1 <= n <= count],
    }
    return [f"number {', '.join(map(str, sorted(found)[:10]))} {what}" for what, found in wrong.items() if found]


# Names


async def _gather_names(unit: Unit, job: Job, item: JobItem) -> NamesBrief | None:
    ids = _slice(job, item, "clusterIds", NAMES_AT_ONCE)
    clusters = await unit.all(select(Cluster).where(Cluster.id.in_(ids)).order_by(Cluster.volume.desc(), Cluster.id))
    if not clusters:
        return None
    briefs = [await _brief_of(unit, cluster, NAME_KEYWORDS) for cluster in clusters]
    guidance = await guidance_of(unit, PromptType.NAME_CLUSTERS, job.sector_id)
    return NamesBrief(briefs, bool(job.params["merge"]), guidance, [c.id for c in clusters])


def _name_values(brief: NamesBrief) -> Mapping[str, str]:
    merge = "Where two clusters would become the same page, put their numbers into one entry."
    return {
        "clusters": numbered(f"{c.name}: {', '.join(c.keywords)}" for c in brief.clusters),
        "merge_rule": merge if brief.merge else "Put one number into each entry.",
        "guidance": guidance_lines(brief.guidance),
    }


def _check_names(asked: Asked[NamesBrief], answer: ClusterNamesAnswer) -> list[str]:
    problems = _once_each((n for entry in answer.clusters for n in entry.numbers), len(asked.brief.clusters))
    if not asked.brief.merge and any(len(entry.numbers) > 1 for entry in answer.clusters):
        problems.append("an entry has several numbers, and merging was not asked for")
    names = Counter(fold(entry.name) for entry in answer.clusters)
    problems += [f"the name “{name}” is given to several clusters" for name, times in names.items() if times > 1]
    problems += [f"the name “{e.name[:40]}…” is too long" for e in answer.clusters if len(e.name) > MAX_NAME]
    return problems


async def _make_names(
    unit: Unit, job: Job, item: JobItem, asked: Asked[NamesBrief], answer: ClusterNamesAnswer
) -> Done:
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


NAME_CLUSTERS = AiFunction(
    kind=JobKind.NAME_CLUSTERS,
    phase="naming clusters",
    template=prompts.NAME_CLUSTERS,
    answer=ClusterNamesAnswer,
    gather=_gather_names,
    values=_name_values,
    checks=_check_names,
    make=_make_names,
    price=names_price,
)


# Intents


async def _gather_intents(unit: Unit, job: Job, item: JobItem) -> IntentsBrief | None:
    ids = _slice(job, item, "keywordIds", INTENTS_AT_ONCE)
    rows = (
        await unit.session.execute(select(Keyword.id, Keyword.keyword).where(Keyword.id.in_(ids)).order_by(Keyword.id))
    ).all()
    guidance = await guidance_of(unit, PromptType.CLASSIFY_INTENT, job.sector_id)
    return IntentsBrief([r.keyword for r in rows], guidance, [r.id for r in rows]) if rows else None


def _intent_values(brief: IntentsBrief) -> Mapping[str, str]:
    return {"keywords": numbered(brief.keywords), "guidance": guidance_lines(brief.guidance)}


def _check_intents(asked: Asked[IntentsBrief], answer: IntentsAnswer) -> list[str]:
    return _once_each((entry.number for entry in answer.keywords), len(asked.brief.keywords))


async def _make_intents(unit: Unit, job: Job, item: JobItem, asked: Asked[IntentsBrief], answer: IntentsAnswer) -> Done:
    """In the order of ids, as every bulk write of keywords locks them."""
    table = Keyword.__table__
    changed = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("of"))
        .values(intent=bindparam("found"), version=table.c.version + 1, updated_at=func.now())
    )
    entries = sorted(answer.keywords, key=lambda e: asked.brief.ids[e.number - 1])
    values = [{"of": asked.brief.ids[e.number - 1], "found": list(dict.fromkeys(e.intents))} for e in entries]
    await (await unit.session.connection()).execute(changed, values)
    return Done(len(values), {"keywords": len(values)}, f"{len(values)} keywords classified")


CLASSIFY_INTENT = AiFunction(
    kind=JobKind.CLASSIFY_INTENT,
    phase="classifying",
    template=prompts.CLASSIFY_INTENT,
    answer=IntentsAnswer,
    gather=_gather_intents,
    values=_intent_values,
    checks=_check_intents,
    make=_make_intents,
    price=intents_price,
)


# Ideas


async def _gather_ideas(unit: Unit, job: Job, item: JobItem) -> IdeasBrief | None:
    cluster = await unit.session.get(Cluster, item.subject_id)
    if cluster is None:
        return None
    titles = select(ContentIdea.idea_title).where(ContentIdea.cluster_id == cluster.id).order_by(ContentIdea.id)
    existing = list((await unit.session.scalars(titles.limit(50))).all())
    guidance = await guidance_of(unit, PromptType.GENERATE_IDEAS, cluster.sector_id)
    return IdeasBrief(await _brief_of(unit, cluster, BRIEF_KEYWORDS), job.params["count"], existing, guidance)


def _idea_values(brief: IdeasBrief) -> Mapping[str, str]:
    return {
        "cluster": brief.cluster.name,
        "keywords": "\n".join(brief.cluster.keywords),
        "count": str(brief.count),
        "language": brief.cluster.language or "the language of the keywords",
        "existing": "\n".join(brief.existing) or "(none)",
        "guidance": guidance_lines(brief.guidance),
    }


def _check_ideas(asked: Asked[IdeasBrief], answer: IdeasAnswer) -> list[str]:
    known = {fold(keyword) for keyword in asked.brief.cluster.keywords}
    invented = [k for idea in answer.ideas for k in idea.target_keywords if fold(k) not in known]
    problems = [f"the keyword “{keyword}” is not in the list" for keyword in dict.fromkeys(invented)]
    strange = [
        idea.title for idea in answer.ideas if not any(share_spoken_of(idea.title, k) for k in idea.target_keywords)
    ]
    problems += [f"the title “{title[:80]}” says nothing of its target keywords" for title in strange]
    titles = Counter(fold(idea.title) for idea in answer.ideas)
    problems += [f"the title “{title}” is given twice" for title, times in titles.items() if times > 1]
    mains = Counter(fold(idea.target_keywords[0]) for idea in answer.ideas)
    return problems + [f"two ideas aim at “{main}”" for main, times in mains.items() if times > 1]


async def _make_ideas(unit: Unit, job: Job, item: JobItem, asked: Asked[IdeasBrief], answer: IdeasAnswer) -> Done:
    """Those that are new, at most as many as were asked for."""
    cluster = await unit.session.get(Cluster, item.subject_id)
    if cluster is None:
        return Done(0, {}, "the cluster was deleted meanwhile")
    there = {fold(title) for title in asked.brief.existing}
    ideas = [idea for idea in answer.ideas if fold(idea.title) not in there][: asked.brief.count]
    spelt = {fold(keyword): keyword for keyword in reversed(asked.brief.cluster.keywords)}
    unit.add(*(_idea(cluster, item, idea, spelt) for idea in ideas))
    return Done(len(ideas), {"ideas": len(ideas)}, f"{len(ideas)} ideas for “{cluster.name}”")


def _idea(cluster: Cluster, item: JobItem, idea: Idea, spelt: Mapping[str, str]) -> ContentIdea:
    return ContentIdea(
        account_id=cluster.account_id,
        site_id=cluster.site_id,
        sector_id=cluster.sector_id,
        cluster_id=cluster.id,
        idea_title=idea.title,
        description=idea.description,
        content_type=idea.content_type,
        content_structure=idea.content_structure,
        target_keywords=list(dict.fromkeys(spelt[fold(keyword)] for keyword in idea.target_keywords)),
        estimated_word_count=idea.estimated_word_count,
        job_item_id=item.id,
    )


GENERATE_IDEAS = AiFunction(
    kind=JobKind.GENERATE_IDEAS,
    phase="writing ideas",
    template=prompts.GENERATE_IDEAS,
    answer=IdeasAnswer,
    gather=_gather_ideas,
    values=_idea_values,
    checks=_check_ideas,
    make=_make_ideas,
    price=ideas_price,
)
