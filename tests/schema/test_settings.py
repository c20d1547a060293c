"""Prompts to look at, providers to try, defaults, the platform's settings, what credits were used for, the record."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from jobs.adapters.platform import Platform
from persistence.terms import PromptType
from tests.client import SIGN_UP, Api, Json
from tests.conftest import Place
from tests.jobs.scripted import Scripted, chat
from tests.jobs.support import bench, one, sql
from tests.schema.editing import ERRORS, call, refused
from tests.schema.test_isolation import token

_numbers = count()
PREVIEW = (
    "query($t: PromptType!, $p: String, $s: String) { promptPreview(promptType: $t, promptValue: $p, systemValue: $s) "
    f"{{ systemValue promptValue {ERRORS} }} }}"
)


@pytest.mark.parametrize("kind", PromptType)
async def test_every_prompt_can_be_looked_at(owner: Api, kind: PromptType) -> None:
    shown = await owner.one(PREVIEW, t=kind.value)
    assert shown["userErrors"] == []
    assert "espresso" in shown["promptValue"].lower()
    assert "{{" not in shown["promptValue"] + shown["systemValue"]


async def test_a_prompt_of_ones_own_is_looked_at_before_it_serves(owner: Api) -> None:
    own = await owner.one(PREVIEW, t="GENERATE_IDEAS", p="About {{cluster}}: {{count}} ideas, not {{existing}}.")
    assert own["promptValue"] == "About Espresso machines: 3 ideas, not The best espresso machines."
    wrong = await owner.one(PREVIEW, t="GENERATE_IDEAS", p="About {{nothing}}.")
    assert (wrong["userErrors"][0]["code"], wrong["userErrors"][0]["field"]) == ("BAD_INPUT", ["promptValue"])
    assert await owner.one("{ prompts { totalCount } }") == {"totalCount": 0}


@pytest.mark.parametrize(
    ("mutation", "field", "given", "other"),
    [
        ("createPrompt", "prompt", {"promptType": "GENERATE_IDEAS", "promptValue": "Of {{cluster}}."},
         {"promptValue": "On {{cluster}}."}),
        ("createAuthorProfile", "authorProfile", {"name": "Ann"}, {"name": "Bea"}),
        ("createStrategy", "strategy", {"name": "Guides"}, {"name": "Reviews"}),
        ("createTaxonomy", "taxonomy", {"taxonomyType": "TAG", "name": "Beans"}, {"name": "Mills"}),
    ],
)  # fmt: skip
async def test_the_same_request_twice_makes_one(
    owner: Api, mutation: str, field: str, given: Json, other: Json
) -> None:
    site = {"siteId": await owner.site()} if mutation == "createTaxonomy" else {}
    given = {**site, **given, "idempotencyKey": "once"}
    first, second = [await call(owner, mutation, f"{field} {{ id }} {ERRORS}", input=given) for _ in range(2)]
    assert (first["userErrors"], second) == ([], first)
    error = await refused(owner, mutation, input={**given, **other})
    assert (error["code"], error["field"]) == ("CONFLICT", ["input", "idempotencyKey"])


async def tried(owner: Api, place: Place, url: str | None, mutation: str, **given: Any) -> Json:
    """The job at its end, its items run here."""
    platform = Platform(base_url=url, model=f"probed-{next(_numbers)}") if url else Platform()
    async with bench(place, platform) as desk:
        payload = await owner.start(mutation, **given)
        assert payload["userErrors"] == [], payload
        for queue in ("text", "images"):
            for _ in range(5):
                await desk.runner.run(UUID(owner.account_id[4:]), queue)
    fields = "status phase message error creditsSpent items { nodes { calls { provider status error } } }"
    found: Json = await owner.one(f"query($id: ID!) {{ job(id: $id) {{ {fields} }} }}", id=payload["job"]["id"])
    return found


async def test_a_provider_is_tried_and_says_what_is_wrong(owner: Api, place: Place) -> None:
    good = {"intents": ["TRANSACTIONAL"]}
    async with Scripted(otherwise=chat(good)) as server:
        ended = await tried(owner, place, server.url, "testAiProvider", provider="OPENAI")
    assert (ended["status"], ended["creditsSpent"]) == ("SUCCEEDED", 0)
    assert "TRANSACTIONAL" in ended["message"]
    async with Scripted(otherwise=chat({"intents": "no"})) as server:
        ended = await tried(owner, place, server.url, "testAiProvider", provider="OPENAI")
    assert ended["status"] == "FAILED"
    assert "not as it is asked to" in ended["error"]
    ended = await tried(owner, place, None, "testAiProvider", provider="OFFLINE")
    assert ended["status"] == "SUCCEEDED"
    ended = await tried(owner, place, None, "testAiProvider", provider="RUNWARE")
    assert (ended["status"], ended["creditsSpent"]) == ("FAILED", 0)
    assert "updateAiSettings" in ended["error"]


async def test_a_picture_is_tried(owner: Api, place: Place) -> None:
    ended = await tried(owner, place, None, "testImage", prompt="A cup")
    assert (ended["status"], ended["creditsSpent"]) == ("SUCCEEDED", 3)
    path = ended["message"].rsplit(" ", 1)[1]
    assert path.startswith("/files/")
    response = await owner.http.get(owner.url + path)
    assert response.headers["content-type"].startswith("image/")


async def test_an_accounts_defaults_are_taken_where_nothing_is_chosen(owner: Api) -> None:
    sector = await owner.sector()
    author = (await call(owner, "createAuthorProfile", "authorProfile { id }", input={"name": "Ann"}))["authorProfile"]
    given = {"defaultCountry": "de", "defaultLanguage": "DE", "defaultWordCount": 700,
             "defaultAuthorProfileId": author["id"]}  # fmt: skip
    shown = "account { defaultCountry defaultLanguage defaultWordCount defaultAuthorProfile { name } }"
    payload = await call(owner, "updateAccount", f"{shown} {ERRORS}", input=given)
    assert payload["account"] == {"defaultCountry": "DE", "defaultLanguage": "de", "defaultWordCount": 700,
                                  "defaultAuthorProfile": {"name": "Ann"}}  # fmt: skip
    made = await call(owner, "createKeyword", "keyword { country language }",
                      input={"sectorId": sector, "keyword": "k", "language": "en"})  # fmt: skip
    assert made["keyword"] == {"country": "DE", "language": "en"}
    task = await call(owner, "createTask", "task { id wordCount }", input={"sectorId": sector, "title": "t"})
    assert task["task"]["wordCount"] == 700
    for bad, field in (
        ({"defaultCountry": "Germany"}, "defaultCountry"),
        ({"defaultWordCount": 1}, "defaultWordCount"),
    ):
        assert (await refused(owner, "updateAccount", input=bad))["field"] == ["input", field]


async def test_the_platforms_settings_are_everybodys_to_read_and_staffs_to_change(
    owner: Api, api: Api, place: Place
) -> None:
    query = "{ systemSettings { signUpsOpen signUpByLetter signUpPlan { slug } supportEmail notice } }"
    usual = {
        "signUpsOpen": True,
        "signUpByLetter": None,
        "signUpPlan": {"slug": "trial"},
        "supportEmail": None,
        "notice": None,
    }
    assert await owner.one(query) == usual
    async with Api(owner.url) as staff:
        await staff.sign_up("Staff")
        sql(place, "update app_user set role = 'DEVELOPER' where email = %s", staff.email)
        staff.token = token(place, UUID(staff.user_id[4:]))
        plans = {p["slug"]: p["id"] for p in await staff.one("{ plans { id slug } }")}
        shown = "systemSettings { signUpsOpen notice supportEmail signUpPlan { slug } }"
        closed = {"signUpsOpen": False, "signUpByLetter": True, "notice": "Back at noon",
                  "supportEmail": "help@example.com",
                  "signUpPlanId": plans["starter"]}  # fmt: skip
        changed = await call(staff, "updateSystemSettings", f"{shown} {ERRORS}", input=closed)
        assert changed["systemSettings"]["notice"] == "Back at noon"
        assert (await owner.one(query))["signUpPlan"] == {"slug": "starter"}
        given = {"accountName": "New", "email": "late@example.com", "password": "correct horse battery"}
        refused_ = (await api.one(SIGN_UP, input=given))["userErrors"][0]
        assert refused_["code"] == "UNAVAILABLE"
        assert "help@example.com" in refused_["message"]
        await call(staff, "updateSystemSettings", ERRORS, input={"signUpsOpen": True, "signUpByLetter": None})
        assert (await api.one(SIGN_UP, input=given))["userErrors"] == []
        assert (
            one(place, "select p.slug from account a join plan p on p.id = a.plan_id where a.name = 'New'") == "starter"
        )
        back = {"signUpPlanId": plans["trial"], "notice": None, "supportEmail": None}
        await call(staff, "updateSystemSettings", ERRORS, input=back)
    assert await owner.one(query) == usual


async def test_what_credits_were_used_for_is_summed_up(owner: Api, place: Place) -> None:
    for _ in range(2):
        await tried(owner, place, None, "testImage", prompt="A cup")
    query = (
        "query($g: CreditUsageGroupBy!, $f: DateTime, $t: DateTime) { creditUsage(groupBy: $g, from: $f, to: $t) "
        "{ key creditsUsed costUsd unpricedCalls items site { id } user { id } } }"
    )
    nobody = {"site": None, "user": None, "costUsd": "0", "unpricedCalls": 0}
    (by_kind,) = await owner.one(query, g="OPERATION")
    assert by_kind == {"key": "TEST_IMAGE", "creditsUsed": 6, "items": 2, **nobody}
    (by_day,) = await owner.one(query, g="DAY")
    assert by_day["key"] == f"{datetime.now(UTC):%Y-%m-%d}"
    (by_model,) = await owner.one(query, g="MODEL")
    assert by_model["key"] == "drawing-1"
    (by_user,) = await owner.one(query, g="USER")
    assert (by_user["key"], by_user["user"]) == (None, {"id": owner.user_id})
    (by_site,) = await owner.one(query, g="SITE")
    assert (by_site["key"], by_site["site"], by_site["creditsUsed"]) == (None, None, 6)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert await owner.one(query, g="DAY", f=tomorrow) == []
    (error,) = await owner.errors(query, g="DAY", f=tomorrow, t=tomorrow)
    assert error["extensions"]["code"] == "BAD_INPUT"
    ledger = await owner.one("{ creditTransactions { nodes { transactionType amount balanceAfter user { id } } } }")
    legs = [(leg["transactionType"], leg["amount"], leg["balanceAfter"]) for leg in ledger["nodes"]]
    assert legs == [("ADJUSTMENT", 500, 500), ("USAGE", -3, 497), ("USAGE", -3, 494)]
    logs = await owner.one("{ creditUsageLogs { nodes { operationType creditsUsed } } }")
    assert len(logs["nodes"]) == 2


async def test_the_record_tells_who_did_what_to_what(owner: Api) -> None:
    sector = await owner.sector()
    made = await call(owner, "createKeyword", "keyword { id }", input={"sectorId": sector, "keyword": "k"})
    await call(owner, "updateKeyword", ERRORS, id=made["keyword"]["id"], input={"volume": 5, "keyword": "l"})
    query = (
        "query($f: AuditEventFilter) { auditEvents(filter: $f, orderBy: [{field: CREATED_AT, direction: DESC}]) "
        "{ totalCount nodes { action entity operation before after actor { id } } } }"
    )
    about = await owner.one(query, f={"entity": {"in": ["Keyword"]}, "actorId": owner.user_id})
    assert [node["action"] for node in about["nodes"]] == ["updateKeyword", "createKeyword"]
    assert about["nodes"][0]["before"] == {"volume": None, "keyword": "k", "key": "k"}
    assert about["nodes"][0]["after"] == {"volume": 5, "keyword": "l", "key": "l"}
    assert about["nodes"][0]["actor"] == {"id": owner.user_id}
    rest = await owner.one(query, f={"entity": {"notIn": ["Keyword"]}})
    assert {node["entity"] for node in rest["nodes"]} == {"Account", "Site", "Sector"}
