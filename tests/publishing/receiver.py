"""A receiver of messages over HTTP: it checks signatures with the library of the standard, and drops repeats."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from tests.jobs.scripted import Answer, Received, Scripted, reply


@dataclass
class Receiver:
    """`answers`: to the next messages, in order; then 200. `tries`: (webhook-id, time, message) of all that came;
    `known`: what was new, and rightly signed.
    """

    secret: str = ""
    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    tries: list[tuple[str, int, Any]] = field(default_factory=list)
    known: list[Any] = field(default_factory=list)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    async def __call__(self, received: Received, writer: asyncio.StreamWriter) -> None:
        Webhook(self.secret).verify(received.body, dict(received.headers))
        id, at = received.headers["webhook-id"], int(received.headers["webhook-timestamp"])
        said = json.loads(received.body)
        if id not in [each for each, _, _ in self.tries]:
            self.known.append(said)
        self.tries.append((id, at, said))
        answer = self.answers.pop(0) if self.answers else reply(200, {})
        await answer(received, writer)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with Scripted(otherwise=receiver) as server:
        receiver.url = server.url.removesuffix("/v1") + "/hook/?site=1"
        yield receiver
