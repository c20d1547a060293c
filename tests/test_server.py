"""The application's edge over real HTTP: pages, health, limits, origins."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import psycopg
import pytest
from pydantic import SecretStr
from redis import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from domain.settings import Settings
from persistence.postgres.database import Database
from persistence.redis.persisted_documents import id_of
from tests.client import PASSWORD, Api, receive, send
from tests.conftest import Place, served
from tests.waiting import until

APP = "https://app.example.com"
INTROSPECTION = "{ __typename }"


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=url, timeout=30) as client:
        yield client


async def test_a_browser_finds_its_way(http: httpx2.AsyncClient) -> None:
    home = await http.get("/")
    assert home.status_code == 200
    assert home.headers["content-type"].startswith("text/html")
    for link in ('href="/graphiql"', 'href="/healthz"', 'href="/readyz"'):
        assert link in home.text

    page = await http.get("/graphiql")
    assert page.status_code == 200
    assert 'new URL("/graphql", window.location.href).href' in page.text
    assert "{{" not in page.text.replace("={{", "")
    assert (await http.get("/nothing")).status_code == 404


async def test_health(http: httpx2.AsyncClient) -> None:
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = await http.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": status})


class Gate:
    """A TCP way to a server's Unix socket, which can be shut."""

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self.open: set[asyncio.StreamWriter] = set()
        self.server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        assert self.server
        self.server.close()
        for writer in self.open:
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside, outside = await asyncio.open_unix_connection(self.socket)
        self.open |= {writer, outside}
        try:
            await asyncio.gather(_copy(reader, outside), _copy(inside, writer))
        finally:
            self.open -= {writer, outside}


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while block := await source.read(65_536):
            target.write(block)
            await target.drain()
    target.close()


@asynccontextmanager
async def gated(place: Place) -> AsyncIterator[tuple[Place, Gate, Gate]]:
    """The place with its servers behind gates: PostgreSQL's, Redis'."""
    rows, keys = urlsplit(place.database_url), urlsplit(place.redis_url)
    folder = parse_qs(rows.query)["host"][0]
    gates = Gate(f"{folder}/.s.PGSQL.5432"), Gate(keys.path)
    for gate in gates:
        await gate.start()
    database = f"postgresql://{rows.username}:{rows.password}@127.0.0.1:{gates[0].port}{rows.path}"
    redis = f"redis://:{quote(str(keys.password), safe='')}@127.0.0.1:{gates[1].port}/{parse_qs(keys.query)['db'][0]}"
    try:
        yield replace(place, database_url=database, redis_url=redis), *gates
    finally:
        for gate in gates:
            await gate.shut()


async def test_readiness_names_what_is_missing_and_comes_back(place: Place) -> None:
    async with gated(place) as (behind, rows, keys), served(behind) as url, httpx2.AsyncClient(timeout=30) as http:

        async def readiness() -> tuple[int, dict[str, Any]]:
            answer = await http.get(f"{url}/readyz")
            return answer.status_code, answer.json()

        async def again() -> bool:
            return (await readiness())[0] == 200

        assert (await readiness())[0] == 200
        for shut, missing in (([keys], ["redis"]), ([rows], ["database"]), ([rows, keys], ["database", "redis"])):
            for gate in shut:
                await gate.shut()
            assert await readiness() == (503, {"status": "unavailable", "missing": missing})
            assert (await http.get(f"{url}/healthz")).status_code == 200
            for gate in shut:
                await gate.start()
            await until(again)


