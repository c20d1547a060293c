"""What Ghost is shown for a key: a token of five minutes, made for each request."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from joserfc import jwt
from joserfc.jwk import OctKey

from domain.destinations import DestinationError

SECONDS = 5 * 60  # Ghost takes none that was made longer ago
MALFORMED = "The Admin API key is not of the form id:secret."
COPY = "Copy the Admin API key of a custom integration there, under Settings → Integrations, whole."


@dataclass(frozen=True, slots=True)
class AdminKey:
    """`id` names it, `secret` signs."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str | None) -> "AdminKey":
        """DestinationError for what is no key."""
        id, _, digits = (text or "").partition(":")
        try:
            secret = bytes.fromhex(digits)
        except ValueError:
            secret = b""
        if not id or len(secret) < 16:
            raise DestinationError(MALFORMED, COPY, code="key_malformed")
        return cls(id, secret)

    def token(self) -> str:
        made = int(now().timestamp())
        header = {"alg": "HS256", "typ": "JWT", "kid": self.id}
        return jwt.encode(
            header, {"iat": made, "exp": made + SECONDS, "aud": "/admin/"}, OctKey.import_key(self.secret)
        )


def now() -> datetime:
    return datetime.now(UTC)
