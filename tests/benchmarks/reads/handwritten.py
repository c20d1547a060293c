"""What a team could write by hand for these four questions alone: bare Starlette, psycopg, one statement each.

In the same transaction as the product's: role, session check, row-level security, one pipeline. The session comes in
a header that nobody checks, which is less work than a token.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.benchmarks.reads.queries import SQL, SQL_ARGUMENTS

OPTIONS = "-c role=igny8_api -c timezone=UTC -c jit=off"
pool: AsyncConnectionPool[AsyncConnection[TupleRow]] = AsyncConnectionPool(
    os.environ["IGNY8_DATABASE_URL"], min_size=1, max_size=16, open=False, kwargs={"options": OPTIONS}
)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    await pool.open(wait=True)
    yield
    await pool.close()


async def answer(request: Request) -> Response:
    asked = orjson.loads(await request.body())
    name, given = asked["operationName"], asked["variables"]
    values = [given[argument] for argument in SQL_ARGUMENTS[name]]
    async with pool.connection() as connection:
        cursor = AsyncRawCursor(connection)
        async with connection.pipeline():
            await connection.execute("begin read only")
            await cursor.execute("select enter($1, 'OWNER', false, '')", (request.headers["x-session"],), prepare=True)
            await cursor.execute(SQL[name], values, prepare=True)
            await connection.execute("commit")
        row = await cursor.fetchone()
    assert row
    return Response(b'{"data":' + row[0].encode() + b"}", media_type="application/json")


app = Starlette(lifespan=lifespan, routes=[Route("/graphql", answer, methods=["POST"])])
