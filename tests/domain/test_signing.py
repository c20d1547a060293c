"""Signatures are what the library of the standard takes, and nothing that was changed on the way passes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.errors import DomainError
from domain.signing import check_secret, new_secret, signature_headers

BODY = json.dumps({"title": 'Größe "x" \\ 👍', "n": 1}).encode()


def test_a_receiver_takes_what_was_signed() -> None:
    secret = new_secret()
    headers = signature_headers("msg_1", datetime.now(UTC), BODY, [secret])

    assert Webhook(secret).verify(BODY, headers) == json.loads(BODY)


def test_both_secrets_are_taken_while_one_is_replaced() -> None:
    old, new = new_secret(), new_secret()
    headers = signature_headers("msg_1", datetime.now(UTC), BODY, [new, old])

    for secret in (old, new):
        assert Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "webhook-signature"])
def test_what_was_changed_on_the_way_is_refused(changed: str) -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers, body = signature_headers("msg_1", now, BODY, [secret]), BODY
    if changed == "body":
        body += b" "
    elif changed == "webhook-timestamp":
        headers[changed] = str(int(now.timestamp()) + 1)
    else:
        headers[changed] = headers[changed][:-3] + "xyz"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_an_old_attempt_is_refused_and_the_same_id_signed_anew_is_taken() -> None:
    secret, now = new_secret(), datetime.now(UTC)
    old = signature_headers("msg_1", now - timedelta(minutes=6), BODY, [secret])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, old)
    again = signature_headers("msg_1", now, BODY, [secret])

    assert Webhook(secret).verify(BODY, again)
    assert (old["webhook-id"], old["webhook-signature"] == again["webhook-signature"]) == ("msg_1", False)


def test_secrets_are_checked() -> None:
    secret = new_secret()
    assert check_secret(f" {secret} ", "secret") == check_secret(secret.removeprefix("whsec_"), "secret") == secret
    for text in (None, "", "whsec_", "short", "whsec_" + "A" * 20, "whsec_" + "A" * 200, secret.rstrip("=") + "!"):
        with pytest.raises(DomainError) as refused:
            check_secret(text, "input", "secret")
        assert refused.value.field == ("input", "secret")
    with pytest.raises(ValueError, match="no id"):
        signature_headers("a.b", datetime.now(UTC), BODY, [secret])
