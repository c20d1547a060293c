"""Ghost sites for tests: one in memory always, and a real one where a kit that starts one is named."""

import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from domain.addresses import AllowedHosts
from domain.destinations import Connection
from jobs.adapters.door import Door
from jobs.adapters.ghost import Ghost
from persistence.terms import IntegrationKind
from tests.jobs.scripted import Scripted
from tests.standins.ghost import GhostSite

KIT = os.environ.get("IGNY8_GHOST_KIT", "")  # a folder with `up` and `down`


@dataclass(frozen=True, slots=True)
class There:
    """Where a site is. `site`, `server`: of one in memory; `pids`, `images` (where they lie): of a real one."""

    url: str
    key: str
    site: GhostSite | None = None
    server: Scripted | None = None
    pids: Sequence[int] = ()
    images: Path | None = None

    @asynccontextmanager
    async def ghost(self, key: str | None = None, **config: Any) -> AsyncIterator[Ghost]:
        door = Door(AllowedHosts.of(urlsplit(self.url).netloc))
        async with door.client() as client:
            yield Ghost(client, Connection(IntegrationKind.GHOST, self.url, config, self.key if key is None else key))


@asynccontextmanager
async def in_memory() -> AsyncIterator[There]:
    site = GhostSite()
    async with Scripted(otherwise=site) as server:
        site.url = server.url.removesuffix("/v1")
        yield There(site.url, site.key, site, server)


@contextmanager
def real(folder: Path) -> Iterator[There]:
    """A new and empty one. Its program is installed where the kit keeps it; that takes two minutes, once."""
    state = ["--state", str(folder / "state")]
    started = subprocess.run([f"{KIT}/up", *state], check=True, stdout=subprocess.PIPE, text=True)
    info = json.loads(started.stdout.splitlines()[-1])
    try:
        images = folder / "state/content/images"
        yield There(info["url"], info["admin_api_key"], pids=info["pids"], images=images)
    finally:
        subprocess.run([f"{KIT}/down", *state, "--wipe"], check=True, stdout=subprocess.PIPE)
