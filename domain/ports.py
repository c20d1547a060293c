"""What the domain needs from the outside world, as protocols; adapters in jobs/adapters implement them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from persistence.terms import ContentOrigin, ContentStructure, ContentType, Granularity


class KeywordGrouper(Protocol):
    """Puts keywords that one page can answer into one group. CPU-bound: never call it on an event loop."""

    def group(
        self,
        keywords: Sequence[str],
        *,
        strengths: Sequence[int],
        granularity: Granularity,
        max_size: int,
        progress: Callable[[int, int], None],
    ) -> list[list[int]]:
        """Positions of `keywords` in groups, every position exactly once, none empty, none above `max_size`.

        `strengths` (one per keyword, search volume or the like) only breaks ties and orders: groups come
        strongest first, and so do the positions in each. `progress(done, total)` is called from time to time.
        """
        ...


@dataclass(frozen=True, slots=True)
class ClusterBrief:
    """A cluster as a writer needs it: its keywords strongest first."""

    name: str
    keywords: Sequence[str]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class IdeaDraft:
    title: str
    description: str
    content_type: ContentType
    content_structure: ContentStructure
    target_keywords: Sequence[str]
    estimated_word_count: int


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


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    title: str
    html: str
    meta_title: str
    meta_description: str
    primary_keyword: str
    secondary_keywords: Sequence[str]
    origin: ContentOrigin


@dataclass(frozen=True, slots=True)
class CallReport:
    """What one call to a provider cost, for its AiCall row. Money in micro-dollars."""

    provider: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    finish_reason: str = "stop"
    details: dict[str, str] = field(default_factory=dict)


class Writer(Protocol):
    """Makes ideas and articles; raises ProviderError for anything that a caller can do something about."""

    async def ideas(self, brief: ClusterBrief, count: int) -> tuple[list[IdeaDraft], CallReport]: ...

    async def article(self, brief: ArticleBrief) -> tuple[ArticleDraft, CallReport]: ...


class ProviderError(Exception):
    """A provider did not answer well. `retryable`: the same call may succeed later."""

    def __init__(self, reason: str, *, retryable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
