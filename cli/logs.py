"""What the processes log, and how."""

import logging
import sys

# To print tracebacks in a way that we do not want structlog loads rich: 4 MB of each process.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]  # not to be found, for the next line
import structlog  # noqa: E402

if sys.modules["rich"] is None:
    del sys.modules["rich"]


def configure_logging() -> None:
    """Text for a terminal, JSON lines for everything else; on standard error."""
    terminal = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]  # rich would show locals
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