async def test_without_postgresql_all_is_unavailable_and_then_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.postgres.database.WAIT_SECONDS", 0.5)
    read = "{ keywords(first: 1) { totalCount } }"
    make = 'mutation { createSite(input: {name: "Tea"}) { site { id } userErrors { code } } }'
    async with gated(place) as (behind, rows, _), served(behind) as url, Api(url) as owner:
        await owner.sign_up()
        for _ in range(2):
            await owner.run(read)  # the short way is known then
        await rows.shut()
        for query in (read, read + " ", "{ viewer { user { id } } }"):
            assert [error["extensions"]["code"] for error in await owner.errors(query)] == ["UNAVAILABLE"]
        answer = await owner.answer(make)
        assert answer["data"]["createSite"] == {"site": None, "userErrors": [{"code": "UNAVAILABLE"}]}
        await rows.start()

        async def answered() -> bool:
            return "errors" not in await owner.answer(read)

        await until(answered)
        assert (await owner.one(make))["userErrors"] == []
        assert (await owner.one("{ sites { totalCount } }"))["totalCount"] == 1


async def test_what_takes_too_long_is_stopped_told_and_not_done_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.Database", partial(Database, statement_timeout_ms=300))
    asked = 0
    texts = Database.read_texts

    async def counted(self: Database, *given: Any, **options: Any) -> tuple[bytes, ...]:
        nonlocal asked
        asked += 1
        return await texts(self, *given, **options)

    read = "{ keywords(first: 1) { totalCount } }"
    async with served(place) as url, Api(url) as owner:
        await owner.sign_up()
        await owner.run(read)
        monkeypatch.setattr(Database, "read_texts", counted)
        with psycopg.connect(place.database_url) as holder:
            holder.execute("lock table keyword")
            (error,) = await owner.errors(read)
        assert (error["extensions"]["code"], asked) == ("UNAVAILABLE", 1)
        assert "takes too long" in error["message"]
        await owner.run(read)


async def test_without_redis_reads_and_new_work_go_on_and_nobody_signs_in(place: Place) -> None:
    async with gated(place) as (behind, _, keys), served(behind) as url, Api(url) as owner:
        await owner.sign_up()
        sector = await owner.sector()
        await owner.import_text(sector, "Keyword\ncold brew")
        sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code message } } }"
        given = {"email": owner.email, "password": PASSWORD}
        await keys.shut()
        refused = await owner.one(sign_in, input=given)
        assert refused["accessToken"] is None
        assert refused["userErrors"] == [
            {"code": "UNAVAILABLE", "message": "This is not possible for the moment; try again shortly."}
        ]
        assert (await owner.one("{ keywords(first: 1) { totalCount } }"))["totalCount"] == 1
        assert (await owner.start("clusterKeywords", sectorId=sector))["job"]["status"] == "QUEUED"
        await keys.start()
        assert (await owner.one(sign_in, input=given))["accessToken"]


@contextmanager
def full(place: Place) -> Iterator[None]:
    """Redis, which takes nothing more while it lasts."""
    with Redis.from_url(place.redis_url) as redis:
        before: Any = redis.config_get("maxmemory*")
        redis.config_set("maxmemory", 1)
        try:
            yield
        finally:
            redis.config_set("maxmemory", before["maxmemory"])
    assert before["maxmemory-policy"] == "volatile-lru", "else messages would go, or nothing"
    assert int(before["maxmemory"]) == 256 * 2**20


