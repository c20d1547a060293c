"""Requests to one WordPress, and its answers as JSON."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import httpx2

from domain.destinations import Connection, DestinationError
from jobs.adapters.wordpress.failures import Failures, Refusal
from jobs.adapters.wordpress.plain import Plain

Params = Mapping[str, Any]
READS = ("GET", "HEAD", "OPTIONS")


class Root(StrEnum):
    """How paths of the API are written: QUERY works everywhere, also without pretty permalinks."""

    PATH = "wp-json"
    QUERY = "rest_route"


@dataclass(frozen=True, slots=True)
class Answer:
    data: Any
    headers: Mapping[str, str]

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.data if isinstance(self.data, dict) else {}

    @property
    def made(self) -> Mapping[str, Any]:
        """What was made or changed; it may have been, also where the answer does not say so."""
        id_of(self.fields, maybe_done=True)
        return self.fields

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        return [row for row in self.data if isinstance(row, dict)] if isinstance(self.data, list) else []


def inner(data: Any, *names: str) -> Mapping[str, Any]:
    """An object inside of others; PHP writes empty ones as lists."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def id_of(fields: Mapping[str, Any], *, maybe_done: bool = False) -> str:
    if not isinstance(fields.get("id"), int):
        raise DestinationError(
            "The address answers with JSON that is not WordPress's.", "Look what answers at /wp-json/ there.",
            code="not_wordpress", maybe_done=maybe_done,
        )  # fmt: skip
    return str(fields["id"])


class Api:
    """Every request is sent once. DestinationError for whatever is not the JSON that was asked for."""

    def __init__(self, client: httpx2.AsyncClient, connection: Connection, root: Root | None = None) -> None:
        self.url = (connection.url or "").rstrip("/")
        self.username = str(connection.config.get("username") or "")
        self.root = root
        plain = Plain(self.username, connection.secret)
        self.failures = Failures(urlsplit(self.url).netloc.rpartition("@")[2], self.username, plain)
        self._client = client
        self.secret = connection.secret or ""

    async def get(self, path: str, params: Params | None = None) -> Answer:
        return await self.call("GET", path, params)

    async def post(self, path: str, fields: Mapping[str, Any], params: Params | None = None) -> Answer:
        body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
        return await self.call("POST", path, params, body, {"content-type": "application/json"})

    async def call(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        signed: bool = True,
    ) -> Answer:
        """`path` as in `/wp/v2/posts`."""
        root = self.root or Root.PATH
        url, query = f"{self.url}/{root}{path}", dict(params or {})
        if root is Root.QUERY:
            url, query = f"{self.url}/", {"rest_route": path, **query}
        return self.read(await self.send(method, url, query, body, headers, signed=signed), path)

    async def send(
        self,
        method: str,
        url: str,
        params: Params | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        signed: bool = True,
        extensions: Mapping[str, Any] | None = None,
    ) -> httpx2.Response:
        """Any answer, whatever it says."""
        sent = {"accept": "application/json", **(headers or {})}
        if signed:
            sent["authorization"] = f"Basic {b64encode(f'{self.username}:{self.secret}'.encode()).decode()}"
        try:
            return await self._client.request(
                method, url, params=dict(params) if params else None, content=body, headers=sent,
                extensions=dict(extensions or {}),
            )  # fmt: skip
        except (httpx2.HTTPError, httpx2.InvalidURL, DestinationError) as error:
            raise self.failures.unsent(error, writes=method not in READS) from None

    def read(self, response: httpx2.Response, path: str) -> Answer:
        """Its JSON, where it says that it did what was asked."""
        try:
            data = json.loads(response.content.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            data = None
        if not response.is_success or not isinstance(data, (dict, list)):
            writes = response.request.method not in READS
            raise self.failures.refused(Refusal(response, data, path, writes))
        return Answer(data, response.headers)
