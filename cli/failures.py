"""Failures that an operator can put right."""


class CannotRun(Exception):
    """Something that the command needs is not there; the message says what to do."""


def explained(error: Exception) -> str | None:
    """What to tell instead of a traceback; None for a fault of ours."""
    # Imported here: they take longer than most commands, and are loaded already when they have raised something.
    from alembic.util import CommandError
    from psycopg import OperationalError
    from psycopg_pool import PoolTimeout
    from pydantic import ValidationError
    from sqlalchemy.exc import DBAPIError

    from cli.embedded import EmbeddedError
    from persistence.errors import Away, Outgrown, UnsafeRole, WrongSession

    if isinstance(error, ValidationError):
        return "; ".join(_problem(str(e["msg"]), tuple(e["loc"])) for e in error.errors())
    if isinstance(error, DBAPIError) and error.orig is not None:
        return f"PostgreSQL refuses: {str(error.orig).strip()}"
    if isinstance(error, (OperationalError, PoolTimeout, Away)):
        return f"PostgreSQL does not answer: {str(error).strip()}"
    told = (CannotRun, CommandError, EmbeddedError, Outgrown, UnsafeRole, WrongSession)
    return str(error) if isinstance(error, told) else None


def _problem(message: str, place: tuple[int | str, ...]) -> str:
    names = [f"IGNY8_{part}".upper() for part in place]
    return ": ".join([*names, message.removeprefix("Value error, ")])
