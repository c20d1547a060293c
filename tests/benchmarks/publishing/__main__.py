"""Publishing: `python -m tests.benchmarks.publishing [--only articles,synced,apart]`.

Articles with two pictures, two categories and three tags go by four worker processes to a real WordPress, beside a
script that sends what a careful person would, one request after another; plain, and with 150 ms added to each answer.
Then a look at thousands of posts that nobody has changed, beside a client that turns the pages. Both need a kit:
IGNY8_WORDPRESS_KIT, as tests/wordpress/places.py says. Last, stand-in destinations, of which a few are ill, and what
that costs the others.

Times are of this machine and of what else it does; ratios are of what ran one after the other.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cli.embedded import embedded
from persistence.postgres.migrations import migrate
from tests.benchmarks.publishing import apart, articles, synced
from tests.client import Api
from tests.conftest import Place, served
from tests.jobs.support import buy
from tests.publishing.chaos import workers
from tests.wordpress.places import KIT, MISSING, Kits

PARTS = ("articles", "synced", "apart")
WORKERS = 4
DELAYS = (0.0, 0.15)


@asynccontextmanager
async def stage(data: Path) -> AsyncIterator[tuple[Place, Api, list[int]]]:
    """Servers, an API and workers of its own; an owner on the largest plan, and the workers' process ids."""
    context = embedded(data)
    services = await asyncio.to_thread(context.__enter__)
    try:
        migrate(services.database_url)
        place = Place(services.database_url, services.redis_url, data)
        async with served(place) as url, Api(url) as owner, workers(place, WORKERS) as running:
            await owner.sign_up()
            buy(place, owner, 100)
            yield place, owner, [each.process.pid for each in running]
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


async def run(given: argparse.Namespace, folder: Path) -> None:
    parts = set(given.only.split(","))
    kits = Kits(folder / "kit")
    async with stage(folder / "data") as (place, owner, pids):
        try:
            if KIT and "articles" in parts:
                there = await kits.of(companion=False)
                await articles.compared(place, owner, there, 0, 2 * WORKERS, "warm")
                print(f"{os.getloadavg()[0]:.1f} is the machine's load\n{articles.HEADER}")
                for n, delay in enumerate(DELAYS):
                    peer, ours = await articles.compared(place, owner, there, delay, given.articles, f"s{n}")
                    print(f"{peer.line()}\n{ours.line(peer)}", flush=True)
            if KIT and "synced" in parts:
                there = await kits.of(companion=False)
                print((await synced.looked(place, owner, there, pids, given.posts)).lines(), flush=True)
        finally:
            await asyncio.to_thread(kits.close)
        if "apart" in parts:
            print((await apart.compared(place, owner, given.integrations, given.contents)).lines(), flush=True)
        print(f"{os.getloadavg()[0]:.1f} is the machine's load at the end")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--articles", type=int, default=50)
    parser.add_argument("--posts", type=int, default=5000)
    parser.add_argument("--integrations", type=int, default=40)
    parser.add_argument("--contents", type=int, default=10, help="that go to each integration")
    given = parser.parse_args()
    if not KIT:
        print(f"{MISSING}: without it there are stand-ins alone")
    with tempfile.TemporaryDirectory(prefix="igny8-publishing-") as folder:
        asyncio.run(run(given, Path(folder)))


if __name__ == "__main__":
    main()
