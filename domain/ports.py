"""What the domain needs from the outside world, as protocols; adapters in jobs/adapters implement them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from persistence.terms import AiProvider, FailureCause, Granularity


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
class CallReport:
    """What one call to a provider cost, for its AiCall row. Money in micro-dollars; None where nobody knows."""

    provider: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int | None = None
    finish_reason: str = "stop"
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextRequest:
    """One question to a language model.

    `brief` is the typed input that the prompts were rendered from: what an adapter without a model works with.
    `schema` is the JSON schema that the answer has to fit, `seconds` the time that is left in all.
    """

    function: str
    brief: object
    system: str
    prompt: str
    schema: dict[str, Any]
    seconds: float
    max_output_tokens: int = 4_000
    temperature: float = 0.7


class TextProvider(Protocol):
    """Answers with parsed JSON, not yet checked against the schema; raises ProviderError."""

    async def answer(self, request: TextRequest) -> tuple[dict[str, Any], CallReport]: ...


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A picture to be made; `title` is what an adapter without a model writes into it."""

    prompt: str
    title: str
    width: int
    height: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    mime_type: str
    width: int
    height: int


class ImageProvider(Protocol):
    """Makes one picture; raises ProviderError. A call that may have been billed is never repeated by the adapter."""

    async def draw(self, request: ImageRequest) -> tuple[Picture, CallReport]: ...


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """Who is asked. A key of None: the platform's own."""

    provider: AiProvider
    model: str
    api_key: str | None = field(default=None, repr=False)


class Providers(Protocol):
    """All providers of a worker process."""

    @property
    def default_text(self) -> ProviderChoice: ...

    @property
    def default_images(self) -> ProviderChoice: ...

    def text(self, choice: ProviderChoice) -> TextProvider: ...

    def images(self, choice: ProviderChoice) -> ImageProvider: ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter in plain text. `key` is the same when it is sent again, so that a reader's mailbox sees one."""

    key: str
    to: str
    subject: str
    text: str = field(repr=False)


class Mailer(Protocol):
    """Delivers one letter; raises ProviderError."""

    async def send(self, mail: Mail) -> None: ...


class PublicUrl(Protocol):
    """Where people reach the product, for links in letters."""

    def __call__(self) -> str: ...


class ProviderError(Exception):
    """A provider did not answer well, for a reason that a user can act on.

    `retryable`: the same call may succeed later, after `retry_after` seconds where the provider said so.
    `report`: what the failed call cost, where it got so far. `problems`: what the next question has to put right.
    """

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool,
        retry_after: float | None = None,
        report: CallReport | None = None,
        problems: Sequence[str] = (),
        cause: FailureCause = FailureCause.PROVIDER_FAULT,
    ) -> None:
        super().__init__(reason)
        self.reason, self.retryable, self.cause = reason, retryable, cause
        self.retry_after, self.report, self.problems = retry_after, report, list(problems)


class PostponedError(Exception):
    """The call was not made: a limit is used up for so many seconds. `others`: not for other items of the queue.

    `woken`: who ends the wait says so; until then it is not tried every half minute, for what may be weeks.
    """

    def __init__(self, reason: str, seconds: float, *, others: bool = False, woken: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.seconds, self.others, self.woken = reason, seconds, others, woken
