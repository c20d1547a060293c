"""What the sweep sends again and what it leaves alone; how much a worker takes at once; files that go."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from dramatiq import Worker

from domain.job import create_job
from domain.planned import Place as Owner
from domain.planned import Planned, Work
from domain.registry import FUNCTIONS
from jobs.broker import Broker, Sender, make_actors, make_broker, waiting
from jobs.recovery import mend, sweep, tidy
from persistence.files.blobs import Blobs
from persistence.scope import JobScope
from persistence.terms import JobKind
from persistence.unit import Dispatch, Units
from tests.client import Api
from tests.conftest import Place
from tests.files import blobs_of
from tests.jobs.support import AGAIN, Bench, account_of, check_books, keywords, one, sql, tasks
from tests.waiting import until


@pytest.fixture
def broker(place: Place) -> Iterator[Broker]:
    made = make_broker(place.redis_url, at_once={"text": 6})
    made.client.flushdb()
    yield made
    made.close()


async def swept(desk: Bench, sent: Counter[tuple[UUID, str]] | None = None) -> list[tuple[UUID, str, int]]:
    async def in_broker() -> Counter[tuple[UUID, str]]:
        return sent or Counter()

    desk.sent.clear()
    await sweep(desk.units, in_broker)
    return [(d.account_id, d.queue, d.count) for d in desk.sent]


async def stranded(place: Place, owner: Api, number: int) -> UUID:
    """The account: its work has waited for a minute."""
    await owner.start("generateContent", taskIds=await tasks(place, owner, number))
    account = account_of(place, owner)
    sql(place, "update job_item set available_at = now() - interval '1 minute' where account_id = %s", account)
    return account


@pytest.fixture(autouse=True)
def _alone(place: Place) -> None:
    sql(place, "update job_item set status = 'CANCELLED' where status in ('QUEUED', 'RUNNING', 'WAITING')")


async def test_lost_messages_are_sent_again_up_to_the_window(place: Place, owner: Api, desk: Bench) -> None:
    account = await stranded(place, owner, 10)
    assert await swept(desk) == [(account, "text", 4)]
    assert await swept(desk, Counter({(account, "text"): 3})) == [(account, "text", 1)]
    assert await swept(desk, Counter({(account, "text"): 4})) == [], "they wait in the broker"


async def test_callers_fill_a_queue_so_far_and_the_sweep_does_the_rest(
    place: Place, owner: Api, desk: Bench, broker: Broker
) -> None:
    account, send = await stranded(place, owner, 10), Sender(broker, most=10)
    broker.client.flushdb()
    for _ in range(30):
        await send([Dispatch(uuid4(), "text", 4)])
    await send([Dispatch(account, "text", 4)])
    sent = await waiting(broker)
    assert (sum(sent.values()), sent[account, "text"]) == (12, 0)
    assert await swept(desk, sent) == [(account, "text", 4)]
    await Sender(broker)(desk.sent)
    assert (await waiting(broker))[account, "text"] == 4


async def test_work_that_was_just_made_is_not_lost(place: Place, owner: Api, desk: Bench) -> None:
    await owner.start("generateContent", taskIds=await tasks(place, owner, 2))
    assert await swept(desk) == []


async def test_what_is_under_way_counts(place: Place, owner: Api, desk: Bench) -> None:
    account = await stranded(place, owner, 10)
    desk.writer.gate = asyncio.Event()
    runs = [asyncio.create_task(desk.runner.run(account, "text")) for _ in range(4)]
    await until(lambda: desk.writer.at_once == 4)
    assert await swept(desk) == []
    sql(place, "update job_item set lease_until = now() - interval '1 second' where status = 'RUNNING'")
    assert await swept(desk) == [(account, "text", 4)], "their worker has died"
    desk.writer.gate.set()
    await asyncio.gather(*runs)


async def test_a_pause_that_is_over_is_noticed(place: Place, owner: Api, desk: Bench) -> None:
    await owner.start("generateContent", taskIds=await tasks(place, owner, 1))
    account = account_of(place, owner)
    desk.writer.faults = [AGAIN]
    await desk.runner.run(account, "text")
    assert await swept(desk) == []
    sql(place, "update job_item set available_at = now() where status = 'WAITING'")
    assert await swept(desk) == [(account, "text", 1)]
    await desk.work(account)
    check_books(place)


async def test_a_job_that_another_release_left_open_is_ended_and_told(place: Place, owner: Api, desk: Bench) -> None:
    """It was made without the counts that this one ends it by."""
    job = (await owner.start("generateContent", taskIds=await tasks(place, owner, 3)))["job"]["id"]
    account = account_of(place, owner)
    sql(place, "update job set open_items = 0, ended_weight = 0 where account_id = %s", account)
    await mend(desk.units)
    assert one(place, "select finished_at is null from job where account_id = %s", account), "it has work"
    await desk.work(account)
    assert one(place, "select open_items from job where account_id = %s", account) == -3
    assert one(place, "select finished_at is null from job where account_id = %s", account)

    desk.told.clear()
    await asyncio.gather(mend(desk.units), mend(desk.units))

    (told,) = [s for s in desk.told if s.account_id == account]
    ended = await owner.one("query($id: ID!) { job(id: $id) { status done creditsHeld creditsSpent } }", id=job)
    assert ended == {"status": "SUCCEEDED", "done": 3, "creditsHeld": 0, "creditsSpent": 3}
    assert (told.status, told.done) == ("SUCCEEDED", 3)
    check_books(place)


async def test_two_sweeps_at_once_send_once(place: Place, owner: Api, desk: Bench) -> None:
    await stranded(place, owner, 1)
    both = asyncio.Barrier(2)

    async def hold() -> Counter[tuple[UUID, str]]:
        await both.wait()
        return Counter()

    first = asyncio.create_task(sweep(desk.units, hold))
    await until(lambda: both.n_waiting == 1)
    await sweep(desk.units, hold)  # leaves at once: it would wait at the barrier otherwise, and both would go on
    assert both.n_waiting == 1
    await both.wait()
    await first
    assert [d.count for d in desk.sent] == [1]


async def test_messages_that_wait_are_counted(broker: Broker) -> None:
    account = uuid4()
    await Sender(broker)([Dispatch(account, "text", 3), Dispatch(account, "compute")])
    assert await waiting(broker) == {(account, "text"): 3, (account, "compute"): 1}


async def test_a_worker_takes_as_many_as_it_may(place: Place, broker: Broker) -> None:
    """Dramatiq counts what is being worked on as prefetched: with a prefetch of 1 it would be one at a time."""
    there, together = Counter[str](), threading.Event()

    async def run(account: UUID, queue: str) -> None:
        there[queue] += 1
        if there["text"] == 6 and there["compute"] == 1:
            together.set()
        await asyncio.to_thread(together.wait, 20)

    make_actors(broker, run)
    broker.at_once = {"text": 6, "compute": 1, "files": 1}
    await Sender(broker)([Dispatch(uuid4(), "text", 6), Dispatch(uuid4(), "compute", 3)])
    worker = Worker(broker, worker_threads=8, worker_timeout=50)
    worker.start()
    try:
        await until(together.is_set)
    finally:
        await asyncio.to_thread(worker.stop)
    assert there["compute"] <= 3


async def test_a_broker_that_is_away_holds_nobody_up(place: Place) -> None:
    """A listener that never answers, as behind a firewall."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    broker = make_broker(f"redis://127.0.0.1:{port}/0")
    started = asyncio.get_running_loop().time()
    await Sender(broker)([Dispatch(uuid4(), "text", 4)])
    assert asyncio.get_running_loop().time() - started < 3
    server.close()
    broker.close()


