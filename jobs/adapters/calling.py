"""Requests through the door, of adapters that have no library of their own for it. None is made twice here."""

import ssl
from collections.abc import Iterator

import httpx2

from domain.destinations import DestinationError

LATER = "It is tried again later."
MAX_SAID = 300


async def call(client: httpx2.AsyncClient, request: httpx2.Request) -> httpx2.Response:
    """Whatever answer comes, whole; DestinationError where none does."""
    try:
        return await client.send(request)
    except httpx2.TransportError as error:
        raise unreachable(error, request.url.host) from error


def unreachable(error: httpx2.TransportError, host: str) -> DestinationError:
    if certificate := next((each for each in _causes(error) if isinstance(each, ssl.SSLError)), None):
        why = getattr(certificate, "verify_message", "") or certificate.reason or "no handshake"
        return DestinationError(
            f"The encrypted connection to {host} was not made: {line(str(why))}.",
            "Put its certificate right, or give the address that the certificate is for.",
            code="tls",
        )
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        unknown = any("not known" in str(each) or "not resolved" in str(each) for each in _causes(error))
        return DestinationError(
            f"{host} cannot be reached: {line(str(error)) or 'no connection'}.",
            f"Check the address and whether a server runs there. {LATER}",
            code="not_known" if unknown else "unreachable",
            retryable=True,
        )
    return DestinationError(f"No whole answer came from {host}.", LATER, code="no_answer", retryable=True)


def encrypted(url: str) -> str:
    return "Connected; its certificate holds." if url.startswith("https:") else "Connected, unencrypted."


def line(text: str) -> str:
    """One printable line."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= MAX_SAID else text[: MAX_SAID - 1] + "…"


def _causes(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    while at is not None:
        yield at
        at = at.__cause__ or at.__context__
