"""What a plan allows, to the last one: counted where things are made, work that waits as if it were done."""

from typing import Any

import pytest

from domain.billing.limits import WORDS, check_room, has_room
from domain.errors import DomainError
from domain.job import cancel_job, create_job, retry_job
from domain.planned import Place, Planned, Work
from persistence.terms import ErrorCode, JobItemStatus, JobKind, LimitKey, Queue
from tests.domain.house import House, Stamping, Tenant

# The column of the plan that each is limited by. Credits are limited by the balance.
COLUMNS = {
    LimitKey.USERS: "max_users",
    LimitKey.SITES: "max_sites",
    LimitKey.KEYWORDS: "max_keywords",
    LimitKey.CLUSTERS: "max_clusters",
    LimitKey.CONTENT_IDEAS: "max_content_ideas",
    LimitKey.AI_REQUESTS: "max_ai_requests_per_month",
    LimitKey.WORDS: "max_words_per_month",
    LimitKey.IMAGES: "max_images_per_month",
    LimitKey.STORAGE: "max_storage_bytes",
}
USED = {LimitKey.USERS: 1}  # the owner; of all else a new account has none


def on_plan(house: House, tenant: Tenant, **limits: int | None) -> None:
    """A plan of its own that allows nothing but what is given; None: as much as one likes."""
    values = {**dict.fromkeys(COLUMNS.values(), 0), **limits}
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    house.sql(
        f"with made as (insert into plan (name, slug, {columns}) values ('Its own', %s, {marks}) returning id) "
        "update account set plan_id = (select id from made) where id = %s",
        tenant.account_id.hex, *values.values(), tenant.account_id,
    )  # fmt: skip


def test_every_limit_but_that_of_credits_has_a_column_and_its_words() -> None:
    assert COLUMNS.keys() == WORDS.keys() == set(LimitKey) - {LimitKey.CREDITS}


@pytest.mark.parametrize("key", COLUMNS)
async def test_there_is_room_up_to_the_plans_number_and_not_for_one_more(house: House, key: LimitKey) -> None:
    tenant = await house.tenant()
    used = USED.get(key, 0)
    on_plan(house, tenant, **{COLUMNS[key]: used + 3})
    async with house.people(tenant.scope()) as unit:
        for more in (2, 3):
            await check_room(unit, tenant.account_id, key, more)
            assert await has_room(unit, tenant.account_id, key, more)
        assert not await has_room(unit, tenant.account_id, key, 4)
        with pytest.raises(DomainError) as refused:
            await check_room(unit, tenant.account_id, key, 4, "input", "ids")

    assert (refused.value.code, refused.value.field) == (ErrorCode.LIMIT_REACHED, ("input", "ids"))
    assert f"allows {used + 3} {WORDS[key]} and this would make {used + 4}" in refused.value.message


@pytest.mark.parametrize("key", COLUMNS)
async def test_a_plan_without_a_number_has_room(house: House, key: LimitKey) -> None:
    tenant = await house.tenant()
    on_plan(house, tenant, **{COLUMNS[key]: None})
    async with house.people(tenant.scope()) as unit:
        await check_room(unit, tenant.account_id, key, 2**40)


# Work

PICTURES = Stamping(JobKind.GENERATE_IMAGES, Queue.IMAGES, again={LimitKey.IMAGES: 1})
FUNCTIONS = {PICTURES.kind: PICTURES}
COUNTED = "select count(*) from {} where account_id = %s"


async def draw(house: House, tenant: Tenant, number: int) -> Any:
    """The id of a job that draws so many, for a credit each."""
    place = Place(tenant.account_id, tenant.user_id, None, None)
    planned = Planned(PICTURES, place, [Work(None, 1, 1)] * number, {}, {LimitKey.IMAGES: number})
    async with house.people(tenant.scope()) as unit:
        return (await create_job(unit, planned)).id


def rows(house: House, tenant: Tenant) -> list[int]:
    tables = ("job", "job_item", "credit_hold", "credit_transaction")
    return [house.sql(COUNTED.format(table), tenant.account_id)[0][0] for table in tables]


async def test_what_waits_is_counted_and_what_is_refused_leaves_nothing(house: House) -> None:
    tenant = await house.tenant()
    on_plan(house, tenant, max_images_per_month=3)
    first = await draw(house, tenant, 2)
    before, sent = rows(house, tenant), list(house.sent)

    with pytest.raises(DomainError, match="allows 3 drawn images a month and this would make 4"):
        await draw(house, tenant, 2)

    assert (rows(house, tenant), house.sent) == (before, sent)
    await draw(house, tenant, 1)
    async with house.people(tenant.scope()) as unit:
        await cancel_job(unit, first, FUNCTIONS)
    await draw(house, tenant, 2)
    with pytest.raises(DomainError, match="this would make 4"):
        await draw(house, tenant, 1)


async def test_a_second_try_needs_room_as_the_first_did(house: House) -> None:
    tenant = await house.tenant()
    on_plan(house, tenant, max_images_per_month=2)
    job = await draw(house, tenant, 2)
    while item := await house.claim(tenant, Queue.IMAGES):
        await house.end(tenant, item, JobItemStatus.FAILED, error="The provider refused.")
    other = await draw(house, tenant, 1)
    before = rows(house, tenant)

    async def again() -> None:
        async with house.people(tenant.scope()) as unit:
            await retry_job(unit, job, FUNCTIONS)

    with pytest.raises(DomainError, match="allows 2 drawn images a month and this would make 3") as refused:
        await again()
    assert refused.value.field == ("id",)
    assert rows(house, tenant) == before
    assert house.sql("select status from job where id = %s", job) == [("FAILED",)]

    async with house.people(tenant.scope()) as unit:
        await cancel_job(unit, other, FUNCTIONS)
    await again()
    assert house.sql("select status, credits_held from job where id = %s", job) == [("QUEUED", 2)]
