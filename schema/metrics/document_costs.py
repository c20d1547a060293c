"""What each document has cost this process: calls, time, processor time, bytes. Never who asked, never with what."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from persistence.redis.persisted_documents import id_of

T = TypeVar("T")
KEPT, LONGEST = 500, 10_000  # documents; characters: longer ones are told together
OTHERS = ""


class Metered(Generic[T]):
    """Awaits, and adds up the processor time of this thread between the waits: `seconds`."""

    def __init__(self, work: Awaitable[T]) -> None:
        self._work, self.seconds = work, 0.0

    def __await__(self) -> Generator[Any, Any, T]:
        steps: Any = self._work.__await__()  # a generator, as all that asyncio awaits
        clock = time.thread_time
        resume: Callable[..., Any] = steps.__next__
        given: tuple[Any, ...] = ()
        while True:
            begun = clock()
            try:
                waited_for = resume(*given)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            finally:
                self.seconds += clock() - begun
            try:
                yield waited_for
            except BaseException as error:  # noqa: BLE001 - the work is told of it, as if nobody were between
                resume, given = steps.throw, (error,)
            else:
                resume, given = steps.__next__, ()


@dataclass(slots=True)
class Use:
    """Of all calls of one document."""

    calls: int = 0
    failed: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    received_bytes: int = 0
    sent_bytes: int = 0

    def add(self, *, failed: bool, seconds: float, cpu_seconds: float, received: int, sent: int) -> None:
        self.calls += 1
        self.failed += failed
        self.seconds += seconds
        self.cpu_seconds += cpu_seconds
        self.received_bytes += received
        self.sent_bytes += sent


class DocumentCosts:
    """The documents that were asked last."""

    def __init__(self) -> None:
        self._uses: OrderedDict[str, Use] = OrderedDict()

    def of(self, document: str | None) -> Use:
        key = document if document and len(document) <= LONGEST else OTHERS
        found = self._uses.get(key)
        if found is None:
            found = self._uses[key] = Use()
            if len(self._uses) > KEPT:
                self._uses.popitem(last=False)
        else:
            self._uses.move_to_end(key)
        return found

    def most(self, number: int) -> list[tuple[str, Use]]:
        """The ids of the documents that took most processor time, and what they took."""
        busiest = sorted(self._uses.items(), key=lambda each: -each[1].cpu_seconds)[:number]
        return [(document_id(document), use) for document, use in busiest]


def document_id(document: str) -> str:
    return id_of(document) if document else "others"
