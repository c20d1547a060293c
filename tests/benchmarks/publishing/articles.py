"""Articles by workers, beside a script that sends one request after another."""

import asyncio
import time
from dataclasses import dataclass

from tests.benchmarks.publishing.by_hand import Script
from tests.client import Api
from tests.conftest import Place
from tests.publishing.chaos import integration
from tests.publishing.many import many
from tests.publishing.wire import Wire
from tests.wordpress.places import Place as There


@dataclass(frozen=True, slots=True)
class Row:
    side: str
    delay: float
    number: int
    seconds: float
    requests: int

    def line(self, peer: "Row | None" = None) -> str:
        ratio = f"{peer.seconds / self.seconds:>8.2f}" if peer else f"{'':8}"
        return (
            f"{self.side:<10}{self.delay * 1000:>6.0f} ms{self.number:>9}{self.number / self.seconds:>11.2f}"
            f"{self.requests / self.number:>18.1f}{ratio}"
        )


HEADER = f"{'':<10}{'added':>9}{'articles':>9}{'articles/s':>11}{'requests/article':>18}{'ratio':>8}"


async def compared(place: Place, owner: Api, there: There, delay: float, number: int, series: str) -> list[Row]:
    """By hand, then by the workers that run already."""
    found = []
    async with Wire(there.url) as wire:
        wanted = await many(place, owner, number, f"{series}h")
        wire.delay, began = delay, time.monotonic()
        await asyncio.to_thread(Script(wire.url, there.people["admin"]).publish, wanted)
        found.append(Row("by hand", delay, number, time.monotonic() - began, len(wire.requests)))
    async with Wire(there.url) as wire:
        wanted, admin = await many(place, owner, number, f"{series}w"), there.people["admin"]
        given = {"url": wire.url, "username": admin.username, "appPassword": admin.password}
        id = await integration(owner, wanted.site, {"wordPress": given})
        wire.requests.clear()
        wire.delay, began = delay, time.monotonic()
        job = (await owner.start("publishContent", contentIds=wanted.ids, integrationId=id, status="PUBLISHED"))["job"]
        last = await owner.finished(job["id"])
        assert (last["status"], last["done"]) == ("SUCCEEDED", number), last
        found.append(Row("igny8", delay, number, time.monotonic() - began, len(wire.requests)))
    return found
