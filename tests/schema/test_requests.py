"""Requests of every odd shape, over HTTP and WebSocket: told what is wrong with them, and no fault of ours."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.client import Api, Json, receive, send

QUERY = {"query": "{ __typename }"}
UPLOAD = "mutation($input: ImportKeywordsInput!) { importKeywords(input: $input) { userErrors { message } } }"
STRATEGY = "mutation($input: CreateStrategyInput!) { createStrategy(input: $input) { userErrors { message } } }"
FILE = ("words.csv", b"Keyword\nlatte", "text/csv")
PREFLIGHT = {"graphql-require-preflight": "true"}
UNKNOWN = "sha256:" + "0" * 64
DEEP = '{"a":' * 400 + "1" + "}" * 400
ODD: list[Any] = [5, True, 1.5, "text", [], [1], {}, {"a": 1}]
PLACE = "variables.input.file"


def but(kind: type | tuple[type, ...]) -> list[Any]:
    return [value for value in ODD if not isinstance(value, kind) or isinstance(value, bool)]


@pytest.fixture
async def http(owner: Api) -> AsyncIterator[httpx2.AsyncClient]:
    """As a new owner."""
    async with httpx2.AsyncClient(base_url=owner.url, headers=owner.headers, timeout=60) as client:
        yield client


@pytest.fixture(autouse=True)
async def blameless(
    url: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> AsyncIterator[None]:
    """Nothing that a test here does is counted, or logged, as a fault."""

    async def faults() -> str:
        async with httpx2.AsyncClient() as client:
            metrics = (await client.get(f"{url}/metrics")).text
        return re.findall(r"^igny8_faults_total (\S+)$", metrics, re.MULTILINE)[0]

    before = await faults()
    yield
    assert await faults() == before
    assert "request failed" not in capsys.readouterr().out
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def refused(answer: httpx2.Response, name: object) -> Json:
    """The one error of a request that was no GraphQL request."""
    assert answer.status_code == 400, f"{name}: {answer.status_code} {answer.text[:300]}"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert error["extensions"]["requestId"]
    assert error["message"]
    return dict(error)


# A body that is no request, however it comes. The parts' shapes are those of a WebSocket's payload too.

NO_REQUEST = [
    *({**QUERY, "query": value} for value in [None, "", *but(str)]),
    *({**QUERY, "operationName": value} for value in but(str)),
    *({**QUERY, name: value} for name in ("variables", "extensions") for value in but(dict)),
    {"query": "x" * 100_001},
    {**QUERY, "operationName": "x" * 201},
    {},
    *but(dict),
    [QUERY],
    None,
]
NO_JSON = [
    b"", b"{", b"nonsense", b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"query":"\xff"}', b'{"query":"\\ud800"}',
    b'{"query":NaN}',
    b'{"query":"{ __typename }"} x', b'{"variables":{"a":1e400}}', b'{"variables":{"a":' + b"9" * 400 + b"}}",
    '{"query":"{ __typename }"}'.encode("utf-16"), b"[" * 5000,
]  # fmt: skip
NO_DOCUMENT = [
    *({"documentId": value} for value in [*ODD, "", "sha256:x"]),
    *({"documentId": UNKNOWN, **QUERY, "extensions": value} for value in but(dict)),
    {"documentId": UNKNOWN, **QUERY},
]
NO_OPERATION = [
    {**QUERY, "operationName": "Other"},
    {**QUERY, "operationName": ""},
    {"query": "fragment F on Query { __typename }"},
]


async def test_a_body_that_is_no_request_is_refused(http: httpx2.AsyncClient) -> None:
    await http.post("/graphql", json=QUERY)  # known from here on: the short way must not take what the long one refuses
    for body in [*NO_REQUEST, *NO_DOCUMENT, *NO_OPERATION]:
        refused(await http.post("/graphql", json=body), body)
        async with httpx2.AsyncClient(base_url=http.base_url) as nobody:
            refused(await nobody.post("/graphql", json=body), body)
    for content in NO_JSON:
        refused(await http.post("/graphql", content=content, headers={"content-type": "application/json"}), content)


async def test_what_is_asked_by_get_is_checked_alike(http: httpx2.AsyncClient) -> None:
    for name in ("variables", "extensions"):
        for value in ("[1]", "5", '"x"', "x", "{", "", "\ufffd", "true"):
            refused(await http.get("/graphql", params={**QUERY, name: value}), value)
    others: list[dict[str, str]] = [
        {}, {"query": ""}, {"variables": "{}"}, {**QUERY, "operationName": "Other"}, {"documentId": ""},
        {"documentId": "x"},
        {"query": 'mutation { signIn(input: {email: "a@example.com", password: "x"}) { accessToken } }'},
    ]  # fmt: skip
    for params in others:
        refused(await http.get("/graphql", params=params), params)
    assert (await http.get("/graphql", params={"documentId": UNKNOWN})).json()["errors"][0]["extensions"]["code"] == (
        "NOT_FOUND"
    )


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "", ";", "application/graphql", "application/jsonx", "x/application/json",
     "application/x-www-form-urlencoded", "multipart/mixed; boundary=x",
     "multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary="',
     "multipart/form-data; boundary=x"],
)  # fmt: skip
async def test_a_body_of_another_kind_is_refused(http: httpx2.AsyncClient, kind: str) -> None:
    headers = {**PREFLIGHT, "content-type": kind}
    refused(await http.post("/graphql", content=json.dumps(QUERY).encode(), headers=headers), kind)


# Forms


def form(operations: Any, places: Any = None, **parts: Any) -> dict[str, Any]:
    """A request with these fields; a tuple is a file."""
    named = {"operations": operations, "map": places, **parts}
    text = {n: v if isinstance(v, bytes | str) else json.dumps(v) for n, v in named.items() if not isinstance(v, tuple)}
    fields = {name: (None, text[name]) if name in text else named[name] for name in named if named[name] is not None}
    return {"files": fields, "headers": PREFLIGHT}


def importing(**given: Any) -> Json:
    return {"query": UPLOAD, "variables": {"input": {"sectorId": "sec_x", "file": None, **given}, "many": [None, {}]}}


NOWHERE = [
    "", ".", "variables", "query", "query.x", "operationName", "documentId", "nonsense", f"0.{PLACE}",
    "variables.nothing.file", f"{PLACE}.deeper", f"{PLACE}.0", f"{PLACE}.", "variables.input.sectorId.0",
    "variables.__class__.x", "variables.many.2", "variables.many.-1", "variables.many.x", "variables.many.1e3",
    "variables.many.²", "variables.many." + "9" * 5000, "variables.many.0.x", "variables.many.",
]  # fmt: skip


async def test_a_form_whose_files_have_no_place_is_refused(http: httpx2.AsyncClient) -> None:
    maps: list[Any] = [*({"0": [path]} for path in NOWHERE[1:]), *({"0": [value]} for value in [None, *ODD]),
                       *({"0": value} for value in [None, *but(list)]), *but(dict), [[PLACE]], "nonsense", "",
                       {"1": [PLACE]}, {"operations": [PLACE]}, {"map": [PLACE]}]  # fmt: skip
    for places in maps:
        refused(await http.post("/graphql", **form(importing(), places, **{"0": FILE})), places)


async def test_a_form_without_its_parts_is_refused(http: httpx2.AsyncClient) -> None:
    here, asked = {"0": [PLACE]}, json.dumps(importing())
    requests = {
        "no file": form(importing(), here),
        "text for a file": form(importing(), here, **{"0": "Keyword"}),
        "no operations": form(None, here, **{"0": FILE}),
        "operations is a file": form(("o.json", asked.encode(), "application/json"), here, **{"0": FILE}),
        "map is a file": form(importing(), ("m.json", json.dumps(here).encode(), "application/json"), **{"0": FILE}),
        "operations twice": {**form(None), "files": [("operations", (None, asked)), ("operations", (None, asked))]},
        "a file twice": {**form(None), "files": [("operations", (None, asked)), ("map", (None, json.dumps(here))),
                                                 ("0", FILE), ("0", FILE)]},
        "much text": form(" " * 2_000_000 + asked, here, **{"0": FILE}),
        "many fields": form(importing(), here, **{f"f{n}": "x" for n in range(1100)}),
        "nested without end": form(f'{{"query": "{{ __typename }}", "variables": {"[" * 5000}'),
    }  # fmt: skip
    for name, request in requests.items():
        refused(await http.post("/graphql", **request), name)
    for body in NO_REQUEST:
        refused(await http.post("/graphql", **form(json.dumps(body), {})), body)
        refused(await http.post("/graphql", **form(json.dumps(body), here, **{"0": FILE})), body)
    for content in NO_JSON:
        if b"\xff" not in content:  # a form's text that is not UTF-8 is read as Latin-1
            refused(await http.post("/graphql", **form(content, {})), content)


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{', b"--x--\r\n",
     b"--x\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--x--\r\n", b"--x\r\n\r\n{}\r\n--x--\r\n",
     b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n{}\r\n--x--\r\n'],
)  # fmt: skip
async def test_what_is_no_form_is_refused(http: httpx2.AsyncClient, body: bytes) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data; boundary=x; charset=nonsense"):
        refused(await http.post("/graphql", content=body, headers={**PREFLIGHT, "content-type": kind}), body)


async def test_a_file_is_a_file_and_text_is_text(http: httpx2.AsyncClient, owner: Api) -> None:
    """Wherever one stands for the other the variable is named; a file that has its place is taken."""

    def told(answer: httpx2.Response) -> str:
        errors = answer.json()["errors"]
        assert {error["extensions"]["code"] for error in errors} == {"BAD_INPUT"}, errors
        return " ".join(error["message"] for error in errors)

    def asked(query: str, **given: Any) -> Json:
        return {"query": query, "variables": {"input": given}}

    sector = await owner.sector()
    for value in [None, *ODD]:
        given = asked(UPLOAD, sectorId=sector, file=value)
        for answer in (await http.post("/graphql", json=given), await http.post("/graphql", **form(given, {}))):
            assert ".file" in told(answer)
    literal = UPLOAD.replace("$input: ImportKeywordsInput!", "$x: ID!").replace("$input", '{sectorId: $x, file: "x"}')
    assert "Upload" in told(await http.post("/graphql", json={"query": literal}))
    files = {"0": FILE}
    for path in ("variables.input.sectorId", "variables.input"):
        assert "$input" in told(
            await http.post("/graphql", **form(asked(UPLOAD, sectorId=sector), {"0": [path]}, **files))
        )
    for path in ("name", "promptTypes", "promptTypes.GENERATE_IDEAS"):
        given = asked(STRATEGY, name="A", promptTypes={})
        assert "$input" in told(await http.post("/graphql", **form(given, {"0": [f"variables.input.{path}"]}, **files)))
    deep = asked(STRATEGY, name="A", promptTypes=json.loads(DEEP))
    assert "levels" in told(await http.post("/graphql", json=deep))
    taken = await http.post("/graphql", **form(asked(UPLOAD, sectorId=sector), {"0": [PLACE]}, **files))
    assert taken.json()["data"] == {"importKeywords": {"userErrors": []}}


async def test_who_goes_in_the_midst_of_a_request_is_nobodys_fault(url: str) -> None:
    port = int(url.rpartition(":")[2])
    for kind in ("application/json", "multipart/form-data; boundary=x"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /graphql HTTP/1.1\r\nHost: x\r\n{next(iter(PREFLIGHT))}: true\r\nContent-Type: {kind}\r\n"
        writer.write(f"{head}Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n".encode())
        assert b"100" in await reader.readline()  # the application reads by now
        writer.write(b"--x\r\n")
        writer.close()
        await writer.wait_closed()


# WebSockets


async def conversation(api: Api, *frames: str | bytes, init: bool = True) -> tuple[list[Json], int | None]:
    """What the server answers to the frames, until it has answered a ping after them; its close code."""
    answers: list[Json] = []
    code = None
    address = api.url.replace("http", "ws", 1) + "/graphql"
    async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        try:
            if init:
                await send(socket, {"type": "connection_init", "payload": api.headers})
                await receive(socket)
            for frame in frames:
                await socket.send(frame)
            await send(socket, {"type": "ping"})
            while not answers or answers[-1]["type"] != "pong":
                answers.append(await receive(socket))
            answers.pop()
            while not answers or answers[-1]["type"] == "next":  # an operation goes on beside the ping
                answers.append(await receive(socket))
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd and closed.rcvd.reason else 1006
    return answers, code


def subscribe(payload: Any, id: Any = "1") -> str:
    return json.dumps({"id": id, "type": "subscribe", "payload": payload})


FRAMES: list[str | bytes] = [
    *(json.dumps(value) for value in ODD), "null", "", "{", "NaN", "[" * 5000, '"\\ud800"', b"\x00", b'{"type":"ping"}',
    *(json.dumps({"type": value}) for value in [None, "nonsense", "next", "connection_ack", "x" * 5000, *ODD]),
    '{"id":"1"}', *(json.dumps({"type": "ping", "payload": value}) for value in but(dict)),
    *(json.dumps({"type": "complete", "id": value}) for value in [None, "", "x" * 5000, *but(str)]),
    '{"type":"complete"}',
    *(json.dumps({"type": "connection_init", "payload": value}) for value in but(dict)),
]  # fmt: skip
SUBSCRIBED: list[str] = [
    *(subscribe(QUERY, value) for value in [None, "", "x" * 5000, *but(str)]),
    *(subscribe(payload) for payload in NO_REQUEST), subscribe({"documentId": UNKNOWN}),
    '{"type":"subscribe"}', '{"type":"subscribe","id":"1"}', json.dumps({"type": "subscribe", "payload": QUERY}),
]  # fmt: skip


async def test_frames_that_are_no_messages_close_the_socket_by_the_protocol(owner: Api) -> None:
    for frame in FRAMES:
        assert await conversation(owner, frame) == ([], 4400), frame
        assert await conversation(owner, frame, init=False) == ([], 4400), frame
    for frame in SUBSCRIBED:
        assert await conversation(owner, frame) == ([], 4400), frame


async def test_messages_out_of_turn_close_the_socket_by_the_protocol(owner: Api) -> None:
    init, feed = json.dumps({"type": "connection_init"}), {"query": "subscription { accountActivity { jobId } }"}
    assert await conversation(owner, subscribe(QUERY), init=False) == ([], 4401)
    assert await conversation(owner, init) == ([], 4429)
    assert await conversation(owner, subscribe(feed, "x" * 200), subscribe(QUERY, "x" * 200)) == ([], 4409)
    for payload in (None, {}, *({"authorization": value} for value in [None, "Bearer ", "Bearer igny8_\0", *ODD])):
        frame = json.dumps({"type": "connection_init", "payload": payload})
        assert await conversation(owner, frame, init=False) == ([], 4403), payload


async def test_an_operation_that_is_not_there_ends_itself_alone(owner: Api) -> None:
    cases = [payload for payload in NO_OPERATION if "subscription" not in payload["query"]]
    cases += [{"query": "subscription A { accountActivity { jobId } }", "operationName": "B"}, {"query": "{"},
              {"query": "{ nonsense }"}]  # fmt: skip
    for payload in cases:
        answers, code = await conversation(owner, subscribe(payload))
        assert code is None
        (message,) = answers
        assert (message["id"], message["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in message["payload"]] == ["BAD_INPUT"]