async def test_with_a_full_redis_reads_and_new_work_go_on_and_nobody_signs_in(
    place: Place, url: str, worker: object, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Api(url) as owner:
        await owner.sign_up()
        sector = await owner.sector()
        await owner.import_text(sector, "Keyword\ncold brew\ncold brew recipe")
        sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }"
        given = {"email": owner.email, "password": PASSWORD}
        named = f"query Full{secrets.token_hex(8)} {{ keywords(first: 1) {{ totalCount }} }}"
        with full(place):
            assert (await owner.one(sign_in, input=given))["userErrors"] == [{"code": "UNAVAILABLE"}]
            for _ in range(3):
                assert (await owner.one("{ keywords(first: 1) { totalCount } }"))["totalCount"] == 2
            body = {"query": named, "documentId": id_of(named)}
            answer = (await owner.http.post(f"{url}/graphql", json=body, headers=owner.headers)).json()
            assert answer["data"] == {"keywords": {"totalCount": 2}}
            (error,) = await owner.errors("{ exportKeywords(format: CSV) { url } }")
            assert error["extensions"]["code"] == "UNAVAILABLE"
            job = (await owner.start("clusterKeywords", sectorId=sector))["job"]
            assert job["status"] == "QUEUED"
            assert (await owner.http.get(f"{url}/readyz")).status_code == 200
        assert (await owner.finished(job["id"]))["status"] == "SUCCEEDED", "its message is sent again"
        assert (await owner.one(sign_in, input=given))["accessToken"]
    assert "request failed" not in capsys.readouterr().out


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_has_an_end(http: httpx2.AsyncClient, announced: bool) -> None:
    block = b" " * 1_000_000

    async def body() -> AsyncIterator[bytes]:
        for _ in range(25):
            yield block

    headers = {"content-type": "application/json"} | ({"content-length": "25000000"} if announced else {})
    answer = await http.post("/graphql", content=body(), headers=headers)

    assert answer.status_code == 413
    (error,) = answer.json()["errors"]
    extensions = {"code": "BAD_INPUT", "requestId": answer.headers["x-request-id"]}
    assert error == {"message": "The request is larger than 24 MB.", "extensions": extensions}


async def test_only_queries_come_by_get(http: httpx2.AsyncClient) -> None:
    answer = await http.get("/graphql", params={"query": INTROSPECTION})
    assert (answer.status_code, answer.json()["data"]) == (200, {"__typename": "Query"})

    mutation = 'mutation { signIn(input: {email: "a@example.com", password: "x"}) { accessToken } }'
    answer = await http.get("/graphql", params={"query": mutation})
    assert answer.status_code in (400, 405)
    assert '"data"' not in answer.text
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await http.request(method, "/graphql")).status_code == 405


async def test_every_answer_names_its_request(http: httpx2.AsyncClient) -> None:
    answers = [await http.post("/graphql", json={"query": INTROSPECTION}) for _ in range(2)]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2


@dataclass(frozen=True, slots=True)
class OpenPlace(Place):
    """Lets one application of another origin in."""

    @property
    def settings(self) -> Settings:
        return Place.settings.fget(self).model_copy(update={"allowed_origins": (APP,)})  # type: ignore[attr-defined,no-any-return]


@pytest.fixture(scope="module")
async def open_url(place: Place) -> AsyncIterator[str]:
    async with served(OpenPlace(place.database_url, place.redis_url, place.data)) as address:
        yield address


async def preflight(url: str, origin: str) -> httpx2.Headers:
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, graphql-require-preflight",
    }
    async with httpx2.AsyncClient() as http:
        return (await http.options(f"{url}/graphql", headers=asked)).headers


async def test_browsers_of_other_origins_are_let_in_by_name(url: str, open_url: str) -> None:
    assert (await preflight(open_url, APP))["access-control-allow-origin"] == APP
    for address, origin in ((open_url, "https://evil.example.com"), (url, APP), (url, "null")):
        assert "access-control-allow-origin" not in await preflight(address, origin)


