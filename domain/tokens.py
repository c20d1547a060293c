"""Access tokens (signed, short-lived) and refresh tokens (random, kept as hashes)."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from persistence.terms import MailKind, Permission, Role

T = TypeVar("T")

ACCESS_SECONDS = 15 * 60
REFRESH_DAYS = 30
ISSUER, LINK_ISSUER, MAIL_ISSUER = "igny8", "igny8/link", "igny8/mail"  # none is taken for another
LINK_SECONDS = 10 * 60
API_KEY_PREFIX = "igny8_"
KEPT = 4096  # tokens whose signature need not be checked again


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token speaks for; `expires_at` in Unix seconds. `permissions`: an API key's own, of those of its role."""

    session_id: UUID
    user_id: UUID
    account_id: UUID
    role: Role
    expires_at: int
    permissions: frozenset[Permission] | None = None

    @property
    def is_api_key(self) -> bool:
        return self.permissions is not None


@dataclass(frozen=True, slots=True)
class Letter:
    """What a link in a letter proves: its bearer reads the mail of an address. `state`: void once this has changed."""

    kind: MailKind
    subject: UUID
    email: str
    state: str = ""


class Tokens:
    """Signs with the first key, accepts any."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = [OctKey.import_key(hashlib.sha256(b"igny8 access tokens" + k.encode()).digest()) for k in keys]
        self._known: OrderedDict[str, Identity] = OrderedDict()

    def access(self, session_id: UUID, user_id: UUID, account_id: UUID, role: Role) -> str:
        return self._signed(ISSUER, Identity(session_id, user_id, account_id, role, _now() + ACCESS_SECONDS))

    def link(self, who: Identity, subject: UUID) -> tuple[str, datetime]:
        """A token for one thing alone, in the name of a session, and when it expires."""
        expires_at = _now() + LINK_SECONDS
        identity = Identity(who.session_id, who.user_id, who.account_id, who.role, expires_at)
        return self._signed(LINK_ISSUER, identity, to=str(subject)), datetime.fromtimestamp(expires_at, UTC)

    def _signed(self, issuer: str, who: Identity, **more: str) -> str:
        claims = {
            "iss": issuer,
            "iat": _now(),
            "exp": who.expires_at,
            "sub": str(who.user_id),
            "sid": str(who.session_id),
            "acc": str(who.account_id),
            "role": who.role.value,
            **more,
        }
        return jwt.encode({"alg": "HS256"}, claims, self._keys[0])

    def read(self, token: str) -> Identity | None:
        """None for a token that is not ours, was altered, or has expired."""
        known = self._known.get(token)
        if known is None:
            known = self._read(token, iss={"essential": True, "value": ISSUER})
            if known is None:
                return None
            self._known[token] = known
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return known if known.expires_at > time.time() else None

    def read_link(self, token: str, subject: UUID) -> Identity | None:
        """None as well for a link to something else."""
        to = {"essential": True, "value": str(subject)}
        return self._read(token, iss={"essential": True, "value": LINK_ISSUER}, to=to)

    def mail(self, letter: Letter, expires_at: datetime) -> str:
        claims = {
            "iss": MAIL_ISSUER,
            "exp": int(expires_at.timestamp()),
            "kind": letter.kind.value,
            "sub": str(letter.subject),
            "email": letter.email,
            "state": letter.state,
        }
        return jwt.encode({"alg": "HS256"}, claims, self._keys[0])

    def read_mail(self, token: str, kind: MailKind) -> Letter | None:
        """None as well for a letter about something else."""

        def letter(claims: dict[str, Any]) -> Letter:
            return Letter(MailKind(claims["kind"]), UUID(claims["sub"]), claims["email"], claims["state"])

        expected = {"iss": MAIL_ISSUER, "kind": kind.value}
        return self._claims(token, letter, **{n: {"essential": True, "value": v} for n, v in expected.items()})

    def _read(self, token: str, **expected: Any) -> Identity | None:
        def identity(claims: dict[str, Any]) -> Identity:
            session, user, account = (UUID(claims[name]) for name in ("sid", "sub", "acc"))
            return Identity(session, user, account, Role(claims["role"]), claims["exp"])

        return self._claims(token, identity, **expected)

    def _claims(self, token: str, make: Callable[[dict[str, Any]], T], **expected: Any) -> T | None:
        registry = jwt.JWTClaimsRegistry(exp={"essential": True}, **expected)
        for key in self._keys:
            try:
                claims = jwt.decode(token, key, algorithms=["HS256"]).claims
                registry.validate(claims)
                return make(claims)
            except (JoseError, ValueError, KeyError, TypeError, AttributeError):
                continue
        return None


def _now() -> int:
    return int(time.time())


def api_key() -> str:
    """Known by its beginning for what it is, also to who looks for leaked secrets."""
    return API_KEY_PREFIX + secrets.token_urlsafe(32)


def refresh_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
