"""Access tokens (signed, short-lived) and refresh tokens (random, kept as hashes)."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from persistence.terms import Role

ACCESS_SECONDS = 15 * 60
REFRESH_DAYS = 30
ISSUER = "igny8"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token speaks for; `expires_at` in Unix seconds."""

    session_id: UUID
    user_id: UUID
    account_id: UUID
    role: Role
    expires_at: int


class Tokens:
    """Signs with the first key, accepts any."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = [OctKey.import_key(hashlib.sha256(b"igny8 access tokens" + k.encode()).digest()) for k in keys]
        self._claims = jwt.JWTClaimsRegistry(iss={"essential": True, "value": ISSUER}, exp={"essential": True})

    def access(self, session_id: UUID, user_id: UUID, account_id: UUID, role: Role) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "iat": now,
            "exp": now + ACCESS_SECONDS,
            "sub": str(user_id),
            "sid": str(session_id),
            "acc": str(account_id),
            "role": role.value,
        }
        return jwt.encode({"alg": "HS256"}, claims, self._keys[0])

    def read(self, token: str) -> Identity | None:
        """None for a token that is not ours, was altered, or has expired."""
        for key in self._keys:
            try:
                claims = jwt.decode(token, key, algorithms=["HS256"]).claims
                self._claims.validate(claims)
                return Identity(
                    UUID(claims["sid"]), UUID(claims["sub"]), UUID(claims["acc"]), Role(claims["role"]), claims["exp"]
                )
            except (JoseError, ValueError, KeyError, TypeError, AttributeError):
                continue
        return None


def refresh_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
