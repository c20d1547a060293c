"""What AI functions are asked with: typed inputs that prompts are rendered from, and offline answers made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from persistence.terms import ContentStructure, ContentType


@dataclass(frozen=True, slots=True)
class ClusterBrief:
    """A cluster as a writer needs it: its keywords strongest first."""

    name: str
    keywords: Sequence[str]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the account wants of everything of a kind: its strategy's instructions, its author's voice."""

    instructions: str = ""
    author: str = ""
    tone: str = ""
    language: str = ""
    sections: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NamesBrief:
    """Clusters to be named; `merge` when those that belong on one page may be put together."""

    clusters: Sequence[ClusterBrief]
    merge: bool
    guidance: Guidance = Guidance()
    ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class IntentsBrief:
    keywords: Sequence[str]
    guidance: Guidance = Guidance()
    ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class IdeasBrief:
    """`existing`: titles that the cluster has already."""

    cluster: ClusterBrief
    count: int
    existing: Sequence[str] = ()
    guidance: Guidance = Guidance()


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
    guidance: Guidance = Guidance()


@dataclass(frozen=True, slots=True)
class ImagePromptsBrief:
    """An article that wants pictures: one featured, at most `in_article` others."""

    title: str
    summary: str
    headings: Sequence[str]
    keywords: Sequence[str]
    in_article: int
    guidance: Guidance = Guidance()
