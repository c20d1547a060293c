"""What an operator's limits on a provider do to the items that would exceed them."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from domain.ports import Providers
from jobs.adapters import limited as gated
from jobs.adapters.limited import GatedText, gate_of
from persistence.redis.provider_limits import Limit, ProviderLimits
from persistence.terms import AiProvider
from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import Bench, ScriptedProviders, account_of, bench, check_books, sql, tasks

NAME = AiProvider.OFFLINE.value.lower()


@pytest.fixture
async def desk(place: Place, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """One call a minute."""
    monkeypatch.setattr(gated, "PATIENCE_SECONDS", 0.1)
    async with Redis.from_url(place.redis_url) as redis, bench(place) as made:
        await redis.flushdb()
        gate = gate_of(ProviderLimits(redis, {NAME: Limit(per_minute=1)}), AiProvider.OFFLINE, None)
        providers = made.runner.tools[Providers]
        assert isinstance(providers, ScriptedProviders)
        providers.scripted = GatedText(made.writer, gate)
        yield made


async def test_an_item_over_the_limit_is_postponed_and_not_an_attempt(place: Place, owner: Api, desk: Bench) -> None:
    job = (await owner.start("generateContent", taskIds=await tasks(place, owner, 2)))["job"]["id"]
    account = account_of(place, owner)
    await desk.runner.run(account, "text")
    desk.sent.clear()
    await desk.runner.run(account, "text")
    assert desk.sent == [], "whom it would send would be postponed too"

    items = sql(
        place,
        "select status, attempts, failures, extract(epoch from available_at - now())::int, "
        "(select count(*) from ai_call c where c.job_item_id = i.id) from job_item i where account_id = %s "
        "order by status",
        account,
    )
    (applied, postponed) = items
    assert (applied[0], desk.writer.calls) == ("APPLIED", 1)
    assert (*postponed[:3], postponed[4]) == ("WAITING", 0, 0, 0)
    assert 20 < postponed[3] <= 40
    shown = await owner.one("query($id: ID!) { job(id: $id) { status message creditsHeld } }", id=job)
    assert (shown["status"], shown["message"]) == ("RUNNING", f"Waiting for {NAME}: 1 a minute.")
    assert shown["creditsHeld"] > 0
    check_books(place)


async def test_when_the_minute_is_over_it_goes_on(place: Place, owner: Api, desk: Bench) -> None:
    job = (await owner.start("generateContent", taskIds=await tasks(place, owner, 3)))["job"]["id"]
    account = account_of(place, owner)
    async with Redis.from_url(place.redis_url) as redis:
        for _ in range(6):
            await desk.runner.run(account, "text")
            sql(place, "update job_item set available_at = now() where status = 'WAITING'")
            for key in await redis.keys("igny8:gate:*"):
                await redis.delete(key)
    ended = await owner.one("query($id: ID!) { job(id: $id) { status done items { nodes { attempts } } } }", id=job)
    assert (ended["status"], ended["done"]) == ("SUCCEEDED", 3)
    assert [i["attempts"] for i in ended["items"]["nodes"]] == [1, 1, 1]
    check_books(place)


async def test_a_postponed_item_can_be_cancelled(place: Place, owner: Api, desk: Bench) -> None:
    job = (await owner.start("generateContent", taskIds=await tasks(place, owner, 2)))["job"]["id"]
    account = account_of(place, owner)
    await desk.runner.run(account, "text")
    await desk.runner.run(account, "text")
    cancelled = await owner.one("mutation($id: ID!) { cancelJob(id: $id) { job { status creditsHeld } } }", id=job)
    assert cancelled["job"] == {"status": "CANCELLED", "creditsHeld": 0}
    check_books(place)
