"""Destinations of a site: made, changed, tried, deleted; what they are reached by is never shown."""

import json
from collections.abc import AsyncIterator

import pytest

from domain.destinations import Checked
from persistence.scope import JobScope
from persistence.terms import CheckStage
from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import account_of, one, sql
from tests.publishing.house import INTEGRATION, House, house
from tests.publishing.shelf import BUSY, REFUSED
from tests.schema.articles import uuid_of

KEY = f"{'6b0d2135' * 3}:{'e226b744' * 8}"
CREATE = """
mutation($input: CreateIntegrationInput!) { createIntegration(input: $input) {
  integration { id url config hasSecret status } userErrors { code message field } } }
"""
UPDATE = """
mutation($id: ID!, $input: UpdateIntegrationInput!) { updateIntegration(id: $id, input: $input) {
  integration { id name url config hasSecret status version } userErrors { code message field } } }
"""
LOOK = "query($id: ID!) { integration(id: $id) { status error capabilities checkedAt checks { stage isOk cure } } }"
DELETE = """
mutation($ids: [ID!]!, $input: DeleteIntegrationsInput) { deleteIntegrations(ids: $ids, input: $input) {
  deletedIds userErrors { code message field } } }
"""


@pytest.fixture
async def home(place: Place, owner: Api) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        yield made


async def test_what_is_made_is_shown_but_for_its_secret(home: House) -> None:
    made = await home.owner.one(CREATE, input={"siteId": home.site, "name": " Second  blog ", **INTEGRATION})

    assert made["integration"] | {"id": ""} == {
        "id": "", "url": "https://example.com", "config": {"username": "ada", "markup": "BLOCKS"}, "hasSecret": True,
        "status": "UNTESTED",
    }  # fmt: skip
    sealed = one(home.place, "select secret from integration where id = %s", uuid_of(made["integration"]["id"]))
    assert b"abcd" not in bytes(sealed)
    for table in ("integration", "audit_event", "event", "idempotency_key"):
        assert "abcd efgh" not in json.dumps(sql(home.place, f"select to_jsonb(t)::text from {table} t"))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, ["input"]),
        ({"wordPress": {"url": "ftp://example.com", "username": "a", "appPassword": "b"}},
         ["input", "wordPress", "url"]),
        ({"wordPress": {"url": "https://a:b@example.com", "username": "a", "appPassword": "b"}},
         ["input", "wordPress", "url"]),
        ({"wordPress": {"username": "a", "appPassword": "b"}}, ["input", "wordPress", "url"]),
        ({"wordPress": {"url": "https://example.com", "username": " ", "appPassword": "b"}},
         ["input", "wordPress", "username"]),
        ({"wordPress": {"url": "https://example.com", "username": "a"}}, ["input", "wordPress", "appPassword"]),
        ({"wordPress": {"url": "https://example.com", "username": "a", "appPassword": "\n"}},
         ["input", "wordPress", "appPassword"]),
        ({"ghost": {"url": "https://example.com"}}, ["input", "ghost", "adminApiKey"]),
        ({"ghost": {"adminApiKey": KEY}}, ["input", "ghost", "url"]),
        *(({"ghost": {"url": "https://example.com", "adminApiKey": key}}, ["input", "ghost", "adminApiKey"])
          for key in (None, "", KEY[:24], KEY[25:], KEY.replace(":", ""), KEY[:-1], KEY + ":", f"x{KEY[1:]}")),
        ({"wordPress": {"url": "https://example.com", "username": "a", "appPassword": "b"},
          "ghost": {"url": "https://example.com", "adminApiKey": KEY}}, ["input"]),
    ],
)  # fmt: skip
async def test_bad_settings_are_named(home: House, given: dict[str, object], field: list[str]) -> None:
    before = one(home.place, "select count(*) from integration")
    made = await home.owner.one(CREATE, input={"siteId": home.site, "name": "Other", **given})

    assert [(e["code"], e["field"]) for e in made["userErrors"]] == [("BAD_INPUT", field)]
    assert one(home.place, "select count(*) from integration") == before


@pytest.mark.parametrize("end", ["", "/", "/ghost", "/ghost/", "/ghost/api/admin/"])
async def test_ghost_is_reached_by_the_address_of_its_site_and_a_key(home: House, end: str) -> None:
    given = {"ghost": {"url": f"https://example.com/magazine{end}", "adminApiKey": f" {KEY.upper()}\n"}}
    made = await home.owner.one(CREATE, input={"siteId": home.site, "name": f"Ghost {end}", **given})

    assert made["userErrors"] == []
    assert made["integration"] | {"id": ""} == {
        "id": "", "url": "https://example.com/magazine", "config": {}, "hasSecret": True, "status": "UNTESTED",
    }  # fmt: skip
    sealed = one(home.place, "select secret from integration where id = %s", uuid_of(made["integration"]["id"]))
    async with home.desk.units(JobScope(account_of(home.place, home.owner))) as unit:
        assert unit.vault.open(bytes(sealed)) == KEY
    for table in ("integration", "audit_event", "event", "idempotency_key"):
        assert KEY[25:] not in json.dumps(sql(home.place, f"select to_jsonb(t)::text from {table} t")).lower()


