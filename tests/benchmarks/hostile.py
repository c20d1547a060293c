"""Hostile documents beside somebody else's reads: `python -m tests.benchmarks.hostile [--every S,S] [--seconds N]`.

One client reads a page of keywords, again and again on one connection; for the same time once more, while a process of
another account sends a document of 1,000 aliases, of 200 levels or of 10 MB every so many seconds. The first client's
p99 in both is what counts (at most 1.5 times is wanted), beside the processor time that a refusal takes.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Event, Process
from multiprocessing.synchronize import Event as Stop
from statistics import quantiles

import httpx2
import psutil

from tests.benchmarks.importing import Target, serving
from tests.client import Api
from tests.schema.test_cost import HOSTILE

KINDS = ("1,000 aliases", "200 levels", "10 MB")
PAGE = "{ keywords(first: 20, orderBy: [{field: VOLUME, direction: DESC}]) { totalCount nodes { id keyword volume } } }"
WARM = 200


def attack(url: str, token: str, every: float, stop: Stop) -> None:
    """In a process of its own."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    bodies = [json.dumps({"query": HOSTILE[kind]}).encode() for kind in KINDS]
    with httpx2.Client(timeout=60) as http:
        number = 0
        while not stop.wait(every):
            answer = http.post(f"{url}/graphql", content=bodies[number % len(bodies)], headers=headers)
            assert answer.json().get("errors"), answer.text[:200]
            number += 1


@contextmanager
def attacking(target: Target, token: str, every: float) -> Iterator[None]:
    stop = Event()
    process = Process(target=attack, args=(target.url, token, every, stop))
    process.start()
    yield
    stop.set()
    process.join(30)
    assert process.exitcode == 0, "a hostile document was not refused"


async def times(api: Api, seconds: float) -> list[float]:
    """Milliseconds of each read."""
    body = json.dumps({"query": PAGE}).encode()
    headers = {**api.headers, "content-type": "application/json"}
    found: list[float] = []
    until = time.perf_counter() + seconds
    while (started := time.perf_counter()) < until:
        answer = await api.http.post(f"{api.url}/graphql", content=body, headers=headers)
        found.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200
    return found


def cut(found: list[float]) -> tuple[float, float]:
    cuts = quantiles(found, n=100)
    return cuts[49], cuts[98]


async def refusals(target: Target, api: Api) -> str:
    """Processor time of the API for each kind, the least of five."""
    process, told = psutil.Process(target.api.pid), []
    for kind in KINDS:
        body, spent = json.dumps({"query": HOSTILE[kind]}).encode(), []
        for _ in range(5):
            before = sum(process.cpu_times()[:2])
            await api.http.post(f"{api.url}/graphql", content=body,
                                headers={**api.headers, "content-type": "application/json"})  # fmt: skip
            spent.append(sum(process.cpu_times()[:2]) - before)
        told.append(f"{kind} {min(spent) * 1000:.0f} ms")
    return ", ".join(told)


async def run(target: Target, every: list[float], seconds: float) -> None:
    async with Api(target.url) as friend, Api(target.url) as foe:
        for api in (friend, foe):
            await api.sign_up()
        await friend.import_text(await friend.sector(), "\n".join(f"keyword {n}" for n in range(2000)))
        for _ in range(WARM):
            await friend.run(PAGE)
        print(f"processor time of a refusal: {await refusals(target, foe)}")
        print(f"{'':<22}{'reads':>8}{'p50 ms':>9}{'p99 ms':>9}{'p99 x quiet':>13}")
        for pause in every:
            quiet = await times(friend, seconds)
            with attacking(target, foe.token or "", pause):
                loud = await times(friend, seconds)
            base = cut(quiet)[1]
            for name, found in (("quiet", quiet), (f"one every {pause} s", loud)):
                p50, p99 = cut(found)
                print(f"{name:<22}{len(found):>8,}{p50:>9.2f}{p99:>9.2f}{p99 / base:>13.2f}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", default="1,0.25")
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    with serving() as target:
        asyncio.run(run(target, [float(s) for s in options.every.split(",")], options.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
