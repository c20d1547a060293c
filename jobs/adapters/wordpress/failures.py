"""What went wrong at a WordPress, as DestinationError: whom it concerns, what to do, whether trying again may help."""

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from socket import gaierror
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx2

from domain.destinations import DestinationError
from jobs.adapters.failures import retry_after
from jobs.adapters.wordpress.plain import Plain, title_of

HEADER_LINE = 'SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1'
# What WordPress answers 500 to, however often it is sent.
LASTING = {"rest_upload_sideload_error", "empty_term_name", "db_insert_error", "db_update_error"}
WRONG_PASSWORD = {
    "incorrect_password": "The application password is not the user's.",
    "invalid_username": "WordPress knows no user of this name.",
    "invalid_email": "WordPress knows no user of this e-mail address.",
    "application_passwords_disabled": "Application passwords are switched off there.",
    "application_passwords_disabled_for_user": "Application passwords are switched off for this user.",
}
SIGN_IN_ANEW = "Make an application password under Users → Profile there, and enter it with its user's name."


@dataclass(frozen=True, slots=True)
class Refusal:
    """`code` and `message` are WordPress's; empty where it was not WordPress that answered, or not with JSON."""

    response: httpx2.Response
    data: Any
    path: str
    writes: bool

    @property
    def code(self) -> str:
        return str(self.data.get("code") or "") if isinstance(self.data, dict) else ""

    @property
    def details(self) -> Mapping[str, Any]:
        data = self.data.get("data") if isinstance(self.data, dict) else None
        return data if isinstance(data, dict) else {}

    @property
    def message(self) -> str:
        if not isinstance(self.data, dict):
            return ""
        params = self.details.get("params")
        more = "; ".join(f"{name}: {why}" for name, why in params.items()) if isinstance(params, dict) else ""
        return f"{self.data.get('message') or ''} {more}".strip()


class RefusedError(DestinationError):
    """`name` is WordPress's own code and `data` what it says with it; both empty where it was not WordPress."""

    name: str = ""
    data: Mapping[str, Any] = MappingProxyType({})
    is_shut: bool = False  # by the web server's own password


