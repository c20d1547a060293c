"""The wheel as the README deploys it: everything in it, its commands in an empty folder, what each extra is for."""

import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import httpx2
import psycopg
import pytest

from cli.embedded import Services
from cli.ports import free_port
from cli.processes import wait_until_ready
from persistence.postgres.revisions import pending
from tests.client import Api
from tests.conftest import ROOT, Place, named
from tests.distributions import EXTRAS, installed_with

FOLDERS = ("alembic", "cli", "domain", "jobs", "persistence", "schema")
FILES = ("server.py", "setup.py", "pyproject.toml", "LICENSE", "THIRD_PARTY.md")
LEFT_OUT = ("script.py.mako",)  # new revisions are begun in a checkout
IMPORT_ALL = """
import importlib, pkgutil
for room in ("cli", "schema", "domain", "persistence"):
    for found in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
        if found.name not in ("cli.__main__", "cli.reload") and "alembic" not in found.name:
            importlib.import_module(found.name)
import server
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with the wheel, and an empty folder where it is used."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self.folder / "bin" / command[0], *command[1:]],
            env=self.environment, cwd=self.folder / "empty", capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    @contextmanager
    def running(self, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
        program = [self.folder / "bin" / command[0], *command[1:]]
        process = subprocess.Popen(program, env=self.environment, cwd=self.folder / "empty")
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=180)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a build leaves files behind that the next one would take in."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source)
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={made}", source)
    (found,) = made.iterdir()
    return found


def pip(python: str | Path, command: str, *arguments: str | Path) -> None:
    ours = [sys.executable, "-m", "pip", "--python", python, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*ours, command, "--no-index", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def link(names: Iterable[str], site: Path) -> None:
    """What this environment has of these distributions."""
    for found in map(distribution, names):
        for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not (site / name).exists():
                (site / name).symlink_to(Path(str(found.locate_file(name))))


@pytest.fixture(scope="module")
def unmigrated(servers: Services, place: Place) -> Iterator[Place]:
    """The place, with an empty database in place of its own."""
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute("create database deployed")
        yield Place(named(servers.database_url, "deployed"), place.redis_url, place.data)
        connection.execute("drop database deployed with (force)")


@pytest.fixture(scope="module")
def api_only(wheel: Path, unmigrated: Place, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Nothing but the wheel and what it requires."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    link(installed_with(), site)
    pip(folder / "bin" / "python", "install", "--no-deps", "--no-compile", wheel)
    (folder / "empty").mkdir()
    return Installed(folder, {n: value for n, value in unmigrated.environment.items() if n != "PYTHONPATH"})


@pytest.fixture(scope="module")
def with_workers(api_only: Installed, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The same with that extra."""
    extra = tmp_path_factory.mktemp("extra")
    link(set(installed_with("workers")) - set(installed_with()), extra)
    return Installed(api_only.folder, {**api_only.environment, "PYTHONPATH": str(extra)})


def test_every_file_is_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {"server.py"}
    for folder in FOLDERS:
        found = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        expected |= {path.relative_to(ROOT).as_posix() for path in found if path.name not in LEFT_OUT}
    assert {name for name in names if ".dist-info/" not in name} == {
        f"persistence/{name}" if name.startswith("alembic/") else name for name in expected
    }
    assert {"LICENSE", "THIRD_PARTY.md"} <= {Path(name).name for name in names if ".dist-info/licenses/" in name}


async def test_deployed_in_an_empty_folder(api_only: Installed, with_workers: Installed, unmigrated: Place) -> None:
    """The database is made, and work done from sign-up to clusters; modules that lie about there are not taken."""
    for name in ("cli.py", "jobs.py", "persistence.py", "server.py"):
        (with_workers.folder / "empty" / name).write_text("raise ImportError('not ours')")
    told = with_workers.run("igny8", "doctor").stdout
    assert "igny8 migrate" in told
    assert re.search(r"workers\s+ok\s+can run here", told), told
    told = api_only.run("igny8", "migrate")
    assert (told.returncode, told.stdout) == (0, "migrated to head\n"), told.stderr
    assert not pending(unmigrated.database_url)
    port = free_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port}"
    with api_only.running("igny8", "serve", "--port", str(port)), with_workers.running("igny8", "worker"):
        wait_until_ready(url, patience=180)
        async with Api(url) as api:
            await api.sign_up()
            sector = await api.sector()
            await api.import_text(sector, "cold brew recipe\ncold brew at home\nbest moka pot\nmoka pot sizes\n")
            job = await api.start("clusterKeywords", sectorId=sector)
            assert (await api.finished(job["job"]["id"]))["status"] == "SUCCEEDED"
        assert "graphql" in httpx2.get(url).text


def test_an_api_process_needs_no_extra(api_only: Installed) -> None:
    done = api_only.run("python", "-P", "-c", IMPORT_ALL)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["worker", "demo"])
def test_a_worker_says_what_it_needs(api_only: Installed, command: str) -> None:
    told = api_only.run("igny8", command)
    assert told.returncode == 1
    said = " ".join((told.stdout + told.stderr).split())
    assert "Traceback" not in said
    assert re.search(r"a worker needs openai, .*numpy, .*: pip install 'igny8\[workers\]'$", said), said


def test_doctor_tells_where_a_worker_can_run(api_only: Installed) -> None:
    told = api_only.run("igny8", "doctor").stdout
    assert re.search(r"workers\s+ok\s+none can run here", told), told
    embedded = {name: value for name, value in api_only.environment.items() if not name.endswith("_URL")}
    told = Installed(api_only.folder, embedded).run("igny8", "doctor").stdout
    assert re.search(r"workers\s+not ok\s+pip install 'igny8\[workers\]'", told), told


def test_the_extras_are_those_that_the_readme_tells() -> None:
    text = (ROOT / "README.md").read_text()
    assert {"workers", "embedded"} <= {
        extra for found in re.findall(r"\.\[([a-z,]+)\]", text) for extra in found.split(",")
    }
    assert set(EXTRAS) == {"workers", "embedded", "dev"}
