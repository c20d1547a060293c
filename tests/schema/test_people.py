"""People, passwords, addresses, sessions, API keys and staff, with a worker that sends the letters."""

import asyncio
import email
import re
import time
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis import Redis

from domain.mail.letters import A_DAY
from persistence.terms import MailKind, Role
from tests.client import PASSWORD, SIGN_UP, Api, Json
from tests.conftest import Place
from tests.jobs.support import one, sql
from tests.schema.editing import ERRORS, call, refused
from tests.schema.test_isolation import add_user, token
from tests.schema.test_system import everywhere
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("worker")
SIGN_IN = f"mutation($input: SignInInput!) {{ signIn(input: $input) {{ accessToken {ERRORS} }} }}"
ACCEPT = (
    "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken refreshToken "
    f"viewer {{ role permissions user {{ id email firstName emailVerifiedAt }} account {{ id }} }} {ERRORS} }} }}"
)
INVITATION = f"invitation {{ id email role expiresAt acceptedAt revokedAt }} {ERRORS}"


async def letter(place: Place, to: str, number: int = 1, about: str = "") -> Json:
    """The newest of so many letters to an address, whose subjects begin so."""

    async def letters() -> list[tuple[float, Any]]:
        found = []
        for path in (place.data / "outbox").glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            if message["To"] == to and message["Subject"].startswith(about):
                found.append((path.stat().st_mtime, message))
        return sorted(found, key=lambda each: each[0])

    async def came() -> bool:
        found[:] = await letters()
        return len(found) >= number

    found: list[tuple[float, Any]] = []
    await until(came)
    message = found[-1][1]
    text = message.get_content()
    link = re.search(r"https?://\S+token=(\S+)", text)
    return {
        "subject": message["Subject"], "text": text, "token": link and link[1], "id": message["Message-ID"],
    }  # fmt: skip


def fresh(name: str) -> str:
    return f"{name}{datetime.now(UTC).timestamp():.6f}@example.com"


async def invited(owner: Api, address: str, role: str = "EDITOR", **more: Any) -> Json:
    payload = await call(owner, "inviteUser", INVITATION, input={"email": address, "role": role, **more})
    assert payload["userErrors"] == []
    return dict(payload["invitation"])


