"""Signing up, in and out; tokens, roles and grants, and how soon a change of them is felt."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import redis
from argon2 import PasswordHasher
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from domain import tokens
from domain.auth import passwords, service
from domain.tokens import Identity, Tokens
from persistence.postgres import session_checks as standing
from persistence.progress import rereads
from persistence.terms import Role
from schema import GUARDED, PUBLIC
from tests.client import PASSWORD, SIGN_UP, Api, Json, receive, send
from tests.conftest import SECRET, Place
from tests.jobs.support import account_of, one, sql
from tests.persistence.tables import dump
from tests.schema.calls import Filling, answer, build, root_fields, unknown
from tests.schema.editing import ERRORS
from tests.waiting import ended

SIGN_IN = """
mutation($input: SignInInput!) { signIn(input: $input) {
  accessToken refreshToken viewer { role user { email } } userErrors { code message field } } }
"""
REFRESH = """
mutation($token: String!) { refreshSession(input: {refreshToken: $token}) {
  accessToken refreshToken expiresIn viewer { role user { email } } userErrors { code message field } } }
"""
SIGN_OUT = "mutation { signOut { done userErrors { code } } }"
READ = "{ account { id } }"
WRITE = 'mutation { createSite(input: {name: "New"}) { site { id } userErrors { code } } }'
IMPORT = """
mutation($input: ImportKeywordsTextInput!) { importKeywordsText(input: $input) {
  imported userErrors { code field } } }
"""


@pytest.fixture(autouse=True)
def no_attempts_yet(place: Place) -> None:
    with redis.Redis.from_url(place.redis_url) as store:
        store.flushdb()


@pytest.fixture
async def other(url: str) -> AsyncIterator[Api]:
    """A second client."""
    async with Api(url) as client:
        yield client


async def sign_in(api: Api, email: str, password: str = PASSWORD) -> Json:
    payload: Json = await api.one(SIGN_IN, input={"email": email, "password": password})
    api.email, api.token, api.refresh_token = email, payload["accessToken"], payload["refreshToken"]
    return payload


async def refresh(api: Api, token: str) -> Json:
    payload: Json = await api.one(REFRESH, token=token)
    return payload


async def join(place: Place, owner: Api, api: Api, role: Role) -> UUID:
    """Signs `api` in as a new user of the owner's account."""
    email = f"{uuid4()}@example.com"
    statement = (
        "insert into app_user (account_id, email, password_hash, role) "
        "select account_id, %s, password_hash, %s from app_user where email = %s returning id"
    )
    found: UUID = one(place, statement, email, role.value, owner.email)
    assert (await sign_in(api, email))["viewer"]["role"] == role.value
    return found


def grant(place: Place, user: UUID, site: str) -> None:
    sql(
        place,
        "insert into site_user_access (account_id, site_id, user_id) select account_id, %s, id from app_user "
        "where id = %s",
        UUID(site.removeprefix("site_")),
        user,
    )


def identity(place: Place, api: Api) -> Identity:
    found = Tokens(place.settings.secrets()).read(api.token or "")
    assert found
    return found


async def code_of(api: Api, query: str, **variables: Any) -> str | None:
    """Of the top-level error; None where there is none."""
    found = await api.errors(query, **variables)
    return str(found[0]["extensions"]["code"]) if found else None


async def code_with(api: Api, token: str, query: str, **variables: Any) -> str | None:
    """The same with another token."""
    own, api.token = api.token, token
    try:
        return await code_of(api, query, **variables)
    finally:
        api.token = own


async def code_on(socket: ClientConnection, query: str) -> str | None:
    """The same of an operation on an open socket."""
    id = uuid4().hex
    await send(socket, {"id": id, "type": "subscribe", "payload": {"query": query}})
    message = await receive(socket)
    if message["type"] == "next":
        assert (await receive(socket))["type"] == "complete"
    errors = message["payload"] if message["type"] == "error" else message["payload"].get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else None


def named(payload: Json) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


# Signing up


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("accountName", name) for name in ("", " \t ", "n" * 101, "a\x00b", "a\x1bb", "\u202eab")),
        *(("accountName", name) for name in ("at evil.example", "evil．example", "https://[::1]", "a@b", "10.0.0.1")),
        *(("email", email) for email in ("", "ada", "ada@", "@example.com", "a b@example.com", "a@b", "a\x00@b.com")),
        *(("email", email) for email in (f"{'a' * 65}@example.com", f"a@{'b' * 250}.com", "a@b@example.com")),
        *(("password", word) for word in ("", "123456789", "p" * 201, "0123456789\x00")),
    ],
)
async def test_bad_input_of_a_sign_up_is_named_and_leaves_nothing(
    api: Api, place: Place, field: str, value: str
) -> None:
    before = dump(place)
    given = {"accountName": "Ada", "email": f"{uuid4()}@example.com", "password": PASSWORD, field: value}
    payload = await api.one(SIGN_UP, input=given)
    assert named(payload) == [("BAD_INPUT", ["input", field])]
    assert payload["accessToken"] is payload["refreshToken"] is payload["viewer"] is None
    assert dump(place) == before


