"""What operators see of background work: /metrics and Query.systemMetrics."""

import re

import httpx2
from redis.asyncio import Redis

from persistence.redis.failure_counts import FailureCounts
from persistence.redis.persisted_documents import id_of
from persistence.terms import FailureCause, JobKind
from tests.client import PASSWORD, Api
from tests.conftest import Place
from tests.jobs.support import AGAIN, NEVER, account_of, bench, sql, tasks

SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }"
METRICS = """{ systemMetrics {
  documents { documentId calls failed cpuMilliseconds milliseconds receivedBytes sentBytes }
  queues { queue status items oldestSeconds } failures { kind cause attempts } } }"""


async def scraped(url: str) -> dict[str, float]:
    async with httpx2.AsyncClient() as client:
        text = (await client.get(f"{url}/metrics")).text
    return {name: float(value) for name, value in re.findall(r"^(igny8_[^ ]+) ([\d.e+-]+)$", text, re.MULTILINE)}


async def test_what_waits_runs_and_fails_is_counted(place: Place, url: str, owner: Api) -> None:
    sql(place, "delete from job")  # of the tests before
    async with Redis.from_url(place.redis_url) as redis, bench(place) as desk:
        await redis.flushdb()
        desk.runner.failure_counts = FailureCounts(redis)
        await owner.start("generateContent", taskIds=await tasks(place, owner, 4))
        account = account_of(place, owner)
        sql(place, "update job_item set available_at = now() - interval '90 seconds' where position = 0")

        seen = await scraped(url)
        assert seen['igny8_items{queue="text",status="QUEUED"}'] == 4
        assert 89 < seen['igny8_oldest_item_seconds{queue="text",status="QUEUED"}'] < 120

        desk.writer.faults = [AGAIN, NEVER]
        await desk.runner.run(account, "text")
        await desk.runner.run(account, "text")
        sql(place, "update app_user set role = 'DEVELOPER' where account_id = %s", account)
        signed = await owner.one(SIGN_IN, input={"email": owner.email, "password": PASSWORD})
        owner.token = signed["accessToken"]
        told = await owner.one(METRICS)

    seen = await scraped(url)
    assert (seen['igny8_items{queue="text",status="QUEUED"}'], seen['igny8_items{queue="text",status="WAITING"}']) == (
        2,
        1,
    )
    assert seen['igny8_failed_attempts_total{cause="PROVIDER_FAULT",kind="GENERATE_CONTENT"}'] == 2
    assert told["failures"] == [{"kind": "GENERATE_CONTENT", "cause": "PROVIDER_FAULT", "attempts": 2}]
    (signing,) = [d for d in told["documents"] if d["documentId"] == id_of(SIGN_IN)]
    assert (signing["calls"], signing["failed"]) == (1, 0)
    assert 0 < signing["cpuMilliseconds"] <= signing["milliseconds"]
    assert min(signing["receivedBytes"], signing["sentBytes"]) > 100
    counts = {(q["queue"], q["status"]): q["items"] for q in told["queues"]}
    assert counts == {("text", "QUEUED"): 2, ("text", "WAITING"): 1}


async def test_a_redis_that_is_away_has_counted_nothing() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0") as nowhere:
        failure_counts = FailureCounts(nowhere)
        await failure_counts.add(JobKind.GENERATE_CONTENT, FailureCause.RULE)
        assert await failure_counts.counts() == {}