async def test_somebody_is_invited_joins_and_sees_what_was_granted(owner: Api, api: Api, place: Place) -> None:
    site, other, address = await owner.site(), await owner.site("Tea"), fresh("Ann")
    made = await invited(owner, f" {address.upper()} ", siteIds=[site])
    assert (made["email"], made["role"], made["acceptedAt"]) == (address.lower(), "EDITOR", None)
    found = await letter(place, address.lower())
    assert "invites you to Test account" in found["subject"]
    page = await api.http.get(f"{api.url}/accept-invitation?token={found['token']}")
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    assert "acceptInvitation" in page.text
    given = {"token": found["token"], "password": "another good one", "firstName": "Ann"}
    joined = await api.one(ACCEPT, input=given)
    assert joined["viewer"]["role"] == "EDITOR"
    assert joined["viewer"]["account"]["id"] == owner.account_id
    user = joined["viewer"]["user"]
    assert (user["firstName"], bool(user["emailVerifiedAt"])) == ("Ann", True)
    api.token = joined["accessToken"]
    assert [s["id"] for s in (await api.one("{ sites { nodes { id } } }"))["nodes"]] == [site]
    again = await api.one(ACCEPT, input=given)
    assert (again["userErrors"][0]["code"], again["userErrors"][0]["field"]) == ("CONFLICT", ["input", "token"])

    await call(owner, "grantSiteAccess", ERRORS, input={"userId": user["id"], "siteIds": [other]})
    assert (await api.one("{ sites { totalCount } }")) == {"totalCount": 2}
    await call(owner, "revokeSiteAccess", ERRORS, input={"userId": user["id"], "siteIds": [site]})
    assert [s["id"] for s in (await api.one("{ sites { nodes { id } } }"))["nodes"]] == [other]

    await call(owner, "setRole", ERRORS, input={"userId": user["id"], "role": "VIEWER"})
    assert (await api.errors("{ sites { totalCount } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"
    signed_in = await api.one(SIGN_IN, input={"email": address, "password": "another good one"})
    api.token = signed_in["accessToken"]
    assert await api.one("{ viewer { role } }") == {"role": "VIEWER"}
    await call(owner, "updateUser", ERRORS, id=user["id"], input={"isActive": False})
    assert (await api.errors("{ sites { totalCount } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"
    closed = await api.one(SIGN_IN, input={"email": address, "password": "another good one"})
    assert closed["userErrors"][0]["code"] == "UNAUTHENTICATED"
    gone = await call(owner, "deleteUsers", f"deletedIds {ERRORS}", ids=[user["id"]])
    assert gone["deletedIds"] == [user["id"]]
    events = await owner.one("{ account { auditEvents(last: 100) { nodes { action } } } }")
    assert {"setRole", "updateUser", "deleteUsers"} <= {event["action"] for event in events["auditEvents"]["nodes"]}


async def test_invitations_are_resent_revoked_and_limited(owner: Api, api: Api, place: Place) -> None:
    address = fresh("bob")
    made = await invited(owner, address)
    twice = await refused(owner, "inviteUser", input={"email": address, "role": "VIEWER"})
    assert (twice["code"], twice["field"]) == ("CONFLICT", ["input", "email"])
    first = await letter(place, address)
    resent = await owner.one(f"mutation($id: ID!) {{ resendInvitation(id: $id) {{ {ERRORS} }} }}", id=made["id"])
    assert resent["userErrors"] == []
    second = await letter(place, address, 2)
    assert first["id"] != second["id"]
    await invited(owner, fresh("carl"))
    full = await refused(owner, "inviteUser", input={"email": fresh("dora"), "role": "VIEWER"})
    assert full["code"] == "LIMIT_REACHED"
    query = f"mutation($ids: [ID!]!) {{ revokeInvitations(ids: $ids) {{ revokedIds {ERRORS} }} }}"
    assert (await owner.one(query, ids=[made["id"]]))["revokedIds"] == [made["id"]]
    for token_ in (first["token"], second["token"], "nonsense", first["token"][:-3]):
        void = await api.one(ACCEPT, input={"token": token_, "password": PASSWORD})
        assert void["userErrors"][0]["field"] == ["input", "token"]
    await invited(owner, fresh("dora"))
    for role in ("OWNER", "DEVELOPER", "SYSTEM_BOT"):
        error = await refused(owner, "inviteUser", input={"email": fresh("e"), "role": role})
        assert error["field"] == ["input", "role"]


async def test_so_many_letters_go_out_for_an_account_within_a_day(
    owner: Api, api: Api, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each kind: who invites and revokes sends all the same, and strangers use up what is theirs alone."""
    sent = "select count(*) from job where kind = 'SEND_MAIL' and account_id = %s and params ->> 'mail' = %s"
    for kind in (MailKind.INVITATION, MailKind.RESET_PASSWORD, MailKind.CHANGE_EMAIL):
        monkeypatch.setitem(A_DAY, kind, 2)
    account = UUID(owner.account_id[4:])
    made = [await invited(owner, fresh("gina"))]
    await call(owner, "revokeInvitations", f"revokedIds {ERRORS}", ids=[made[0]["id"]])
    made += [await invited(owner, fresh("hugo"))]
    again = await refused(owner, "resendInvitation", id=made[1]["id"])
    assert (again["code"], again["field"]) == ("LIMIT_REACHED", ["id"])
    await call(owner, "revokeInvitations", f"revokedIds {ERRORS}", ids=[made[1]["id"]])
    more = await refused(owner, "inviteUser", input={"email": fresh("ines"), "role": "VIEWER"})
    assert (more["code"], more["field"]) == ("LIMIT_REACHED", ["input", "email"])
    assert one(place, sent, account, "INVITATION") == 2
    assert one(place, "select count(*) from invitation where account_id = %s", account) == 2

    ask = f"mutation($input: RequestPasswordResetInput!) {{ requestPasswordReset(input: $input) {{ done {ERRORS} }} }}"
    for _ in range(3):
        assert await api.one(ask, input={"email": owner.email}) == {"done": True, "userErrors": []}
    assert one(place, sent, account, "RESET_PASSWORD") == 2
    for number in range(3):
        given = {"email": fresh(f"new{number}"), "password": PASSWORD}
        changed = await call(owner, "requestEmailChange", f"done {ERRORS}", input=given)
        assert [error["code"] for error in changed["userErrors"]] == ["LIMIT_REACHED"] * (number == 2)
    sql(place, "update job set created_at = created_at - interval '1 day' where account_id = %s", account)
    await invited(owner, fresh("jane"))


async def test_names_lead_nowhere_from_a_letter(owner: Api, place: Place) -> None:
    """Also those that are older than the rule for them."""
    told = await refused(owner, "updateAccount", input={"name": "Win at evil.example"})
    assert (told["code"], told["field"]) == ("BAD_INPUT", ["input", "name"])
    for name in ("firstName", "lastName"):
        told = await refused(owner, "updateProfile", input={name: "evil.example/x"})
        assert told["field"] == ["input", name]
    old = "Win at https://evil.example/x"
    sql(place, "update account set name = %s where id = %s", old, UUID(owner.account_id[4:]))
    kept = await call(owner, "updateAccount", ERRORS, input={"name": old, "defaultCountry": "DE"})
    assert kept["userErrors"] == []
    await invited(owner, address := fresh("kurt"))
    found = await letter(place, address)
    assert found["subject"] == f"{owner.email} invites you to Win at https: evil. example x"
    (ours,) = re.findall(r"\S*//\S*", found["text"])
    assert ours.endswith(f"/accept-invitation?token={found['token']}")
    assert "Win at https: evil. example x." in found["text"]


async def test_an_invitation_to_who_is_elsewhere_ends_in_a_conflict(owner: Api, api: Api, place: Place) -> None:
    await api.sign_up()
    await invited(owner, api.email)
    found = await letter(place, api.email)
    refused_ = await api.one(ACCEPT, input={"token": found["token"], "password": PASSWORD})
    assert refused_["userErrors"][0]["code"] == "CONFLICT"
    assert one(place, "select count(*) from invitation where accepted_at is null and email = %s", api.email) == 1


async def test_two_who_accept_at_once_are_one(owner: Api, api: Api, place: Place) -> None:
    address = fresh("fay")
    await invited(owner, address)
    given = {"token": (await letter(place, address))["token"], "password": PASSWORD}
    answers = await asyncio.gather(*(api.one(ACCEPT, input=given) for _ in range(4)))
    assert sum(answer["accessToken"] is not None for answer in answers) == 1
    assert one(place, "select count(*) from app_user where email = %s", address) == 1


async def test_nobody_locks_themselves_or_the_owner_out(owner: Api, place: Place) -> None:
    account = UUID(owner.account_id[4:])
    admin_id = add_user(place, account, Role.ADMIN)
    async with Api(owner.url, token(place, admin_id)) as admin:
        for api, target in ((owner, owner.user_id), (admin, owner.user_id), (admin, f"usr_{admin_id}")):
            role = await refused(api, "setRole", input={"userId": target, "role": "VIEWER"})
            assert (role["code"], role["field"]) == ("BAD_INPUT", ["input", "userId"])
            assert (await refused(api, "updateUser", id=target, input={"isActive": False}))["code"] == "BAD_INPUT"
            assert (await refused(api, "deleteUsers", ids=[target]))["code"] == "BAD_INPUT"
        not_owner = await refused(admin, "transferOwnership", input={"userId": f"usr_{admin_id}"})
        assert not_owner["code"] == "CONFLICT"
        done = await call(owner, "transferOwnership", f"done {ERRORS}", input={"userId": f"usr_{admin_id}"})
        assert done["done"] is True
    roles = dict(sql(place, "select id, role from app_user where account_id = %s", account))
    assert (roles[admin_id], roles[UUID(owner.user_id[4:])]) == ("OWNER", "ADMIN")


async def test_a_forgotten_password_is_replaced_once_by_letter(owner: Api, api: Api, place: Place) -> None:
    ask = f"mutation($input: RequestPasswordResetInput!) {{ requestPasswordReset(input: $input) {{ done {ERRORS} }} }}"
    reset = f"mutation($input: ResetPasswordInput!) {{ resetPassword(input: $input) {{ done {ERRORS} }} }}"
    known, times = [], []
    for address in (owner.email, fresh("nobody")):
        started = asyncio.get_running_loop().time()
        known.append(await api.one(ask, input={"email": address}))
        times.append(asyncio.get_running_loop().time() - started)
    assert known[0] == known[1] == {"done": True, "userErrors": []}
    assert abs(times[0] - times[1]) < 0.2
    found = await letter(place, owner.email)
    weak = await api.one(reset, input={"token": found["token"], "password": "short"})
    assert weak["userErrors"][0]["field"] == ["input", "password"]
    new = "a better password"
    assert (await api.one(reset, input={"token": found["token"], "password": new}))["done"] is True
    again = await api.one(reset, input={"token": found["token"], "password": "one more password"})
    assert again["userErrors"][0]["field"] == ["input", "token"]
    assert (await owner.errors("{ viewer { role } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await api.one(SIGN_IN, input={"email": owner.email, "password": PASSWORD}))["accessToken"] is None
    assert (await api.one(SIGN_IN, input={"email": owner.email, "password": new}))["accessToken"]
    assert found["token"] not in str(sql(place, "select params::text from job"))


async def test_a_new_password_ends_api_keys_as_it_is_told(owner: Api, api: Api, place: Place) -> None:
    change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { done } }"
    reset = f"mutation($input: ResetPasswordInput!) {{ resetPassword(input: $input) {{ done {ERRORS} }} }}"
    ask = f"mutation($input: RequestPasswordResetInput!) {{ requestPasswordReset(input: $input) {{ done {ERRORS} }} }}"

    async def works(key: str) -> bool:
        async with Api(owner.url, key) as script:
            return not await script.errors("{ sites { totalCount } }")

    async def made() -> str:
        payload = await call(owner, "createApiKey", API_KEY, input={"name": "k", "permissions": ["READ"]})
        return str(payload["key"])

    async def renewed(number: int, password: str, **more: Any) -> None:
        await api.one(ask, input={"email": owner.email})
        found = await letter(place, owner.email, number)
        assert (await api.one(reset, input={"token": found["token"], "password": password, **more}))["done"] is True
        owner.token = (await api.one(SIGN_IN, input={"email": owner.email, "password": password}))["accessToken"]

    colleague = add_user(place, UUID(owner.account_id[4:]), Role.ADMIN)
    async with Api(owner.url, token(place, colleague)) as other:
        theirs = (await call(other, "createApiKey", API_KEY, input={"name": "o", "permissions": ["READ"]}))["key"]
    key = await made()
    await owner.one(change, input={"currentPassword": PASSWORD, "newPassword": "a second password"})
    assert await works(key)
    ended = {"currentPassword": "a second password", "newPassword": "a third password", "revokeApiKeys": True}
    await owner.one(change, input=ended)
    assert not await works(key)

    key = await made()
    await renewed(1, "a fourth password", revokeApiKeys=False)
    assert await works(key)
    second = await made()
    await renewed(2, "a fifth password")
    assert [await works(each) for each in (key, second, theirs)] == [False, False, True]
    revoked = "select count(*) from api_key where user_id = %s and revoked_at is not null"
    assert one(place, revoked, owner.user_id[4:]) == 3
    events = (
        "select after ->> 'apiKeysEnded' from audit_event where action = 'resetPassword' and actor_id = %s order by id"
    )
    assert [n for (n,) in sql(place, events, owner.user_id[4:])] == ["0", "2"]


async def test_an_address_is_confirmed_by_letter(owner: Api, api: Api, place: Place) -> None:
    assert (await owner.one(f"mutation {{ requestEmailVerification {{ done {ERRORS} }} }}"))["done"] is True
    found = await letter(place, owner.email)
    verify = f"mutation($input: VerifyEmailInput!) {{ verifyEmail(input: $input) {{ done {ERRORS} }} }}"
    reset = f"mutation($input: ResetPasswordInput!) {{ resetPassword(input: $input) {{ done {ERRORS} }} }}"
    wrong = await api.one(reset, input={"token": found["token"], "password": PASSWORD})
    assert wrong["userErrors"][0]["field"] == ["input", "token"], "a letter is good for what it is about"
    assert (await api.one(verify, input={"token": found["token"]}))["done"] is True
    viewer = await owner.one("{ viewer { user { emailVerifiedAt } } }")
    assert viewer["user"]["emailVerifiedAt"]
    twice = await owner.one(f"mutation {{ requestEmailVerification {{ done {ERRORS} }} }}")
    assert twice["userErrors"][0]["code"] == "CONFLICT"


async def test_where_a_letter_comes_first_no_answer_tells_whose_addresses_have_accounts(
    owner: Api, api: Api, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.auth.service.SIGN_UP_SECONDS", 0.5)
    sql(place, "update app_user set email_verified_at = now() where email = %s", owner.email)
    sql(place, "update system_settings set sign_up_by_letter = true")
    try:
        new = fresh("new")
        answers = []
        for address in (new, owner.email, new):
            begun = time.monotonic()
            given = {"accountName": "Mine", "email": address, "password": PASSWORD}
            answers.append(await api.one(SIGN_UP, input=given))
            assert time.monotonic() - begun >= 0.5
        assert answers[0] == answers[1] == answers[2]
        assert (answers[0]["accessToken"], answers[0]["viewer"], answers[0]["userErrors"]) == (None, None, [])
        assert sql(place, "select count(*) from account where name = 'Mine'") == [(1,)]

        told = await letter(place, owner.email)
        assert (told["subject"], told["token"]) == ("You have an account already", None)
        assert (await api.one(SIGN_IN, input={"email": owner.email, "password": PASSWORD}))["accessToken"]

        early = await api.errors(SIGN_IN, input={"email": new, "password": PASSWORD})
        assert [error["extensions"]["code"] for error in early] == ["FORBIDDEN"]
        wrong = (await api.one(SIGN_IN, input={"email": new, "password": "not the password"}))["userErrors"]
        assert [error["code"] for error in wrong] == ["UNAUTHENTICATED"], "of the letter only who knows it is told"
        verify = f"mutation($input: VerifyEmailInput!) {{ verifyEmail(input: $input) {{ done {ERRORS} }} }}"
        found = await letter(place, new, about="Confirm")
        assert (await api.one(verify, input={"token": found["token"]}))["done"] is True
        assert (await api.one(SIGN_IN, input={"email": new, "password": PASSWORD}))["accessToken"]

        again = {"accountName": "Mine", "email": owner.email, "password": PASSWORD}
        limited = [await api.errors(SIGN_UP, input=again) for _ in range(3)]
        assert limited[-1][0]["extensions"]["code"] == "RATE_LIMITED", "nobody's mailbox is filled"
    finally:
        sql(place, "update system_settings set sign_up_by_letter = null")


async def test_an_address_is_changed_by_who_reads_the_new_one(owner: Api, api: Api, place: Place) -> None:
    new = fresh("changed")
    ask = f"mutation($input: RequestEmailChangeInput!) {{ requestEmailChange(input: $input) {{ done {ERRORS} }} }}"
    change = f"mutation($input: ChangeEmailInput!) {{ changeEmail(input: $input) {{ done {ERRORS} }} }}"
    for given, field in (
        ({"email": new, "password": "not it"}, "password"),
        ({"email": "no address", "password": PASSWORD}, "email"),
        ({"email": owner.email.upper(), "password": PASSWORD}, "email"),
    ):
        assert (await owner.one(ask, input=given))["userErrors"][0]["field"] == ["input", field]
    assert (await owner.one(ask, input={"email": new, "password": PASSWORD}))["done"] is True
    found = await letter(place, new)
    assert owner.email in found["text"]
    assert (await owner.one("{ viewer { user { email } } }"))["user"]["email"] == owner.email, "not before it is read"

    assert (await api.one(change, input={"token": found["token"]}))["done"] is True
    user = (await owner.one("{ viewer { user { email emailVerifiedAt } } }"))["user"]
    assert user["email"] == new
    assert user["emailVerifiedAt"]
    told = await letter(place, owner.email)
    assert (told["subject"], told["token"]) == ("Your e-mail address was changed", None)
    assert new in told["text"]
    assert (await api.one(SIGN_IN, input={"email": new, "password": PASSWORD}))["accessToken"]
    assert (await api.one(SIGN_IN, input={"email": owner.email, "password": PASSWORD}))["accessToken"] is None
    again = await api.one(change, input={"token": found["token"]})
    assert again["userErrors"][0]["field"] == ["input", "token"], "once a link"
    assert sql(place, "select after->>'email' from audit_event where action = 'changeEmail'") == [(new,)]


async def test_an_address_of_somebody_else_is_not_taken_and_not_told(owner: Api, api: Api, place: Place) -> None:
    ask = f"mutation($input: RequestEmailChangeInput!) {{ requestEmailChange(input: $input) {{ done {ERRORS} }} }}"
    change = f"mutation($input: ChangeEmailInput!) {{ changeEmail(input: $input) {{ done {ERRORS} }} }}"
    async with Api(owner.url) as other:
        await other.sign_up()
        asked = await owner.one(ask, input={"email": other.email, "password": PASSWORD})
        assert asked == {"done": True, "userErrors": []}
        found = await letter(place, other.email)
        taken = await api.one(change, input={"token": found["token"]})
        assert taken["userErrors"][0]["code"] == "CONFLICT"
        assert (await owner.one("{ viewer { user { email } } }"))["user"]["email"] == owner.email
        assert (await other.one("{ viewer { user { email } } }"))["user"]["email"] == other.email


async def test_a_changed_password_ends_the_other_sessions(owner: Api, place: Place) -> None:
    async with Api(owner.url, token(place, UUID(owner.user_id[4:]))) as elsewhere:
        assert (await owner.one("{ sessions { totalCount } }")) == {"totalCount": 2}
        wrong = await refused(
            owner, "changePassword", input={"currentPassword": "no such thing", "newPassword": "a new password"}
        )
        assert wrong["field"] == ["input", "currentPassword"]
        assert await elsewhere.one("{ viewer { role } }") == {"role": "OWNER"}
        payload = await call(
            owner, "changePassword", ERRORS, input={"currentPassword": PASSWORD, "newPassword": "a new password"}
        )
        assert payload["userErrors"] == []
        assert (await elsewhere.errors("{ viewer { role account { id } } }"))[0]["extensions"]["code"] == (
            "UNAUTHENTICATED"
        )
    assert await owner.one("{ viewer { role } }") == {"role": "OWNER"}


async def test_sessions_are_listed_and_ended_by_their_user_alone(owner: Api, place: Place) -> None:
    me, account = UUID(owner.user_id[4:]), UUID(owner.account_id[4:])
    colleague = add_user(place, account, Role.ADMIN)
    async with Api(owner.url, token(place, me)) as second, Api(owner.url, token(place, colleague)) as other:
        current = (await owner.one("{ viewer { session { id isApiKey } } }"))["session"]["id"]
        mine = [s["id"] for s in (await owner.one("{ sessions { nodes { id revokedAt } } }"))["nodes"]]
        assert len(mine) == 2
        (theirs,) = (s["id"] for s in (await other.one("{ sessions { nodes { id } } }"))["nodes"])
        query = f"mutation($ids: [ID!]!) {{ revokeSessions(ids: $ids) {{ revokedIds {ERRORS} }} }}"
        foreign = await owner.one(query, ids=[theirs])
        assert foreign["userErrors"][0]["code"] == "NOT_FOUND"
        (elsewhere,) = (id for id in mine if id != current)
        assert (await owner.one(query, ids=[elsewhere]))["revokedIds"] == [elsewhere]
        assert (await second.errors("{ account { id } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"
    async with Api(owner.url, token(place, me)) as third:
        ended = await owner.one(f"mutation {{ revokeOtherSessions {{ revokedIds {ERRORS} }} }}")
        assert len(ended["revokedIds"]) == 1
        assert (await third.errors("{ account { id } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"


API_KEY = f"apiKey {{ id name prefix permissions lastUsedAt expiresAt revokedAt }} key {ERRORS}"


async def test_an_api_key_does_what_it_may_until_it_is_revoked(owner: Api, place: Place) -> None:
    site = await owner.site()
    made = await call(owner, "createApiKey", API_KEY, input={"name": "Script", "permissions": ["READ", "PLAN", "READ"]})
    key, id = made["key"], made["apiKey"]["id"]
    assert key.startswith("igny8_")
    assert key.startswith(made["apiKey"]["prefix"])
    assert made["apiKey"]["permissions"] == ["PLAN", "READ"]
    assert key not in str(sql(place, "select a::text from api_key a union all select s::text from user_session s"))
    async with Api(owner.url, key) as script:
        assert (await script.one("{ viewer { permissions } }"))["permissions"] == ["PLAN", "READ"]
        assert [s["id"] for s in (await script.one("{ sites { nodes { id } } }"))["nodes"]] == [site]
        refused_ = await script.errors(
            "mutation($i: CreateSectorInput!) { createSector(input: $i) { userErrors { code } } }",
            i={"siteId": site, "name": "x"},
        )
        assert refused_[0]["extensions"]["code"] == "FORBIDDEN"
        async with script.socket():
            pass
        change = {"currentPassword": PASSWORD, "newPassword": "a new password"}
        not_a_person = await script.errors(
            "mutation($i: ChangePasswordInput!) { changePassword(input: $i) { done } }", i=change
        )
        assert not_a_person[0]["extensions"]["code"] == "FORBIDDEN"
        used = await owner.one("{ apiKeys { nodes { name lastUsedAt } } }")
        assert used["nodes"][0]["lastUsedAt"]
        query = f"mutation($ids: [ID!]!) {{ revokeApiKeys(ids: $ids) {{ revokedIds {ERRORS} }} }}"
        assert (await owner.one(query, ids=[id]))["revokedIds"] == [id]
        assert (await script.errors("{ sites { totalCount } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"
    for wrong in ("igny8_nonsense", key[:-1], "igny8_" + "x" * 1000):
        async with Api(owner.url, wrong) as stranger:
            assert (await stranger.errors("{ sites { totalCount } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_api_key_may_not_do_more_than_its_maker(owner: Api, place: Place) -> None:
    beyond = await refused(owner, "createApiKey", input={"name": "x", "permissions": ["STAFF"]})
    assert beyond["field"] == ["input", "permissions"]
    assert (await refused(owner, "createApiKey", input={"name": "x", "permissions": []}))["code"] == "BAD_INPUT"
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    late = await refused(owner, "createApiKey", input={"name": "x", "permissions": ["READ"], "expiresAt": past})
    assert late["field"] == ["input", "expiresAt"]
    small = await call(owner, "createApiKey", API_KEY, input={"name": "s", "permissions": ["READ", "MANAGE_ACCOUNT"]})
    async with Api(owner.url, small["key"]) as script:
        for query in (
            'mutation { createApiKey(input: {name: "x", permissions: [READ]}) { key } }',
            'mutation { cancelAccount(input: {accountName: "x"}) { done } }',
            "mutation { revokeOtherSessions { revokedIds } }",
            "mutation { signOut { done } }",
            'mutation { updateProfile(input: {firstName: "x"}) { userErrors { code } } }',
        ):
            assert (await script.errors(query))[0]["extensions"]["code"] == "FORBIDDEN", query
    people = await call(owner, "createApiKey", API_KEY, input={"name": "p", "permissions": ["READ", "MANAGE_USERS"]})
    async with Api(owner.url, people["key"]) as script:
        error = await refused(script, "inviteUser", input={"email": fresh("mole"), "role": "ADMIN"})
        assert (error["field"], "more than you may" in error["message"]) == (["input", "role"], True)


async def test_staff_acts_in_a_tenants_account_on_record(owner: Api, place: Place) -> None:
    async with Api(owner.url) as staff:
        await staff.sign_up("Staff")
        sql(place, "update app_user set role = 'DEVELOPER' where email = %s", staff.email)
        staff.token = token(place, UUID(staff.user_id[4:]))
        found = await staff.one(
            "query($s: String!) { accountSummaries(search: $s) { accountId plan balance users } }",
            s=owner.email,
        )
        assert [(f["accountId"], f["plan"], f["balance"], f["users"]) for f in found] == [
            (owner.account_id, "Trial", 500, 1)
        ]
        assert await staff.one("query($s: String!) { accountSummaries(search: $s) { name } }", s="no such%") == []
        target = {"accountId": owner.account_id, "reason": "a goodwill"}
        done = await call(staff, "adjustCredits", f"done {ERRORS}", input={**target, "amount": 250})
        assert done["done"]
        again = {**target, "amount": -50, "idempotencyKey": "once"}
        both = [call(staff, "adjustCredits", ERRORS, input=again) for _ in range(2)]
        assert [answer["userErrors"] for answer in await asyncio.gather(*both)] == [[], []]
        assert (await refused(staff, "adjustCredits", input={**again, "amount": -51}))["code"] == "CONFLICT"
        await call(staff, "adjustCredits", ERRORS, input={**target, "amount": 50})
        assert await owner.one("{ account { credits { balance } } }") == {"credits": {"balance": 750}}
        assert (await refused(staff, "adjustCredits", input={**target, "amount": -751}))["code"] == "OUT_OF_CREDITS"
        assert (await refused(staff, "adjustCredits", input={**target, "amount": 0}))["field"] == ["input", "amount"]
        silent = await refused(staff, "adjustCredits", input={**target, "amount": 1, "reason": " "})
        assert silent["field"] == ["input", "reason"]
        plans = {p["slug"]: p["id"] for p in await staff.one("{ plans { id slug } }")}
        await call(staff, "setAccountPlan", ERRORS, input={**target, "planId": plans["growth"]})
        await call(staff, "setAccountStatus", ERRORS, input={**target, "status": "SUSPENDED"})
        assert await owner.one("{ account { status plan { slug } credits { balance } } }") == {
            "status": "SUSPENDED", "plan": {"slug": "growth"}, "credits": {"balance": 750},
        }  # fmt: skip
        errors = await owner.errors(
            "mutation($i: CreateSiteInput!) { createSite(input: $i) { userErrors { code } } }", i={"name": "x"}
        )
        assert errors[0]["extensions"]["code"] == "FORBIDDEN"
        await call(staff, "setAccountStatus", ERRORS, input={**target, "status": "ACTIVE"})
        events = await owner.one("{ account { auditEvents(first: 100) { nodes { action after } } } }")
        told = [e["action"] for e in events["auditEvents"]["nodes"] if (e["after"] or {}).get("reason") == "a goodwill"]
        assert told == [*["adjustCredits"] * 3, "setAccountPlan", "setAccountStatus", "setAccountStatus"]
        made = await call(
            staff, "createPlan", f"plan {{ id maxSites effectiveCreditsPerMonth }} {ERRORS}",
            input={"name": "Odd", "slug": "odd", "maxSites": 1, "creditsPerMonth": 5, "includedCredits": 7},
        )  # fmt: skip
        assert (made["plan"]["maxSites"], made["plan"]["effectiveCreditsPerMonth"]) == (1, 7)
        bad = await refused(staff, "updatePlan", id=made["plan"]["id"], input={"maxKeywords": -1})
        assert bad["field"] == ["input", "maxKeywords"]
        changed = await call(
            staff, "updatePlan", f"plan {{ maxSites }} {ERRORS}", id=made["plan"]["id"], input={"maxSites": None}
        )
        assert changed["plan"] == {"maxSites": None}
        for size in (500_000_000_000, 2**53 - 1, 0, None):
            changed = await call(
                staff, "updatePlan", f"plan {{ maxStorageBytes }} {ERRORS}",
                id=made["plan"]["id"], input={"maxStorageBytes": size},
            )  # fmt: skip
            assert changed["plan"] == {"maxStorageBytes": size}
        for size in (2**53, -1):
            bad = await refused(staff, "updatePlan", id=made["plan"]["id"], input={"maxStorageBytes": size})
            assert bad["field"] == ["input", "maxStorageBytes"]


async def test_staff_keeps_the_industry_catalogue(owner: Api, place: Place) -> None:
    industry = f"industry {{ id name slug isActive sectors {{ name }} }} {ERRORS}"
    sector = f"industrySector {{ id name isActive industry {{ name }} }} {ERRORS}"
    async with Api(owner.url) as staff:
        await staff.sign_up("Staff")
        sql(place, "update app_user set role = 'DEVELOPER' where email = %s", staff.email)
        staff.token = token(place, UUID(staff.user_id[4:]))
        made = (await call(staff, "createIndustry", industry, input={"name": "Bee  Keeping", "description": "Hives"}))[
            "industry"
        ]
        assert (made["name"], made["slug"], made["isActive"]) == ("Bee Keeping", "bee-keeping", True)
        twice = await refused(staff, "createIndustry", input={"name": "bee keeping"})
        assert (twice["code"], twice["field"]) == ("CONFLICT", ["input", "name"])
        part = (await call(staff, "createIndustrySector", sector, input={"industryId": made["id"], "name": "Honey"}))[
            "industrySector"
        ]
        assert part["industry"] == {"name": "Bee Keeping"}
        site = await owner.one(
            "mutation($input: CreateSiteInput!) { createSite(input: $input) { site { id industry { name } } } }",
            input={"name": "Hives", "industryId": made["id"]},
        )
        for mutation, answer, id in (
            ("updateIndustrySector", sector, part["id"]),
            ("updateIndustry", industry, made["id"]),
        ):
            changed = await call(staff, mutation, answer, id=id, input={"isActive": False})
            assert changed["userErrors"] == []
    gone = await refused(owner, "createSite", input={"name": "More hives", "industryId": made["id"]})
    assert (gone["code"], gone["field"]) == ("NOT_FOUND", ["input", "industryId"])
    of_site = {"siteId": site["site"]["id"], "name": "Honey", "industrySectorId": part["id"]}
    assert (await refused(owner, "createSector", input=of_site))["field"] == ["input", "industrySectorId"]
    kept = await call(
        owner, "updateSite", f"site {{ industry {{ name }} }} {ERRORS}", id=site["site"]["id"],
        input={"name": "Hives", "industryId": made["id"]},
    )  # fmt: skip
    assert kept["site"] == {"industry": {"name": "Bee Keeping"}}, "what it is already it may stay"
    listed = {i["name"]: i for i in await owner.one("{ industries { name isActive sectors { name isActive } } }")}
    assert listed["Bee Keeping"] == {
        "name": "Bee Keeping", "isActive": False, "sectors": [{"name": "Honey", "isActive": False}],
    }  # fmt: skip


async def test_sites_are_archived_and_come_back(owner: Api) -> None:
    site = await owner.site()
    sector = await owner.sector(site)
    changed = await call(
        owner, "updateSite", f"site {{ name domain status version }} {ERRORS}", id=site,
        input={"name": "Better", "domain": "https://Better.example/x"},
    )  # fmt: skip
    assert (changed["site"]["name"], changed["site"]["domain"]) == ("Better", "better.example")
    gone = await call(owner, "deleteSites", f"deletedIds {ERRORS}", ids=[site])
    assert gone["deletedIds"] == [site]
    closed = await refused(owner, "createKeyword", input={"sectorId": sector, "keyword": "k"})
    assert (closed["code"], closed["field"]) == ("CONFLICT", ["input", "sectorId"])
    assert "archived" in closed["message"]
    archived = await refused(owner, "updateSector", id=sector, input={"isActive": True})
    assert (archived["code"], archived["field"]) == ("CONFLICT", ["id"])
    for given in ({"name": "Else"}, {"status": "INACTIVE"}, {"status": "ARCHIVED"}):
        kept = await refused(owner, "updateSite", id=site, input=given)
        assert (kept["code"], kept["field"]) == ("CONFLICT", ["id"])
    again = await call(owner, "deleteSites", f"deletedIds {ERRORS}", ids=[site])
    assert again["deletedIds"] == [site]
    back = await call(owner, "updateSite", f"site {{ status }} {ERRORS}", id=site, input={"status": "ACTIVE"})
    assert back["site"]["status"] == "ACTIVE"
    await call(owner, "updateSector", ERRORS, id=sector, input={"name": "Renamed"})
    await call(owner, "createKeyword", ERRORS, input={"sectorId": sector, "keyword": "k"})
    kept = await refused(owner, "deleteSectors", ids=[sector])
    assert "1 keyword;" in kept["message"]
    query = f"mutation($ids: [ID!]!) {{ deleteSectors(ids: $ids, input: {{cascade: true}}) {{ deletedIds {ERRORS} }} }}"
    assert (await owner.one(query, ids=[sector]))["deletedIds"] == [sector]


async def test_a_site_comes_back_with_the_sectors_that_it_went_with(owner: Api) -> None:
    site, other = await owner.site(), await owner.site("Tea")
    used, unused, third = [await owner.sector(site, name) for name in ("Used", "Unused", "Third")]
    elsewhere = await owner.sector(other)
    await call(owner, "updateSector", ERRORS, id=unused, input={"isActive": False})
    await call(owner, "updateSector", ERRORS, id=elsewhere, input={"isActive": False})
    query = "{ sectors { nodes { id isActive status } } }"

    async def active() -> set[str]:
        found = (await owner.one(query))["nodes"]
        assert all(sector["isActive"] is (sector["status"] == "ACTIVE") for sector in found)
        return {sector["id"] for sector in found if sector["isActive"]}

    for _ in range(2):
        await call(owner, "deleteSites", ERRORS, ids=[site, other])
        assert await active() == set()
        for each in (site, other):
            await call(owner, "updateSite", ERRORS, id=each, input={"status": "ACTIVE"})
        assert await active() == {used, third}
    await call(owner, "updateSector", ERRORS, id=third, input={"isActive": False})
    await call(owner, "deleteSites", ERRORS, ids=[site])
    await call(owner, "updateSite", ERRORS, id=site, input={"status": "ACTIVE"})
    assert await active() == {used}


async def test_what_is_archived_does_not_count_and_comes_back_where_there_is_room(owner: Api, place: Place) -> None:
    def allow(**most: int) -> None:
        columns = {f"max_{name}": most.get(name, 100) for name in ("sites", "keywords", "clusters", "content_ideas")}
        sets = ", ".join(f"{name} = {value}" for name, value in columns.items())
        sql(place, "insert into plan (name, slug) values ('Small', 'small') on conflict do nothing")
        sql(place, f"update plan set {sets} where slug = 'small'")
        change = "update account set plan_id = (select id from plan where slug = 'small') where id = %s"
        sql(place, change, owner.account_id[4:])

    async def used() -> dict[str, int]:
        limits = (await owner.one("{ account { limits { key used } } }"))["limits"]
        wanted = ("SITES", "KEYWORDS", "CLUSTERS", "CONTENT_IDEAS")
        return {each["key"]: each["used"] for each in limits if each["key"] in wanted}

    site, other = await owner.site(), await owner.site("Tea")
    sector, rest = await owner.sector(site), await owner.sector(other)
    await owner.import_text(sector, "one\ntwo\nthree")
    await owner.import_text(rest, "one")
    await call(owner, "createCluster", ERRORS, input={"sectorId": sector, "name": "c"})
    await call(owner, "createIdea", ERRORS, input={"sectorId": sector, "ideaTitle": "i"})
    assert await used() == {"SITES": 2, "KEYWORDS": 4, "CLUSTERS": 1, "CONTENT_IDEAS": 1}
    await call(owner, "deleteSites", ERRORS, ids=[site])
    assert await used() == {"SITES": 1, "KEYWORDS": 1, "CLUSTERS": 0, "CONTENT_IDEAS": 0}

    allow(keywords=3)
    assert (await owner.import_text(rest, "four\nfive"))["imported"] == 2, "the archived site's leave room"
    full: dict[str, int]
    for full in ({"sites": 1}, {"keywords": 5}, {"clusters": 0}, {"content_ideas": 0}):
        allow(**full)
        error = await refused(owner, "updateSite", id=site, input={"status": "ACTIVE", "name": "Back"})
        assert (error["code"], error["field"]) == ("LIMIT_REACHED", ["input", "status"]), full
    allow(sites=2, keywords=6, clusters=1, content_ideas=1)
    back = await call(owner, "updateSite", f"site {{ status }} {ERRORS}", id=site, input={"status": "ACTIVE"})
    assert back == {"site": {"status": "ACTIVE"}, "userErrors": []}
    assert await used() == {"SITES": 2, "KEYWORDS": 6, "CLUSTERS": 1, "CONTENT_IDEAS": 1}


async def test_what_was_archived_long_ago_is_purged(owner: Api, place: Place) -> None:
    site = await owner.site()
    sector = await owner.sector(site)
    task = await call(owner, "createTask", "task { id }", input={"sectorId": sector, "title": "t"})
    await call(owner, "createContent", ERRORS, input={"taskId": task["task"]["id"], "title": "c", "htmlContent": "x"})
    await call(owner, "deleteSites", ERRORS, ids=[site])
    sql(place, "update site set archived_at = now() - interval '31 days' where id = %s", site[5:])
    assert one(place, "select number from purge_archived() where what = 'sites'") == 1
    assert await owner.one("{ sites { totalCount } }") == {"totalCount": 0}


async def test_an_account_is_cancelled_by_its_owner_by_name(owner: Api) -> None:
    slip = await refused(owner, "cancelAccount", input={"accountName": "Other"})
    assert slip["field"] == ["input", "accountName"]
    renamed = await call(owner, "updateAccount", f"account {{ name }} {ERRORS}", input={"name": "New name"})
    assert renamed["account"] == {"name": "New name"}
    await call(owner, "cancelAccount", f"done {ERRORS}", input={"accountName": "New name"})
    assert (await owner.errors("{ account { id } }"))[0]["extensions"]["code"] == "FORBIDDEN"


def test_the_outbox_is_a_folder_of_letters(place: Place) -> None:
    assert all(path.suffix == ".eml" for path in Path(place.data / "outbox").iterdir())


async def test_everybody_has_a_name_of_their_own(owner: Api, place: Place) -> None:
    viewer = add_user(place, UUID(owner.account_id[4:]), Role.VIEWER)
    async with Api(owner.url, token(place, viewer)) as api:
        shown = f"user {{ firstName lastName }} {ERRORS}"
        payload = await call(api, "updateProfile", shown, input={"firstName": " Ann  Lee ", "lastName": None})
        assert payload["user"] == {"firstName": "Ann Lee", "lastName": ""}
        long = await refused(api, "updateProfile", input={"lastName": "x" * 101})
        assert (long["code"], long["field"]) == ("BAD_INPUT", ["input", "lastName"])


async def test_signing_in_within_an_operation_gives_no_right_that_its_user_has_not(owner: Api, place: Place) -> None:
    """Permissions are looked at before anything is done, and again when an operation changes who asks."""
    async with Api(owner.url) as mine:
        await mine.sign_up()
        address = fresh("viewer")
        await invited(owner, address, "VIEWER")
        given = {"token": (await letter(place, address))["token"], "password": PASSWORD}
        viewer = (await mine.one(ACCEPT, input=given))["viewer"]["user"]["id"]
        query = (
            "mutation($in: SignInInput!, $role: SetRoleInput!) { "
            "signIn(input: $in) { viewer { account { users { nodes { email } } } } } "
            "setRole(input: $role) { user { role } userErrors { code } } }"
        )
        both = {"in": {"email": address, "password": PASSWORD}, "role": {"userId": viewer, "role": "ADMIN"}}
        answer = await mine.answer(query, **both)
        assert owner.email not in str(answer)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert one(place, "select role from app_user where id = %s", viewer[4:]) == "VIEWER"


async def test_who_was_deactivated_comes_back_without_what_they_had(owner: Api, place: Place) -> None:
    colleague = add_user(place, UUID(owner.account_id[4:]), Role.ADMIN)
    async with Api(owner.url, token(place, colleague)) as admin:
        key = await call(admin, "createApiKey", API_KEY, input={"name": "k", "permissions": ["READ"]})
        made = await invited(admin, fresh("second"), "VIEWER")
        for active in (False, True):
            await call(owner, "updateUser", ERRORS, id=f"usr_{colleague}", input={"isActive": active})
        assert (await admin.errors("{ account { id } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"
    async with Api(owner.url, key["key"]) as script:
        assert (await script.errors("{ account { id } }"))[0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert one(place, "select revoked_at is not null from invitation where id = %s", made["id"][4:])


async def test_what_opens_a_door_is_kept_nowhere_in_clear(owner: Api, api: Api, place: Place) -> None:
    """Passwords, tokens, keys and links: not in PostgreSQL, not in Redis, not in what people are shown."""
    site = await owner.site()
    there = {"url": "https://example.com", "username": "ada", "appPassword": "a password of WordPress"}
    await call(owner, "createIntegration", ERRORS, input={"siteId": site, "name": "Blog", "wordPress": there})
    key = (await call(owner, "createApiKey", API_KEY, input={"name": "k", "permissions": ["READ"]}))["key"]
    async with Api(owner.url, key) as script:
        await script.one("{ sites { totalCount } }")
    address = fresh("guest")
    await invited(owner, address)
    link = (await letter(place, address))["token"]
    joined = await api.one(ACCEPT, input={"token": link, "password": "a password of a guest"})
    export = (await owner.one("{ exportKeywords(format: CSV) { url } }"))["url"].rsplit("/", 1)[1]
    secrets = {
        "password": "a password of a guest",
        "password of WordPress": "a password of WordPress",
        "access token": joined["accessToken"],
        "refresh token": joined["refreshToken"],
        "API key": key,
        "letter": link,
        "export": export,
    }
    shown = str(await owner.one(
        "{ account { auditEvents(first: 100) { nodes { action before after } } jobs { nodes { message error } } "
        "apiKeys { nodes { name prefix } } } }"
    ))  # fmt: skip
    with Redis.from_url(place.redis_url) as redis:
        kept = b"".join(part for name in redis.scan_iter() for part in (name, redis.dump(name) or b""))
    for what, secret in secrets.items():
        assert everywhere(place, secret) == [], what
        assert secret.encode() not in kept, what
        assert secret not in shown, what
    assert everywhere(place, address) != [], "the search finds what is there"


async def test_a_key_sent_again_shows_nothing_of_a_site_that_was_withdrawn(owner: Api, place: Place) -> None:
    site, user = await owner.site(), add_user(place, UUID(owner.account_id[4:]), Role.EDITOR)
    access = {"userId": f"usr_{user}", "siteIds": [site]}
    await call(owner, "grantSiteAccess", ERRORS, input=access)
    given = {"sectorId": await owner.sector(site), "title": "t", "htmlContent": "x", "idempotencyKey": "once"}
    async with Api(owner.url, token(place, user)) as editor:
        made = await call(editor, "createContent", f"content {{ id }} {ERRORS}", input=given)
        assert made["content"]
        assert await call(editor, "createContent", f"content {{ id }} {ERRORS}", input=given) == made
        await call(owner, "revokeSiteAccess", ERRORS, input=access)
        error = await refused(editor, "createContent", input=given)
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "idempotencyKey"])
