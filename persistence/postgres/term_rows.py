"""Closed sets that grow without a revision: `igny8 migrate` fills a table of each from its terms."""

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import Any

from persistence.terms import EventKind, JobKind, PromptType

TERMS: dict[str, type[StrEnum]] = {"event_kind": EventKind, "job_kind": JobKind, "prompt_type": PromptType}
Execute = Callable[[str], Iterable[Any]]


def lacking(execute: Execute, tables: Collection[str] = TERMS.keys()) -> dict[str, list[str]]:
    """By table the terms that have no row yet; rows that the code does not know are a newer release's."""
    found: dict[str, list[str]] = {}
    for table, terms in TERMS.items():
        if table not in tables:
            continue
        there = {row[0] for row in execute(f"select name from {table}")}  # noqa: S608 - a name of ours
        if missing := [term.value for term in terms if term.value not in there]:
            found[table] = missing
    return found


def fill(execute: Execute) -> None:
    """Of the tables that there are: a revision before the last may have fewer."""
    exist = {row[0] for row in execute("select tablename from pg_tables where schemaname = 'public'")}
    for table, missing in lacking(execute, exist).items():
        rows = ", ".join(f"('{name}')" for name in missing)
        execute(f"insert into {table} (name) values {rows}")  # noqa: S608 - names of ours
