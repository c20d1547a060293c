"""What tests of publishing begin with: a site with an integration, approved contents, and a desk that publishes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from domain.destinations import Destinations
from domain.publisher.brief import LookupSeconds
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import Bench, account_of, bench, sql
from tests.publishing.shelf import Shelf
from tests.schema.articles import article, uuid_of

INTEGRATION = {"wordPress": {"url": "https://example.com/", "username": "ada", "appPassword": "abcd efgh ijkl"}}
CREATE = """
mutation($input: CreateIntegrationInput!) { createIntegration(input: $input) {
  integration { id } userErrors { code message field } } }
"""
CALENDAR = """
mutation($site: ID!, $input: UpdatePublishingCalendarInput!) {
  updatePublishingCalendar(siteId: $site, input: $input) { userErrors { code message field } site { publishingCalendar {
    timeZone slots { day at } maxPerDay pausedAt pausedBy { id } version } } } }
"""
READ = """
query($id: ID!) { content(id: $id) { status publishedAt publishedUrl task { status }
  publications(first: 5) { nodes { id status wantedStatus remoteId url revision error publishAt isStale isHeld
    records(first: 20) { nodes { action outcome attempt remoteId url fields error code revision } } } } } }
"""
WAITS = (0.02, 0.04, 0.06)


@dataclass(slots=True)
class House:
    """`shelf`: the destination that the desk's runner reaches."""

    place: Place
    owner: Api
    desk: Bench
    shelf: Shelf
    site: str
    integration: str

    async def contents(self, number: int = 1, *, status: str = "APPROVED", **columns: Any) -> list[str]:
        ids = [
            await article(self.place, self.owner, task=task, status=status, **columns)
            for task in await new_tasks(self, number)
        ]
        sql(
            self.place, "update task set status = %s where id in (select task_id from content where id = any(%s))",
            status, [uuid_of(id) for id in ids],
        )  # fmt: skip
        return ids

    async def publish(self, ids: list[str], status: str = "PUBLISHED", **more: Any) -> Json:
        return await self.owner.start(
            "publishContent", contentIds=ids, integrationId=self.integration, status=status, **more
        )

    async def work(self) -> None:
        await self.desk.work(account_of(self.place, self.owner), "publishing")

    async def published(self, ids: list[str], status: str = "PUBLISHED", **more: Any) -> Json:
        """The job, at its end."""
        started = await self.publish(ids, status, **more)
        assert started["userErrors"] == []
        await self.work()
        return await self.owner.finished(started["job"]["id"])

    async def schedule(self, ids: list[str], **more: Any) -> Json:
        return await self.owner.start(
            "scheduleContent", **{"contentIds": ids, "integrationId": self.integration, **more}
        )

    async def tried(self, number: int = 1) -> None:
        """That many items are taken, where there are so many, and end or wait."""
        for _ in range(number):
            sql(self.place, "update job_item set available_at = now() where status = 'WAITING'")
            await self.desk.runner.run(account_of(self.place, self.owner), "publishing")

    async def set_calendar(self, **given: Any) -> Json:
        found: Json = await self.owner.one(CALENDAR, site=self.site, input=given)
        return found

    async def planned(self, ids: list[str]) -> list[str | None]:
        """When each is to come out, as its only publication says."""
        found = [await self.read(id) for id in ids]
        return [each["publications"]["nodes"][0]["publishAt"] for each in found]

    async def read(self, id: str) -> Json:
        found: Json = await self.owner.one(READ, id=id)
        return found


async def new_tasks(house: House, number: int) -> list[str]:
    """Of the house's own site."""
    rows = sql(
        house.place,
        "insert into task (account_id, site_id, sector_id, title) select s.account_id, s.site_id, s.id, 'Task ' || n "
        "from sector s, generate_series(1, %s) n where s.site_id = %s returning id",
        number,
        uuid_of(house.site),
    )
    return [f"task_{id}" for (id,) in rows]


@asynccontextmanager
async def house(place: Place, owner: Api, name: str = "Coffee") -> AsyncIterator[House]:
    site = await owner.site(name)
    await owner.sector(site)
    made = await owner.one(CREATE, input={"siteId": site, "name": "Blog", **INTEGRATION})
    assert made["userErrors"] == []
    async with bench(place) as desk:
        shelf = Shelf()
        desk.runner.tools = desk.runner.tools.having(Destinations, shelf).having(LookupSeconds, LookupSeconds(WAITS))
        yield House(place, owner, desk, shelf, site, made["integration"]["id"])
