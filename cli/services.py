"""Where PostgreSQL and Redis are: what the environment names, or the embedded ones of the data folder."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from domain.settings import Settings
from persistence.embedded import embedded


@contextmanager
def services() -> Iterator[Settings]:
    """Settings with both URLs; embedded servers run as long as the block does. Child processes inherit the URLs."""
    settings = Settings()
    if not settings.embedded:
        yield settings
        return
    with embedded(settings.data) as started:
        os.environ.setdefault("IGNY8_DATABASE_URL", started.database_url)
        os.environ.setdefault("IGNY8_REDIS_URL", started.redis_url)
        yield Settings()


def configure_logging() -> None:
    """Text for a terminal, JSON lines for everything else; on standard error."""
    terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
