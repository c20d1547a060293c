"""Many articles on their way to a destination while everything between is killed: by a seed, judged by what is there.

Two worker processes, the line to the destination, which loses answers of what was done, and the destination's own
server: one of them every second or so, each kind in its turn of a shuffled deck, and each in the midst of something.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cli.embedded import Services
from tests.chaos import Process
from tests.client import Api
from tests.conftest import Place, fresh_place, served
from tests.jobs.support import account_of, buy, check_books, one, sql
from tests.publishing.felled import Felled
from tests.publishing.house import CREATE
from tests.publishing.many import Many
from tests.publishing.wire import Wire
from tests.waiting import until

ENVIRONMENT = {"IGNY8_LOOKUP_SECONDS": "1,3,10", "IGNY8_ALLOWED_HOSTS": "127.0.0.1"}
WORKERS = 2
END_SECONDS, FAULTS_SECONDS = 600.0, 90.0
RETRY = "mutation($id: ID!) { retryJob(id: $id) { job { id } userErrors { code message } } }"
RECORDS = """
select r.action, r.outcome, r.remote_id, p.remote_id, r.ended_at is not null
  from publishing_record r join publication p on p.id = r.publication_id where r.account_id = %s
"""
PUBLICATIONS = """
select 'con_' || p.content_id, p.remote_id, p.url, p.status, p.error, p.unknown_since, p.job_item_id, c.status,
       c.published_url, t.status
  from publication p join content c on c.id = p.content_id join task t on t.id = c.task_id where p.account_id = %s
"""


@asynccontextmanager
async def homed(servers: Services, template: str, data: Path) -> AsyncIterator[tuple[Place, Api]]:
    """A database, a Redis and an API of one scenario's own, and the owner of an account on the largest plan."""
    data.mkdir()  # noqa: ASYNC240 - a test
    with fresh_place(servers, template, data) as place:
        async with served(place) as url, Api(url) as owner:
            await owner.sign_up()
            buy(place, owner, 10)
            yield place, owner


@asynccontextmanager
async def workers(place: Place, number: int, **environment: str) -> AsyncIterator[list[Process]]:
    """Started again whenever they end."""
    made = [Process(place, ENVIRONMENT | environment, "worker") for _ in range(number)]
    keepers = [asyncio.create_task(each.keep()) for each in made]
    try:
        yield made
    finally:
        for keeper in keepers:
            keeper.cancel()
        for each in made:
            await asyncio.to_thread(each.stop)


async def integration(owner: Api, site: str, given: Mapping[str, Any]) -> str:
    """Made and after_test by a worker."""
    made = await owner.one(CREATE, input={"siteId": site, "name": "There", **given})
    assert made["userErrors"] == []
    id: str = made["integration"]["id"]
    after_test = await owner.start("testConnection", integrationId=id)
    last = await owner.finished(after_test["job"]["id"])
    assert last["status"] == "SUCCEEDED", last
    return id


class Chaos:
    def __init__(self, place: Place, owner: Api, wire: Wire, server: Felled, seed: int) -> None:
        self.place, self.owner, self.wire, self.server = place, owner, wire, server
        self.chance = random.Random(seed)
        self.faults = Counter[str]()
        self.again = 0  # how often somebody tried what had failed

    async def published(self, many: Many, given: Mapping[str, Any]) -> None:
        """All of them, however long it takes."""
        async with workers(self.place, WORKERS) as running:
            id = await integration(self.owner, many.site, given)
            started = await self.owner.start(
                "publishContent", contentIds=many.ids, integrationId=id, status="PUBLISHED"
            )
            assert started["userErrors"] == []
            job, began = started["job"]["id"], time.monotonic()
            await self._hurt(running, job, len(many.ids))
            while (status := await self._ended(job)) != "SUCCEEDED":
                assert time.monotonic() < began + END_SECONDS, f"{status} after {self.again} tries"
                self.again += 1
                await self.owner.run(RETRY, id=job)
        print(f"{dict(self.faults)}, {self.wire.lost} answers lost, tried {self.again} times again")

    async def _ended(self, job: str) -> str:
        return str((await self.owner.finished(job))["status"])

    async def _hurt(self, running: list[Process], job: str, number: int) -> None:
        """Until but a tenth is left."""
        kinds, deck = {"worker": self._worker, "line": self._line, "server": self._server}, list[str]()
        account = account_of(self.place, self.owner)
        left = "select count(*) from job_item where account_id = %s and queue = 'publishing' and finished_at is null"
        until_then = time.monotonic() + FAULTS_SECONDS
        while await asyncio.to_thread(one, self.place, left, account) > number // 10:
            if time.monotonic() > until_then:
                break
            await asyncio.sleep(self.chance.uniform(0.5, 1.5))
            if not await self._at_work():
                continue
            deck = deck or self.chance.sample(list(kinds), len(kinds))
            name = deck.pop()
            self.faults[name] += 1
            await kinds[name](running)
        assert set(self.faults) == set(kinds), "it was over before much could happen to it"

    async def _at_work(self) -> bool:
        """Whether something is being made there; waits a while for it, and goes a little into it."""
        for _ in range(500):
            if self.wire.writing:
                await asyncio.sleep(self.chance.uniform(0, 0.1))
                return True
            await asyncio.sleep(0.01)
        return False

    async def _worker(self, running: list[Process]) -> None:
        process = self.chance.choice(running)
        await asyncio.to_thread(process.kill)
        await asyncio.sleep(self.chance.uniform(0, 1))
        process.start()

    async def _line(self, running: list[Process]) -> None:
        self.wire.lose = self.chance.randint(1, 4)

    async def _server(self, running: list[Process]) -> None:
        await asyncio.to_thread(self.server.kill)
        await asyncio.sleep(self.chance.uniform(0, 1))
        self.server.start()
        await until(self._listens)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(self.wire.host, self.wire.port)
        except OSError:
            return False
        writer.close()
        return True

    def judge(self, many: Many, there: Mapping[str, str]) -> None:
        """`there`: the address of each post that is there, by its id. What the rows say is what is there."""
        account = account_of(self.place, self.owner)
        rows = sql(self.place, PUBLICATIONS, account)
        assert {row[0] for row in rows} == set(many.ids)
        for _, remote_id, url, status, error, unknown, item, content, live, task in rows:
            assert (status, content, task) == ("PUBLISHED", "PUBLISHED", "PUBLISHED")
            assert (there[remote_id], live) == (url, url)
            assert (error, unknown, item) == (None, None, None)
        assert len({row[1] for row in rows}) == len(many.ids)
        outcomes = Counter[str]()
        for action, outcome, remote_id, of, ended in sql(self.place, RECORDS, account):
            outcomes[f"{action} {outcome}"] += 1
            assert (outcome != "UNDER_WAY", ended) == (True, True)
            assert outcome != "DONE" or remote_id == of
        print(dict(outcomes))
        check_books(self.place)
