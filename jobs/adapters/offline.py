"""A writer without network, key or model: ideas and outlines made of the cluster's own keywords, and said to be so."""

from collections.abc import Sequence
from itertools import zip_longest

from domain.ports import ArticleBrief, ArticleDraft, CallReport, ClusterBrief, IdeaDraft, ProviderError
from domain.writer.html import cut
from jobs.adapters.outline import distinct, is_question, outline, sentence, structure_of, words_of
from persistence.terms import ContentOrigin, ContentStructure, ContentType

_TARGETS = 15
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
_FREE = CallReport(provider="offline", model="outline-1")


class OfflineWriter:
    """The same brief always gives the same answer."""

    async def ideas(self, brief: ClusterBrief, count: int) -> tuple[list[IdeaDraft], CallReport]:
        """At most `count` ideas; every keyword is the target of one of them at most, 15 to an idea."""
        keywords = distinct(brief.keywords)
        if not keywords:
            raise ProviderError("the cluster has no keywords to make ideas of", retryable=False)
        return [_idea(targets, brief.language) for targets in _share_out(keywords, count)], _FREE

    async def article(self, brief: ArticleBrief) -> tuple[ArticleDraft, CallReport]:
        """An outline as HTML. Without keywords the title stands in for the primary one."""
        keywords = distinct(brief.keywords) or distinct([brief.title])
        if not keywords:
            raise ProviderError("there is neither a title nor a keyword to write about", retryable=False)
        title = " ".join(brief.title.split()) or sentence(keywords[0])
        draft = ArticleDraft(
            title=title,
            html=outline(brief, keywords),
            meta_title=cut(title, 60),
            meta_description=cut(brief.description.strip() or _summary(keywords), 155),
            primary_keyword=keywords[0],
            secondary_keywords=keywords[1:],
            origin=ContentOrigin.OFFLINE_DRAFT,
        )
        return draft, _FREE


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


def _idea(targets: Sequence[str], language: str | None) -> IdeaDraft:
    structure = structure_of(targets[0])
    english = language.lower().startswith("en") if language else targets[0].isascii()
    landing = structure is ContentStructure.LANDING_PAGE
    return IdeaDraft(
        title=_title(targets[0], structure) if english else sentence(targets[0]),
        description=_summary(targets),
        content_type=ContentType.PAGE if landing else ContentType.POST,
        content_structure=structure,
        target_keywords=targets,
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
