"""Failures of providers, as ProviderError with reasons that say whom it concerns and what to do."""

import math
import re
import string
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from domain.ports import CallReport, ProviderError
from persistence.terms import FailureCause

MAX_WAIT = 24 * 3600.0
_NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached", "insufficientcredits", "insufficientbalance"}
_SENDABLE = set(string.ascii_letters + string.digits + string.punctuation)
_REFUSALS = ("content_filter", "content_policy", "moderation", "safety", "nsfw")


@dataclass(frozen=True, slots=True)
class Callee:
    """Who was called. `secret` is what no reason may ever show."""

    provider: str
    model: str
    secret: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.provider} ({self.model})"

    def failed(
        self,
        what: str,
        cause: FailureCause,
        *,
        retryable: bool,
        retry_after: float | None = None,
        report: CallReport | None = None,
    ) -> ProviderError:
        reason = self.clean(f"{self} {what}", 600)
        return ProviderError(reason, retryable=retryable, retry_after=retry_after, report=report, cause=cause)

    def clean(self, text: str, length: int = 200) -> str:
        """One printable line without the secret, also where a server masked only the middle of it."""
        line = re.sub(r"\b(?:sk|pk|rk)-[\w*…-]{4,}", "[key]", text)
        if self.secret:
            line = line.replace(self.secret, "[key]")
        line = " ".join("".join(c if c.isprintable() else " " for c in line).split())
        return line if len(line) <= length else line[: length - 1] + "…"

    def check_key(self, *, required: bool) -> None:
        """Raises ProviderError for a key that is missing or cannot be sent as a header: the library's own complaint
        would quote it."""
        if not self.secret:
            if required:
                raise self.failed(
                    "needs an API key: set one in the settings", FailureCause.KEY_REFUSED, retryable=False
                )
        elif not set(self.secret) <= _SENDABLE:
            what = "has an API key with characters that cannot be sent: check the API key, paste it again"
            raise self.failed(what, FailureCause.KEY_REFUSED, retryable=False)

    def timed_out(self, seconds: float, report: CallReport | None = None) -> ProviderError:
        what = f"did not answer within {seconds:.3g} seconds: try again later, or allow more time"
        return self.failed(what, FailureCause.TIMED_OUT, retryable=True, report=report)

    def unreachable(self, report: CallReport | None = None) -> ProviderError:
        what = "cannot be reached or hung up: check the base URL and whether the service runs, then try again"
        return self.failed(what, FailureCause.UNREACHABLE, retryable=True, report=report)

    def too_large(self, max_bytes: int, report: CallReport | None = None) -> ProviderError:
        what = f"answered with a packed body or with more than {max_bytes // 1_000_000} MB, which was not read"
        return self.failed(what, FailureCause.UNUSABLE_ANSWER, retryable=False, report=report)

    def not_understood(self, what: str, report: CallReport | None = None) -> ProviderError:
        what = f"answered, but {what}: try again, or take another model"
        return self.failed(what, FailureCause.UNUSABLE_ANSWER, retryable=True, report=report)

    def refused(self, why: str, report: CallReport | None = None) -> ProviderError:
        said = f" ({self.clean(why)})" if why else ""
        what = f"refused to answer{said}: change the text of the request or the prompt"
        return self.failed(what, FailureCause.REQUEST_REFUSED, retryable=False, report=report)

    def status(
        self, status: int, headers: Mapping[str, str], code: str, message: str, report: CallReport | None = None
    ) -> ProviderError:
        """The failure behind an HTTP status of 300 and above, with the provider's own code and message."""
        said = f": {self.clean(message)}" if message else ""
        if code.lower() in _NO_CREDIT or status == 402:
            what = "has no credit left: top up the account there"
            return self.failed(what, FailureCause.NO_CREDIT, retryable=False, report=report)
        if status in (401, 403) or code.lower() == "invalidapikey":
            what = f"refused the key (HTTP {status}): check the API key"
            return self.failed(what, FailureCause.KEY_REFUSED, retryable=False, report=report)
        if status == 429:
            wait = retry_after(headers)
            what = "is limiting the rate of calls: wait, or raise the limit there"
            return self.failed(what, FailureCause.RATE_LIMITED, retryable=True, retry_after=wait, report=report)
        if status == 404:
            what = f"does not know the model or the address: check the model's name and the base URL{said}"
            return self.failed(what, FailureCause.REQUEST_REFUSED, retryable=False, report=report)
        if any(word in f"{code} {message}".lower() for word in _REFUSALS) and status < 500:
            return self.refused(message, report)
        if status >= 500 or status in (408, 409, 425):
            what = f"has a fault of its own (HTTP {status}): try again later{said}"
            wait = retry_after(headers)
            return self.failed(what, FailureCause.PROVIDER_FAULT, retryable=True, retry_after=wait, report=report)
        if status < 400:
            what = f"redirects elsewhere (HTTP {status}), which is not followed: check the base URL"
            return self.failed(what, FailureCause.REQUEST_REFUSED, retryable=False, report=report)
        what = f"did not take the request (HTTP {status}){said}"
        return self.failed(what, FailureCause.REQUEST_REFUSED, retryable=False, report=report)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date (RFC 9110, 10.2.3), which
    is of the server's clock: so is the `date` that it sends with it.
    """
    if (wait := _number(headers.get("retry-after-ms"))) is not None:
        return _bounded(wait / 1000)
    value = headers.get("retry-after")
    if (wait := _number(value)) is not None:
        return _bounded(wait)
    try:
        moment = _date(value or "")
    except (ValueError, OverflowError):
        return None
    with suppress(ValueError, OverflowError):
        return _bounded((moment - _date(headers.get("date") or "")).total_seconds())
    return _bounded((moment - datetime.now(UTC)).total_seconds())


def _date(value: str) -> datetime:
    moment = parsedate_to_datetime(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), MAX_WAIT)
