"""Articles as messages to an address that takes them: each signed, and the same however often it is tried.

A receiver is told and tells nothing back but, where it likes, what it calls an article and where it shows it. It keeps
drafts and dates as it likes; when a date has come, we tell it that the article is to be shown.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2

from domain.destinations import (
    GONE,
    Article,
    Connected,
    Connection,
    DestinationError,
    Media,
    Placed,
    Remote,
    RemoteMedia,
)
from domain.signing import signature_headers
from jobs.adapters.calling import LATER, call, encrypted, line
from jobs.adapters.checks import checked
from jobs.adapters.failures import retry_after
from jobs.adapters.webhook.messages import PING, TYPES, UNPUBLISHED, Message, data_of, message
from persistence.terms import CheckStage, RemoteEntityKind, RemoteStatus, TaxonomyType

LONGEST_ID, LONGEST_URL = 200, 2000
AGAIN = "See that the address is the receiver's, and try it with testConnection."


class Webhook:
    """Implements Destination. An article is called there by its marker, and after a colon by the receiver's own id."""

    def __init__(self, client: httpx2.AsyncClient, connection: Connection, files: str) -> None:
        self.client, self.connection, self.files = client, connection, files
        self.url = connection.url or ""

    async def check(self, progress: Callable[[str, int, int], None]) -> Connected:
        """By a signed ping, which asks for nothing but an answer."""
        answers: list[httpx2.Response] = []

        async def reached() -> str:
            answers.append(
                await self._call(message(PING, {}, self.connection, datetime.now(UTC), secrets.token_hex(8)))
            )
            return f"{urlsplit(self.url).hostname} may be called."

        async def connected() -> str:
            return encrypted(self.url)

        async def taken() -> str:
            _good(answers[-1])
            return f"It takes messages: HTTP {answers[-1].status_code}."

        steps = [(CheckStage.ADDRESS, reached), (CheckStage.TLS, connected), (CheckStage.API, taken)]
        return await checked(steps, progress, {"tells": "nothing"})

    async def find(self, marker: str, entity: RemoteEntityKind) -> Remote | None:
        return Remote(marker, RemoteStatus.DRAFT, marker=marker)

    async def create(self, article: Article) -> Remote:
        """Nothing is sent yet: `put` tells all of it."""
        return Remote(article.marker, RemoteStatus.DRAFT, marker=article.marker)

    async def find_media(self, media: Media) -> RemoteMedia | None:
        return await self.upload(media)

    async def upload(self, media: Media) -> RemoteMedia:
        """The receiver gets it where it is kept."""
        return RemoteMedia(media.sha256, f"{self.files}/{media.key}")

    async def term(self, kind: TaxonomyType, name: str) -> str:
        return name

    async def put(self, remote_id: str, article: Article, placed: Placed) -> Remote:
        data = data_of(article, self.connection, _own_id(remote_id), self.files)
        answer = await self._tell(TYPES[article.status], data)
        said = _said(answer)
        own = _id(said.get("id")) or _own_id(remote_id)
        shown = article.status is RemoteStatus.PUBLISHED
        return Remote(
            id=f"{article.marker}:{own}" if own else article.marker,
            status=article.status,
            url=_url(said.get("url")) if shown else None,
            marker=article.marker,
        )

    async def fetch(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        raise DestinationError("A receiver of messages is not read.", "Send it again.", code="not_readable")

    async def remove(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        errand = self.connection.errand
        data = {
            "id": errand.content if errand else None,
            "marker": remote_id.partition(":")[0],
            "remoteId": _own_id(remote_id),
            "kind": entity.value,
        }
        await self._tell(UNPUBLISHED, data)
        return None

    async def _tell(self, type: str, data: dict[str, Any]) -> httpx2.Response:
        if self.connection.config.get("capabilities", {}).get("gone"):
            raise _gone()
        errand = self.connection.errand
        at = errand.at if errand else datetime.now(UTC)
        return _good(await self._call(message(type, data, self.connection, at)))

    async def _call(self, told: Message) -> httpx2.Response:
        """Whatever answer comes; the time is that of this try."""
        signed = signature_headers(told.id, datetime.now(UTC), told.body, [self.connection.secret or ""])
        headers = {"content-type": "application/json", **signed}
        return await call(self.client, self.client.build_request("POST", self.url, content=told.body, headers=headers))


def webhook(public_url: Callable[[], str]) -> Callable[[httpx2.AsyncClient, Connection], Webhook]:
    """`public_url`: where receivers reach our files."""
    return lambda client, connection: Webhook(client, connection, f"{public_url()}/files")


def _good(response: httpx2.Response) -> httpx2.Response:
    """DestinationError for an answer that is no success."""
    status = response.status_code
    if response.is_success:
        return response
    if status == 410:
        raise _gone()
    code = f"http_{status}"
    if status in (408, 425, 429) or status >= 500:
        wait = retry_after(response.headers)
        raise DestinationError(
            f"The receiver does not take it now: HTTP {status}.", LATER, code="429" if status == 429 else code,
            retryable=True, retry_after=wait,
        )  # fmt: skip
    if 300 <= status < 400:
        there = line(str(response.url.join(response.headers.get("location") or "")))
        raise DestinationError(f"The address sends messages on to {there}.", "Give that address.", code=code)
    raise DestinationError(f"The receiver refused it: HTTP {status}.", AGAIN, code=code)


def _gone() -> DestinationError:
    return DestinationError(
        "The receiver said that it is gone for good (HTTP 410); nothing is sent to it any more.",
        "Give another address with updateIntegration, or try this one with testConnection.",
        code=GONE,
    )


def _said(response: httpx2.Response) -> dict[str, Any]:
    """Of a JSON object; what else a receiver answers says nothing."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _own_id(remote_id: str) -> str | None:
    return remote_id.partition(":")[2] or None


def _id(said: object) -> str | None:
    text = str(said) if isinstance(said, str | int) and not isinstance(said, bool) else ""
    return text if 1 <= len(text) <= LONGEST_ID and text.isprintable() else None


def _url(said: object) -> str | None:
    """An address that browsers may be sent to."""
    if not isinstance(said, str) or len(said) > LONGEST_URL or not said.isprintable():
        return None
    try:
        parts = urlsplit(said)
        named = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    except ValueError:
        return None
    return said if named and " " not in said else None
