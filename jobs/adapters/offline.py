"""A writer without network, key or model: ideas and outlines made of the cluster's own keywords, and said to be so."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from domain.ai.answers import (
    Answer,
    ArticleAnswer,
    ClusterNamesAnswer,
    Idea,
    IdeasAnswer,
    ImageIdea,
    ImagePromptsAnswer,
    IntentsAnswer,
    KeywordIntent,
    NamedCluster,
)
from domain.ai.briefs import ArticleBrief, IdeasBrief, ImagePromptsBrief, IntentsBrief, NamesBrief
from domain.ports import CallReport, ProviderError, TextRequest
from domain.writer.html import cut
from jobs.adapters.outline import distinct, intent_of, is_question, outline, sentence, structure_of, words_of
from persistence.terms import ContentStructure, ContentType, FailureCause, ImageType

_TARGETS, _SECONDARY, _TITLE, _NAME = 15, 50, 300, 100
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
_FREE = CallReport(provider="offline", model="outline-1", cost_micros=0)


class OfflineText:
    """Implements domain.ports.TextProvider. The same brief always gives the same answer."""

    async def answer(self, request: TextRequest) -> tuple[dict[str, Any], CallReport]:
        """Made of `request.brief`; ProviderError for work that only a model can do."""
        match request.brief:
            case IdeasBrief():
                answer: Answer = ideas(request.brief)
            case ArticleBrief():
                answer = article(request.brief)
            case NamesBrief():
                answer = names(request.brief)
            case IntentsBrief():
                answer = intents(request.brief)
            case ImagePromptsBrief():
                answer = image_prompts(request.brief)
            case _:
                raise ProviderError(
                    f"{request.function} needs a language model: set one up with updateAiSettings",
                    retryable=False,
                    cause=FailureCause.RULE,
                )
        return answer.model_dump(mode="json"), _FREE


def ideas(brief: IdeasBrief) -> IdeasAnswer:
    """At most `count` ideas; every keyword is the target of one of them at most, 15 to an idea."""
    keywords = distinct(brief.cluster.keywords)
    if not keywords:
        raise ProviderError("the cluster has no keywords to make ideas of", retryable=False, cause=FailureCause.RULE)
    return IdeasAnswer(ideas=[_idea(targets, brief.cluster.language) for targets in _share_out(keywords, brief.count)])


def article(brief: ArticleBrief) -> ArticleAnswer:
    """An outline as HTML. Without keywords the title stands in for the primary one."""
    keywords = distinct(brief.keywords) or distinct([brief.title])
    if not keywords:
        raise ProviderError(
            "there is neither a title nor a keyword to write about", retryable=False, cause=FailureCause.RULE
        )
    title = cut(brief.title, _TITLE) or sentence(keywords[0])
    return ArticleAnswer(
        title=title,
        html=outline(brief, keywords),
        meta_title=cut(title, 60),
        meta_description=cut(brief.description.strip() or _summary(keywords), 155),
        secondary_keywords=keywords[1:_SECONDARY],
    )


def names(brief: NamesBrief) -> ClusterNamesAnswer:
    """After the strongest keyword; nothing is merged."""
    given: set[str] = set()
    entries = []
    for number, cluster in enumerate(brief.clusters, 1):
        name = cut(sentence(cluster.keywords[0]), _NAME)
        name = f"{name} ({number})" if name.casefold() in given else name
        given.add(name.casefold())
        description = _summary(cluster.keywords)
        entries.append(NamedCluster(numbers=[number], name=name, description=cut(description, _TITLE)))
    return ClusterNamesAnswer(clusters=entries)


def intents(brief: IntentsBrief) -> IntentsAnswer:
    found = [KeywordIntent(number=n, intents=[intent_of(k)]) for n, k in enumerate(brief.keywords, 1)]
    return IntentsAnswer(keywords=found)


def image_prompts(brief: ImagePromptsBrief) -> ImagePromptsAnswer:
    """The title's picture, and one each of the first headings."""
    scene = "Quiet landscape with layered hills, a low sun and soft light"
    subjects = [heading for heading in distinct(brief.headings) if heading != brief.title][: brief.in_article]
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
            nearest.extend([keyword] if len(nearest) < _TARGETS else [])
    return list(shares.values())


def _kinship(lead: str, keyword: str) -> tuple[bool, int]:
    return structure_of(lead) is structure_of(keyword), len(set(words_of(lead)) & set(words_of(keyword)))


def _idea(targets: Sequence[str], language: str | None) -> Idea:
    structure = structure_of(targets[0])
    english = language.lower().startswith("en") if language else targets[0].isascii()
    landing = structure is ContentStructure.LANDING_PAGE
    return Idea(
        title=cut(_title(targets[0], structure) if english else sentence(targets[0]), _TITLE),
        description=_summary(targets),
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


def _summary(keywords: Sequence[str]) -> str:
    """A sentence that serves as an idea's description and, where there is no better, as a meta description."""
    lead, *others = (" ".join(keyword.split()) for keyword in keywords)
    *most, last = others[:3] or [""]
    if not last:
        return f"{sentence(lead)}: what it is, why it matters and what to do."
    return f"{sentence(lead)}, with answers on {', '.join(most) + ' and ' if most else ''}{last}."