async def test_the_key_of_a_ghost_site_changes_by_itself_and_its_kind_never(home: House) -> None:
    given = {"ghost": {"url": "https://example.com", "adminApiKey": KEY}}
    made = await home.owner.one(CREATE, input={"siteId": home.site, "name": "Ghost", **given})
    id = made["integration"]["id"]
    sealed = one(home.place, "select secret from integration where id = %s", uuid_of(id))

    moved = await home.owner.one(UPDATE, id=id, input={"ghost": {"url": "https://example.org/ghost"}})
    assert moved["integration"]["url"] == "https://example.org"
    assert one(home.place, "select secret from integration where id = %s", uuid_of(id)) == sealed
    changed = await home.owner.one(UPDATE, id=id, input={"ghost": {"adminApiKey": KEY[::-1][:64] + KEY}})
    assert [(e["code"], e["field"]) for e in changed["userErrors"]] == [
        ("BAD_INPUT", ["input", "ghost", "adminApiKey"])
    ]
    other = KEY.replace("e", "d")
    assert (await home.owner.one(UPDATE, id=id, input={"ghost": {"adminApiKey": other}}))["userErrors"] == []
    assert one(home.place, "select secret from integration where id = %s", uuid_of(id)) != sealed
    refused = await home.owner.one(UPDATE, id=id, input=INTEGRATION)
    assert [(e["code"], e["field"]) for e in refused["userErrors"]] == [("BAD_INPUT", ["input", "wordPress"])]


async def test_a_name_is_taken_once_a_site(home: House) -> None:
    made = await home.owner.one(CREATE, input={"siteId": home.site, "name": "Blog", **INTEGRATION})

    assert [(e["code"], e["field"]) for e in made["userErrors"]] == [("CONFLICT", ["input", "name"])]


async def test_an_update_keeps_what_it_does_not_name(home: House) -> None:
    sealed = one(home.place, "select secret from integration where id = %s", uuid_of(home.integration))
    given = {"wordPress": {"markup": "HTML"}, "name": "Magazine"}
    found = await home.owner.one(UPDATE, id=home.integration, input=given)

    assert found["integration"]["config"] == {"username": "ada", "markup": "HTML"}
    assert (found["integration"]["name"], found["integration"]["url"]) == ("Magazine", "https://example.com")
    assert one(home.place, "select secret from integration where id = %s", uuid_of(home.integration)) == sealed
    stale = await home.owner.one(UPDATE, id=home.integration, input={"name": "x", "expectedVersion": 1})
    assert stale["userErrors"][0]["code"] == "CONFLICT"


async def test_a_test_says_what_each_stage_found(home: House) -> None:
    home.shelf.stages.append(Checked(CheckStage.CREDENTIALS, False, 9, "The password is wrong.", "Make a new one."))
    failed = await after_test(home)
    assert (failed["status"], failed["error"]) == ("FAILED", "The password is wrong. Make a new one.")
    assert failed["checks"] == [
        {"stage": "ADDRESS", "isOk": True, "cure": ""},
        {"stage": "CREDENTIALS", "isOk": False, "cure": "Make a new one."},
    ]

    home.shelf.stages.pop()
    passed = await after_test(home)
    assert (passed["status"], passed["error"], passed["capabilities"]) == ("CONNECTED", None, {"user": "ada"})
    assert [check["stage"] for check in passed["checks"]] == ["ADDRESS"]
    assert home.shelf.opened[-1].secret == "abcd efgh ijkl"

    await home.owner.one(UPDATE, id=home.integration, input={"name": "Renamed"})
    assert (await home.owner.one(LOOK, id=home.integration))["status"] == "CONNECTED"
    await home.owner.one(UPDATE, id=home.integration, input={"wordPress": {"appPassword": "other"}})
    assert (await home.owner.one(LOOK, id=home.integration))["status"] == "UNTESTED"


async def after_test(home: House) -> dict[str, object]:
    started = await home.owner.start("testConnection", integrationId=home.integration)
    await home.work()
    assert (await home.owner.finished(started["job"]["id"]))["status"] == "SUCCEEDED"
    found: dict[str, object] = await home.owner.one(LOOK, id=home.integration)
    return found


async def test_a_destination_that_is_busy_is_tried_again_and_one_that_refuses_is_not(home: House) -> None:
    home.shelf.faults = [("check", BUSY)]
    await after_test(home)
    assert home.shelf.calls == ["check", "check"]

    home.shelf.faults = [("check", REFUSED)]
    started = await home.owner.start("testConnection", integrationId=home.integration)
    await home.work()
    job = await home.owner.finished(started["job"]["id"])
    assert (job["status"], job["error"]) == ("FAILED", "It says no. Ask its owner.")


async def test_what_holds_publications_is_not_deleted_by_a_slip(home: House) -> None:
    (content,) = await home.contents()
    await home.published([content])
    refused = await home.owner.one(DELETE, ids=[home.integration])
    assert refused["userErrors"][0]["code"] == "CONFLICT"
    assert "1 publication" in refused["userErrors"][0]["message"]

    deleted = await home.owner.one(DELETE, ids=[home.integration], input={"cascade": True})
    assert deleted["deletedIds"] == [home.integration]
    found = await home.read(content)
    assert (found["publications"]["nodes"], found["status"]) == ([], "APPROVED")
