"""Requests to Ghost's Admin API. None is made twice here."""

from collections.abc import Mapping
from typing import Any

import httpx2

from domain.destinations import Connection, DestinationError
from jobs.adapters.ghost.failures import not_json, refused, unreachable
from jobs.adapters.ghost.tokens import AdminKey

VERSION = "v5.0"  # of the API; later ones take it
Json = dict[str, Any]


class Api:
    """`base` ends in a slash."""

    def __init__(self, client: httpx2.AsyncClient, connection: Connection) -> None:
        self.client, self.connection = client, connection
        self.site = (connection.url or "").rstrip("/")
        self.base = f"{self.site}/ghost/api/admin/"

    async def get(self, path: str, **query: str) -> Json:
        return await self.call("GET", path, query)

    async def put(self, path: str, body: Json, **query: str) -> Json:
        return await self.call("PUT", path, query, json=body)

    async def post(self, path: str, body: Json, **query: str) -> Json:
        """What makes something new: an error says whether it may have been made nevertheless."""
        return await self.call("POST", path, query, json=body, makes=True)

    async def call(self, method: str, path: str, query: Mapping[str, str], *, makes: bool = False, **body: Any) -> Json:
        """The answer's JSON object, of a request that is signed; DestinationError for everything else."""
        signed = {"authorization": f"Ghost {AdminKey.of(self.connection.secret).token()}"}
        response = await self.send(method, self.base + path, makes=makes, headers=signed, params=dict(query), **body)
        if not response.is_success:
            raise refused(response, makes=makes)
        return json_of(response, makes=makes)

    async def send(self, method: str, url: str, *, makes: bool = False, **request: Any) -> httpx2.Response:
        """Whatever answer comes; DestinationError where none does."""
        headers = {"accept-version": VERSION, "accept": "application/json", **request.pop("headers", {})}
        try:
            return await self.client.request(method, url, headers=headers, **request)
        except httpx2.TransportError as error:
            raise unreachable(error, httpx2.URL(url).host, makes=makes) from error
        except DestinationError as error:
            if not makes or error.code == "address_refused":
                raise
            raise DestinationError(
                error.said, error.cure, code=error.code, retryable=True, retry_after=error.retry_after, maybe_done=True
            ) from error


def json_of(response: httpx2.Response, *, makes: bool = False) -> Json:
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise not_json(response, makes=makes)
    return found
