"""Deliveries that their receiver can check: Standard Webhooks (https://www.standardwebhooks.com), version 1."""

import base64
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from domain.errors import bad_input

PREFIX, FEWEST, MOST = "whsec_", 24, 64  # bytes of a secret


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check_secret(text: str | None, *field: str) -> str:
    """`whsec_` and the padded standard base64 of 24 to 64 bytes; the prefix may be left out."""
    encoded = (text or "").strip().removeprefix(PREFIX)
    try:
        known = base64.b64decode(encoded, validate=True)
    except ValueError:
        known = b""
    if not FEWEST <= len(known) <= MOST:
        raise bad_input(f"Give whsec_ and the base64 of {FEWEST} to {MOST} random bytes.", *field)
    return PREFIX + encoded


def signature_headers(id: str, at: datetime, body: bytes, signing_secrets: Sequence[str]) -> dict[str, str]:
    """What goes with a delivery. `id` is the same for every attempt, `at` the time of this one; while a secret is
    being replaced there are two, and a signature by each.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", id):
        raise ValueError(f"“{id}” is no id of a delivery")
    timestamp = str(int(at.timestamp()))
    signed = f"{id}.{timestamp}.".encode() + body
    signatures = [f"v1,{_signature(secret, signed)}" for secret in signing_secrets]
    return {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
