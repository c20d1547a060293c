"""A GraphQL client for tests: real HTTP, real WebSockets."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import httpx2
from websockets.asyncio.client import ClientConnection, connect

from tests.waiting import PATIENCE

Json = dict[str, Any]
ENDED = {"SUCCEEDED", "PARTIAL", "FAILED", "CANCELLED"}
PASSWORD = "correct horse battery"

SIGN_UP = """
mutation($input: SignUpInput!) { signUp(input: $input) {
  accessToken refreshToken expiresIn viewer { user { id } account { id } } userErrors { code message field } } }
"""
JOB = "{ id kind status phase done total message error creditsHeld creditsSpent }"


class Api:
    def __init__(self, url: str, token: str | None = None) -> None:
        self.url, self.token = url, token
        self.account_id = self.user_id = self.email = self.refresh_token = ""
        self.http = httpx2.AsyncClient(timeout=PATIENCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    async def answer(self, query: str, **variables: Any) -> Json:
        """The whole response: data and errors."""
        body = {"query": query, "variables": variables}
        response = await self.http.post(f"{self.url}/graphql", json=body, headers=self.headers)
        found: Json = response.json()
        return found

    async def run(self, query: str, **variables: Any) -> Json:
        """The data; an AssertionError when there are errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: Json = answer["data"]
        return data

    async def one(self, query: str, **variables: Any) -> Any:
        """The value of the operation's only root field."""
        (value,) = (await self.run(query, **variables)).values()
        return value

    async def errors(self, query: str, **variables: Any) -> list[Json]:
        answer = await self.answer(query, **variables)
        found: list[Json] = answer.get("errors", [])
        return found

    async def upload(self, query: str, name: str, content: bytes, path: str, **variables: Any) -> Json:
        """A multipart request with one file at `path` of the variables; the whole response."""
        parts = {
            "operations": (None, json.dumps({"query": query, "variables": variables})),
            "map": (None, json.dumps({"0": [path]})),
            "0": (name, content, "text/csv"),
        }
        headers = {**self.headers, "graphql-require-preflight": "true"}
        response = await self.http.post(f"{self.url}/graphql", files=parts, headers=headers)
        found: Json = response.json()
        return found

    async def sign_up(self, account: str = "Test account") -> Json:
        self.email = f"{secrets.token_hex(6)}@example.com"
        given = {"accountName": account, "email": self.email, "password": PASSWORD}
        payload: Json = await self.one(SIGN_UP, input=given)
        assert payload["userErrors"] == []
        self.token, self.refresh_token = payload["accessToken"], payload["refreshToken"]
        self.account_id = payload["viewer"]["account"]["id"]
        self.user_id = payload["viewer"]["user"]["id"]
        return payload

    async def site(self, name: str = "Coffee") -> str:
        payload = await self.one(
            "mutation($input: CreateSiteInput!) { createSite(input: $input) { site { id } userErrors { message } } }",
            input={"name": name, "domain": "example.com"},
        )
        assert payload["userErrors"] == []
        return str(payload["site"]["id"])

    async def sector(self, site_id: str | None = None, name: str = "Home brewing") -> str:
        payload = await self.one(
            "mutation($input: CreateSectorInput!) { createSector(input: $input) "
            "{ sector { id } userErrors { message } } }",
            input={"siteId": site_id or await self.site(), "name": name},
        )
        assert payload["userErrors"] == []
        return str(payload["sector"]["id"])

    async def import_text(self, sector_id: str, text: str, **more: Any) -> Json:
        payload: Json = await self.one(
            "mutation($input: ImportKeywordsTextInput!) { importKeywordsText(input: $input) { format imported updated "
            "skipped rejected rows { line reason } userErrors { code message field } } }",
            input={"sectorId": sector_id, "text": text, **more},
        )
        return payload

    async def start(self, mutation: str, **given: Any) -> Json:
        """A mutation that answers with a job: its payload."""
        kind = mutation[0].upper() + mutation[1:]
        query = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ job {JOB} userErrors"
        payload: Json = await self.one(f"{query} {{ code message field }} }} }}", input=given)
        return payload

    async def finished(self, job_id: str) -> Json:
        """Follows the job to its end by subscription; its last state."""
        last: Json = {}
        async for state in self.follow(job_id):
            last = state
        assert last["status"] in ENDED
        return last

    async def follow(self, job_id: str) -> AsyncIterator[Json]:
        state = JOB.replace("{ id ", "{ jobId ")
        query = f"subscription($id: ID!) {{ jobProgress(id: $id) {state} }}"
        async for data in self.subscribe(query, id=job_id):
            yield data["jobProgress"]

    async def subscribe(self, query: str, **variables: Any) -> AsyncIterator[Json]:
        """The data of every result; an AssertionError when one has errors."""
        async with self.socket() as socket:
            await send(socket, {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}})
            while (message := await receive(socket))["type"] != "complete":
                assert message["type"] == "next", message
                assert "errors" not in message["payload"], message["payload"]
                yield message["payload"]["data"]

    @asynccontextmanager
    async def socket(self, **options: Any) -> AsyncIterator[ClientConnection]:
        """A graphql-transport-ws connection after its init; `options` are of websockets' connect."""
        address = self.url.replace("http", "ws", 1) + "/graphql"
        patient: dict[str, Any] = {"open_timeout": PATIENCE, "ping_timeout": PATIENCE}
        async with connect(address, subprotocols=["graphql-transport-ws"], **patient, **options) as socket:  # type: ignore[list-item]
            payload = {"authorization": f"Bearer {self.token}"} if self.token else {}
            await send(socket, {"type": "connection_init", "payload": payload})
            assert (await receive(socket))["type"] == "connection_ack"
            yield socket


def ready(url: str) -> bool:
    """Whether a server answers there that can serve."""
    with suppress(httpx2.HTTPError):
        return httpx2.get(f"{url}/readyz", timeout=2).status_code == 200
    return False


async def send(socket: ClientConnection, message: Json) -> None:
    await socket.send(json.dumps(message))


async def receive(socket: ClientConnection) -> Json:
    text = await socket.recv()
    assert isinstance(text, str), "text frames only"
    found: Json = json.loads(text)
    return found
