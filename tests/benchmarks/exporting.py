"""How fast lists are written as files: `python -m tests.benchmarks.exporting [--rows N]`.

All keywords of an account of N rows (100,000) come through `GET /exports/{token}` of an API process of its own, as CSV
and as JSONL. Beside it stands `COPY … TO STDOUT` of the same table's rows by the same role, read by psycopg.
"""

import argparse
import asyncio
import sys
import time
from uuid import UUID

import httpx2
import psycopg

from tests.benchmarks.importing import Target, serving
from tests.client import Api

ROUNDS = 5
FILL = """
insert into keyword (account_id, site_id, sector_id, keyword, key, country, volume, difficulty, cpc_micros, intent)
select account_id, site_id, id, 'a keyword of some words ' || n, 'a keyword of some words ' || n, 'US', mod(n, 5000),
       mod(n, 100), n * 10, '{COMMERCIAL}' from sector, generate_series(1, %s) n where id = %s
"""


async def filled(target: Target, rows: int) -> Api:
    api = Api(target.url)
    await api.sign_up()
    sector = await api.sector()
    with psycopg.connect(target.database_url, autocommit=True) as connection:
        connection.execute(FILL, (rows, UUID(sector.removeprefix("sec_"))))
        connection.execute("vacuum analyze keyword")
    return api


async def through_the_api(api: Api, form: str) -> tuple[float, int]:
    """Seconds and bytes."""
    link = await api.one(f"{{ exportKeywords(format: {form}) {{ url }} }}")
    started, size = time.perf_counter(), 0
    async with api.http.stream("GET", api.url + link["url"]) as response:
        async for piece in response.aiter_bytes():
            size += len(piece)
    return time.perf_counter() - started, size


def by_copy(target: Target) -> tuple[float, int]:
    with psycopg.connect(target.database_url) as connection:
        started, size = time.perf_counter(), 0
        with connection.cursor().copy(
            "copy (select * from keyword order by id) to stdout (format csv, header)"
        ) as copy:
            for piece in copy:
                size += len(piece)
        return time.perf_counter() - started, size


async def run(target: Target, rows: int) -> None:
    api = await filled(target, rows)
    try:
        target.forget_peak()
        plain, files = [], {"CSV": [], "JSONL": []}  # type: ignore[var-annotated]
        for _ in range(ROUNDS):
            plain.append(by_copy(target))
            for form, found in files.items():
                found.append(await through_the_api(api, form))
        best = min(plain)
        print(f"{'':<8}{'seconds':>9}{'rows/s':>11}{'MB':>8}{'of COPY':>9}")
        for name, found in {"COPY": plain, **files}.items():
            seconds, size = min(found)
            print(f"{name:<8}{seconds:>9.3f}{rows / seconds:>11,.0f}{size / 1e6:>8.1f}{best[0] / seconds:>9.0%}")
        print(f"API peak {target.peak_megabytes} MB")
    finally:
        await api.http.aclose()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    with serving() as target:
        assert httpx2.get(f"{target.url}/readyz").status_code == 200
        asyncio.run(run(target, options.rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
