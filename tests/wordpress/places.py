"""WordPresses that tests go to: the stand-in, and real ones where IGNY8_WORDPRESS_KIT names what starts them.

The kit is a folder with two programs. `up --state DIR` starts an empty WordPress on loopback, whose files are in
`DIR/site` and whose MariaDB listens at `DIR/run/db.sock`, and writes to `DIR/info.json` its `url`, the `pids` of its
processes, and `admin`, `editor`, `subscriber` as `{user, app_password, id}`. `down --state DIR --wipe` ends it. One
with our companion plugin has it beside.
"""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.conftest import ROOT
from tests.standins.wordpress import WordPressSite

KIT = os.environ.get("IGNY8_WORDPRESS_KIT")
MISSING = "IGNY8_WORDPRESS_KIT names no folder with `up` and `down`, which start and end a WordPress"
START_SECONDS = 600
COMPANION = ROOT / "deploy/wordpress/igny8-companion/igny8-companion.php"


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    password: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """`companion`: the plugin with keys for SEO is there. `pids`, `files`: of a real one."""

    url: str
    people: Mapping[str, Person]
    companion: bool
    standin: WordPressSite | None = None
    pids: Sequence[int] = ()
    files: Path | None = None


def place_of(site: WordPressSite) -> Place:
    people = {name: Person(user.username, user.app_password, user.name) for name, user in site.users.items()}
    return Place(site.url, people, site.companion, site)


class Kits:
    """Real ones, started when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: dict[bool, Place] = {}

    async def of(self, companion: bool) -> Place:
        """With an author and a contributor beside the accounts that the kit makes."""
        if companion not in self._started:
            state = self._state(companion)
            await asyncio.to_thread(_run, "up", "--state", state)
            if companion:
                shutil.copy(COMPANION, state / "site/wp-content/mu-plugins")
            told = json.loads((state / "info.json").read_text())
            people = {
                role: Person(told[role]["user"], told[role]["app_password"], name)
                for role, name in (("admin", "admin"), ("editor", "Editor"), ("subscriber", "Subscriber"))
            }
            for role in ("author", "contributor"):
                people[role] = await _person(told["url"], people["admin"], role)
            self._started[companion] = Place(told["url"], people, companion, pids=told["pids"], files=state / "site")
        return self._started[companion]

    def close(self) -> None:
        for companion in self._started:
            _run("down", "--state", self._state(companion), "--wipe")

    def _state(self, companion: bool) -> Path:
        return self._folder / ("companion" if companion else "stock")


def _run(program: str, *arguments: Any) -> None:
    command = [str(Path(KIT or "") / program), *map(str, arguments)]
    subprocess.run(command, check=True, timeout=START_SECONDS, stdout=subprocess.DEVNULL)


def in_database(there: Place, text: str) -> None:
    """Runs SQL in a kit's own database, as WordPress itself does."""
    assert there.files
    password = (there.files / "wp-config.php").read_text().partition("'DB_PASSWORD', '")[2].partition("'")[0]
    socket = there.files.parent / "run/db.sock"
    command = ["mariadb", "--no-defaults", f"--socket={socket}", "-uwordpress", "wordpress"]
    subprocess.run(command, input=text, text=True, check=True, env={**os.environ, "MYSQL_PWD": password})


async def _person(url: str, admin: Person, role: str) -> Person:
    name = role.capitalize()
    async with httpx2.AsyncClient(auth=(admin.username, admin.password), trust_env=False) as client:
        fields = {
            "username": role, "name": name, "email": f"{role}@example.org", "roles": [role],
            "password": "a long pass phrase",
        }  # fmt: skip
        made = (await client.post(f"{url}/wp-json/wp/v2/users", json=fields)).raise_for_status().json()
        passwords = f"{url}/wp-json/wp/v2/users/{made['id']}/application-passwords"
        password = (await client.post(passwords, json={"name": "tests"})).raise_for_status().json()["password"]
    return Person(role, password, name)
