"""What went wrong with a request to Ghost, as errors that say what to do."""

import ssl
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2

from domain.destinations import DestinationError
from jobs.adapters.failures import retry_after
from jobs.adapters.ghost.tokens import COPY, now

MAX_SAID = 300
API = "/ghost/api/"
LATER = "Try again later."
MAYBE_DONE = (500, 502, 504, 520, 521, 522, 523, 524)  # whoever answers these may not know what became of it
SKEW_SECONDS = 60


def unreachable(error: httpx2.TransportError, host: str, *, makes: bool) -> DestinationError:
    """`makes`: something new is made if the request arrived."""
    if certificate := next((each for each in causes(error) if isinstance(each, ssl.SSLError)), None):
        why = getattr(certificate, "verify_message", "") or certificate.reason or "no handshake"
        return DestinationError(
            f"The encrypted connection to {host} was not made: {line(str(why))}.",
            "Put its certificate right, or give the address that the certificate is for.",
            code="tls",
        )
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return DestinationError(
            f"{host} cannot be reached: {line(str(error)) or 'no connection'}.",
            "Check the address and whether the site runs, then try again.",
            code="unreachable",
            retryable=True,
        )
    return DestinationError(
        f"No whole answer came from {host}.", LATER, code="no_answer", retryable=True, maybe_done=makes
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it."""
    at: BaseException | None = error
    while at is not None:
        yield at
        at = at.__cause__ or at.__context__


def refused(response: httpx2.Response, *, makes: bool) -> DestinationError:
    """Of an answer that is no success."""
    status, (said, code) = response.status_code, said_by(response)
    full = f"{status} {code}".strip()
    if 300 <= status < 400:
        return _redirected(response, full)
    if code == "UNKNOWN_ADMIN_API_KEY":
        return DestinationError("Ghost does not know this Admin API key.", COPY, code=full)
    if status == 401 or code == "INVALID_JWT":
        return _not_signed_in(response, said, full)
    if status == 403:
        return DestinationError(
            f"Ghost does not let this key do it: {said}." if said else "Something before Ghost turns requests away.",
            "Use the key of a custom integration, and let no firewall stand before its Admin API.",
            code=full,
        )
    if status == 404 and not code:  # whoever stands before Ghost knows nothing of what is there
        return not_json(response, makes=False)
    if status == 404:
        return DestinationError(f"It is not there: {said}.", "Publish it anew.", code=full)
    if status == 406:
        return DestinationError(
            f"This Ghost has no such API: {said}.", "Update Ghost to version 5 or later.", code=full
        )
    if status == 409:
        return DestinationError("Somebody else is changing it there.", LATER, code=full, retryable=True)
    if status == 429:
        wait = retry_after(response.headers)
        return DestinationError(
            "Ghost takes no more requests for now.", LATER, code=full, retryable=True, retry_after=wait
        )
    if status >= 500 or status == 408:
        return _ailing(response, said, full, makes=makes)
    return DestinationError(f"Ghost did not take it: {said or status}.", "Change what it complains of.", code=full)


def not_json(response: httpx2.Response, *, makes: bool) -> DestinationError:
    """Of an answer in no words of Ghost, such as a proxy gives while Ghost starts."""
    return DestinationError(
        f"What answers at {response.url.host} is not Ghost's Admin API.",
        "Give the address of a Ghost site; where its admin has an address of its own, that one.",
        code="not_ghost",
        maybe_done=makes,
        retryable=True,
    )


def said_by(response: httpx2.Response) -> tuple[str, str]:
    """Ghost's own message, and its code or type; both empty for an answer that is not of Ghost."""
    try:
        error: Any = response.json()["errors"][0]
        message, context = str(error.get("message") or ""), str(error.get("context") or "")
        code = str(error.get("code") or error.get("type") or "")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "", ""
    told = message if context in ("", message) else f"{message.rstrip('.')}: {context}"
    return line(told).rstrip("."), line(code)


def line(text: str) -> str:
    """One printable line."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= MAX_SAID else text[: MAX_SAID - 1] + "…"


def _redirected(response: httpx2.Response, code: str) -> DestinationError:
    target = urlsplit(str(response.url.join(response.headers.get("location") or "")))
    there = f"{target.scheme}://{target.netloc}{target.path.partition(API)[0].rstrip('/')}"
    return DestinationError(
        f"The address sends requests on to {line(there)}.", f"Give {line(there)} as the address.", code=code
    )


def _not_signed_in(response: httpx2.Response, said: str, code: str) -> DestinationError:
    if any(word in said for word in ("expired", "maxAge", "not active")):
        return DestinationError(
            f"Ghost takes what was signed just now for old: {_apart(response)}.",
            "Set the clocks of both servers by a time server.",
            code=code,
        )
    if "signature" in said:
        return DestinationError("The second half of the Admin API key is wrong.", COPY, code=code)
    return DestinationError(f"Ghost refused the sign-in: {said or 'it did not say why'}.", COPY, code=code)


def _apart(response: httpx2.Response) -> str:
    """By how much its clock and ours differ, as far as its answer tells."""
    try:
        seconds = (parsedate_to_datetime(response.headers.get("date") or "") - now()).total_seconds()
    except (ValueError, TypeError):
        return "the clocks differ"
    if abs(seconds) < SKEW_SECONDS:
        return "the clock behind what answers differs from ours"
    return f"its clock is {abs(seconds) / 60:,.0f} minutes {'ahead of' if seconds > 0 else 'behind'} ours"


def _ailing(response: httpx2.Response, said: str, code: str, *, makes: bool) -> DestinationError:
    wait = retry_after(response.headers)
    if response.status_code == 503:
        return DestinationError(
            f"Ghost is not at work: {said or 'it is being updated, or starts'}.",
            LATER,
            code=code,
            retryable=True,
            retry_after=wait,
        )
    return DestinationError(
        f"Ghost has a fault of its own: {said or response.status_code}.",
        LATER,
        code=code,
        retryable=True,
        retry_after=wait,
        maybe_done=makes and response.status_code in MAYBE_DONE,
    )
