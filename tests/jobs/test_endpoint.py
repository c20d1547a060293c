"""A model's endpoint at its worst: each answer ends in a retried or failed item with a reason; money and rows exact."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from domain.ai import function
from domain.prices import Price
from jobs.adapters.platform import Platform
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.answers import article, idea, ideas
from tests.jobs.scripted import (
    Answer,
    Scripted,
    chat,
    computed,
    drip,
    failure,
    garbage,
    hang_up,
    huge,
    rate_limited,
    reply,
    silence,
)
from tests.jobs.support import Bench, account_of, bench, check_books, one, sql, tasks

_numbers = itertools.count(1)
GOOD = computed(article)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "ATTEMPT_SECONDS", 1.0)


@asynccontextmanager
async def desk_at(place: Place, server: Scripted) -> AsyncIterator[Bench]:
    """A model of its own name: nothing is known yet of what it takes."""
    async with bench(place, Platform(base_url=server.url, model=f"m-{next(_numbers)}")) as made:
        yield made


async def job(owner: Api, id: str) -> Json:
    found: Json = await owner.one(
        "query($id: ID!) { job(id: $id) { status error creditsHeld creditsSpent items { nodes { status error "
        "creditsSpent calls { provider model status error finishReason inputTokens outputTokens } } } } }",
        id=id,
    )
    return found


async def written(place: Place, owner: Api, *script: Answer, otherwise: Answer = GOOD) -> tuple[Json, Json]:
    """One article asked of such an endpoint: its item, and the job."""
    ids = await tasks(place, owner, 1)
    async with Scripted(script, otherwise) as server, desk_at(place, server) as desk:
        started = (await owner.start("generateContent", taskIds=ids))["job"]
        await desk.work(account_of(place, owner))
    found = await job(owner, started["id"])
    check_books(place)
    (item,) = found["items"]["nodes"]
    return item, found


async def test_what_nobody_knows_the_cost_of_is_not_free(place: Place, owner: Api) -> None:
    ids = await tasks(place, owner, 3)
    async with Scripted([rate_limited("0")], otherwise=GOOD) as server:
        known = {"mine": Price(Decimal(1), Decimal(2))}
        for platform, task in (
            (Platform(base_url=server.url, model=f"m-{next(_numbers)}"), ids[0]),
            (Platform(base_url=server.url, model="mine", prices=known), ids[1]),
            (Platform(), ids[2]),
        ):
            async with bench(place, platform) as desk:
                await owner.start("generateContent", taskIds=[task])
                await desk.work(account_of(place, owner))
    jobs = await owner.one("{ jobs(first: 9) { nodes { items { nodes { calls { status costUsd } } } } } }")
    calls = [call for job in jobs["nodes"] for item in job["items"]["nodes"] for call in item["calls"]]
    assert sorted((call["status"], str(call["costUsd"])) for call in calls) == [
        ("FAILED", "None"), ("SUCCEEDED", "0"), ("SUCCEEDED", "0.00021"), ("SUCCEEDED", "None"),
    ]  # fmt: skip
    logs = await owner.one("{ creditUsageLogs { nodes { costUsd } } }")
    assert {log["costUsd"] for log in logs["nodes"]} == {"0", "0.00021", None}
    (used,) = await owner.one("{ creditUsage(groupBy: OPERATION) { items costUsd unpricedCalls } }")
    assert used == {"items": 3, "costUsd": "0.00021", "unpricedCalls": 1}


RETRIED: dict[str, tuple[Answer, str]] = {
    "429": (rate_limited("0"), "limiting the rate of calls"),
    "503": (failure(503, "overloaded"), "has a fault of its own (HTTP 503)"),
    "silence": (silence(), "did not answer within 1 seconds"),
    "endless stream": (drip(), "did not answer within 1 seconds"),
    "hang-up": (hang_up(), "cannot be reached or hung up"),
    "no HTTP": (garbage(), "cannot be reached or hung up"),
    "no completion": (reply(200, b'{"ok": true}'), "not with a chat completion"),
    "no JSON": (chat("I would rather not."), "not with a valid JSON object"),
    "other JSON": (chat({"titel": "Tea"}), "cannot be used: title: Field required"),
    "too short": (computed(lambda body: {**article(body), "html": "<p>" + "Task 1. " * 8 + "</p>"}), "html has"),
}


@pytest.mark.parametrize("fault", RETRIED)
async def test_a_passing_fault_is_tried_again(place: Place, owner: Api, fault: str) -> None:
    answer, reason = RETRIED[fault]

    item, found = await written(place, owner, answer)

    first, last = item["calls"]
    assert (found["status"], item["status"], item["error"]) == ("SUCCEEDED", "APPLIED", None)
    assert first["status"] == "FAILED"
    assert reason in first["error"]
    assert (last["status"], last["finishReason"], last["outputTokens"]) == ("SUCCEEDED", "stop", 45)
    words = one(place, "select word_count from content where account_id = %s", account_of(place, owner))
    assert 400 < words < 1000
    assert found["creditsSpent"] == -(-words // 100)


REFUSED: dict[str, tuple[Answer, str]] = {
    "401": (failure(401, "Incorrect API key"), "refused the key (HTTP 401): check the API key"),
    "no model": (failure(404, "The model `m` does not exist", "model_not_found"), "check the model's name"),
    "no credit": (failure(429, "quota", "insufficient_quota"), "has no credit left: top up the account there"),
    "cut": (chat('{"title": "Te', finish_reason="length"), "had its answer cut at 45 tokens"),
    "refusal": (chat(None, refusal="I cannot help with that."), "refused to answer (I cannot help with that.)"),
    "too large": (huge(), "with more than 4 MB"),
    "asks to wait an hour": (rate_limited("3600"), "is limiting the rate of calls"),
}


@pytest.mark.parametrize("fault", REFUSED)
async def test_a_lasting_fault_fails_the_item_and_costs_nothing(place: Place, owner: Api, fault: str) -> None:
    answer, reason = REFUSED[fault]

    item, found = await written(place, owner, answer, otherwise=answer)

    assert (found["status"], item["status"], len(item["calls"])) == ("FAILED", "FAILED", 1)
    assert reason in item["error"]
    assert found["error"] == item["error"]
    assert (found["creditsSpent"], found["creditsHeld"]) == (0, 0)
    assert one(place, "select count(*) from content where account_id = %s", account_of(place, owner)) == 0
    assert (await owner.one("{ tasks { nodes { status } } }"))["nodes"] == [{"status": "DRAFT"}]
    assert (await owner.one("{ account { credits { balance held } } }"))["credits"] == {"balance": 500, "held": 0}


async def test_what_an_attempt_cost_is_known_though_it_failed(place: Place, owner: Api) -> None:
    item, _ = await written(place, owner, chat({"nonsense": 1}, usage=(1000, 300)))

    assert [(c["inputTokens"], c["outputTokens"]) for c in item["calls"]] == [(1000, 300), (120, 45)]
    assert all(c["provider"] == "127.0.0.1" and c["model"] == "scripted-1" for c in item["calls"])


async def test_nonsense_is_given_up_after_four_attempts(place: Place, owner: Api) -> None:
    item, found = await written(place, owner, otherwise=chat({"nonsense": 1}))

    assert (found["status"], len(item["calls"])) == ("FAILED", 4)
    assert "gave an answer that cannot be used" in item["error"]


async def test_the_next_question_says_what_was_wrong(place: Place, owner: Api) -> None:
    ids = await tasks(place, owner, 1)
    wrong = computed(lambda body: {**article(body), "secondary_keywords": ["free bitcoin"]})
    async with Scripted([wrong], GOOD) as server, desk_at(place, server) as desk:
        await owner.start("generateContent", taskIds=ids)
        await desk.work(account_of(place, owner))
        first, second = (r.json["messages"][1]["content"] for r in server.requests)

    assert "refused for these reasons" not in first
    assert "- the secondary keyword “free bitcoin” is not in the list" in second
    assert "bitcoin" not in str(sql(place, "select html_content, secondary_keywords from content"))


async def test_failed_items_leave_the_rest_standing(place: Place, owner: Api) -> None:
    ids = await tasks(place, owner, 3)

    def moody(body: Any) -> Any:
        return {"nonsense": 1} if "Task 2" in str(body) else article(body)

    async with Scripted(otherwise=computed(moody)) as server, desk_at(place, server) as desk:
        started = (await owner.start("generateContent", taskIds=ids))["job"]
        await desk.work(account_of(place, owner))

    found = await job(owner, started["id"])
    assert (found["status"], found["creditsHeld"]) == ("PARTIAL", 0)
    assert sorted(i["status"] for i in found["items"]["nodes"]) == ["APPLIED", "APPLIED", "FAILED"]
    assert found["creditsSpent"] == sum(i["creditsSpent"] for i in found["items"]["nodes"]) > 0
    titles = (await owner.one("{ contents { nodes { title origin } } }"))["nodes"]
    assert sorted(c["title"] for c in titles) == ["Task 1", "Task 3"]
    assert {c["origin"] for c in titles} == {"AI"}
    check_books(place)


async def cluster(place: Place, owner: Api, *names: str) -> str:
    """The id of a new cluster of these keywords."""
    sector = await owner.sector()
    await owner.import_text(sector, "Keyword,Volume\n" + "\n".join(f"{n},{90 - i}" for i, n in enumerate(names)))
    sql(
        place,
        "with made as (insert into cluster (account_id, site_id, sector_id, name) "
        "select account_id, site_id, id, 'Tea' "
        "from sector where account_id = %s order by created_at desc limit 1 returning id, sector_id) "
        "update keyword k set cluster_id = made.id from made where k.sector_id = made.sector_id",
        account_of(place, owner),
    )
    found = await owner.one("query($id: ID!) { sector(id: $id) { clusters { nodes { id } } } }", id=sector)
    return str(found["clusters"]["nodes"][0]["id"])


INVENTED = {
    "keyword": {"ideas": [idea("Buy free bitcoin", ["free bitcoin"])]},
    "one title twice": {"ideas": [idea("Same tea", ["green tea"]), idea("same tea ", ["black tea"])]},
    "one aim twice": {"ideas": [idea("One tea", ["green tea"]), idea("Two teas", ["Green  Tea"])]},
    "out of range": {"ideas": [{**idea("One tea", ["green tea"]), "estimated_word_count": 10**9}]},
    "another set": {"ideas": [{**idea("One tea", ["green tea"]), "content_structure": "SONNET"}]},
    "title of nothing": {"ideas": [idea("2", ["green tea"])]},
    "none": {"ideas": []},
}


@pytest.mark.parametrize("kind", INVENTED)
async def test_nothing_invented_lands(place: Place, owner: Api, kind: str) -> None:
    id = await cluster(place, owner, "green tea", "black tea")
    async with Scripted(otherwise=chat(INVENTED[kind])) as server, desk_at(place, server) as desk:
        started = (await owner.start("generateIdeas", clusterIds=[id]))["job"]
        await desk.work(account_of(place, owner))

    found = await job(owner, started["id"])
    assert (found["status"], found["creditsSpent"]) == ("FAILED", 0)
    assert (await owner.one("{ ideas { totalCount } }"))["totalCount"] == 0
    check_books(place)


async def test_good_ideas_land_in_the_clusters_own_spelling(place: Place, owner: Api) -> None:
    id = await cluster(place, owner, "Green Tea", "black tea", "white tea")

    def loud(body: Any) -> Any:
        found = ideas(body)
        found["ideas"][0]["target_keywords"] = ["green  TEA", "Black tea"]
        return found

    async with Scripted(otherwise=computed(loud)) as server, desk_at(place, server) as desk:
        await owner.start("generateIdeas", clusterIds=[id], count=2)
        await desk.work(account_of(place, owner))

    found = (await owner.one("{ ideas { nodes { ideaTitle targetKeywords estimatedWordCount } } }"))["nodes"]
    assert [i["targetKeywords"] for i in found] == [["Green Tea", "black tea"], ["black tea"]]
    assert {i["estimatedWordCount"] for i in found} == {900}
