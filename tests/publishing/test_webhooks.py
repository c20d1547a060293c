"""Contents as signed messages, from the API to a receiver, who can trust them and drop repeats."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.schedule import publish_due
from persistence.redis import destination_gates
from persistence.scope import JobScope
from tests.client import Api
from tests.conftest import Place
from tests.files import stored
from tests.jobs.scripted import reply
from tests.jobs.support import account_of, one, sql
from tests.publishing.house import House
from tests.publishing.real import MAKE, after_test, made, real_house, taken_back
from tests.publishing.receiver import Receiver, receiving
from tests.publishing.test_integrations import UPDATE
from tests.schema.articles import image, uuid_of

CHANGE = 'mutation($id: ID!) { updateContent(id: $id, input: {title: "Warm brew"}) { userErrors { message } } }'
RENEW = """
mutation($id: ID!, $input: UpdateIntegrationInput!) { updateIntegration(id: $id, input: $input) {
  signingSecret userErrors { code message field } } }
"""


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def home(place: Place, owner: Api, receiver: Receiver) -> AsyncIterator[House]:
    async with real_house(place, owner, receiver.host, public_url="https://igny8.example") as opened:
        given = await made(opened, webhook={"url": receiver.url})
        assert given["userErrors"] == []
        receiver.secret = given["signingSecret"]
        yield opened


def types(receiver: Receiver) -> list[str]:
    return [said["type"] for said in receiver.known]


async def test_a_content_is_told_updated_and_taken_back(home: House, receiver: Receiver) -> None:
    (content,) = await home.contents(
        title='A "<b>" 👍', slug="cold-brew", html_content="<p>One.</p><h2>Two</h2><p>Three.</p>",
        meta_title="For engines",
    )  # fmt: skip
    key = await stored(home.place, b"\x89PNG\r\n\x1a\nsame")
    image(home.place, content, key=key)
    image(home.place, content, key=key, image_type="IN_ARTICLE", alt_text="A cup")
    receiver.answers = [reply(201, {"id": 42, "url": "https://shop.example/blog/cold-brew"})]
    assert (await home.published([content]))["status"] == "SUCCEEDED"

    (said,) = receiver.known
    data = said["data"]
    assert (said["type"], data["id"], data["title"], data["status"]) == (
        "content.published", content, 'A "<b>" 👍', "PUBLISHED",
    )  # fmt: skip
    assert (data["slug"], data["metas"]["title"], data["remoteId"]) == ("cold-brew", "For engines", None)
    (picture,) = data["images"]
    assert picture["url"] == f"https://igny8.example/files/{key}"
    assert f'<img src="{picture["url"]}" alt="A cup"' in data["html"]
    assert (picture["mimeType"], picture["isFeatured"], data["jsonLd"]["@type"]) == ("image/png", True, "Article")
    found = await home.read(content)
    assert found["publishedUrl"] == "https://shop.example/blog/cold-brew"
    (publication,) = found["publications"]["nodes"]
    assert publication["remoteId"] == f"{data['marker']}:42"

    await home.owner.one(CHANGE, id=content)
    await home.published([content])
    assert (receiver.known[1]["data"]["title"], receiver.known[1]["data"]["remoteId"]) == ("Warm brew", "42")
    revisions = one(home.place, "select max(number) from content_revision where content_id = %s", uuid_of(content))
    assert receiver.known[1]["data"]["revision"] == revisions
    assert (await taken_back(home, [content]))["status"] == "SUCCEEDED"
    assert receiver.known[2]["data"] == {"id": content, "marker": data["marker"], "remoteId": "42", "kind": "POST"}
    assert types(receiver) == ["content.published", "content.published", "content.unpublished"]

    await home.published([content])
    await taken_back(home, [content])
    assert types(receiver)[3:] == ["content.published", "content.unpublished"], "no repeat of what was said before"


async def test_every_try_has_one_id_and_its_own_time(
    home: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destination_gates, "FIRST_PAUSE", 0.05)
    (content,) = await home.contents()
    receiver.answers = [reply(500, {}), reply(503, {}, {"retry-after": "0"}), reply(429, {}, {"retry-after": "0"})]
    await home.publish([content])
    await home.work()

    assert (await home.read(content))["publications"]["nodes"][0]["status"] == "PUBLISHED"
    assert len(receiver.tries) == 4
    assert len({id for id, _, _ in receiver.tries}) == len({json.dumps(said) for _, _, said in receiver.tries}) == 1
    assert len(receiver.known) == 1


async def test_a_receiver_that_is_gone_is_left_in_peace(home: House, receiver: Receiver) -> None:
    first, second = await home.contents(2)
    receiver.answers = [reply(410, {})]
    assert (await home.published([first]))["status"] == "FAILED"
    state = "select status, error, capabilities from integration where id = %s"
    ((status, error, capabilities),) = sql(home.place, state, uuid_of(home.integration))
    assert (status, capabilities) == ("FAILED", {"gone": True})
    assert "410" in error
    assert (await home.published([second]))["status"] == "FAILED"
    assert len(receiver.tries) == 1

    found = await after_test(home)
    assert (found["status"], [check["stage"] for check in found["checks"]]) == ("CONNECTED", ["ADDRESS", "TLS", "API"])
    assert (await home.published([second]))["status"] == "SUCCEEDED"
    assert types(receiver) == ["content.published", "ping", "content.published"]


async def test_what_is_refused_is_not_sent_again(home: House, receiver: Receiver) -> None:
    (content,) = await home.contents()
    for status in (400, 404, 302):
        receiver.answers = [reply(status, {}, {"location": "https://else.example/"})]
        assert (await home.published([content]))["status"] == "FAILED"
        record = (await home.read(content))["publications"]["nodes"][0]["records"]["nodes"][-1]
        assert record["code"] == f"http_{status}"
    assert len(receiver.tries) == 3


async def test_a_date_is_told_at_once_and_kept_by_our_clock(home: House, receiver: Receiver) -> None:
    (content,) = await home.contents()
    at = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    await home.published([content], "SCHEDULED", publishAt=at.isoformat())
    assert receiver.known[0]["data"]["publishAt"] == at.isoformat().replace("+00:00", ".000Z")
    sql(home.place, "update publication set publish_at = now() - interval '2 minutes' where integration_id = %s",
        uuid_of(home.integration))  # fmt: skip
    await publish_due(home.desk.units, at)
    await home.work()

    assert types(receiver) == ["content.scheduled", "content.published"]
    assert (await home.read(content))["publications"]["nodes"][0]["status"] == "PUBLISHED"


@pytest.mark.parametrize(
    "answer",
    [b"", b"thanks", b"[1]", b'{"id": null, "url": "javascript:alert(1)"}', b'{"id": {}, "url": "https://a b"}',
     b'{"id": true, "url": 7}', b'{"id": "", "url": "https://u:p@x.example"}'],
)  # fmt: skip
async def test_what_a_receiver_answers_is_taken_with_care(home: House, receiver: Receiver, answer: bytes) -> None:
    (content,) = await home.contents()
    receiver.answers = [reply(200, answer)]
    assert (await home.published([content]))["status"] == "SUCCEEDED"

    publication = (await home.read(content))["publications"]["nodes"][0]
    assert (publication["url"], publication["remoteId"]) == (None, receiver.known[0]["data"]["marker"])


async def test_a_secret_is_shown_once(home: House, receiver: Receiver) -> None:
    known = base64.b64decode(receiver.secret.removeprefix("whsec_"), validate=True)
    assert len(known) == 32
    sealed = one(home.place, "select secret from integration where id = %s", uuid_of(home.integration))
    async with home.desk.units(JobScope(account_of(home.place, home.owner))) as unit:
        assert unit.vault.open(bytes(sealed)) == receiver.secret
    again = {
        "siteId": home.site,
        "name": "Once",
        "webhook": {"url": receiver.url},
        "idempotencyKey": secrets.token_hex(8),
    }
    first, second = [await home.owner.one(MAKE, input=again) for _ in range(2)]
    assert first["integration"]["id"] == second["integration"]["id"]
    assert (first["signingSecret"] is None, second["signingSecret"]) == (False, None)
    own = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
    given = await made(home, name="Own", webhook={"url": receiver.url, "secret": own})
    assert (given["userErrors"], given["signingSecret"]) == ([], None)
    for table in ("integration", "audit_event", "event", "idempotency_key"):
        rows = json.dumps(sql(home.place, f"select to_jsonb(t)::text from {table} t"))
        assert not any(text.removeprefix("whsec_") in rows for text in (receiver.secret, own))

    renewed = await home.owner.one(RENEW, id=home.integration, input={"webhook": {"secret": None}})
    assert renewed["signingSecret"].startswith("whsec_")
    receiver.secret = renewed["signingSecret"]
    assert (await after_test(home))["status"] == "CONNECTED"
    kept = await home.owner.one(RENEW, id=home.integration, input={"name": "Other"})
    assert (kept["userErrors"], kept["signingSecret"]) == ([], None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "url"), ({"url": "ftp://x"}, "url"), ({"url": "https://u:p@example.com"}, "url"),
        ({"url": "https://example.com/?a b"}, "url"), ({"url": f"https://example.com/?{'q' * 501}"}, "url"),
        ({"url": "https://example.com/#x"}, "url"), ({"url": "https://example.com", "secret": "short"}, "secret"),
    ],
)  # fmt: skip
async def test_bad_settings_are_named(home: House, given: dict[str, Any], field: str) -> None:
    found = await home.owner.one(MAKE, input={"siteId": home.site, "name": "Other", "webhook": given})
    assert [(e["code"], e["field"]) for e in found["userErrors"]] == [("BAD_INPUT", ["input", "webhook", field])]


async def test_its_address_stays_to_the_letter(home: House) -> None:
    for url in ("https://example.com/hook/", "https://example.com/hook?key=a%20b", "https://example.com"):
        found = await home.owner.one(UPDATE, id=home.integration, input={"webhook": {"url": f" {url} "}})
        assert (found["userErrors"], found["integration"]["url"]) == ([], url)
