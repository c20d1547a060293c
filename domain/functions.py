"""What a kind of job does with one of its items; jobs/runner.py runs it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

from domain.ports import CallReport
from persistence.models import Job, JobItem
from persistence.terms import JobKind, LimitKey, Queue
from persistence.unit import Unit

T = TypeVar("T")
Params = Mapping[str, Any]  # a job's own
Progress = Callable[[str, int, int], None]  # phase, done, total of the item; cheap, from any thread


class GrouperProcess(Protocol):
    """A KeywordGrouper that runs elsewhere, so that it may be awaited."""

    async def group(
        self, keywords: list[str], strengths: list[int], granularity: str, max_size: int, progress: Progress
    ) -> list[list[int]]: ...


class Tools:
    """What functions reach the outside world with, asked for by type: `tools[Mailer]`."""

    def __init__(self, found: Mapping[type[Any], Any] | None = None) -> None:
        self._found = dict(found or {})

    def having(self, kind: type[T], tool: T) -> "Tools":
        """These and one more, or another of its kind."""
        return Tools({**self._found, kind: tool})

    def __getitem__(self, kind: type[T]) -> T:
        """KeyError for what the process was not given."""
        found: T = self._found[kind]
        return found


@dataclass(frozen=True, slots=True)
class Answered:
    """What a provider said, and what the call cost; `ms` is how long it took."""

    value: Any
    report: CallReport
    ms: int


@dataclass(frozen=True, slots=True)
class Charge:
    """What an applied item really took: `credits` are capped by the item's estimate. A cost of None is not known."""

    credits: int
    cost_micros: int | None = 0
    details: dict[str, object] = field(default_factory=dict)
    message: str = ""


class Function(Protocol):
    """`prepare` and `apply` each run in a transaction; `call` with none open, for as long as it takes.

    `prepare` answers None when there is nothing left to do. `apply` is committed once for every item that is charged;
    it may be run again before, with rows that are read afresh, so that it must change neither brief nor answer. The
    job is read, never changed.
    """

    @property
    def kind(self) -> JobKind: ...

    @property
    def queue(self) -> Queue: ...

    @property
    def phase(self) -> str:
        """What a job says it does when an item of it begins."""
        ...

    def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params, /) -> Awaitable[None]:
        """The job is started, or failed items of it are tried again: rows that it is about are marked as the workers',
        those that still may be. `give_up` takes it back.
        """
        ...

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Any | None: ...

    async def call(self, tools: Tools, brief: Any, progress: Progress) -> Any: ...

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Any, answer: Any) -> Charge: ...

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        """The item has failed, was cancelled, or has nothing left to do: undo what was marked for it."""
        ...

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        """How much of what a plan limits by the month these items use when they are tried once more."""
        ...