class Failures:
    """Of one WordPress, at `host`."""

    def __init__(self, host: str, username: str, plain: Plain) -> None:
        self.host, self.username, self.plain = host, username, plain

    def unsent(self, error: Exception, *, writes: bool) -> DestinationError:
        """Of a request to which no answer came, or none that ended."""
        if isinstance(error, DestinationError):
            error.maybe_done = error.maybe_done or (writes and error.code != "address_refused")
            return error
        causes = list(_causes(error))
        certificate = next((c for c in causes if isinstance(c, ssl.SSLError)), None)
        if certificate is not None and isinstance(error, httpx2.ConnectError):
            why = getattr(certificate, "verify_message", "")
            if not why:
                said = f"{self.host} makes no encrypted connection ({certificate.reason or 'TLS'})."
                return DestinationError(said, "Have its certificate set up at the host.", code="tls")
            return DestinationError(
                f"The certificate of {self.host} does not hold: {self.plain.line(str(why))}.",
                "Have it renewed or set right at the host.", code="tls",
            )  # fmt: skip
        if isinstance(error, httpx2.ConnectError) and (
            any(isinstance(c, gaierror) for c in causes) or "is not known" in str(error)
        ):
            said = f"There is no host {self.host}."
            return DestinationError(said, "Check the address.", code="unknown_host", retryable=True)
        if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)):
            said = f"{self.host} takes no connections."
            cure = "Check the address, and whether the site runs."
            return DestinationError(said, cure, code="unreachable", retryable=True)
        if isinstance(error, (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError)):
            return DestinationError("The address cannot be called.", "Check the address.", code="bad_address")
        slow = isinstance(error, httpx2.TimeoutException)
        return DestinationError(
            f"{self.host} has not answered in time." if slow else f"{self.host} hung up before it had answered.",
            "Try again later.", code="timeout" if slow else "hung_up", retryable=True, maybe_done=writes,
        )  # fmt: skip

    def refused(self, refusal: Refusal) -> RefusedError:
        """Of a whole answer that is not what was asked for."""
        status = refusal.response.status_code
        reason, cure, retryable = self._judged(refusal)
        unknown = status >= 500 and status != 501 and refusal.code not in LASTING
        unknown = unknown and not (status == 503 and refusal.code)
        error = RefusedError(
            self.plain.line(reason, 600), cure, code=f"{status} {self.plain.line(refusal.code, 80)}".strip(),
            retryable=retryable, retry_after=retry_after(refusal.response.headers) if retryable else None,
            maybe_done=refusal.writes and (unknown or status < 300),
        )  # fmt: skip
        error.name, error.data = refusal.code, refusal.details
        error.is_shut = status == 401 and not refusal.code and "www-authenticate" in refusal.response.headers
        return error

    def foreign(self) -> RefusedError:
        """Of JSON that something else answers with."""
        said = "The address answers with JSON that is not WordPress's."
        return RefusedError(said, "Look what answers at /wp-json/ there.", code="not_wordpress")

    def _judged(self, refusal: Refusal) -> tuple[str, str, bool]:
        """Reason, cure, and whether it may pass by itself."""
        status = refusal.response.status_code
        if status < 300:
            return *self._no_json(refusal), False
        if status < 400:
            return f"The address leads elsewhere, to {self.leads_to(refusal)}.", "Give that address.", False
        if status == 429:
            return "The site wants fewer requests.", "It is tried again later.", True
        if status == 503 and (refusal.code or "retry-after" in refusal.response.headers):
            return "The site is being maintained.", "It is tried again later.", True
        if status == 413:
            return "The host takes no request of this size.", "Raise its limit, such as client_max_body_size.", False
        if not refusal.code:
            return self._by_others(refusal)
        said = self.plain.line(refusal.message)
        if status == 401:
            return self._not_signed_in(refusal), f"{SIGN_IN_ANEW} Test the connection to see more.", False
        if not refusal.writes and "status" in (refusal.details.get("params") or {}):
            said = f"{self.username} may not see drafts there, or WordPress takes them for nobody."
            return said, "Test the connection to see which.", False
        if status == 403:
            return f"{self.username} may not do that there: {said}", "Give a user with the role of an editor.", False
        if refusal.code == "rest_no_route":
            return f"This WordPress has no {refusal.path}.", "Switch on what a plugin has switched off there.", False
        if refusal.code == "rest_trash_not_supported":
            return "The site has no trash.", "Delete it there by hand, or switch the trash on.", False
        if refusal.code == "rest_upload_sideload_error":
            return f"WordPress does not take the picture: {said}", "Give a PNG, JPEG, WebP or GIF.", False
        retryable = status >= 500 and status != 501 and refusal.code not in LASTING
        cure = "It is tried again later." if retryable else "See what WordPress says of it."
        return f"WordPress did not do it: {said or refusal.code}", cure, retryable

    def _not_signed_in(self, refusal: Refusal) -> str:
        return WRONG_PASSWORD.get(
            refusal.code, f"WordPress takes {self.username} for nobody: {self.plain.line(refusal.message)}"
        )

    def _by_others(self, refusal: Refusal) -> tuple[str, str, bool]:
        """Who answered was no WordPress, or one that had no say any more."""
        response, status = refusal.response, refusal.response.status_code
        if status == 401 and (realm := response.headers.get("www-authenticate")):
            said = f"The whole site is behind a password of its web server ({self.plain.line(realm, 100)})."
            return said, "Take that off /wp-json and /wp-content.", False
        title = self.plain.line(title_of(response.text), 120)
        named = f" ({title})" if title else ""
        if status >= 500 and status != 501:
            return f"The site has a fault: HTTP {status}{named}.", "Try again later, or look at its error log.", True
        said = f"Something before WordPress refuses the request: HTTP {status}{named}."
        return said, "Let its firewall or security plugin leave /wp-json alone.", False

    def _no_json(self, refusal: Refusal) -> tuple[str, str]:
        text = refusal.response.text
        if noise := noise_before_json(text):
            said = f"The answer begins with other words than WordPress's: “{self.plain.line(noise, 120)}”."
            return said, "Switch WP_DEBUG_DISPLAY off, or the plugin that writes them."
        title = self.plain.line(title_of(text), 120)
        what = f"a page, “{title}”" if title else "something else"
        return f"The address answers with {what}, not with JSON.", "Look what answers at /wp-json/ there."

    def leads_to(self, refusal: Refusal) -> str:
        """The site's address as its redirect has it, without the API's own path."""
        return site_of(urljoin(str(refusal.response.url), refusal.response.headers.get("location", "")))


def site_of(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path.partition("/wp-json")[0].removesuffix("/index.php").rstrip("/")
    return urlunsplit((parts.scheme, parts.hostname and parts.netloc.rpartition("@")[2], path, "", ""))


def noise_before_json(text: str) -> str:
    """What stands before a JSON object that ends the text; empty where there is none."""
    head, brace, tail = text.partition("{")
    return head if brace and head.strip() and tail.rstrip().endswith("}") and "<html" not in head.lower() else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
