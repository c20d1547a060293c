"""What clients of the wild make of this server: graphql-http, -ws, -sse and -eslint, Apollo, urql, Relay."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from tests.client import Api
from tests.conftest import ROOT

HERE = Path(__file__).parent
SDL = ROOT / "tests" / "schema.graphql"
INSTALLED = HERE / "node_modules" / ".package-lock.json"  # the last that npm writes
KEYWORDS = ["best moka pot", "cold brew at home", "cold brew recipe", "moka pot", "teapot"]
SCALARS = {"DateTime": "string", "Decimal": "string", "BigInt": "number", "JSON": "mixed", "Upload": "mixed"}

pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and INSTALLED.exists()),
    reason="needs Node.js 20.19 or newer and the packages that `make test-clients` installs",
)

LINT_SETTINGS: dict[str, Any] = {
    # Connections have nodes beside edges, and short lists are plain ones.
    "relay-edge-types": ["error", {"listTypeCanWrapOnlyEdgeType": False}],
    # What is made by rule is named by rule; oneOf is GraphQL's own.
    "require-description": [
        "error",
        {
            "types": True,
            "DirectiveDefinition": True,
            "rootField": True,
            "ignoredSelectors": ["[name.value=/(Connection|Edge|Filter|Order|OrderField|Payload|Input|^oneOf)$/]"],
        },
    ],
}
LINT_EXCEPTIONS = {
    "strict-id-in-types": "pages, payloads and values such as Credits have no identity; what has one is a Node",
    "no-typename-prefix": "Keyword.keyword, Content.contentType and others have the reference's names",
}


async def node(*arguments: str | Path, cwd: Path = HERE) -> str:
    """What a program prints; an AssertionError when it fails or complains."""
    command = ["node", "--no-warnings", *map(str, arguments)]
    process = await asyncio.create_subprocess_exec(*command, cwd=cwd, stdout=PIPE, stderr=PIPE)
    try:
        printed, complaints = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, complaints.decode()) == (0, ""), printed.decode()
    return printed.decode()


async def told(script: str, **given: Any) -> Any:
    return json.loads(await node(HERE / script, json.dumps(given)))


@pytest.fixture
async def given(url: str, owner: Api) -> dict[str, str]:
    """A server, and a sector with keywords in it."""
    sector = await owner.sector()
    await owner.import_text(sector, "\n".join(KEYWORDS))
    return {"url": url, "token": str(owner.token), "sector": sector}


def ran_to_its_end(statuses: list[str]) -> bool:
    return statuses[-1] == "SUCCEEDED" and set(statuses[:-1]) <= {"QUEUED", "RUNNING"}


async def test_graphql_over_http_by_its_audits(url: str) -> None:
    results = await told("graphql_http.mjs", url=url)

    assert len(results) == 61
    assert [result for result in results if result["status"] != "ok"] == []


@pytest.mark.usefixtures("worker")
async def test_graphql_ws(given: dict[str, str]) -> None:
    found = await told("graphql_ws.mjs", **given)

    assert found["role"] == "OWNER"
    for states in found["followed"]:
        assert ran_to_its_end([state["status"] for state in states])
        assert states[-1] == {"status": "SUCCEEDED", "done": len(KEYWORDS), "total": len(KEYWORDS)}
    assert found["nothing"] == ["NOT_FOUND"]
    assert found["sockets"] == 1
    assert found["wrongToken"] == found["noToken"] == {"code": 4403, "reason": "Forbidden"}
    assert found["olderProtocol"] == "Server sent no subprotocol"


@pytest.mark.usefixtures("worker")
async def test_graphql_sse(given: dict[str, str]) -> None:
    found = await told("graphql_sse.mjs", **given)

    assert found["role"] == "OWNER"
    for states in found["followed"]:
        assert ran_to_its_end([state["status"] for state in states])
        assert states[-1] == {"status": "SUCCEEDED", "done": len(KEYWORDS), "total": len(KEYWORDS)}
    assert ran_to_its_end(found["byUrql"])
    assert (found["nothing"], found["invalid"]) == (["NOT_FOUND"], ["BAD_INPUT"])
    assert found["noToken"] == ["UNAUTHENTICATED"]


@pytest.mark.usefixtures("worker")
async def test_apollo_client(given: dict[str, str]) -> None:
    found = await told("apollo.mjs", **given)

    assert found["site"] == "Coffee"
    assert (found["keywords"], found["totalCount"]) == (KEYWORDS, len(KEYWORDS))
    assert found["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", "siteId"]}]
    assert found["stranger"] == ["UNAUTHENTICATED"]
    assert found["invalid"] == ["BAD_INPUT"]
    assert ran_to_its_end(found["statuses"])
    assert found["cached"] == "SUCCEEDED", "the subscription brings the job in the cache up to date"


@pytest.mark.usefixtures("worker")
async def test_urql(given: dict[str, str]) -> None:
    found = await told("urql.mjs", **given)

    assert found["totalCount"] == len(KEYWORDS)
    assert found["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", "sectorId"]}]
    assert found["invalid"] == ["BAD_INPUT"]
    assert found["methods"] == ["GET", "POST", "GET", "POST"]
    assert ran_to_its_end(found["statuses"])


@pytest.fixture
async def artifacts(tmp_path: Path) -> Path:
    """What relay-compiler makes of the operations in relay/."""
    shutil.copytree(HERE / "relay", tmp_path / "relay")
    shutil.copy(SDL, tmp_path)
    made = tmp_path / "artifacts"
    made.mkdir()
    config = {
        "src": "./relay",
        "schema": f"./{SDL.name}",
        "language": "javascript",
        "artifactDirectory": f"./{made.name}",
        "customScalarTypes": SCALARS,
        "eagerEsModules": False,
    }
    (tmp_path / "relay.config.json").write_text(json.dumps(config))
    await node(HERE / "node_modules" / "relay-compiler" / "cli.js", "relay.config.json", cwd=tmp_path)
    return made


@pytest.mark.usefixtures("worker")
async def test_relay_compiles_and_runs(given: dict[str, str], artifacts: Path) -> None:
    found = await told("relay.mjs", artifacts=str(artifacts), **given)

    assert (found["keywords"], found["totalCount"]) == (KEYWORDS, len(KEYWORDS))
    assert ran_to_its_end(found["statuses"])
    assert found["warnings"] == []


async def test_the_schema_by_graphql_eslint() -> None:
    complaints = await told("lint.mjs", sdl=str(SDL), settings=LINT_SETTINGS)

    assert complaints.keys() == LINT_EXCEPTIONS.keys(), complaints
