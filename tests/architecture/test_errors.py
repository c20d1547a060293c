"""No exception is kept ready to be raised: each raise would lengthen its traceback, and keep the frames for ever."""

import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import CONSTRAINTS, DomainError, translate
from persistence import errors

ROOT = Path(__file__).parents[2]
# Whatever has been imported lives then, in modules, classes, tables, closures and caches alike.
KEPT = """
import gc, importlib, pkgutil
import server
for room in ("cli", "schema", "jobs", "domain", "persistence"):
    for found in pkgutil.walk_packages(importlib.import_module(room).__path__, room + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
gc.collect()
for each in gc.get_objects():
    if isinstance(each, BaseException):
        print(repr(each), "kept by", [str(referrer)[:200] for referrer in gc.get_referrers(each)])
"""
TOLD = [
    errors.Missing("Keyword"), errors.Broken("fk_keyword_cluster"), errors.Stale(), errors.SessionEnded(),
    errors.AccountSuspended(), errors.AccountCancelled(), errors.Unanswered(), errors.Deadlock(), errors.Away(),
    errors.TooSlow(), *(errors.Duplicate(name) for name in CONSTRAINTS),
]  # fmt: skip


def test_no_module_keeps_an_exception() -> None:
    ended = subprocess.run([sys.executable, "-c", KEPT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr


@pytest.mark.parametrize("told", TOLD, ids=lambda told: f"{type(told).__name__} {told}")
def test_what_is_translated_twice_is_raised_as_two(told: errors.PersistenceError) -> None:
    raised = []
    for _ in range(2):
        with pytest.raises(DomainError) as refused:
            raise translate(told) or AssertionError(f"{told} is not told")
        raised.append(refused.value)
    first, second = raised
    assert first is not second
    assert (first.code, first.message, first.field) == (second.code, second.message, second.field)
