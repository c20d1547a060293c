"""Pages to be written for a cluster."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from domain.access import Permission
from domain.ai.answers import Answer, Line, Paragraph
from domain.ai.briefs import NO_GUIDANCE, ClusterBrief, Guidance
from domain.ai.function import AiFunction, Asked, Done
from domain.ai.guidance import guidance_lines, guidance_of
from domain.ai.offline import MAX_TITLE, distinct, is_question, sentence, structure_of, summary, words_of
from domain.ai.samples import CLUSTER, GUIDANCE
from domain.ai.templates import PromptTemplate
from domain.ai.wording import fold, share_spoken_of
from domain.errors import bad_input
from domain.planned import Planned, Work, place_of
from domain.planner.prompts import PLANNER
from domain.planner.subjects import brief_of, find_clusters
from domain.ports import ProviderError
from domain.rows import belonging
from domain.texts import cut
from persistence.models import Cluster, Idea, Job, JobItem
from persistence.terms import ContentStructure, ContentType, FailureCause, JobKind, LimitKey, PromptType
from persistence.unit import Unit

CREDITS = 2
KEYWORDS = 60  # of the cluster, at most
DEFAULT, MOST = 3, 10
TARGETS = 15  # of an idea that is made without a model
_ENDINGS = {
    ContentStructure.ARTICLE: "what to know",
    ContentStructure.COMPARISON: "how they compare",
    ContentStructure.LANDING_PAGE: "what is on offer",
    ContentStructure.LISTICLE: "the options worth knowing",
    ContentStructure.REVIEW: "strengths, weaknesses and who it suits",
}
_WORDS = {
    ContentStructure.COMPARISON: 1300,
    ContentStructure.GUIDE: 1400,
    ContentStructure.LANDING_PAGE: 700,
    ContentStructure.LISTICLE: 1500,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of each cluster."""

    cluster_ids: list[UUID]
    count: int | None = None


