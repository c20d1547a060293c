"""Two that wait for each other's rows: one of them is undone by PostgreSQL, and no client hears of it."""

import asyncio

import psycopg

from persistence.terms import Role
from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import account_of, one
from tests.schema.editing import ERRORS, call
from tests.schema.test_isolation import add_user
from tests.waiting import until

IMPORT = (
    "mutation($input: ImportKeywordsTextInput!) { importKeywordsText(input: $input) { imported updated "
    "userErrors { code message } } }"
)
WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


async def somebody_waits(place: Place) -> None:
    await until(lambda: one(place, WAITING))


async def test_an_import_that_was_undone_is_made_again(owner: Api, place: Place) -> None:
    sector = await owner.sector()
    rows = "Keyword,Volume\nespresso,10\nlatte,20\n"
    assert (await owner.one(IMPORT, input={"sectorId": sector, "text": rows}))["imported"] == 2
    account = account_of(place, owner)
    async with await psycopg.AsyncConnection.connect(place.database_url) as other:
        await other.execute("select from keyword where account_id = %s and key = 'latte' for update", [account])
        richer = {"sectorId": sector, "text": "Keyword,Volume,CPC\nespresso,11,1\nlatte,21,2\nmocha,5,1\n"}
        again = asyncio.create_task(owner.one(IMPORT, input=richer))
        await somebody_waits(place)
        # What ends an item does: the rows first, the credits last.
        await other.execute("select from credit_balance where account_id = %s for update", [account])
        await other.commit()
    assert await again == {"imported": 1, "updated": 2, "userErrors": []}
    (keywords,) = (await owner.run("{ keywords { nodes { volume } } }")).values()
    assert sorted(node["volume"] for node in keywords["nodes"]) == [5, 11, 21]


async def test_who_becomes_owner_waits_for_no_row_that_waits_for_the_account(owner: Api, place: Place) -> None:
    account = account_of(place, owner)
    admin = add_user(place, account, Role.ADMIN)
    async with await psycopg.AsyncConnection.connect(place.database_url) as other:
        await other.execute("set lock_timeout = '60s'")
        await other.execute("select from app_user where email = %s for update", [owner.email])
        moved = asyncio.create_task(
            call(owner, "transferOwnership", f"done {ERRORS}", input={"userId": f"usr_{admin}"})
        )
        await somebody_waits(place)
        # As writing of what was done refers to the account.
        await other.execute("select from account where id = %s for key share", [account])
        await other.commit()
    assert (await moved)["userErrors"] == []
