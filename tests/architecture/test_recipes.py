"""The recipes of ARCHITECTURE.md, done to a copy of the project: its checks pass there, and what is new works.

Each is a patch. What it touches is counted: a change must stay as small as the paper says.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = Path(__file__).parent / "recipes"
LEFT_OUT = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "*.egg-info", "build")
UNCOUNTED = ("tests/", "alembic/")
MOST = {"kind_of_work": 5, "column_of_keyword": 6}
NEEDS_A_REVISION = {"column_of_keyword"}
CONTRACTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS = (
    ("-m", "ruff", "check", "."),
    ("-m", "ruff", "format", "--check", "."),
    ("-m", "mypy"),
    ("-c", CONTRACTS),
)
BODY = re.compile(r"^@@ .*\n((?:[ +\\-].*\n|\n)+)", re.MULTILINE)


def parts(recipe: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The files of a patch, and in each what is there and what comes in its place."""
    for part in (RECIPES / f"{recipe}.patch").read_text().split("diff --git ")[1:]:
        name = part.splitlines()[0].rpartition(" b/")[2]
        lines = [hunk.splitlines(keepends=True) for hunk in BODY.findall(part)]
        yield name, [(_side(hunk, "-"), _side(hunk, "+")) for hunk in lines]


def _side(hunk: list[str], sign: str) -> str:
    return "".join(line[1:] for line in hunk if line[0] in (" ", sign))


def apply(recipe: str, folder: Path) -> None:
    """Wherever its lines stand by now; they must stand there once."""
    for name, changes in parts(recipe):
        path = folder / name
        text = path.read_text() if path.exists() else ""
        for old, new in changes:
            assert text.count(old) == 1 or not (old or text), (
                f"{name} has changed where {recipe}.patch changes it:\n{old}"
            )
            text = text.replace(old, new) if old else new
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    return done.stdout


@pytest.mark.parametrize("recipe", sorted(MOST))
def test_a_recipe_is_short(recipe: str) -> None:
    touched = [name for name, _ in parts(recipe)]

    assert len([name for name in touched if not name.startswith(UNCOUNTED)]) <= MOST[recipe]
    assert any(name.startswith("alembic/") for name in touched) == (recipe in NEEDS_A_REVISION)


def test_recipes_that_are_done_pass_the_checks_and_work(tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    for cache in (".mypy_cache", ".ruff_cache"):  # what is known already of the files that stay
        if (ROOT / cache).is_dir():
            shutil.copytree(ROOT / cache, copy / cache)
    for recipe in MOST:
        apply(recipe, copy)

    (copy / "tests" / "schema.graphql").write_text(run(copy, "-m", "cli", "schema"))
    for check in CHECKS:
        run(copy, *check)
    made = [name for recipe in MOST for name, changes in parts(recipe) if not changes[0][0] and "test_" in name]
    held = [f"tests/architecture/test_{name}.py" for name in ("work", "descriptions", "schema")]
    run(copy, "-m", "pytest", *made, *held)


def test_the_paper_names_what_is_there() -> None:
    named = re.findall(
        r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|patch))?|[a-z_]+\.py)`", (ROOT / "ARCHITECTURE.md").read_text()
    )
    files = {path.name for module in ("planner", "writer") for path in (ROOT / "schema" / module).rglob("*.py")}
    known = files | {path.name for path in ROOT.glob("domain/*/*.py")}
    known |= {"mutations.py", "mutations/", "subscriptions.py"}  # of modules

    assert len(named) > 40
    assert [name for name in named if not (ROOT / name).exists() and name not in known] == []
    for recipe in MOST:
        assert f"{recipe}.patch" in (ROOT / "ARCHITECTURE.md").read_text()
