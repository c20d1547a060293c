"""How fast real keyword exports come in over HTTP: `python -m tests.benchmarks.importing [--data DIR]`.

DIR (else $IGNY8_BENCH_DATA, else ../shared/data) holds the exports. Each goes through importKeywords of an API process
of its own servers. Beside it stands plain COPY of the rows it made into a copy of the table with its indexes and
checks, and into one with its foreign keys too, which is what an import has to keep up with.
"""

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from cli.embedded import embedded
from cli.ports import free_port
from cli.processes import running, wait_until_ready
from persistence.postgres.migrations import migrate
from tests.client import Api

FILES = (
    "semrush-menopause.csv",
    "google-keyword-planner-languages.csv",
    "ahrefs-ai-tools.csv",
    "search-console-queries.csv",
)
ROUNDS = 10
STORED = """
select array_agg(column_name::text order by ordinal_position) from information_schema.columns
where table_name = 'keyword' and is_generated = 'NEVER'
"""
IMPORT = """
mutation($input: ImportKeywordsInput!) { importKeywords(input: $input) {
  format imported updated skipped rejected userErrors { message } } }
"""


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    database_url: str
    api: "subprocess.Popen[bytes]"

    @property
    def peak_megabytes(self) -> int:
        """Of the API process since `forget_peak`."""
        status = Path(f"/proc/{self.api.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    def forget_peak(self) -> None:
        Path(f"/proc/{self.api.pid}/clear_refs").write_text("5")


@contextmanager
def serving() -> Iterator[Target]:
    """An API process on servers of its own, with fsync as in production."""
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as services:
        migrate(services.database_url)
        port = free_port("127.0.0.1", 0)
        os.environ |= {
            "IGNY8_DATABASE_URL": services.database_url,
            "IGNY8_REDIS_URL": services.redis_url,
            "IGNY8_DATA": folder,
            "IGNY8_SECRET_KEY": secrets.token_hex(32),
        }
        with running(["serve", "--port", str(port)]) as children:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, children)
            yield Target(url, services.database_url, children.processes[0])


async def imported(target: Target, file: Path) -> tuple[float, dict[str, Any], str]:
    """Seconds, the payload, and the new account's id; a new account each time."""
    async with Api(target.url) as api:
        await api.sign_up()
        variables = {"input": {"sectorId": await api.sector(), "file": None}}
        content = await asyncio.to_thread(file.read_bytes)
        started = time.perf_counter()
        answer = await api.upload(IMPORT, file.name, content, "variables.input.file", **variables)
        seconds = time.perf_counter() - started
        payload = answer["data"]["importKeywords"]
        assert payload["userErrors"] == [], payload
        return seconds, payload, api.email


def copied(target: Target, email: str, *, foreign_keys: bool) -> float:
    """Seconds of plain COPY of the account's keywords into an empty copy of the table, commit included."""
    with psycopg.connect(target.database_url) as connection:
        stored = connection.execute(STORED).fetchone()
        assert stored
        columns = ", ".join(f"k.{name}" for name in stored[0])
        rows = f"select {columns} from keyword k join app_user u on u.account_id = k.account_id where u.email = %s"
        with connection.cursor().copy(f"copy ({rows}) to stdout", [email]) as copy:
            content = b"".join(copy)
        connection.execute("create table keyword_copy (like keyword including all)")
        if foreign_keys:
            found = (
                "select pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and conrelid = %s::regclass"
            )
            for (definition,) in connection.execute(found, ["keyword"]).fetchall():
                connection.execute(psycopg.sql.SQL("alter table keyword_copy add " + definition))
        connection.commit()
        started = time.perf_counter()
        with connection.cursor().copy(f"copy keyword_copy ({', '.join(stored[0])}) from stdin") as copy:
            copy.write(content)
        connection.commit()
        seconds = time.perf_counter() - started
        connection.execute("drop table keyword_copy")
    return seconds


def measure(target: Target, file: Path) -> str:
    """The best of a few rounds of both."""
    imports, plain, keyed = [], [], []
    target.forget_peak()
    for _ in range(ROUNDS):
        seconds, payload, email = asyncio.run(imported(target, file))
        imports.append(seconds)
        plain.append(copied(target, email, foreign_keys=False))
        keyed.append(copied(target, email, foreign_keys=True))
    new = payload["imported"]
    rows = new + payload["skipped"] + payload["rejected"]
    speed = rows / min(imports)
    compared = "".join(f"{new / min(s):>10,.0f}{speed / (new / min(s)):>6.0%}" for s in (plain, keyed))
    return (
        f"{file.name:<38}{payload['format']:<24}{new:>7,}{payload['skipped']:>7,}{payload['rejected']:>6,}"
        f"{min(imports):>8.2f} s{speed:>9,.0f}{compared}{target.peak_megabytes:>7} MB"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("IGNY8_BENCH_DATA", "../shared/data")))
    options = parser.parse_args()
    if missing := [name for name in FILES if not (options.data / name).is_file()]:
        print(f"no {' and no '.join(missing)} in {options.data}: give the folder with --data or IGNY8_BENCH_DATA")
        return 2
    print(
        f"{'file':<38}{'format':<24}{'new':>7}{'skip':>7}{'rej':>6}{'seconds':>10}{'rows/s':>9}"
        f"{'COPY':>10}{'ratio':>6}{'with FKs':>10}{'ratio':>6}{'API peak':>10}"
    )
    with serving() as target:
        assert httpx2.get(f"{target.url}/readyz").status_code == 200
        for name in FILES:
            print(measure(target, options.data / name), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