@pytest.mark.parametrize("spelt", [str, str.upper, " {} ".format])
async def test_an_address_signs_up_once(api: Api, owner: Api, place: Place, spelt: Callable[[str], str]) -> None:
    before = dump(place)
    payload = await api.one(SIGN_UP, input={"accountName": "Again", "email": spelt(owner.email), "password": PASSWORD})
    assert named(payload) == [("CONFLICT", ["input", "email"])]
    assert payload["accessToken"] is None
    assert dump(place) == before


async def test_accounts_may_have_the_same_name(api: Api, other: Api) -> None:
    await api.sign_up("The same")
    await other.sign_up("The same")
    slugs = {(await client.one("{ account { slug } }"))["slug"] for client in (api, other)}
    assert len(slugs) == 2


async def test_a_new_owner_has_a_trial_with_its_credits(owner: Api) -> None:
    found = await owner.run("{ viewer { role permissions } account { status plan { slug } credits { balance held } } }")
    assert found["account"] == {"status": "TRIAL", "plan": {"slug": "trial"}, "credits": {"balance": 500, "held": 0}}
    assert found["viewer"]["role"] == "OWNER"
    assert "STAFF" not in found["viewer"]["permissions"]


async def test_who_has_just_come_is_told_the_whole_budget(api: Api, place: Place) -> None:
    """Of an account that this process knows nothing of yet, whichever way it came in."""
    limit = "viewer { rateLimit { max available restoreRate } }"
    given = {"email": f"{uuid4()}@example.com", "password": PASSWORD}
    sign_up = f"mutation($i: SignUpInput!) {{ signUp(input: $i) {{ {limit} }} }}"
    sign_in = f"mutation($i: SignInInput!) {{ signIn(input: $i) {{ {limit} }} }}"
    for query, more in ((sign_up, {"accountName": "A"}), (sign_in, {})):
        told = (await api.one(query, i={**given, **more}))["viewer"]["rateLimit"]
        assert told["available"] > told["max"] * 0.99
        with redis.Redis.from_url(place.redis_url) as store:
            store.flushdb()