async def test_a_file_goes_when_its_import_has_ended(place: Place, owner: Api, desk: Bench) -> None:
    account, blobs, job = await imported(place, owner, desk.units)
    await tidy(desk.units, blobs)
    assert len(list((place.data / "blobs").iterdir())) == 1, "it is still to be read"
    await desk.work(account, "files")
    assert one(place, "select status from job where id = %s", job) == "SUCCEEDED"
    assert one(place, "select count(*) from keyword where account_id = %s", account) == 60
    await tidy(desk.units, blobs)
    assert list((place.data / "blobs").iterdir()) == []


async def test_a_failed_import_keeps_its_file_for_an_hour(place: Place, owner: Api, desk: Bench) -> None:
    account, blobs, job = await imported(place, owner, desk.units)
    sql(place, "update sector set is_active = false where account_id = %s", account)
    await desk.work(account, "files")
    await tidy(desk.units, blobs)
    assert len(list((place.data / "blobs").iterdir())) == 1

    sql(place, "update job set finished_at = now() - interval '2 hours' where id = %s", job)
    await tidy(desk.units, blobs)
    assert list((place.data / "blobs").iterdir()) == []
    (node,) = (await owner.one("{ jobs { nodes { id } } }"))["nodes"]
    await owner.run("mutation($id: ID!) { retryJob(id: $id) { userErrors { code } } }", id=node["id"])
    await desk.work(account, "files")
    assert "import it again" in one(place, "select error from job where id = %s", job)


async def imported(place: Place, owner: Api, units: Units) -> tuple[UUID, Blobs, UUID]:
    """An import as of a large file: the account, where files are, the job."""
    blobs = blobs_of(place)
    await owner.sector()
    account = account_of(place, owner)
    ((site, sector),) = sql(place, "select site_id, id from sector where account_id = %s", account)
    key = (await blobs.put(BytesIO(keywords(60).encode()), 100_000)).key
    async with units(JobScope(account)) as unit:
        owned, params = Owner(account, None, site, sector), {"blob": key, "dryRun": False}
        made = await create_job(unit, Planned(FUNCTIONS[JobKind.IMPORT_KEYWORDS], owned, [Work(sector, 1, 0)], params))
    return account, blobs, made.id
