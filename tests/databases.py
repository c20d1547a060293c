"""One connection for looking into each test's database: signing in each time would take longer than the statements."""

from contextlib import suppress
from typing import Any

import psycopg

_open: dict[str, psycopg.Connection[Any]] = {}


def sql_at(url: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """As the superuser, in a transaction of its own: all accounts' rows."""
    try:
        return _run(url, query, parameters)
    except (psycopg.OperationalError, psycopg.InterfaceError):  # the server was restarted under it
        forget(url)
        return _run(url, query, parameters)


def _run(url: str, query: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if url not in _open:
        _open[url] = psycopg.connect(url, autocommit=True)
    cursor = _open[url].execute(query, parameters)
    return cursor.fetchall() if cursor.description else []


def forget(url: str) -> None:
    """Before the database goes."""
    if known := _open.pop(url, None):
        with suppress(psycopg.Error):
            known.close()
