"""Many destinations, a few of which are ill: what that costs the others."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.scripted import Received, Scripted, reply
from tests.jobs.support import sql
from tests.publishing.chaos import integration
from tests.publishing.house import CREATE
from tests.publishing.many import TASKS
from tests.publishing.wire import Wire
from tests.schema.articles import article, uuid_of
from tests.standins.wordpress import WordPressSite

SLOW_SECONDS = 20.0
ILL = ("slow", "dead", "429")
CHECKED = """
update integration i set config = i.config || jsonb_build_object('capabilities', o.config -> 'capabilities')
  from integration o where o.id = %s and i.site_id = o.site_id
"""


@dataclass(frozen=True, slots=True)
class Apart:
    integrations: int
    items: int
    alone: float
    beside: float

    def lines(self) -> str:
        return (
            f"{self.integrations - len(ILL)} destinations with {self.items} contents each: {self.alone:.1f} s alone, "
            f"{self.beside:.1f} s beside one that is dead, one that takes {SLOW_SECONDS:.0f} s and one that says 429 "
            f"({self.beside / self.alone:.2f}x)"
        )


async def never(_: Received, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


@asynccontextmanager
async def destinations(number: int) -> AsyncIterator[list[Json]]:
    """How each is connected to, the ill ones last."""
    async with AsyncExitStack() as stack:
        sites = [await stack.enter_async_context(WordPressSite()) for _ in range(number - len(ILL) + 1)]
        behind = await stack.enter_async_context(Wire(sites[-1].url))
        behind.delay = SLOW_SECONDS
        tired = reply(429, {"code": "too_many_requests"}, {"retry-after": "5"})
        deaf = [await stack.enter_async_context(Scripted(otherwise=each)) for each in (never, tired)]
        urls = [site.url for site in sites[:-1]] + [behind.url] + [each.url.removesuffix("/v1") for each in deaf]
        user = sites[0].users["admin"]  # the same at each
        yield [{"url": url, "username": user.username, "appPassword": user.app_password} for url in urls]


async def compared(place: Place, owner: Api, number: int, items: int) -> Apart:
    site = await owner.site("Apart")
    await owner.sector(site)
    async with destinations(number) as given:
        made = [await integration(owner, site, {"wordPress": given[0]})]
        for each in given[1:]:
            created = await owner.one(CREATE, input={"siteId": site, "name": each["url"], "wordPress": each})
            assert created["userErrors"] == [], created
            made.append(created["integration"]["id"])
        sql(place, CHECKED, uuid_of(made[0]))
        well, ill = made[: -len(ILL)], made[-len(ILL) :]
        alone = await _published(place, owner, site, [], well, items)
        beside = await _published(place, owner, site, ill, well, items)
    return Apart(number, items, alone, beside)


async def _published(place: Place, owner: Api, site: str, ill: list[str], well: list[str], items: int) -> float:
    """Seconds until all of `items` new contents are at those that are well; the ill ones were begun with."""
    tasks = [f"task_{id}" for (id,) in sql(place, TASKS, items, uuid_of(site))]
    ids = [await article(place, owner, task=task, status="APPROVED") for task in tasks]
    began, jobs = time.monotonic(), dict[str, str]()
    for each in (*ill, *well):
        started = await owner.start("publishContent", contentIds=ids, integrationId=each, status="PUBLISHED")
        assert started["userErrors"] == [], started
        jobs[each] = started["job"]["id"]
    ended = await asyncio.gather(*(owner.finished(jobs[each]) for each in well))
    seconds = time.monotonic() - began
    assert {each["status"] for each in ended} == {"SUCCEEDED"}
    for each in ill:
        await owner.run("mutation($id: ID!) { cancelJob(id: $id) { job { id } } }", id=jobs[each])
    return seconds
