"""What the README tells a stranger to do, done."""

import asyncio
import os
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from graphql import build_schema, parse, validate
from sqlalchemy import make_url

from cli.embedded import Services, programs
from domain.settings import Settings
from persistence.postgres.revisions import pending
from tests.client import Api
from tests.conftest import ROOT, Place, named

TEXT = (ROOT / "README.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def blocks(language: str, section: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```", SECTIONS[section], re.MULTILINE | re.DOTALL)
    assert found, f"no {language} in {section}"
    return found


def shell(script: str, **environment: str) -> str:
    """What a script says; it ends with the first command that fails."""
    env = {**os.environ, **environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_make_targets_are_there() -> None:
    targets = re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = set(re.findall(r"make ([a-z]+)", TEXT))
    assert {"demo", "dev", "test", "check", "help"} <= told <= set(targets)
    for target in ("demo", "dev", "test", "check"):
        assert "python" in shell(f"make --always-make --dry-run PYTHON=python {target}"), "makes its environment"
    listed = shell("make help")
    assert all(f"make {target}" in listed for target in told)


def test_every_setting_is_told_and_none_that_is_not_there() -> None:
    told = set(re.findall(r"^\| `(\w+)`", SECTIONS["Deploy"], re.MULTILINE))
    assert told == set(Settings.variables())


@pytest.mark.usefixtures("worker")
async def test_the_first_queries(url: str) -> None:
    script = "\n".join(blocks("sh", "First queries")).replace("http://127.0.0.1:8000", url)
    told = await asyncio.to_thread(shell, script + '\necho "$TOKEN $SECTOR $JOB"')

    assert '"format":"GENERIC","imported":4,"updated":0,"skipped":0,"rejected":0' in told
    assert '"status":"SUCCEEDED","done":4,"total":4' in told
    token, sector, job = told.split()[-3:]
    follow, plan = blocks("graphql", "First queries")
    async with Api(url, token) as api:
        states = [data["jobProgress"]["status"] async for data in api.subscribe(follow, id=job)]
        assert states == ["SUCCEEDED"]
        clusters = (await api.one(plan, sector=sector))["clusters"]
        assert sum(c["keywordsCount"] for c in clusters["nodes"]) == 4
        assert clusters["nodes"][0]["keywords"]["nodes"][0] == {
            "keyword": "cold brew recipe",
            "volume": 900,
            "intent": [],
        }


def test_its_documents_are_of_this_schema() -> None:
    schema = build_schema((ROOT / "tests" / "schema.graphql").read_text())
    for document in blocks("graphql", "First queries"):
        assert validate(schema, parse(document)) == []
    for name in ("generateIdeas", "createTasksFromIdeas", "generateContent", "importKeywords"):
        assert f"`{name}`" in TEXT
        assert schema.mutation_type
        assert name in schema.mutation_type.fields


def test_deploying_with_roles_that_an_administrator_made(servers: Services, place: Place, tmp_path: Path) -> None:
    """On one cluster with the other tests: its roles are there already, the login has another name."""
    (statements,) = blocks("sql", "Deploy")
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        for statement in re.sub(r"\bigny8\b", "readme", statements).split(";\n"):
            with suppress(psycopg.errors.DuplicateObject):  # igny8_*
                connection.execute(statement.encode())
        connection.execute("create database readme_restored owner readme")
    url, restored = (
        make_url(named(servers.database_url, name))
        .set(username="readme", password="secret")
        .render_as_string(hide_password=False)
        for name in ("readme", "readme_restored")
    )
    environment = replace(place, database_url=url, data=tmp_path).environment
    install, backup, _ = blocks("sh", "Deploy")

    told = shell("\n".join(re.findall(r"^igny8 (?:migrate|create-account).*", install, re.MULTILINE)), **environment)

    assert told.startswith("migrated to head\n")
    assert '"accessToken"' in told
    assert {"serve", "worker"} <= set(re.findall(r"^igny8 ([a-z-]+)", install, re.MULTILINE))
    binaries = Path(programs.installed().postgres, "pginstall", "bin")
    shell(f"PATH={binaries}:$PATH\ncd {tmp_path}\n{backup}", **environment, RESTORED_URL=restored)
    assert not pending(restored)
    with psycopg.connect(restored, options="-c role=igny8_owner") as connection:
        assert connection.execute("select email from app_user").fetchall() == [("ann@example.org",)]

    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        for statement in ("drop database readme", "drop database readme_restored", "drop role readme"):
            connection.execute(statement.encode())
