"""Databases of before the baseline: refused as they are, and their rows moved as the README tells."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from cli.embedded import Services, programs
from persistence.errors import Outgrown
from persistence.postgres.migrations import accounts_at_stake, migrate
from persistence.postgres.revisions import pending
from tests.conftest import Place
from tests.migrations.support import contents, database, fill, igny8, pg
from tests.test_readme import blocks, shell

REFUSED = (
    "The database is at revision 0013, from which no way leads on, and is left as it is: dump its rows "
    "(pg_dump --data-only) and restore them into a new database that igny8 migrate has made, as the README tells under "
    "Deploy."
)
COMMANDS = (
    ("migrate",),
    ("migrate", "--revision", "base", "--drop-data"),
    ("serve",),
    ("worker",),
)
# What `fill` leaves out: keys in a circle, and rows that triggers count.
KEYS = """
update account set owner_id = (select id from app_user), default_author_profile_id = (select id from author_profile);
update keyword set cluster_id = (select id from cluster), volume = 7, language = 'de', keyword = 'Cafés', key = 'cafés';
update content_idea set cluster_id = (select id from cluster);
update system_settings set notice = 'closed on Sunday'
"""


def at(url: str, revision: str) -> None:
    """The database says that it is at that one."""
    with psycopg.connect(url) as connection:
        connection.execute("update alembic_version set version_num = %s", (revision,))


def all_of(url: str) -> list[str]:
    """Tables, rights and rows; without the key that each dump is locked with."""
    return [line for line in pg("pg_dump", url).splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_no_command_touches_one(empty: str, place: Place) -> None:
    migrate(empty)
    fill(empty)
    at(empty, "0013")
    before = all_of(empty)
    old = replace(place, database_url=empty)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda command: igny8(*command, place=old), (*COMMANDS, ("doctor",))))

    for command, done in zip(COMMANDS, told[:-1], strict=True):
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"igny8: {REFUSED}\n"), command
    assert told[-1].returncode == 1
    assert "is at revision 0013," in " ".join(told[-1].stdout.split())
    assert all_of(empty) == before


@pytest.mark.parametrize("revision", ["0001", "0017"])
def test_which_these_are(empty: str, revision: str) -> None:
    migrate(empty)
    at(empty, revision)
    for ask in (pending, migrate, lambda url: accounts_at_stake(url, "head")):
        with pytest.raises(Outgrown, match=f"at revision {revision},"):
            ask(empty)
    at(empty, "0018_motto")
    assert not pending(empty), "nobody knows it, so that it is newer"


def test_every_row_moves(empty: str, servers: Services, tmp_path: Path, place: Place) -> None:
    migrate(empty)
    fill(empty)
    with psycopg.connect(empty) as connection:
        connection.execute(KEYS.encode())
    at(empty, "0013")
    before = contents(empty)
    (commands,) = [block for block in blocks("sh", "Deploy") if "--data-only" in block]
    binaries = Path(programs.installed().postgres, "pginstall", "bin")

    with database(servers) as fresh:
        environment = replace(place, database_url=empty).environment
        shell(f"cd {tmp_path}\nPATH={binaries}:$PATH\n{commands}", **environment, NEW_URL=fresh)

        assert contents(fresh) == before
        assert not pending(fresh)
        with psycopg.connect(fresh) as connection:
            counted = connection.execute("select keywords_count, volume, ideas_count from cluster").fetchall()
        assert counted == [(1, 7, 1)]
