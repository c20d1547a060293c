"""Real servers for all tests: one PostgreSQL and one Redis a session, a fresh database a module."""

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import uvicorn
from argon2 import PasswordHasher
from redis import Redis
from sqlalchemy import make_url

from cli.draining import DrainingServer
from cli.embedded import Services, embedded
from domain.auth import passwords
from domain.settings import Settings
from persistence.postgres.migrations import migrate
from server import create_app
from tests.client import Api
from tests.databases import forget

ROOT = Path(__file__).parents[1]
SECRET = "a secret for tests that is long enough"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """A database and a Redis of a module's own, and the settings that name them."""

    database_url: str
    redis_url: str
    data: Path

    @property
    def settings(self) -> Settings:
        return Settings(
            database_url=self.database_url,
            redis_url=self.redis_url,
            data=self.data,
            secret_key=SECRET,  # type: ignore[arg-type]
        )

    @property
    def environment(self) -> dict[str, str]:
        """For a child process."""
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "IGNY8_DATABASE_URL": self.database_url,
            "IGNY8_REDIS_URL": self.redis_url,
            "IGNY8_DATA": str(self.data),
            "IGNY8_SECRET_KEY": SECRET,
        }


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[str]:
    """Sign-up after sign-up in this process: hashed for a millisecond each. What a real hash begins with."""
    real, hasher = passwords._nobody, PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    with pytest.MonkeyPatch.context() as cheap:
        cheap.setattr(passwords, "_hasher", hasher)
        cheap.setattr(passwords, "_nobody", hasher.hash("nobody's password"))
        yield real[: real.rindex("p=") + 3]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with embedded(tmp_path_factory.mktemp("servers"), fsync=False) as services:
        yield services


@pytest.fixture(scope="session")
def template(servers: Services) -> str:
    """The name of a migrated database that modules copy."""
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute("create database template_igny8")
    migrate(named(servers.database_url, "template_igny8"))
    return "template_igny8"


@contextmanager
def fresh_place(servers: Services, template: str, data: Path) -> Iterator[Place]:
    number = next(_numbers)
    name = f"test_{number}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
        redis_url = servers.redis_url.replace("db=0", f"db={number % 15 + 1}")
        with Redis.from_url(redis_url) as redis:
            redis.flushdb()  # sixteen databases for all modules: what another has left counts towards limits
        url = named(servers.database_url, name)
        yield Place(url, redis_url, data)
        forget(url)
        connection.execute(f"drop database {name} with (force)")


def named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def place(servers: Services, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with fresh_place(servers, template, tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture(scope="module")
async def url(place: Place) -> AsyncIterator[str]:
    """Where a real HTTP server with the whole application listens."""
    async with served(place) as address:
        yield address


@asynccontextmanager
async def served(place: Place) -> AsyncIterator[str]:
    app = create_app(place.settings)
    config = uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio")
    server = DrainingServer(config, app.state.drain)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
            raise RuntimeError("the server ended")
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    """A client that is nobody yet."""
    async with Api(url) as client:
        yield client


@pytest.fixture
async def owner(url: str) -> AsyncIterator[Api]:
    """A client signed in as the owner of a new account."""
    async with Api(url) as client:
        await client.sign_up()
        yield client


@pytest.fixture(scope="module")
def worker(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker process."""
    with worker_process(place) as process:
        yield process


@contextmanager
def worker_process(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "cli", "worker"], env=place.environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)