async def test_sign_ups_of_one_ip_are_limited(api: Api, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SIGN_UPS_PER_IP", "2/hour")
    for _ in range(2):
        await api.sign_up()
    before = dump(place)
    given = {"accountName": "Third", "email": f"{uuid4()}@example.com", "password": PASSWORD}
    assert await code_with(api, "", SIGN_UP, input=given) == "RATE_LIMITED"
    assert dump(place) == before


# Signing in


async def test_one_signs_in_with_ones_address_however_spelt(api: Api, owner: Api) -> None:
    for email in (owner.email, owner.email.upper(), f" {owner.email} "):
        payload = await sign_in(api, email)
        assert payload["viewer"] == {"role": "OWNER", "user": {"email": owner.email}}
        assert await code_of(api, READ) is None


async def test_a_wrong_password_and_an_unknown_address_are_told_the_same(api: Api, owner: Api, place: Place) -> None:
    before = dump(place)
    answers = [
        await api.answer(SIGN_IN, input={"email": email, "password": password})
        for email, password in (
            (owner.email, "wrong password"),
            (owner.email, ""),
            (owner.email, f"{PASSWORD} "),
            ("nobody@example.com", PASSWORD),
        )
    ]
    assert named(answers[0]["data"]["signIn"]) == [("UNAUTHENTICATED", ["input"])]
    assert [answer["data"] for answer in answers] == [answers[0]["data"]] * 4
    assert dump(place) == before


async def test_who_was_deactivated_is_told_the_same(api: Api, owner: Api, place: Place) -> None:
    wrong = await api.one(SIGN_IN, input={"email": owner.email, "password": "wrong password"})
    sql(place, "update app_user set is_active = false where email = %s", owner.email)
    assert await api.one(SIGN_IN, input={"email": owner.email, "password": PASSWORD}) == wrong


async def test_attempts_at_one_address_are_limited(api: Api, owner: Api, other: Api) -> None:
    await other.sign_up()
    wrong = {"email": owner.email, "password": "wrong password"}
    for _ in range(10):
        assert await code_of(api, SIGN_IN, input=wrong) is None
    right = {"email": owner.email.upper(), "password": PASSWORD}
    assert await code_of(api, SIGN_IN, input=right) == "RATE_LIMITED"
    assert (await sign_in(api, other.email))["userErrors"] == []


def come_from(api: Api, ip: str) -> Api:
    """Through the proxy that is trusted."""
    api.http.headers["x-forwarded-for"] = ip
    return api


@pytest.mark.parametrize(
    ("guessers", "same", "elsewhere"),
    [
        ([f"198.51.100.{n}" for n in range(10)], "198.51.100.200", "198.51.101.1"),
        ([f"2001:db8:0:1::{n:x}" for n in range(10)], "2001:db8:0:1:ffff::1", "2001:db8:0:2::1"),
        ([f"::ffff:192.0.2.{n}" for n in range(10)], "192.0.2.77", "192.0.3.77"),
    ],
)
async def test_guesses_lock_out_their_own_network_alone(
    api: Api, owner: Api, guessers: list[str], same: str, elsewhere: str
) -> None:
    wrong, right = {"email": owner.email, "password": "wrong password"}, {"email": owner.email, "password": PASSWORD}
    for ip in guessers:
        assert await code_of(come_from(api, ip), SIGN_IN, input=wrong) is None
    for given in (wrong, right):
        assert await code_of(come_from(api, same), SIGN_IN, input=given) == "RATE_LIMITED"
    changed = f"mutation($i: ChangePasswordInput!) {{ changePassword(input: $i) {{ done {ERRORS} }} }}"
    new = {"currentPassword": PASSWORD, "newPassword": f"{PASSWORD}!"}
    assert (await come_from(owner, elsewhere).one(changed, i=new))["done"] is True
    payload = await come_from(api, elsewhere).one(SIGN_IN, input={**right, "password": new["newPassword"]})
    assert payload["accessToken"]


async def test_guesses_from_everywhere_do_not_lock_out_who_comes_from_where_they_signed_in(
    api: Api, owner: Api, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PER_ADDRESS_ANYWHERE", "5/hour")
    right = {"email": owner.email, "password": PASSWORD}
    assert (await come_from(api, "203.0.113.9").one(SIGN_IN, input=right))["accessToken"]
    for email in (owner.email, "nobody@example.com"):
        for n in range(6):
            await api.answer(SIGN_IN, input={"email": email, "password": "wrong password"})
            come_from(api, f"198.51.{n}.1")
    assert await code_of(api, SIGN_IN, input={**right, "email": "nobody@example.com"}) == "RATE_LIMITED"
    assert await code_of(api, SIGN_IN, input=right) == "RATE_LIMITED"
    assert await code_of(come_from(api, "203.0.114.9"), SIGN_IN, input=right) == "RATE_LIMITED"
    assert (await come_from(api, "203.0.113.200").one(SIGN_IN, input=right))["accessToken"]
    sql(place, "update user_session set ip = 'testclient' where ip = '127.0.0.1'")
    sql(place, "update user_session set last_used_at = now() - interval '31 days' where ip like '203.%%'")
    assert await code_of(api, SIGN_IN, input=right) == "RATE_LIMITED"


async def test_an_address_that_nobody_has_is_limited_alike(api: Api) -> None:
    wrong = {"email": "nobody@example.com", "password": "wrong password"}
    found = [await code_of(api, SIGN_IN, input=wrong) for _ in range(11)]
    assert found == [None] * 10 + ["RATE_LIMITED"]


async def test_signing_in_forgets_earlier_attempts(api: Api, owner: Api) -> None:
    wrong = {"email": owner.email, "password": "wrong password"}
    for _ in range(2):
        for _ in range(9):
            assert await code_of(api, SIGN_IN, input=wrong) is None
        assert (await sign_in(api, owner.email))["userErrors"] == []


async def test_attempts_of_one_ip_are_limited(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PER_IP", "3/5minute")
    found = [
        await code_of(api, SIGN_IN, input={"email": f"{n}@example.com", "password": "wrong password"}) for n in range(4)
    ]
    assert found == [None, None, None, "RATE_LIMITED"]


# Refreshing


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that are hashed or compared while this is used."""
    seen: list[str] = []

    class Hasher:
        def hash(self, password: str) -> str:
            seen.append(password)
            return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(password)

        def verify(self, hashed: str, password: str) -> bool:
            return self.hash(password) != hashed  # whatever it is: it is right

    monkeypatch.setattr(passwords, "_hasher", Hasher())
    return seen


@pytest.mark.parametrize("name", sorted(GUARDED))
async def test_an_operation_guesses_once(owner: Api, place: Place, hashes: list[str], name: str) -> None:
    """Not as many times as it has aliases; nothing is done of what asks for more, by fragments and variables either."""
    asked = build("mutation", name, Filling(unknown))
    head, _, body = asked.document.partition("{")
    field = body.rpartition("}")[0]
    several = [
        f"{head} {{ {' '.join(f'a{n}: {field}' for n in range(30))} }}",
        f"{head} {{ {field} ...F }} fragment F on Mutation {{ other: {field} }}",
    ]
    before, attempts = dump(place), len(redis.Redis.from_url(place.redis_url).keys("LIMITS*"))
    for document in several:
        (error,) = await owner.errors(document, **asked.variables)
        assert (error["extensions"]["code"], name in error["message"]) == ("BAD_INPUT", True)
    guess = 'signIn(input: {email: "a@example.com", password: "x"}) { accessToken }'
    mixed = f"{head} {{ {field} signOut {{ done }} {guess} }}"
    if name != "signIn":
        assert "signIn" in (await owner.errors(mixed, **asked.variables))[0]["message"]
    assert (hashes, dump(place)) == ([], before)
    assert len(redis.Redis.from_url(place.redis_url).keys("LIMITS*")) == attempts


@pytest.mark.parametrize("name", sorted(GUARDED))
async def test_what_is_beyond_its_rate_is_not_hashed(
    owner: Api, hashes: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async def spent(*_: object) -> bool:
        return False

    monkeypatch.setattr(service.SignInLimits, "allowed", spent)
    text = {"email": "ada@example.com", "password": PASSWORD, "currentPassword": PASSWORD, "newPassword": PASSWORD}
    asked = build("mutation", name, Filling(unknown))
    given = asked.variables.get("input", {})
    given |= {field: value for field, value in text.items() if field in given}
    errors = (await answer(owner, asked))["errors"]
    assert [error["extensions"]["code"] for error in errors] == ["RATE_LIMITED"]
    assert hashes == []


async def test_a_flood_of_passwords_waits_in_its_own_place(
    api: Api, owner: Api, hashes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many wait, the next are told to come again; reads go on meanwhile."""
    held, check = threading.Event(), passwords._check
    monkeypatch.setattr(passwords, "_room", threading.BoundedSemaphore(3))
    monkeypatch.setattr(passwords, "_check", lambda *given: held.wait() and check(*given))
    given = {"email": owner.email, "password": PASSWORD}
    guesses = {asyncio.create_task(api.answer(SIGN_IN, input=given)) for _ in range(8)}
    try:
        refused: set[asyncio.Task[Json]] = set()
        while len(refused) < 5:
            done, guesses = await asyncio.wait(guesses, return_when=asyncio.FIRST_COMPLETED)
            refused |= done
        for told in refused:
            (error,) = told.result()["errors"]
            assert (error["extensions"]["code"], "Wait" in error["message"]) == ("RATE_LIMITED", True)
        for _ in range(20):
            assert await owner.one("{ account { id } }")
        assert len(guesses) == 3
    finally:
        held.set()
    for answered in await asyncio.gather(*guesses):
        assert answered["data"]["signIn"]["accessToken"]
    assert len(hashes) == 3


async def test_a_refresh_gives_new_tokens(owner: Api) -> None:
    payload = await refresh(owner, owner.refresh_token)
    assert (payload["userErrors"], payload["expiresIn"]) == ([], 900)
    assert payload["viewer"] == {"role": "OWNER", "user": {"email": owner.email}}
    assert payload["refreshToken"] != owner.refresh_token
    assert await code_with(owner, payload["accessToken"], READ) is None


async def test_a_token_just_rotated_serves_a_second_tab(owner: Api) -> None:
    tabs = [await refresh(owner, owner.refresh_token) for _ in range(2)]
    assert [tab["userErrors"] for tab in tabs] == [[], []]
    later = [await refresh(owner, tab["refreshToken"]) for tab in tabs]
    assert [tab["userErrors"] for tab in later] == [[], []]


async def test_a_token_used_again_later_ends_the_session(owner: Api, place: Place) -> None:
    new = await refresh(owner, owner.refresh_token)
    use_earlier(place, owner, 31)
    reused = await refresh(owner, owner.refresh_token)
    assert named(reused) == [("UNAUTHENTICATED", ["input", "refreshToken"])]
    assert reused["accessToken"] is reused["refreshToken"] is None
    for token in (owner.token, new["accessToken"]):
        assert await code_with(owner, token, READ) == "UNAUTHENTICATED"
    assert named(await refresh(owner, new["refreshToken"])) == [("UNAUTHENTICATED", ["input", "refreshToken"])]


async def test_a_token_used_again_ends_no_other_session(owner: Api, other: Api, place: Place) -> None:
    await sign_in(other, owner.email)
    await refresh(owner, owner.refresh_token)
    use_earlier(place, owner, 31)
    await refresh(owner, owner.refresh_token)
    assert await code_of(other, READ) is None
    assert (await refresh(other, other.refresh_token))["userErrors"] == []


async def test_the_grace_is_not_prolonged_by_use(owner: Api, place: Place) -> None:
    await refresh(owner, owner.refresh_token)
    use_earlier(place, owner, 20)
    assert (await refresh(owner, owner.refresh_token))["userErrors"] == []
    use_earlier(place, owner, 11)
    assert named(await refresh(owner, owner.refresh_token)) == [("UNAUTHENTICATED", ["input", "refreshToken"])]


def use_earlier(place: Place, owner: Api, seconds: int) -> None:
    statement = "update refresh_token set used_at = used_at - make_interval(secs => %s) where account_id = %s"
    sql(place, statement, seconds, account_of(place, owner))


@pytest.mark.parametrize(
    "token", ["", "x", "\x00", "☕", "x" * 100_000, "' or true --", f"Bearer {'a' * 43}", "a" * 43]
)
async def test_what_is_no_refresh_token_is_refused(owner: Api, place: Place, token: str) -> None:
    before = dump(place)
    assert named(await refresh(owner, token)) == [("UNAUTHENTICATED", ["input", "refreshToken"])]
    assert named(await refresh(owner, owner.token or "")) == [("UNAUTHENTICATED", ["input", "refreshToken"])]
    assert dump(place) == before


async def test_refreshes_of_one_ip_are_limited(owner: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "REFRESHES_PER_IP", "1/5minute")
    assert await code_of(owner, REFRESH, token="x") is None
    assert await code_of(owner, REFRESH, token="x") == "RATE_LIMITED"


async def test_a_session_that_is_over_is_not_refreshed(owner: Api, place: Place) -> None:
    sql(place, "update user_session set expires_at = now() where account_id = %s", account_of(place, owner))
    assert named(await refresh(owner, owner.refresh_token)) == [("UNAUTHENTICATED", ["input", "refreshToken"])]
    assert await code_of(owner, READ) == "UNAUTHENTICATED"


# Signing out


async def test_signing_out_acts_at_once_on_http(owner: Api, other: Api) -> None:
    await sign_in(other, owner.email)
    assert await owner.one(SIGN_OUT) == {"done": True, "userErrors": []}
    for query in (READ, WRITE, SIGN_OUT):
        assert await code_of(owner, query) == "UNAUTHENTICATED"
    assert named(await refresh(owner, owner.refresh_token)) == [("UNAUTHENTICATED", ["input", "refreshToken"])]
    assert await code_of(other, READ) is None


async def test_signing_out_acts_at_once_on_a_socket(owner: Api) -> None:
    async with owner.socket() as socket:
        assert await code_on(socket, READ) is None
        await owner.one(SIGN_OUT)
        assert await code_on(socket, READ) == "UNAUTHENTICATED"
        assert await code_on(socket, WRITE) == "UNAUTHENTICATED"


async def test_signing_out_ends_a_subscription_and_its_socket(
    owner: Api, place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rereads, "REREAD_SECONDS", 0.1)
    async with owner.socket() as socket:
        assert (await follow(socket, job(place, owner)))["type"] == "next"
        await owner.one(SIGN_OUT)
        assert await closing(socket) == 4403
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    "over",
    [
        "update account set status = 'CANCELLED' where id = (select account_id from app_user where email = %s)",
        "update app_user set is_active = false where email = %s",
        "update app_user set role = 'VIEWER' where email = %s",
        "update user_session set revoked_at = now() where user_id = (select id from app_user where email = %s)",
    ],
)
async def test_a_socket_lasts_no_longer_than_its_session(
    owner: Api, other: Api, place: Place, monkeypatch: pytest.MonkeyPatch, over: str
) -> None:
    """Also one that asks for nothing; another's is left open."""
    monkeypatch.setattr(standing, "LOOK_SECONDS", 0.1)
    await other.sign_up()
    async with owner.socket() as first, owner.socket() as second, other.socket() as theirs:
        sql(place, over, owner.email)
        assert await closing(first) == await closing(second) == 4403
        assert await code_on(theirs, READ) is None


@pytest.mark.parametrize("following", ["jobProgress(id: $id) { status }", "accountActivity { status }"])
async def test_a_cancelled_account_is_followed_no_longer(
    owner: Api, place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, following: str
) -> None:
    """By whoever was asked last: the subscription notices it by itself."""
    monkeypatch.setattr(rereads, "REREAD_SECONDS", 0.1)
    monkeypatch.setattr(standing, "LOOK_SECONDS", 3600.0)
    declared = "($id: ID!)" if "$id" in following else ""
    variables = {"id": job(place, owner)}
    query = f"subscription{declared} {{ {following} }}"
    async with owner.socket() as socket:
        payload = {"query": query, "variables": variables if declared else {}}
        await send(socket, {"id": "1", "type": "subscribe", "payload": payload})
        assert (await receive(socket))["type"] == "next"
        name = await owner.one("{ account { name } }")
        cancel = f"mutation($i: CancelAccountInput!) {{ cancelAccount(input: $i) {{ done {ERRORS} }} }}"
        assert (await owner.one(cancel, i={"accountName": name["name"]}))["done"]
        assert await closing(socket) == 4403
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def closing(socket: ClientConnection) -> int | None:
    """The code that the server closes it with."""

    async def read() -> None:
        with suppress(ConnectionClosed):
            async for _ in socket:
                pass

    await ended(read())
    return socket.close_code


def job(place: Place, owner: Api) -> str:
    """One that nobody works at."""
    statement = "insert into job (account_id, kind) values (%s, 'GENERATE_IDEAS') returning id"
    return f"job_{one(place, statement, account_of(place, owner))}"


async def follow(socket: ClientConnection, id: str) -> Json:
    query = "subscription($id: ID!) { jobProgress(id: $id) { status } }"
    await send(socket, {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": {"id": id}}})
    return await receive(socket)


# Access tokens


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def made(claims: Json, key: bytes, algorithm: str = "HS256") -> str:
    signed = f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(claims)}"
    return f"{signed}.{encoded(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def claims_of(token: str) -> Json:
    part = token.split(".")[1]
    found: Json = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


KEY = hashlib.sha256(b"igny8 access tokens" + SECRET.encode()).digest()
FOREIGN = hashlib.sha256(b"igny8 access tokens" + b"another secret").digest()
FORGERIES: dict[str, Callable[[str], str]] = {
    "garbage": lambda token: "garbage",
    "nothing": lambda token: "",
    "dots": lambda token: "..",
    "cut": lambda token: token[:-1],
    "another signature": lambda token: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "a part more": lambda token: f"{token}.x",
    "altered claims": lambda token: ".".join(
        [token.split(".")[0], encoded({**claims_of(token), "role": "DEVELOPER"}), token.split(".")[2]]
    ),
    "algorithm none": lambda token: f"{encoded({'alg': 'none'})}.{encoded(claims_of(token))}.",
    "algorithm none, signed": lambda token: made(claims_of(token), KEY, "none"),
    "another algorithm": lambda token: made(claims_of(token), KEY, "HS512"),
    "a foreign key": lambda token: made(claims_of(token), FOREIGN),
    "the secret itself": lambda token: made(claims_of(token), SECRET.encode()),
    "an empty key": lambda token: made(claims_of(token), b""),
    "expired": lambda token: made({**claims_of(token), "exp": int(time.time()) - 1}, KEY),
    "without end": lambda token: made({k: v for k, v in claims_of(token).items() if k != "exp"}, KEY),
    "an end that is no number": lambda token: made({**claims_of(token), "exp": "never"}, KEY),
    "of another issuer": lambda token: made({**claims_of(token), "iss": "igny8/link"}, KEY),
    "without issuer": lambda token: made({k: v for k, v in claims_of(token).items() if k != "iss"}, KEY),
    "without session": lambda token: made({k: v for k, v in claims_of(token).items() if k != "sid"}, KEY),
    "an unknown session": lambda token: made({**claims_of(token), "sid": str(uuid4())}, KEY),
    "another role": lambda token: made({**claims_of(token), "role": "DEVELOPER"}, KEY),
    "an unknown role": lambda token: made({**claims_of(token), "role": "GOD"}, KEY),
    "claims that are no object": lambda token: made([], KEY),  # type: ignore[arg-type]
}
SIGNED_BY_US = {"an unknown session", "another role"}  # their sockets open, and read nothing


def test_a_hand_made_token_is_like_ours(place: Place) -> None:
    who = Tokens([SECRET]).access(uuid4(), uuid4(), uuid4(), Role.OWNER)
    assert Tokens(place.settings.secrets()).read(made(claims_of(who), KEY)) == Tokens([SECRET]).read(who)


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_forged_tokens_are_refused(owner: Api, place: Place, forgery: str) -> None:
    token, before = FORGERIES[forgery](owner.token or ""), dump(place)
    for query in (READ, WRITE, SIGN_OUT):
        assert await code_with(owner, token, query) == "UNAUTHENTICATED"
    assert dump(place) == before


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_forged_tokens_are_refused_by_a_socket_alike(owner: Api, forgery: str) -> None:
    token = FORGERIES[forgery](owner.token or "")
    if forgery in SIGNED_BY_US:
        owner.token = token
        async with owner.socket() as socket:
            assert await code_on(socket, READ) == "UNAUTHENTICATED"
    else:
        assert await closed_with(owner.url, {"authorization": f"Bearer {token}"}) == 4403


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        [],
        "Bearer x",
        {"authorization": None},
        {"authorization": 5},
        {"authorization": ["Bearer x"]},
        {"a": 1},
    ],
)
async def test_a_socket_opens_to_nobody_without_a_token(url: str, payload: object) -> None:
    assert await closed_with(url, payload) in {4400, 4403}


async def closed_with(url: str, payload: object) -> int:
    """The code that a socket is closed with after such an init; 0 when it opens."""
    address = url.replace("http", "ws", 1) + "/graphql"
    async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        await send(socket, {"type": "connection_init", "payload": payload})
        try:
            assert (await receive(socket))["type"] == "connection_ack"
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else -1
    return 0


async def test_nothing_is_done_before_a_sockets_init(owner: Api) -> None:
    address = owner.url.replace("http", "ws", 1) + "/graphql"
    headers = {"authorization": f"Bearer {owner.token}"}
    async with connect(address, subprotocols=["graphql-transport-ws"], additional_headers=headers) as socket:  # type: ignore[list-item]
        await send(socket, {"id": "1", "type": "subscribe", "payload": {"query": READ}})
        assert await closing(socket) == 4401


@pytest.mark.parametrize("header", ["{0}", "Basic {0}", "Bearer", "Bearer Bearer {0}", "Token {0}"])
async def test_the_header_is_bearer_and_a_token(owner: Api, header: str) -> None:
    async with httpx2.AsyncClient() as http:
        headers = {"authorization": header.format(owner.token)}
        response = await http.post(f"{owner.url}/graphql", json={"query": READ}, headers=headers)
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_passwords_are_hashed_as_owasp_asks(cheap_passwords: str) -> None:
    """At least 19 MiB twice by one thread, or as dear."""
    assert cheap_passwords == "$argon2id$v=19$m=32768,t=2,p=1"


async def test_a_token_ends_after_fifteen_minutes(owner: Api, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    who = identity(place, owner)
    for age, expected in ((14 * 60, None), (15 * 60 + 1, "UNAUTHENTICATED")):
        with monkeypatch.context() as earlier:
            earlier.setattr(tokens, "_now", lambda age=age: int(time.time()) - age)
            token = Tokens(place.settings.secrets()).access(who.session_id, who.user_id, who.account_id, who.role)
        assert await code_with(owner, token, READ) == expected


async def test_an_open_socket_outlives_no_token(owner: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async with owner.socket() as socket:
        assert await code_on(socket, READ) is None
        later = time.time() + 15 * 60 + 1
        monkeypatch.setattr("schema.context.time", SimpleNamespace(time=lambda: later))
        assert await code_on(socket, READ) == "UNAUTHENTICATED"


# What changes acts at once


async def test_another_role_ends_what_was_signed_in_as_before(owner: Api, other: Api, place: Place) -> None:
    user = await join(place, owner, other, Role.ADMIN)
    async with other.socket() as socket:
        sql(place, "update app_user set role = 'VIEWER' where id = %s", user)
        assert await code_of(other, WRITE) == "UNAUTHENTICATED"
        assert await code_on(socket, WRITE) == "UNAUTHENTICATED"
    payload = await refresh(other, other.refresh_token)
    assert payload["viewer"]["role"] == "VIEWER"
    assert await code_with(other, payload["accessToken"], WRITE) == "FORBIDDEN"


async def test_who_is_deactivated_is_out_at_once(owner: Api, other: Api, place: Place) -> None:
    user = await join(place, owner, other, Role.ADMIN)
    async with other.socket() as socket:
        sql(place, "update app_user set is_active = false where id = %s", user)
        assert await code_on(socket, READ) == "UNAUTHENTICATED"
    assert await code_of(other, READ) == "UNAUTHENTICATED"
    assert named(await refresh(other, other.refresh_token)) == [("UNAUTHENTICATED", ["input", "refreshToken"])]
    assert await code_of(owner, READ) is None


async def test_a_suspended_account_reads_and_does_not_write(owner: Api, place: Place) -> None:
    sector = await owner.sector()
    set_status(place, owner, "SUSPENDED")
    before = dump(place)
    async with owner.socket() as socket:
        assert await code_on(socket, READ) is None
        assert await code_on(socket, WRITE) == "FORBIDDEN"
    assert (await owner.one("query($id: ID!) { sector(id: $id) { id } }", id=sector)) == {"id": sector}
    assert await code_of(owner, WRITE) == "FORBIDDEN"
    assert await code_of(owner, IMPORT, input={"sectorId": sector, "text": "coffee"}) == "FORBIDDEN"
    assert dump(place) == before
    assert (await refresh(owner, owner.refresh_token))["userErrors"] == []
    assert (await sign_in(owner, owner.email))["userErrors"] == []
    set_status(place, owner, "ACTIVE")
    assert await code_of(owner, WRITE) is None


OWN = {"signOut", "revokeSessions", "revokeOtherSessions"}  # of sessions everybody may always dispose


async def test_no_mutation_changes_a_suspended_account(owner: Api, place: Place) -> None:
    set_status(place, owner, "SUSPENDED")
    before = dump(place)
    for name in root_fields("mutation").keys() - OWN - {name for _, name in PUBLIC}:
        found = await answer(owner, build("mutation", name, Filling(unknown)))
        assert [error["extensions"]["code"] for error in found.get("errors", [])] == ["FORBIDDEN"], name
    assert dump(place) == before


async def test_a_cancelled_account_has_no_access(owner: Api, place: Place) -> None:
    async with owner.socket() as socket:
        set_status(place, owner, "CANCELLED")
        assert await code_on(socket, READ) == "FORBIDDEN"
    before = dump(place)
    assert await code_of(owner, READ) == "FORBIDDEN"
    assert await code_of(owner, WRITE) == "FORBIDDEN"
    assert named(await refresh(owner, owner.refresh_token)) == [("UNAUTHENTICATED", ["input", "refreshToken"])]
    assert await code_with(owner, "", SIGN_IN, input={"email": owner.email, "password": PASSWORD}) == "FORBIDDEN"
    assert dump(place) == before


async def test_a_cancelled_account_is_not_told_to_who_has_no_password(api: Api, owner: Api, place: Place) -> None:
    set_status(place, owner, "CANCELLED")
    payload = await api.one(SIGN_IN, input={"email": owner.email, "password": "wrong password"})
    assert named(payload) == [("UNAUTHENTICATED", ["input"])]


def set_status(place: Place, owner: Api, status: str) -> None:
    sql(place, "update account set status = %s where id = %s", status, account_of(place, owner))


# Sites


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_sites_are_seen_as_granted_and_at_once(owner: Api, other: Api, place: Place, role: Role) -> None:
    user = await join(place, owner, other, role)
    site, hidden = await owner.site("Coffee"), await owner.site("Tea")
    sector, away = await owner.sector(site), await owner.sector(hidden)
    await owner.import_text(sector, "grinder")
    await owner.import_text(away, "kettle")
    assert await seen(other) == ([], [])
    grant(place, user, site)
    assert await seen(other) == ([site], ["grinder"])
    for id in (hidden, away):
        assert await other.one("query($id: ID!) { node(id: $id) { id } }", id=id) is None
    sql(place, "delete from site_user_access where user_id = %s", user)
    assert await seen(other) == ([], [])


async def seen(api: Api) -> tuple[list[str], list[str]]:
    """The sites and keywords that one sees."""
    found = await api.run("{ sites { nodes { id } } keywords { nodes { keyword } } }")
    return [s["id"] for s in found["sites"]["nodes"]], [k["keyword"] for k in found["keywords"]["nodes"]]


async def test_a_grant_withdrawn_acts_on_a_socket_at_once(
    owner: Api, other: Api, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereads, "REREAD_SECONDS", 0.1)
    user, site = await join(place, owner, other, Role.VIEWER), await owner.site()
    grant(place, user, site)
    id = job(place, owner)
    sql(place, "update job set site_id = %s where id = %s", UUID(site.removeprefix("site_")), UUID(id[4:]))
    async with other.socket() as socket:
        assert (await follow(socket, id))["type"] == "next"
        sql(place, "delete from site_user_access where user_id = %s", user)
        message = await receive(socket)
    assert [error["extensions"]["code"] for error in message["payload"]["errors"]] == ["NOT_FOUND"]


async def test_an_editor_writes_in_granted_sites_alone(owner: Api, other: Api, place: Place) -> None:
    user, site = await join(place, owner, other, Role.EDITOR), await owner.site("Coffee")
    grant(place, user, site)
    sector, away = await owner.sector(site), await owner.sector(await owner.site("Tea"))
    assert (await other.one(IMPORT, input={"sectorId": sector, "text": "grinder"}))["imported"] == 1
    before = dump(place)
    payload = await other.one(IMPORT, input={"sectorId": away, "text": "kettle"})
    assert named(payload) == [("NOT_FOUND", ["input", "sectorId"])]
    assert dump(place) == before


# Permissions


async def test_a_viewer_writes_nothing(owner: Api, other: Api, place: Place) -> None:
    user, site = await join(place, owner, other, Role.VIEWER), await owner.site()
    grant(place, user, site)
    sector, before = await owner.sector(site), dump(place)
    found = await other.answer(IMPORT, input={"sectorId": sector, "text": "grinder"})
    assert_forbidden(found, "PLAN", "importKeywordsText")
    assert dump(place) == before


async def test_one_forbidden_field_refuses_the_operation(owner: Api, other: Api, place: Place) -> None:
    await join(place, owner, other, Role.EDITOR)
    before = dump(place)
    query = """mutation { mine: createAuthorProfile(input: {name: "Ada"}) { userErrors { code } }
                          theirs: createSite(input: {name: "New"}) { userErrors { code } } }"""
    assert_forbidden(await other.answer(query), "MANAGE_SITES", "theirs")
    assert_forbidden(await other.answer("{ account { name users { totalCount } } }"), "MANAGE_USERS", "account.users")
    assert dump(place) == before


async def test_what_a_payload_shows_needs_its_permission_before_anything_is_done(
    owner: Api, other: Api, place: Place
) -> None:
    await join(place, owner, other, Role.EDITOR)
    before = dump(place)
    seen = "{ viewer { account { users { totalCount } } } }"
    query = f"mutation($t: String!) {{ refreshSession(input: {{refreshToken: $t}}) {seen} }}"
    found = await other.answer(query, t=other.refresh_token)
    assert_forbidden(found, "MANAGE_USERS", "refreshSession.viewer.account.users")
    assert dump(place) == before


def assert_forbidden(found: Json, permission: str, field: str) -> None:
    (error,) = found["errors"]
    assert error["extensions"].pop("requestId")
    assert error["extensions"] == {"code": "FORBIDDEN", "permission": permission, "field": field}
    assert found.get("data") is None


async def test_who_is_not_signed_in_is_told_how(api: Api) -> None:
    (error,) = await api.errors(READ)
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "Authorization: Bearer" in error["message"]
    assert (await api.run("{ __typename }")) == {"__typename": "Query"}
