"""Destinations as a worker reaches them: every adapter, behind the door and the gates."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from domain.destinations import Destinations
from jobs.adapters.destinations import DestinationPool
from jobs.adapters.door import Door
from jobs.worker import kinds
from persistence.redis.destination_gates import DestinationGates
from tests.client import Api, Json
from tests.conftest import Place
from tests.publishing.house import House, house

MAKE = """
mutation($input: CreateIntegrationInput!) { createIntegration(input: $input) {
  integration { id kind url config hasSecret status } signingSecret userErrors { code message field } } }
"""
CHECKS = """
query($id: ID!) { integration(id: $id) { status error capabilities checks { stage isOk found cure } } }
"""


@asynccontextmanager
async def real_house(place: Place, owner: Api, allowed: str = "", **settings: Any) -> AsyncIterator[House]:
    """`allowed`: hosts that are let in though they are not public."""
    known = place.settings.model_copy(update={"allowed_hosts": allowed, **settings})
    async with house(place, owner) as home, Redis.from_url(place.redis_url) as redis:
        pool = DestinationPool(Door(known.inside), DestinationGates(redis), kinds(known))
        home.desk.runner.tools = home.desk.runner.tools.having(Destinations, pool)
        try:
            yield home
        finally:
            await pool.close()


async def made(home: House, **given: Any) -> Json:
    """The payload; the house publishes there from now on."""
    found: Json = await home.owner.one(MAKE, input={"siteId": home.site, "name": "There", **given})
    if found["integration"]:
        home.integration = found["integration"]["id"]
    return found


async def after_test(home: House) -> Json:
    started = await home.owner.start("testConnection", integrationId=home.integration)
    await home.work()
    assert (await home.owner.finished(started["job"]["id"]))["status"] == "SUCCEEDED"
    found: Json = await home.owner.one(CHECKS, id=home.integration)
    return found


async def taken_back(home: House, ids: list[str]) -> Json:
    started = await home.owner.start("unpublishContent", contentIds=ids, integrationId=home.integration)
    await home.work()
    found: Json = await home.owner.finished(started["job"]["id"])
    return found
