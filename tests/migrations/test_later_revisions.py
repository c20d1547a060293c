"""A revision after the baseline, as the next release brings one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from persistence.postgres import migrations, revisions
from persistence.postgres.migrations import accounts_at_stake, migrate
from persistence.postgres.revisions import SCRIPTS, pending
from tests.conftest import ROOT
from tests.migrations.support import contents, fill, ours

BASELINE, LATER = "0001_baseline", "9999_motto"
UP = """op.execute("create table motto (said text)")"""
DOWN = """op.execute("drop table motto")"""


@pytest.fixture
def later(tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """The code of that release, until it is undone: its revision is begun as pyproject.toml has it."""
    folder = tmp_path / "alembic"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(folder))
    command.revision(config, "Every site has a motto.", rev_id=LATER)
    begun = folder / "versions" / f"{LATER}.py"
    begun.write_text(begun.read_text().replace("    pass", f"    {UP}", 1).replace("    pass", f"    {DOWN}", 1))
    with pytest.MonkeyPatch.context() as release:
        for module in (migrations, revisions):
            release.setattr(module, "SCRIPTS", folder)
        yield release


@pytest.mark.usefixtures("later")
def test_up_and_down_on_filled_tables(empty: str) -> None:
    migrate(empty, BASELINE)
    fill(empty)
    made, before = ours(empty), contents(empty)
    assert pending(empty)

    migrate(empty)

    assert not pending(empty)
    assert set(ours(empty)) - set(made) == {"relation motto", "type motto", "type _motto"}
    assert contents(empty) == before

    migrate(empty, BASELINE)

    assert pending(empty)
    assert (ours(empty), contents(empty)) == (made, before)


@pytest.mark.usefixtures("later")
def test_what_a_step_back_would_take(empty: str) -> None:
    assert accounts_at_stake(empty, BASELINE) is None
    migrate(empty)
    fill(empty)
    assert [accounts_at_stake(empty, to) for to in ("head", LATER, BASELINE, "base")] == [None, None, 1, 1]
    migrate(empty, BASELINE)
    assert [accounts_at_stake(empty, to) for to in ("head", LATER, BASELINE, "base")] == [None, None, None, 1]


def test_the_release_before_goes_on_beside_it(empty: str, later: pytest.MonkeyPatch) -> None:
    """While the newer is deployed; what moves the schema is for the newer alone."""
    migrate(empty)
    later.undo()
    assert not pending(empty)
    with pytest.raises(CommandError, match=LATER):
        migrate(empty)
