"""What goes wrong on the way to a WordPress and back."""

import asyncio
from dataclasses import dataclass, field

from tests.jobs.scripted import Answer, Received


@dataclass(slots=True)
class Break:
    """`answer` comes in place of WordPress's, `times` times, to requests of this method whose path has `path` in it."""

    answer: Answer | None
    method: str = ""
    path: str = ""
    times: int = 1_000_000
    done: bool = False  # WordPress does it, and its answer is lost
    hits: int = field(default=0, init=False)

    def takes(self, received: Received) -> bool:
        if self.hits >= self.times or self.method not in ("", received.method) or self.path not in received.path:
            return False
        self.hits += 1
        return True


def once(answer: Answer, method: str = "", path: str = "") -> Break:
    return Break(answer, method, path, 1)


def after_it_was_done(method: str = "", path: str = "", *, answer: Answer | None = None) -> Break:
    """Carried out, and then the connection is cut, or another answer comes."""
    return Break(answer or cut_off(), method, path, 1, done=True)


def cut_off() -> Answer:
    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    return answer