async def opened(url: str, origin: str | None) -> bool:
    """Whether a WebSocket of a signed-in user gets its ack."""
    async with Api(url) as api:
        await api.sign_up()
        address = url.replace("http", "ws", 1) + "/graphql"
        try:
            async with connect(address, origin=origin, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[arg-type,list-item]
                await send(socket, {"type": "connection_init", "payload": {"authorization": f"Bearer {api.token}"}})
                return bool((await receive(socket))["type"] == "connection_ack")
        except (InvalidStatus, ConnectionClosed):
            return False


async def test_websockets_check_their_origin(url: str, open_url: str) -> None:
    """A page may open one anywhere: CORS does not ask."""
    assert await opened(url, None)
    assert await opened(url, url)
    assert not await opened(url, APP)
    assert not await opened(url, "null")
    assert await opened(open_url, APP)
    assert await opened(open_url, open_url)
    assert not await opened(open_url, "https://evil.example.com")


@pytest.mark.parametrize("protocols", [["graphql-ws"], ["soap"], None])
async def test_other_websocket_protocols_are_refused(url: str, protocols: Any) -> None:
    async def converse() -> None:
        async with connect(url.replace("http", "ws", 1) + "/graphql", subprotocols=protocols) as socket:
            await socket.send('{"type": "connection_init", "payload": {}}')
            await socket.recv()

    with pytest.raises((InvalidStatus, ConnectionClosed)):
        await converse()


async def test_what_was_done_is_said_though_it_cannot_be_read_back(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ConnectionError("secret detail")

    async with Api(url) as owner:
        await owner.sign_up()
        monkeypatch.setattr("schema.execution.executor.read", broken)
        made = await owner.answer('mutation { createSite(input: {name: "Tea"}) { site { id } userErrors { code } } }')
        read = await owner.answer("{ viewer { user { id } } }")
        monkeypatch.undo()
        assert [e["extensions"]["code"] for e in made["errors"]] == ["COMMITTED"]
        assert [e["extensions"]["code"] for e in read["errors"]] == ["INTERNAL"]
        assert "secret" not in str(made) + str(read)
        assert (await owner.one("{ sites { totalCount } }"))["totalCount"] == 1


async def test_a_hundred_failing_reads_harm_no_later_one(url: str) -> None:
    """They fail inside the database, in the midst of a pipeline."""
    query = "{ keywords(first: 1) { nodes { id } } }"
    async with Api(url) as owner, Api(url) as gone:
        await owner.sign_up()
        await gone.sign_up()
        await gone.run(query)
        await gone.run("mutation { signOut { done } }")
        failed = await asyncio.gather(*(gone.errors(query) for _ in range(100)))
        assert {error["extensions"]["code"] for (error,) in failed} == {"UNAUTHENTICATED"}
        assert await owner.run(query) == {"keywords": {"nodes": []}}


async def test_metrics_tell_what_was_done(http: httpx2.AsyncClient, url: str) -> None:
    query = "{ keywords(first: 2) { nodes { id } } }"
    async with Api(url) as owner:
        await owner.sign_up()
        before = _metrics((await http.get("/metrics")).text)
        for _ in range(3):
            await owner.run(query)
        await owner.errors("{ nonsense }")
        after = _metrics((await http.get("/metrics")).text)
        refused = await owner.errors("{ systemMetrics { operations } }")
        assert [e["extensions"]["code"] for e in refused] == ["FORBIDDEN"]

    def grown(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert grown('igny8_operations_total{outcome="ok",way="long"}') == 1
    assert grown('igny8_operations_total{outcome="ok",way="short"}') == 2
    assert grown('igny8_operations_total{outcome="error",way="long"}') == 1
    assert grown('igny8_plans_total{result="made"}') == 1
    assert grown("igny8_objects_total") == 3
    assert after["process_resident_memory_bytes"] > 1e6


def _metrics(text: str) -> dict[str, float]:
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


async def test_metrics_in_production_want_a_token(place: Place) -> None:
    class Watched(Place):
        @property
        def settings(self) -> Settings:
            changed = {"environment": "production", "metrics_token": SecretStr("metrics please")}
            return super().settings.model_copy(update=changed)

    async with served(Watched(place.database_url, place.redis_url, place.data)) as url, httpx2.AsyncClient() as client:
        for token in ("no", "metrics pleasE"):
            refused = await client.get(f"{url}/metrics", headers={"authorization": f"Bearer {token}"})
            assert refused.status_code == 403
        answer = await client.get(f"{url}/metrics", headers={"authorization": "Bearer metrics please"})
        assert "igny8_operations" in answer.text


async def test_a_slow_operation_is_logged_without_its_variables(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("schema.metrics.operation_record.SLOW_SECONDS", 0.0)
    async with Api(url) as owner:
        await owner.sign_up()
        capsys.readouterr()
        await owner.run("query($s: String) { keywords(filter: {search: $s}) { totalCount } }", s="my secret word")
    told = capsys.readouterr().out
    assert "slow operation" in told
    assert "milliseconds" in told
    assert "secret word" not in told
