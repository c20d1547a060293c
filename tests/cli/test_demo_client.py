"""The demo's client against a scripted server: what goes over the wire, and what becomes of what comes back."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from cli.demo.client import ApiClient, DemoFailed
from cli.demo.documents import IMPORT_KEYWORDS, JOB_PROGRESS
from tests.cli.serving import serving

ACK = {"type": "connection_ack"}
COMPLETE = {"id": "1", "type": "complete"}
Script = list[dict[str, Any] | int]


def state(status: str, done: int = 0) -> dict[str, Any]:
    return {"id": "job_1", "status": status, "done": done, "total": 2}


def news(status: str, done: int = 0) -> dict[str, Any]:
    return {"id": "1", "type": "next", "payload": {"data": {"jobProgress": state(status, done)}}}


@dataclass
class FakeApi:
    """`answer` for every POST; one script per socket: messages to send, or the code to close it with."""

    answer: tuple[int, str] = (200, '{"data": {}}')
    scripts: list[Script] = field(default_factory=list)
    heard: list[list[dict[str, Any]]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    file: tuple[str | None, bytes] | None = None

    async def post(self, request: Request) -> Response:
        self.headers = dict(request.headers)
        if self.headers["content-type"].startswith("multipart/form-data"):
            async with request.form() as form:
                self.body = {name: json.loads(str(form[name])) for name in ("operations", "map")}
                upload = form["0"]
                assert isinstance(upload, UploadFile)
                self.file = (upload.filename, await upload.read())
        else:
            self.body = await request.json()
        return Response(self.answer[1], self.answer[0], media_type="application/json")

    async def converse(self, socket: WebSocket) -> None:
        await socket.accept("graphql-transport-ws")
        heard: list[dict[str, Any]] = []
        self.heard.append(heard)
        heard.append(await socket.receive_json())
        for line in self.scripts[len(self.heard) - 1]:
            if isinstance(line, int):
                await socket.close(line)
                return
            await socket.send_json(line)
            if line["type"] in {"connection_ack", "ping"}:
                heard.append(await socket.receive_json())
        await socket.receive()


class Stage:
    """Serves whichever FakeApi the running test has put on it."""

    api = FakeApi()

    async def post(self, request: Request) -> Response:
        return await self.api.post(request)

    async def converse(self, socket: WebSocket) -> None:
        await self.api.converse(socket)


@pytest.fixture(scope="module")
async def served() -> AsyncIterator[tuple[Stage, str]]:
    stage = Stage()
    routes = [Route("/graphql", stage.post, methods=["POST"]), WebSocketRoute("/graphql", stage.converse)]
    async with serving(Starlette(routes=routes)) as url:
        yield stage, url


@pytest.fixture
def api(served: tuple[Stage, str]) -> FakeApi:
    served[0].api = FakeApi()
    return served[0].api


@pytest.fixture
async def client(served: tuple[Stage, str]) -> AsyncIterator[ApiClient]:
    async with ApiClient(served[1], patience=5, tries=2, pause=0.01) as client:
        yield client


async def test_a_document_goes_with_its_variables_and_the_token(api: FakeApi, client: ApiClient) -> None:
    api.answer = (200, '{"data": {"viewer": {"id": "usr_1"}}}')
    client.token = "abc"

    assert await client.run("query V($id: ID!) { viewer { id } }", {"id": "x"}) == {"viewer": {"id": "usr_1"}}
    assert api.body == {"query": "query V($id: ID!) { viewer { id } }", "variables": {"id": "x"}}
    assert api.headers["authorization"] == "Bearer abc"
    assert api.headers["graphql-require-preflight"] == "true"


async def test_an_upload_follows_the_multipart_request_spec(api: FakeApi, client: ApiClient, tmp_path: Path) -> None:
    file = tmp_path / "schlüssel wörter.csv"
    file.write_bytes("\ufeffKeyword\r\ncafé\r\n".encode())
    given = {"input": {"sectorId": "sec_1"}}

    await client.upload(IMPORT_KEYWORDS, given, file)

    variables = {"input": {"sectorId": "sec_1", "file": None}}
    assert api.body["operations"] == {"query": IMPORT_KEYWORDS, "variables": variables}
    assert api.body["map"] == {"0": ["variables.input.file"]}
    assert api.file == ("schlüssel wörter.csv", file.read_bytes())
    assert api.headers["graphql-require-preflight"] == "true"
    assert "authorization" not in api.headers
    assert given == {"input": {"sectorId": "sec_1"}}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, {"errors": [{"message": "No", "extensions": {"code": "FORBIDDEN"}}], "data": None}, "No (FORBIDDEN)"),
        (400, {"errors": [{"message": "Bad", "path": ["a", 0]}, {"message": "Worse"}]}, "Bad (a.0); Worse"),
        (
            200,
            {"data": {"createSite": {"userErrors": [{"code": "CONFLICT", "message": "Taken", "field": ["name"]}]}}},
            "createSite: Taken (CONFLICT, name)",
        ),
        (502, "<h1>Bad gateway</h1>", "HTTP 502 without a GraphQL answer: <h1>Bad gateway</h1>"),
        (200, [], "HTTP 200 without a GraphQL answer: []"),
        (200, {"data": None}, 'HTTP 200 without a GraphQL answer: {"data": null}'),
    ],
)
async def test_errors_of_every_kind_are_told(
    api: FakeApi, client: ApiClient, status: int, body: object, reason: str
) -> None:
    api.answer = (status, body if isinstance(body, str) else json.dumps(body))

    with pytest.raises(DemoFailed) as failed:
        await client.run("{ anything }")

    assert failed.value.reason == reason


async def test_a_server_that_is_not_there_is_told() -> None:
    async with ApiClient("http://127.0.0.1:1", tries=2, pause=0.01) as client:
        with pytest.raises(DemoFailed, match=r"cannot reach http://127\.0\.0\.1:1"):
            await client.run("{ anything }")
        with pytest.raises(DemoFailed, match="no news of job job_1 over 2 connections, never seen"):
            await client.follow("job_1")


async def test_a_job_is_followed_to_its_end(api: FakeApi, client: ApiClient) -> None:
    api.scripts = [[ACK, news("QUEUED"), {"type": "ping"}, news("RUNNING", 1), news("SUCCEEDED", 2), COMPLETE]]
    client.token = "abc"
    seen: list[dict[str, Any]] = []

    last = await client.follow("job_1", seen.append)

    assert last == state("SUCCEEDED", 2)
    assert seen == [state("QUEUED"), state("RUNNING", 1), state("SUCCEEDED", 2)]
    assert api.heard == [
        [
            {"type": "connection_init", "payload": {"authorization": "Bearer abc"}},
            {"id": "1", "type": "subscribe", "payload": {"query": JOB_PROGRESS, "variables": {"id": "job_1"}}},
            {"type": "pong"},
        ]
    ]


async def test_dropped_sockets_are_taken_up_again_and_nothing_is_told_twice(api: FakeApi, client: ApiClient) -> None:
    api.scripts = [
        [ACK, news("RUNNING", 1), 1012],
        [ACK, news("RUNNING", 1), news("RUNNING", 2), 1011],
        [ACK, COMPLETE],
        [ACK, news("RUNNING", 2), news("FAILED", 2)],
    ]
    seen: list[dict[str, Any]] = []

    last = await client.follow("job_1", seen.append)

    assert last == state("FAILED", 2)
    assert seen == [state("RUNNING", 1), state("RUNNING", 2), state("FAILED", 2)]
    assert len(api.heard) == 4


async def test_a_silent_job_is_given_up(api: FakeApi, served: tuple[Stage, str]) -> None:
    api.scripts = [[ACK, news("RUNNING", 1)], [ACK, news("RUNNING", 1)], [ACK]]

    async with ApiClient(served[1], patience=0.3, tries=2, pause=0.01) as impatient:
        with pytest.raises(DemoFailed, match="no news of job job_1 over 2 connections, last seen RUNNING"):
            await impatient.follow("job_1")

    assert len(api.heard) == 3


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([4403], "the subscription was refused: 4403"),
        ([ACK, {"id": "1", "type": "error", "payload": [{"message": "No such field"}]}], "jobProgress: No such field"),
        (
            [ACK, {"id": "1", "type": "next", "payload": {"data": None, "errors": [{"message": "Gone"}]}}],
            "jobProgress: Gone",
        ),
    ],
)
async def test_a_refused_subscription_is_not_tried_again(
    api: FakeApi, client: ApiClient, script: Script, reason: str
) -> None:
    api.scripts = [script]

    with pytest.raises(DemoFailed, match=reason):
        await client.follow("job_1")

    assert len(api.heard) == 1
