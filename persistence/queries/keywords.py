"""Bulk writes of keywords: COPY into a temporary table, since COPY into a table under row-level security is refused."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from persistence.postgres.database import raw

# What is staged, in any order: whoever stages rows says in which they come.
COLUMNS = [
    "keyword", "key", "country", "language", "volume", "difficulty", "cpc_micros", "currency", "competition", "intent",
    "is_branded", "is_local", "parent_topic", "serp_features", "clicks", "impressions", "position_hundredths",
]  # fmt: skip
TYPES = {
    "volume": "int", "difficulty": "int", "intent": "text[]", "is_branded": "boolean", "is_local": "boolean",
    "cpc_micros": "bigint", "competition": "int", "serp_features": "text[]", "clicks": "int", "impressions": "int",
    "position_hundredths": "int",
}  # fmt: skip
OPTIONAL = [c for c in COLUMNS if c not in ("keyword", "key", "country", "language", "intent", "serp_features")]
LISTS = ("intent", "serp_features")

# The table stays with its connection, empty between transactions: made anew each time it would churn the catalogue, and
# have every merge planned again. A merge of a million rows takes a minute; sorts that fit into memory, a fifth less.
STAGE = """
create temporary table if not exists incoming_keyword (n int, {}) on commit delete rows;
select set_config('work_mem', '64MB', true), set_config('statement_timeout', '900000', true)
""".format(", ".join(f"{c} {TYPES.get(c, 'text')}" for c in COLUMNS))


def richness(row: str) -> str:
    """How many facts a row holds."""
    facts = [f"({row}.{c} is not null)::int" for c in OPTIONAL] + [f"least(cardinality({row}.{c}), 1)" for c in LISTS]
    return "(" + " + ".join(facts) + ")"


def _merged(column: str) -> str:
    """A richer row's facts replace the stored ones; a fact it has not keeps what is known."""
    if column in LISTS:
        return f"{column} = case when cardinality(excluded.{column}) > 0 then excluded.{column} else k.{column} end"
    return f"{column} = coalesce(excluded.{column}, k.{column})"


# Within one file the richest row of a keyword wins, the earlier one of equals.
MERGE = text(f"""
with best as (
  select distinct on (key, country, language) * from incoming_keyword i
   order by key, country, language, {richness("i")} desc, n),
merged as (
  insert into keyword as k (account_id, site_id, sector_id, source, {", ".join(COLUMNS)})
  select :account, :site, :sector, :source, {", ".join(COLUMNS)} from best order by n
  on conflict (account_id, sector_id, key, country, language) do update
     set {", ".join(_merged(c) for c in [*OPTIONAL, *LISTS])}, source = excluded.source, version = k.version + 1,
         updated_at = now()
   where {richness("excluded")} >= {richness("k")}
     and ({", ".join(f"excluded.{c}" for c in [*OPTIONAL, *LISTS])})
         is distinct from ({", ".join(f"k.{c}" for c in [*OPTIONAL, *LISTS])})
  returning old.id is null as is_new)
select count(*) filter (where is_new), count(*) filter (where not is_new) from merged
""")

PREVIEW = text(f"""
with best as (
  select distinct on (key, country, language) * from incoming_keyword i
   order by key, country, language, {richness("i")} desc, n)
select count(*) filter (where k.id is null),
       count(*) filter (where k.id is not null and {richness("best")} >= {richness("k")}
         and ({", ".join(f"best.{c}" for c in [*OPTIONAL, *LISTS])})
             is distinct from ({", ".join(f"k.{c}" for c in [*OPTIONAL, *LISTS])}))
  from best left join keyword k on k.sector_id = :sector and k.key = best.key
   and k.country is not distinct from best.country and k.language is not distinct from best.language
""")


ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True, slots=True)
class Merge:
    imported: int
    updated: int


def rendered(rows: Iterable[Sequence[object]], first: int) -> bytes:
    """The text that COPY reads: `rows` are values in the order that `staging` was told, numbered from `first`.

    Blocking, for a thread: a tenth of the time that psycopg's rows of arrays would take on the event loop.
    """
    lines = [f"{number}\t{_line(row)}" for number, row in enumerate(rows, first)]
    return "".join(lines).encode()


