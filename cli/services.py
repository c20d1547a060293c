"""Where PostgreSQL and Redis are: what the environment names, or the embedded ones of the data folder."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from cli.embedded import embedded
from cli.failures import CannotRun
from domain.settings import Settings
from persistence.postgres.revisions import pending

PATIENCE = 5.0  # seconds; servers of one deployment are often started together


@contextmanager
def services(*, migrated: bool = False) -> Iterator[Settings]:
    """Settings with both URLs of servers that answer; embedded ones run as long as the block does.

    Child processes inherit the URLs. CannotRun when a server does not answer, with `migrated` is behind the code, or
    an embedded one has ended for good.
    """
    settings = Settings()
    if not settings.embedded:
        _wait_for(str(settings.database_url), str(settings.redis_url))
        if migrated and pending(str(settings.database_url)):
            raise CannotRun("the database is behind the code; run igny8 migrate")
        yield settings
        return
    lost: list[str] = []

    def end(reason: str) -> None:
        """The servers' addresses are gone with them: the command ends as an operator would end it."""
        lost.append(reason)
        os.kill(os.getpid(), signal.SIGTERM)

    with embedded(settings.data, lost=end) as started:
        os.environ["IGNY8_DATABASE_URL"] = settings.database_url or started.database_url
        os.environ["IGNY8_REDIS_URL"] = settings.redis_url or started.redis_url
        with services(migrated=migrated) as found:
            yield found
    if lost:
        raise CannotRun(lost[0])


def _wait_for(database_url: str, redis_url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while problem := _problem(database_url, redis_url):
        if time.monotonic() > deadline:
            raise CannotRun(problem)
        time.sleep(0.2)


def _problem(database_url: str, redis_url: str) -> str:
    try:
        psycopg.connect(database_url, connect_timeout=5).close()
    except psycopg.Error as error:
        return f"PostgreSQL (IGNY8_DATABASE_URL) does not answer: {str(error).strip()}"
    try:
        with Redis.from_url(redis_url, socket_timeout=5) as redis:
            redis.ping()
    except (RedisError, OSError, ValueError) as error:
        return f"Redis (IGNY8_REDIS_URL) does not answer: {error}"
    return ""