async def _plan(unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
    """One item per cluster; the job's site and sector are the clusters', where they have one in common."""
    number = DEFAULT if wanted.count is None else wanted.count
    if not 1 <= number <= MOST:
        raise bad_input(f"count must be from 1 to {MOST}.", "input", "count")
    clusters = await find_clusters(unit, wanted.cluster_ids)
    work = [Work(cluster.id, 1, _price(number)) for cluster in clusters]
    uses = {LimitKey.AI_REQUESTS: len(work), LimitKey.CONTENT_IDEAS: number * len(work)}
    return Planned(GENERATE_IDEAS, place_of(clusters, user_id), work, {"count": number}, uses)


def _price(ideas: int) -> int:
    """Of one cluster, however many ideas it gets."""
    return CREDITS if ideas else 0


@dataclass(frozen=True, slots=True)
class IdeasBrief:
    """`existing`: titles that the cluster has already."""

    cluster: ClusterBrief
    count: int
    existing: Sequence[str] = ()
    guidance: Guidance = NO_GUIDANCE


class IdeaAnswer(Answer):
    title: Line
    description: Paragraph
    content_type: ContentType
    content_structure: ContentStructure
    target_keywords: list[Line] = Field(min_length=1, max_length=20)
    estimated_word_count: int = Field(ge=100, le=10_000)


class IdeasAnswer(Answer):
    ideas: list[IdeaAnswer] = Field(min_length=1, max_length=10)


PROMPT = PromptTemplate(
    function=PromptType.GENERATE_IDEAS,
    version=1,
    variables={
        "cluster": "the cluster's name",
        "keywords": "the cluster's keywords, strongest first, one a line",
        "count": "how many ideas are wanted",
        "language": "the language of the keywords",
        "existing": "titles of ideas that are there already",
        "guidance": "the account's strategy for this work",
    },
    system=PLANNER,
    prompt="""Propose {{count}} different pages for the topic "{{cluster}}". Each answers another need of the searchers; no
two aim at the same main keyword. Take target keywords from the list alone, spelt as they stand there, the main one first.
Write titles and descriptions in {{language}}. A description says in two or three sentences what the page has to cover.
content_type is POST for articles and PAGE for pages that sell; estimated_word_count is what the topic needs, 600 to 2500.

{{guidance}}

There already, not to be repeated:
{{existing}}

Keywords:
{{keywords}}""",
)


async def _gather(unit: Unit, job: Job, item: JobItem) -> IdeasBrief | None:
    cluster = await unit.session.get(Cluster, item.subject_id)
    if cluster is None:
        return None
    titles = select(Idea.idea_title).where(Idea.cluster_id == cluster.id).order_by(Idea.id)
    existing = list((await unit.session.scalars(titles.limit(50))).all())
    guidance = await guidance_of(unit, PromptType.GENERATE_IDEAS, cluster.sector_id)
    return IdeasBrief(await brief_of(unit, cluster, KEYWORDS), job.params["count"], existing, guidance)


def _values(brief: IdeasBrief) -> Mapping[str, str]:
    return {
        "cluster": brief.cluster.name,
        "keywords": "\n".join(brief.cluster.keywords),
        "count": str(brief.count),
        "language": brief.cluster.language or "the language of the keywords",
        "existing": "\n".join(brief.existing) or "(none)",
        "guidance": guidance_lines(brief.guidance),
    }


def _check(asked: Asked[IdeasBrief], answer: IdeasAnswer) -> list[str]:
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


async def _make(unit: Unit, job: Job, item: JobItem, asked: Asked[IdeasBrief], answer: IdeasAnswer) -> Done:
    """Those that are new, at most as many as were asked for."""
    cluster = await unit.session.get(Cluster, item.subject_id)
    if cluster is None:
        return Done(0, {}, "the cluster was deleted meanwhile")
    there = {fold(title) for title in asked.brief.existing}
    ideas = [idea for idea in answer.ideas if fold(idea.title) not in there][: asked.brief.count]
    spelt = {fold(keyword): keyword for keyword in reversed(asked.brief.cluster.keywords)}
    unit.add(*(_idea(cluster, item, idea, spelt) for idea in ideas))
    return Done(len(ideas), {"ideas": len(ideas)}, f"{len(ideas)} ideas for “{cluster.name}”")


def _idea(cluster: Cluster, item: JobItem, idea: IdeaAnswer, spelt: Mapping[str, str]) -> Idea:
    return Idea(
        **belonging(cluster),
        cluster_id=cluster.id,
        idea_title=idea.title,
        description=idea.description,
        content_type=idea.content_type,
        content_structure=idea.content_structure,
        target_keywords=list(dict.fromkeys(spelt[fold(keyword)] for keyword in idea.target_keywords)),
        estimated_word_count=idea.estimated_word_count,
        job_item_id=item.id,
    )


def _offline(brief: IdeasBrief) -> IdeasAnswer:
    """At most `count` ideas; every keyword is the target of one of them at most, 15 to an idea."""
    keywords = distinct(brief.cluster.keywords)
    if not keywords:
        raise ProviderError("the cluster has no keywords to make ideas of", retryable=False, cause=FailureCause.RULE)
    shares = _share_out(keywords, brief.count)
    return IdeasAnswer(ideas=[_outlined(targets, brief.cluster.language) for targets in shares])


def _share_out(keywords: Sequence[str], count: int) -> list[list[str]]:
    """Leads of different structures first, then every other keyword goes to the lead it has most in common with."""
    shelves: dict[ContentStructure, list[str]] = {}
    for keyword in keywords:
        shelves.setdefault(structure_of(keyword), []).append(keyword)
    turns = [keyword for turn in zip_longest(*shelves.values()) for keyword in turn if keyword is not None]
    shares = {lead: [lead] for lead in turns[: max(count, 0)]}
    for keyword in keywords if shares else ():
        if keyword not in shares:
            nearest = shares[max(shares, key=lambda lead: _kinship(lead, keyword))]
            nearest.extend([keyword] if len(nearest) < TARGETS else [])
    return list(shares.values())


def _kinship(lead: str, keyword: str) -> tuple[bool, int]:
    return structure_of(lead) is structure_of(keyword), len(set(words_of(lead)) & set(words_of(keyword)))


def _outlined(targets: Sequence[str], language: str | None) -> IdeaAnswer:
    structure = structure_of(targets[0])
    english = language.lower().startswith("en") if language else targets[0].isascii()
    landing = structure is ContentStructure.LANDING_PAGE
    return IdeaAnswer(
        title=cut(_title(targets[0], structure) if english else sentence(targets[0]), MAX_TITLE),
        description=summary(targets),
        content_type=ContentType.PAGE if landing else ContentType.POST,
        content_structure=structure,
        target_keywords=list(targets),
        estimated_word_count=min(_WORDS.get(structure, 1100) + 100 * len(targets), 3000),
    )


def _title(keyword: str, structure: ContentStructure) -> str:
    subject = sentence(keyword)
    if words_of(keyword)[:2] == ["how", "to"]:
        return f"{subject.rstrip('?')}: a step-by-step guide"
    if is_question(keyword):
        return f"{subject.rstrip('?')}?"
    return f"{subject}: {_ENDINGS[structure]}" if structure in _ENDINGS else subject


GENERATE_IDEAS = AiFunction(
    kind=JobKind.GENERATE_IDEAS,
    phase="writing ideas",
    permission=Permission.PLAN,
    wanted=Wanted,
    plan=_plan,
    template=PROMPT,
    answer=IdeasAnswer,
    sample=IdeasBrief(CLUSTER, 3, ["The best espresso machines"], GUIDANCE),
    gather=_gather,
    values=_values,
    checks=_check,
    make=_make,
    price=_price,
    offline=_offline,
)