def _line(row: Sequence[object]) -> str:
    return "\t".join(["\\N" if cell is None else _cell(cell) for cell in row]) + "\n"


def _cell(cell: object) -> str:
    if isinstance(cell, str):
        return cell if cell.isprintable() and "\\" not in cell else cell.translate(ESCAPES)
    return _array(cell) if isinstance(cell, tuple) else str(cell)


@lru_cache(maxsize=10_000)
def _array(items: tuple[str, ...]) -> str:
    quoted = ('"' + item.replace("\\", r"\\").replace('"', r"\"") + '"' for item in items)
    return ("{" + ",".join(quoted) + "}").translate(ESCAPES)


@asynccontextmanager
async def staging(session: AsyncSession, columns: Sequence[str]) -> AsyncIterator[Callable[[bytes], Awaitable[None]]]:
    """Gives what fills the temporary table with `rendered` rows, whose values are those of `columns`: all of COLUMNS.

    Nothing else may use the session.
    """
    assert set(columns) == set(COLUMNS), set(columns) ^ set(COLUMNS)
    connection = await raw(session)
    await connection.execute(STAGE.encode(), prepare=False)
    cursor = connection.cursor()
    async with cursor.copy(f"copy incoming_keyword (n, {', '.join(columns)}) from stdin") as copy:
        yield copy.write


async def preview(session: AsyncSession, sector_id: UUID) -> Merge:
    """What `merge` would do."""
    row = (await session.execute(PREVIEW, {"sector": sector_id})).one()
    return Merge(row[0], row[1])


async def merge(session: AsyncSession, *, account_id: UUID, site_id: UUID, sector_id: UUID, source: str) -> Merge:
    """What is staged into the sector's keywords."""
    values = {"account": account_id, "site": site_id, "sector": sector_id, "source": source}
    row = (await session.execute(MERGE, values)).one()
    return Merge(row[0], row[1])


PLACE = (
    "analyze assigned",
    """select count(*) from (select k.id from keyword k join assigned a on a.keyword_id = k.id
       where k.sector_id = :sector and k.cluster_id is null order by k.id for update of k) locked""",
    # Who moved a keyword meanwhile is right: only those without a cluster are placed.
    """delete from assigned a where not exists (
         select from keyword k where k.id = a.keyword_id and k.sector_id = :sector and k.cluster_id is null)""",
    """with made as (select no, uuidv7() as id from (select distinct no from assigned order by no) each)
       update assigned a set cluster_id = made.id from made where made.no = a.no""",
    """insert into cluster (id, account_id, site_id, sector_id, name)
       select distinct cluster_id, :account, :site, :sector, name from assigned order by cluster_id""",
    """with placed as (
         update keyword k set cluster_id = a.cluster_id, status = 'CLUSTERED', version = k.version + 1,
                updated_at = now()
           from assigned a where a.keyword_id = k.id and k.cluster_id is null returning k.cluster_id)
       select count(distinct cluster_id), count(*) from placed""",
)


async def assign(
    session: AsyncSession,
    groups: list[tuple[str, list[UUID]]],
    *,
    account_id: UUID,
    site_id: UUID,
    sector_id: UUID,
) -> tuple[int, int]:
    """Makes a cluster per (name, keyword ids) of those keywords that still have none; clusters and keywords placed.

    Groups come strongest first; so do their clusters' ids.
    """
    await session.execute(
        text("create temporary table assigned (no int, name text, keyword_id uuid, cluster_id uuid) on commit drop")
    )
    cursor = (await raw(session)).cursor()
    async with cursor.copy("copy assigned (no, name, keyword_id) from stdin (format binary)") as copy:
        copy.set_types(["int4", "text", "uuid"])
        for no, (name, ids) in enumerate(groups):
            for id in ids:
                await copy.write_row((no, name, id))
    values = {"account": account_id, "site": site_id, "sector": sector_id}
    for statement in PLACE[:-1]:
        await session.execute(text(statement), values)
    row = (await session.execute(text(PLACE[-1]), values)).one()
    return int(row[0]), int(row[1])
