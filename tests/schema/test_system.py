"""An account's own prompts, profiles, strategies and provider settings, and what they change."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.ai.choice import text_choice
from domain.errors import DomainError
from domain.registry import AI_FUNCTIONS
from jobs.adapters.platform import Platform
from persistence.postgres.database import WORKER_ROLE, Database
from persistence.scope import JobScope
from persistence.secrets import Vault
from persistence.terms import AiProvider, ErrorCode, JobKind
from persistence.unit import Units
from tests.client import Api, Json
from tests.conftest import SECRET, Place
from tests.jobs.support import Bench, account_of, one, sql, tasks
from tests.schema.articles import Heard, article, clusters, colleague, image, listening, run, uuid_of

KEY = "sk-proj-0123456789-very-secret"
ERRORS = "userErrors { code message field }"
PROMPT = f"{{ prompt {{ id number isActive promptValue systemValue }} {ERRORS} }}"
CREATE_PROMPT = f"mutation($input: CreatePromptInput!) {{ createPrompt(input: $input) {PROMPT} }}"
ACTIVATE = f"mutation($id: ID!) {{ activatePrompt(id: $id) {PROMPT} }}"
RESET = (
    "mutation($t: PromptType!) { resetPrompt(input: {promptType: $t}) "
    f"{{ promptTemplate {{ promptType }} {ERRORS} }} }}"
)
PROMPTS = "{ prompts(orderBy: [{field: NUMBER, direction: ASC}]) { nodes { number isActive } } }"
PROFILE = f"{{ authorProfile {{ id name description tone language version }} {ERRORS} }}"
CREATE_PROFILE = f"mutation($input: CreateAuthorProfileInput!) {{ createAuthorProfile(input: $input) {PROFILE} }}"
UPDATE_PROFILE = (
    f"mutation($id: ID!, $input: UpdateAuthorProfileInput!) {{ updateAuthorProfile(id: $id, input: $input) {PROFILE} }}"
)
DELETE_PROFILES = f"mutation($ids: [ID!]!) {{ deleteAuthorProfiles(ids: $ids) {{ deletedIds {ERRORS} }} }}"
STRATEGY = (
    f"{{ strategy {{ id name isActive promptTypes sectionLogic sector {{ id }} site {{ id }} version }} {ERRORS} }}"
)
CREATE_STRATEGY = f"mutation($input: CreateStrategyInput!) {{ createStrategy(input: $input) {STRATEGY} }}"
UPDATE_STRATEGY = (
    f"mutation($id: ID!, $input: UpdateStrategyInput!) {{ updateStrategy(id: $id, input: $input) {STRATEGY} }}"
)
DELETE_STRATEGIES = f"mutation($ids: [ID!]!) {{ deleteStrategies(ids: $ids) {{ deletedIds {ERRORS} }} }}"
SETTINGS = f"{{ aiSettings {{ id integrationType config hasApiKey isActive version }} {ERRORS} }}"
SET = f"mutation($input: UpdateAiSettingsInput!) {{ updateAiSettings(input: $input) {SETTINGS} }}"


@pytest.fixture(autouse=True)
def _many_sign_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.auth.service.SIGN_UPS_PER_IP", "9999/hour")


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[tuple[Bench, Heard]]:
    async with listening(place) as made:
        yield made


async def done(api: Api, query: str, **variables: Any) -> Json:
    """The entity of a payload without errors."""
    payload = await api.one(query, **variables)
    assert payload["userErrors"] == []
    found: Json = next(value for name, value in payload.items() if name != "userErrors")
    return found


async def refused(api: Api, query: str, **variables: Any) -> tuple[str, list[str], str]:
    """Code, field and message of the only error of a payload without an entity."""
    payload = await api.one(query, **variables)
    (error,) = payload.pop("userErrors")
    assert set(payload.values()) == {None}
    return error["code"], error["field"], error["message"]


async def prompt(api: Api, value: str, kind: str = "GENERATE_IDEAS", **more: str) -> Json:
    return await done(api, CREATE_PROMPT, input={"promptType": kind, "promptValue": value, **more})


async def versions(api: Api) -> list[tuple[int, bool]]:
    return [(node["number"], node["isActive"]) for node in (await api.one(PROMPTS))["nodes"]]


# Prompts


async def test_every_template_is_told_with_its_variables(owner: Api) -> None:
    found = await owner.one("{ promptTemplates { promptType version systemValue promptValue variables { name } } }")

    assert {t["promptType"] for t in found} == {kind.value for kind in AI_FUNCTIONS}
    for template in found:
        assert {v["name"] for v in template["variables"]} >= {"guidance"}
        assert all("{{" + v["name"] + "}}" in template["promptValue"] for v in template["variables"])


async def test_versions_count_up_and_one_is_active(owner: Api) -> None:
    first = await prompt(owner, "First: {{keywords}}")
    await prompt(owner, "Second: {{ keywords }}", systemValue="You are brief.")
    other = await prompt(owner, "Another kind: {{keywords}}", "CLASSIFY_INTENT")

    assert first["systemValue"] == AI_FUNCTIONS["GENERATE_IDEAS"].template.system
    assert other["number"] == 1
    active = "{ prompts(filter: {isActive: true, promptType: {in: [GENERATE_IDEAS]}}) { nodes { systemValue } } }"
    assert (await owner.one(active))["nodes"] == [{"systemValue": "You are brief."}]

    assert (await done(owner, ACTIVATE, id=first["id"]))["isActive"]
    assert (await done(owner, ACTIVATE, id=first["id"]))["isActive"], "twice is no harm"
    mine = await owner.one("{ prompts(filter: {promptType: {in: [GENERATE_IDEAS]}}) { nodes { number isActive } } }")
    assert sorted((p["number"], p["isActive"]) for p in mine["nodes"]) == [(1, True), (2, False)]


async def test_reset_keeps_the_versions(owner: Api) -> None:
    await prompt(owner, "First")
    assert await done(owner, RESET, t="GENERATE_IDEAS") == {"promptType": "GENERATE_IDEAS"}
    assert await versions(owner) == [(1, False)]
    assert await done(owner, RESET, t="GENERATE_IDEAS") == {"promptType": "GENERATE_IDEAS"}
    assert (await prompt(owner, "Second"))["number"] == 2


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"promptValue": "About {{clutser}}"}, "promptValue", "Unknown variable clutser; this prompt has {{"),
        ({"promptValue": ""}, "promptValue", "1 to 20000 characters"),
        ({"promptValue": " \n "}, "promptValue", "1 to 20000 characters"),
        ({"promptValue": "x" * 20_001}, "promptValue", "1 to 20000 characters"),
        ({"promptValue": "null \0 byte"}, "promptValue", "NUL"),
        ({"promptValue": "fine", "systemValue": ""}, "systemValue", "1 to 20000 characters"),
        ({"promptValue": "fine", "systemValue": "{{nothing}}"}, "systemValue", "Unknown variable nothing"),
    ],
)
async def test_bad_prompts_are_refused(owner: Api, given: Json, field: str, says: str) -> None:
    before = await prompt(owner, "It stays")

    code, path, message = await refused(owner, CREATE_PROMPT, input={"promptType": "GENERATE_IDEAS", **given})

    assert (code, path) == ("BAD_INPUT", ["input", field])
    assert says in message
    assert await versions(owner) == [(before["number"], True)]


@pytest.mark.parametrize("there", [0, 1])
async def test_two_prompts_at_once_are_two_versions_or_a_conflict(owner: Api, there: int) -> None:
    for _ in range(there):
        await prompt(owner, "First")
    given = {"promptType": "GENERATE_IDEAS", "promptValue": "Mine"}

    payloads = await asyncio.gather(*(owner.one(CREATE_PROMPT, input=given) for _ in range(6)))

    codes = [e["code"] for p in payloads for e in p["userErrors"]]
    assert set(codes) <= {"CONFLICT"}
    numbers = await versions(owner)
    assert [n for n, _ in numbers] == list(range(1, there + 6 - len(codes) + 1))
    assert [active for _, active in numbers].count(True) == 1


async def test_a_job_asks_with_the_accounts_own_prompt(
    place: Place, owner: Api, desk: tuple[Bench, Heard], url: str
) -> None:
    bench, heard = desk
    await prompt(owner, "First")
    await prompt(owner, "Mine: {{count}} of {{ cluster }}.", systemValue="Be brief about {{cluster}}.")
    ids = await clusters(place, owner)

    assert (await run(bench, place, owner, "generateIdeas", clusterIds=ids, count=2))["status"] == "SUCCEEDED"
    await done(owner, RESET, t="GENERATE_IDEAS")
    await run(bench, place, owner, "generateIdeas", clusterIds=ids)
    async with Api(url) as stranger:
        await stranger.sign_up()
        await run(bench, place, stranger, "generateIdeas", clusterIds=await clusters(place, stranger))

    mine, default, others = heard.requests
    assert (mine.prompt, mine.system) == ("Mine: 2 of Topic 1.", "Be brief about Topic 1.")
    assert default.prompt.startswith("Propose 3 different pages")
    assert others.system == default.system
    calls = sql(
        place,
        "select prompt_version, function from ai_call where account_id = %s order by id",
        account_of(place, owner),
    )
    assert calls == [(2, "GENERATE_IDEAS"), (None, "GENERATE_IDEAS")]


async def test_a_keyword_that_looks_like_a_variable_stays_text(
    place: Place, owner: Api, desk: tuple[Bench, Heard]
) -> None:
    ids = await clusters(place, owner)
    sql(place, "update cluster set name = '{{count}} mugs' where id = %s", uuid_of(ids[0]))
    await prompt(owner, "About {{cluster}}")
    await run(desk[0], place, owner, "generateIdeas", clusterIds=ids)
    assert desk[1].requests[0].prompt == "About {{count}} mugs"


# Author profiles


async def test_profiles_are_changed_in_what_is_given(owner: Api) -> None:
    made = await done(owner, CREATE_PROFILE, input={"name": " Ada  Lovelace ", "tone": "dry", "language": "English"})
    assert (made["name"], made["description"], made["tone"], made["version"]) == ("Ada Lovelace", "", "dry", 1)

    changed = await done(owner, UPDATE_PROFILE, id=made["id"], input={"tone": None, "expectedVersion": 1})
    assert (changed["name"], changed["tone"], changed["language"], changed["version"]) == (
        "Ada Lovelace",
        "",
        "English",
        2,
    )
    assert await done(owner, UPDATE_PROFILE, id=made["id"], input={}) == changed
    stale = await refused(owner, UPDATE_PROFILE, id=made["id"], input={"tone": "x", "expectedVersion": 1})
    assert stale[:2] == ("CONFLICT", ["input", "expectedVersion"])
    assert (await owner.one("query($id: ID!) { authorProfile(id: $id) { tone } }", id=made["id"]))["tone"] == ""


async def test_one_of_two_changes_at_once_is_stale(owner: Api) -> None:
    made = await done(owner, CREATE_PROFILE, input={"name": "Ada"})
    payloads = await asyncio.gather(
        *(owner.one(UPDATE_PROFILE, id=made["id"], input={"tone": f"tone {n}", "expectedVersion": 1}) for n in range(4))
    )
    assert sorted(e["code"] for p in payloads for e in p["userErrors"]) == ["CONFLICT"] * 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "Ada\0"}, "name"),
        ({"name": "Ada", "description": "x" * 4001}, "description"),
        ({"name": "Ada", "tone": "x" * 201}, "tone"),
        ({"name": "Ada", "language": "\0"}, "language"),
    ],
)
async def test_bad_profiles_are_refused(owner: Api, given: Json, field: str) -> None:
    assert (await refused(owner, CREATE_PROFILE, input=given))[:2] == ("BAD_INPUT", ["input", field])
    assert (await owner.one("{ authorProfiles { totalCount } }"))["totalCount"] == 0


async def test_a_name_is_taken_once_an_account(owner: Api, url: str) -> None:
    for create, update in ((CREATE_PROFILE, UPDATE_PROFILE), (CREATE_STRATEGY, UPDATE_STRATEGY)):
        await done(owner, create, input={"name": "Ada"})
        other = await done(owner, create, input={"name": "Grace"})
        taken = ("CONFLICT", ["input", "name"])
        assert (await refused(owner, create, input={"name": "Ada"}))[:2] == taken
        assert (await refused(owner, update, id=other["id"], input={"name": "Ada"}))[:2] == taken
        assert (await refused(owner, update, id=other["id"], input={"name": None}))[0] == "BAD_INPUT"
        async with Api(url) as stranger:
            await stranger.sign_up()
            await done(stranger, create, input={"name": "Ada"})


async def test_deleting_is_all_or_nothing(owner: Api) -> None:
    for create, delete, list_ in (
        (CREATE_PROFILE, DELETE_PROFILES, "{ authorProfiles { totalCount } }"),
        (CREATE_STRATEGY, DELETE_STRATEGIES, "{ strategies { totalCount } }"),
    ):
        ids = [(await done(owner, create, input={"name": name}))["id"] for name in ("Ada", "Grace")]
        unknown = ids[0][:-12] + "0" * 12

        assert (await refused(owner, delete, ids=[ids[0], unknown]))[:2] == ("NOT_FOUND", ["ids"])
        assert (await refused(owner, delete, ids=[ids[0], "nonsense"]))[:2] == ("NOT_FOUND", ["ids"])
        assert (await refused(owner, delete, ids=[]))[:2] == ("BAD_INPUT", ["ids"])
        assert (await owner.one(list_))["totalCount"] == 2
        assert await done(owner, delete, ids=[*ids, ids[0]]) == ids
        assert (await refused(owner, delete, ids=ids))[0] == "NOT_FOUND"


async def test_others_rows_are_not_there(owner: Api, url: str) -> None:
    profile = (await done(owner, CREATE_PROFILE, input={"name": "Ada"}))["id"]
    strategy = (await done(owner, CREATE_STRATEGY, input={"name": "Ours"}))["id"]
    version = (await prompt(owner, "Ours"))["id"]
    sector = await owner.sector()
    async with Api(url) as stranger:
        await stranger.sign_up()
        answers = [
            await refused(stranger, UPDATE_PROFILE, id=profile, input={"name": "x"}),
            await refused(stranger, DELETE_PROFILES, ids=[profile]),
            await refused(stranger, UPDATE_STRATEGY, id=strategy, input={"name": "x"}),
            await refused(stranger, DELETE_STRATEGIES, ids=[strategy]),
            await refused(stranger, ACTIVATE, id=version),
            await refused(stranger, CREATE_STRATEGY, input={"name": "x", "sectorId": sector}),
        ]
    assert [a[0] for a in answers] == ["NOT_FOUND"] * 6
    assert answers[-1][1] == ["input", "sectorId"]


async def test_an_author_speaks_to_the_prompt(place: Place, owner: Api, desk: tuple[Bench, Heard]) -> None:
    given = {"name": "Ada", "description": "an engineer", "tone": "dry", "language": "Welsh"}
    author = (await done(owner, CREATE_PROFILE, input=given))["id"]
    ids = await tasks(place, owner, 1)

    job = await run(desk[0], place, owner, "generateContent", taskIds=ids, authorProfileId=author)

    assert job["status"] == "SUCCEEDED"
    asked = desk[1].requests[0].prompt
    assert "Author: Ada: an engineer\nTone: dry" in asked
    assert "in Welsh" in asked
    written = await owner.one("{ contents { nodes { authorProfile { id } } } }")
    assert written["nodes"] == [{"authorProfile": {"id": author}}]

    await done(owner, DELETE_PROFILES, ids=[author])
    assert (await owner.one("{ contents { nodes { authorProfile { id } } } }"))["nodes"] == [{"authorProfile": None}]


async def test_an_author_who_goes_meanwhile_costs_no_article(
    place: Place, owner: Api, desk: tuple[Bench, Heard]
) -> None:
    author = (await done(owner, CREATE_PROFILE, input={"name": "Ada"}))["id"]
    started = await owner.start(
        "generateContent", taskIds=await tasks(place, owner, 1), targetWordCount=300, authorProfileId=author
    )
    await done(owner, DELETE_PROFILES, ids=[author])

    await desk[0].work(account_of(place, owner))

    job = await owner.one("query($id: ID!) { job(id: $id) { status error } }", id=started["job"]["id"])
    assert job == {"status": "SUCCEEDED", "error": None}
    assert len(desk[1].requests) == 1


# Strategies


async def test_strategies_are_changed_in_what_is_given(owner: Api) -> None:
    sector = await owner.sector()
    given = {"name": "Ours", "promptTypes": {"GENERATE_IDEAS": " Ask. "}, "sectionLogic": {"GUIDE": ["Steps"]}}
    made = await done(owner, CREATE_STRATEGY, input={**given, "sectorId": sector})
    assert (made["promptTypes"], made["sectionLogic"]) == ({"GENERATE_IDEAS": "Ask."}, {"GUIDE": ["Steps"]})
    assert (made["sector"], made["isActive"]) == ({"id": sector}, True)
    assert made["site"]

    changed = await done(owner, UPDATE_STRATEGY, id=made["id"], input={"promptTypes": None, "expectedVersion": 1})
    assert (changed["promptTypes"], changed["sectionLogic"], changed["version"]) == ({}, {"GUIDE": ["Steps"]}, 2)
    changed = await done(owner, UPDATE_STRATEGY, id=made["id"], input={"sectorId": None, "isActive": False})
    assert (changed["sector"], changed["site"], changed["isActive"]) == (None, None, False)
    stale = await refused(owner, UPDATE_STRATEGY, id=made["id"], input={"name": "x", "expectedVersion": 2})
    assert stale[:2] == ("CONFLICT", ["input", "expectedVersion"])


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("promptTypes", {"IDEAS": "x"}, "IDEAS is no prompt type; there are NAME_CLUSTERS"),
        ("promptTypes", {"GENERATE_IDEAS": 3}, "Give an object such as"),
        ("promptTypes", ["GENERATE_IDEAS"], "Give an object such as"),
        ("promptTypes", [], "Give an object such as"),
        ("promptTypes", "", "Give an object such as"),
        ("promptTypes", {"GENERATE_IDEAS": "x" * 4001}, "at most 4000 characters"),
        ("sectionLogic", {"GUIDES": ["x"]}, "GUIDES is no content structure; there are ARTICLE"),
        ("sectionLogic", {"GUIDE": "Steps"}, "Give an object such as"),
        ("sectionLogic", {"GUIDE": [1]}, "Give an object such as"),
        ("sectionLogic", False, "Give an object such as"),
        ("sectionLogic", {"GUIDE": ["x"] * 41}, "at most 40 sections"),
        ("sectionLogic", {"GUIDE": ["x" * 201]}, "at most 200 characters"),
        ("sectionLogic", {"GUIDE": ["\0"]}, "at most 200 characters"),
        ("description", "x" * 4001, "at most 4000 characters"),
    ],
)
async def test_bad_strategies_are_refused(owner: Api, field: str, value: Any, says: str) -> None:
    code, path, message = await refused(owner, CREATE_STRATEGY, input={"name": "Ours", field: value})
    assert (code, path) == ("BAD_INPUT", ["input", field])
    assert says in message
    assert (await owner.one("{ strategies { totalCount } }"))["totalCount"] == 0


async def test_a_null_is_what_was_not_given(owner: Api) -> None:
    nulls = dict.fromkeys(["description", "sectorId", "promptTypes", "sectionLogic", "isActive"])
    made = await done(owner, CREATE_STRATEGY, input={"name": "Ours", **nulls})
    assert (made["isActive"], made["promptTypes"], made["sector"]) == (True, {}, None)


async def test_a_sectors_strategy_beats_the_accounts(place: Place, owner: Api, desk: tuple[Bench, Heard]) -> None:
    ours, theirs = await owner.sector(), await owner.sector(await owner.site("Tea"), "Tea")
    everywhere = {"name": "All", "promptTypes": {"GENERATE_IDEAS": "Everywhere."}}
    here = {"name": "Here", "promptTypes": {"GENERATE_IDEAS": "Only here."}, "sectorId": ours}
    await done(owner, CREATE_STRATEGY, input=here)
    await done(owner, CREATE_STRATEGY, input=everywhere)
    idle = {"name": "Idle", "promptTypes": {"GENERATE_IDEAS": "Never."}, "sectorId": ours, "isActive": False}
    await done(owner, CREATE_STRATEGY, input=idle)

    for sector in (ours, theirs):
        ids = await clusters(place, owner, sector=sector)
        await run(desk[0], place, owner, "generateIdeas", clusterIds=ids)

    first, second = [r.prompt for r in desk[1].requests]
    assert "Instructions: Only here." in first
    assert "Instructions: Everywhere." in second
    assert "Everywhere" not in first
    assert "Only here" not in second


async def test_sections_reach_the_article(place: Place, owner: Api, desk: tuple[Bench, Heard]) -> None:
    given = {"name": "Ours", "sectionLogic": {"ARTICLE": ["Costs", "Risks"], "GUIDE": ["Steps"]}}
    await done(owner, CREATE_STRATEGY, input=given)
    await run(desk[0], place, owner, "generateContent", taskIds=await tasks(place, owner, 1))
    assert "Sections to include, in this order: Costs; Risks\n" in desk[1].requests[0].prompt + "\n"


# Provider settings


def everywhere(place: Place, secret: str) -> list[str]:
    """Tables of which some row has the secret in clear, as text or as bytes."""
    forms = [secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode().rstrip("=")]
    tables = sql(place, "select quote_ident(tablename) from pg_tables where schemaname = 'public'")
    return [
        table
        for (table,) in tables
        if any(one(place, f"select exists (select from {table} t where position(%s in t::text) > 0)", f) for f in forms)
    ]


async def test_a_key_is_written_and_never_read(place: Place, owner: Api, desk: tuple[Bench, Heard]) -> None:
    set_key = {"integrationType": "OPENAI", "apiKey": f" {KEY}\n", "model": "gpt-x"}
    answer = await owner.answer(SET, input=set_key)
    assert answer["data"]["updateAiSettings"]["aiSettings"]["hasApiKey"] is True
    ids = await clusters(place, owner)
    await run(desk[0], place, owner, "generateIdeas", clusterIds=ids)

    answers = [
        answer,
        await owner.answer("{ aiSettings { nodes { config hasApiKey } } }"),
        await owner.answer("{ account { auditEvents(first: 100) { nodes { action before after } } } }"),
        await owner.answer("{ jobs { nodes { message items { nodes { calls { model provider error } } } } } }"),
    ]
    assert all(KEY not in str(a) for a in answers)
    assert "updateAiSettings" in str(answers[2])
    assert everywhere(place, KEY) == []
    assert everywhere(place, "gpt-x"), "the search finds what is there"
    assert desk[1].choices[0].api_key == KEY, "the provider has it, trimmed"
    assert KEY not in repr(desk[1].choices)


async def test_null_takes_a_key_away_and_absent_keeps_it(owner: Api) -> None:
    kind = {"integrationType": "OPENAI"}
    assert (await done(owner, SET, input={**kind, "apiKey": KEY}))["hasApiKey"]
    kept = await done(owner, SET, input={**kind, "model": "gpt-x"})
    assert (kept["hasApiKey"], kept["config"]["model"]) == (True, "gpt-x")
    gone = await done(owner, SET, input={**kind, "apiKey": None, "expectedVersion": kept["version"]})
    assert (gone["hasApiKey"], gone["config"]["model"]) == (False, "gpt-x")
    stale = await refused(owner, SET, input={**kind, "apiKey": KEY, "expectedVersion": kept["version"]})
    assert stale[:2] == ("CONFLICT", ["input", "expectedVersion"])
    assert (await owner.one("{ aiSettings { nodes { hasApiKey } } }"))["nodes"] == [{"hasApiKey": False}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"apiKey": ""}, "apiKey"),
        ({"apiKey": "short"}, "apiKey"),
        ({"apiKey": "with a space inside"}, "apiKey"),
        ({"apiKey": "schlüssel-0123456789"}, "apiKey"),
        ({"apiKey": "x" * 501}, "apiKey"),
        ({"apiKey": KEY, "integrationType": "IMAGE_GENERATION"}, "apiKey"),
        ({"model": "x" * 201}, "model"),
        ({"provider": "OPENAI"}, "provider"),
        ({"functions": [{"promptType": "GENERATE_IDEAS", "provider": "RUNWARE"}]}, "functions"),
        ({"functions": [{"promptType": "GENERATE_IDEAS"}], "integrationType": "RUNWARE"}, "functions"),
    ],
)
async def test_bad_settings_are_refused_without_an_echo(owner: Api, given: Json, field: str) -> None:
    code, path, message = await refused(owner, SET, input={"integrationType": "OPENAI", **given})
    assert (code, path) == ("BAD_INPUT", ["input", field])
    assert not given.get("apiKey") or given["apiKey"] not in message
    assert (await owner.one("{ aiSettings { totalCount } }"))["totalCount"] == 0, "nothing half-written"


async def test_the_choice_of_a_function_is_who_is_asked(place: Place, owner: Api, desk: tuple[Bench, Heard]) -> None:
    ids = await clusters(place, owner)

    async def asked(**settings: Any) -> tuple[AiProvider, str, str | None]:
        await done(owner, SET, input={"integrationType": "OPENAI", **settings})
        await run(desk[0], place, owner, "generateIdeas", clusterIds=ids)
        choice = desk[1].choices[-1]
        return choice.provider, choice.model, choice.api_key

    def ideas(provider: str, model: str | None = None) -> list[Json]:
        return [{"promptType": "GENERATE_IDEAS", "provider": provider, "model": model}]

    offline = (AiProvider.OFFLINE, "outline-1", None)
    assert await asked(model="gpt-x") == offline, "there is no key yet"
    assert await asked(apiKey=KEY) == (AiProvider.OPENAI, "gpt-x", KEY)
    assert await asked(functions=ideas("OFFLINE")) == offline
    assert await asked(functions=ideas("OPENAI", "gpt-y")) == (AiProvider.OPENAI, "gpt-y", KEY)
    assert await asked(functions=None) == (AiProvider.OPENAI, "gpt-x", KEY)
    assert await asked(isActive=False) == offline

    origins = sql(place, "select provider, model from ai_call where account_id = %s", account_of(place, owner))
    assert len(origins) == 6


async def test_who_draws_needs_a_key(place: Place, owner: Api, desk: tuple[Bench, Heard]) -> None:
    picture = image(place, await article(place, owner))
    await done(owner, SET, input={"integrationType": "IMAGE_GENERATION", "provider": "RUNWARE"})

    job = await run(desk[0], place, owner, "generateImages", queue="images", imageIds=[picture])

    assert (job["status"], job["creditsSpent"]) == ("FAILED", 0)
    (item,) = job["items"]["nodes"]
    assert (item["status"], item["error"]) == (
        "FAILED",
        "RUNWARE needs an API key: set one with updateAiSettings.",
    )
    (found,) = (await owner.one("{ images { nodes { status error url } } }"))["nodes"]
    assert found == {"status": "FAILED", "error": item["error"], "url": None}

    await done(owner, SET, input={"integrationType": "IMAGE_GENERATION", "provider": "OFFLINE"})
    assert (await run(desk[0], place, owner, "generateImages", "images", imageIds=[picture]))["status"] == "SUCCEEDED"


@pytest.mark.parametrize("role", ["VIEWER", "EDITOR"])
async def test_settings_are_for_those_who_manage_the_account(place: Place, owner: Api, role: str) -> None:
    mine = await prompt(owner, "Ours")
    async with colleague(place, owner, role) as api:
        refusals = [
            await api.answer(CREATE_PROMPT, input={"promptType": "GENERATE_IDEAS", "promptValue": "Mine"}),
            await api.answer(ACTIVATE, id=mine["id"]),
            await api.answer(RESET, t="GENERATE_IDEAS"),
            await api.answer(SET, input={"integrationType": "OPENAI", "apiKey": KEY}),
            await api.answer("{ aiSettings { nodes { id } } }"),
            await api.answer(PROMPTS),
        ]
        if role == "VIEWER":
            refusals += [
                await api.answer(CREATE_PROFILE, input={"name": "Ada"}),
                await api.answer(CREATE_STRATEGY, input={"name": "Ours"}),
                await api.answer(DELETE_PROFILES, ids=[]),
                await api.answer(DELETE_STRATEGIES, ids=[]),
            ]
        else:
            await done(api, CREATE_PROFILE, input={"name": "Ada"})
            await done(api, CREATE_STRATEGY, input={"name": "Ours"})
        assert (await api.one("{ authorProfiles { totalCount } }"))["totalCount"] == (role == "EDITOR")

    assert [r["errors"][0]["extensions"]["code"] for r in refusals] == ["FORBIDDEN"] * len(refusals)
    assert not any((r.get("data") or {}).values() for r in refusals)
    assert await versions(owner) == [(1, True)]
    assert one(place, "select count(*) from integration_settings where account_id = %s", account_of(place, owner)) == 0


# Keys at rest


def test_an_older_secret_still_opens_and_rotation_leaves_it_behind() -> None:
    sealed = Vault(["old" * 20]).seal(KEY)
    both, new = Vault(["new" * 20, "old" * 20]), Vault(["new" * 20])
    assert both.open(sealed) == KEY
    with pytest.raises(ValueError):
        new.open(sealed)
    assert new.open(both.rotate(sealed)) == KEY
    assert new.open(both.seal(KEY)) == KEY


async def test_a_key_that_cannot_be_opened_is_said_to_be(place: Place, owner: Api) -> None:
    await done(owner, SET, input={"integrationType": "OPENAI", "apiKey": KEY})
    database = await Database(place.database_url, WORKER_ROLE, size=2).open()

    async def nothing(_: object) -> None: ...

    async def chosen(*secrets: str) -> str | None:
        async with Units(database, Vault(list(secrets)), nothing, nothing)(JobScope(account_of(place, owner))) as unit:
            return (await text_choice(unit, JobKind.GENERATE_IDEAS, Platform().text)).api_key

    try:
        assert await chosen("a newer secret, long enough for all", SECRET) == KEY
        with pytest.raises(DomainError, match="set it again with updateAiSettings") as refusal:
            await chosen("a newer secret, long enough for all")
        assert refusal.value.code is ErrorCode.UNAVAILABLE
    finally:
        await database.close()
