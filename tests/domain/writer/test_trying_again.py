"""What failed is tried again as it was begun: its rows are the workers' again, and nobody begins the same beside."""

from typing import Any
from uuid import UUID

import pytest

from domain.access import PERMISSIONS
from domain.errors import DomainError
from domain.functions import Function
from domain.job import create_job, retry_job
from domain.planned import Action
from domain.registry import FUNCTIONS
from domain.writer.contents import create_content, update_content
from domain.writer.stored_body import write
from domain.writer.work import generate_content, generate_images
from persistence.models import Content, Image, Job, JobItem, Sector, Task
from persistence.scope import JobScope
from persistence.terms import ContentStatus, ErrorCode, ImageStatus, ImageType, JobItemStatus, Queue, Role, TaskStatus
from tests.domain.house import House, Tenant


class Desk:
    """A tenant who has work done, and a worker whose provider refuses it."""

    def __init__(self, house: House, tenant: Tenant, sector: Sector) -> None:
        self.house, self.tenant, self.sector = house, tenant, sector

    @property
    def place(self) -> dict[str, UUID]:
        return {"account_id": self.tenant.account_id, "site_id": self.sector.site_id, "sector_id": self.sector.id}

    async def add(self, row: Any) -> UUID:
        async with self.house.people(self.tenant.scope()) as unit:
            unit.add(row)
            await unit.flush()
            return UUID(str(row.id))

    async def image(self) -> UUID:
        """Described, and not drawn."""
        return await self.add(
            Image(**self.place, image_type=ImageType.FEATURED, prompt="A cup", status=ImageStatus.PROMPTED)
        )

    async def write(self, task: UUID) -> UUID:
        """A content of the task's, by hand."""
        text, _ = write("<p>Some words.</p>")
        given = {"task_id": task, "title": "By hand", "html_content": "<p>Some words.</p>"}
        async with self.house.people(self.tenant.scope()) as unit:
            return await create_content(unit, self.tenant.user_id, given, text)

    async def step(self, content: UUID, status: ContentStatus) -> None:
        given, held = {"status": status}, PERMISSIONS[Role.OWNER]
        async with self.house.people(self.tenant.scope()) as unit:
            await update_content(unit, self.tenant.user_id, content, given, None, None, held)

    async def start(self, action: Action[Any], wanted: Any) -> UUID:
        async with self.house.people(self.tenant.scope()) as unit:
            planned = await action.plan(unit, self.tenant.user_id, wanted)
            await action.begin(unit, planned.subject_ids, planned.params)
            return (await create_job(unit, planned)).id

    async def fail(self, queue: Queue, function: Function) -> None:
        """The next item, as a worker does."""
        id = await self.house.claim(self.tenant, queue)
        assert id
        async with self.house.workers(JobScope(self.tenant.account_id)) as unit:
            item = await unit.get(JobItem, id, lock=True)
            item.status = JobItemStatus.FAILED
            await function.give_up(unit, await unit.get(Job, item.job_id), item)
        await self.house.end(self.tenant, id, JobItemStatus.FAILED, error="The provider refused.")

    async def again(self, job: UUID) -> None:
        async with self.house.people(self.tenant.scope()) as unit:
            await retry_job(unit, job, FUNCTIONS)

    async def gathered(self) -> object | None:
        """What the next item's worker finds to do."""
        id = await self.house.claim(self.tenant)
        assert id
        async with self.house.workers(JobScope(self.tenant.account_id)) as unit:
            item = await unit.get(JobItem, id, lock=True)
            return await generate_content.GENERATE_CONTENT.gather(unit, await unit.get(Job, item.job_id), item)

    def status(self, row: type[Task | Image | Content], id: UUID) -> str:
        return str(self.house.sql(f"select status from {row.__tablename__} where id = %s", id)[0][0])


@pytest.fixture
async def desk(house: House) -> Desk:
    tenant = await house.tenant()
    return Desk(house, tenant, await house.sector(tenant))


LOOK = {TaskStatus.DRAFT: ContentStatus.DRAFT, TaskStatus.REVIEW: ContentStatus.REVIEW}
WRITING, DRAWING = generate_content.GENERATE_CONTENT, generate_images.GENERATE_IMAGES


async def test_an_article_that_failed_is_the_workers_again(desk: Desk) -> None:
    task = await desk.add(Task(**desk.place, title="A page"))
    wanted = generate_content.Wanted([task])
    job = await desk.start(WRITING, wanted)
    await desk.fail(Queue.TEXT, WRITING)
    assert desk.status(Task, task) == TaskStatus.DRAFT

    await desk.again(job)

    assert desk.status(Task, task) == TaskStatus.QUEUED
    with pytest.raises(DomainError, match="is QUEUED") as refused:
        await desk.start(WRITING, wanted)
    assert refused.value.code is ErrorCode.CONFLICT
    assert await desk.gathered()


async def test_an_article_whose_rewriting_failed_is_rewritten(desk: Desk) -> None:
    """It has a content, as it had when it was asked for."""
    task = await desk.add(Task(**desk.place, title="A page"))
    await desk.write(task)
    desk.house.sql("update task set status = 'REVIEW' where id = %s", task)
    job = await desk.start(WRITING, generate_content.Wanted([task], rewrite=True))
    await desk.fail(Queue.TEXT, WRITING)

    await desk.again(job)

    assert desk.status(Task, task) == TaskStatus.QUEUED
    assert await desk.gathered(), "there is something to do"


async def test_an_article_whose_rewriting_failed_is_as_before(desk: Desk) -> None:
    task = await desk.add(Task(**desk.place, title="A page"))
    content = await desk.write(task)
    for before in (TaskStatus.REVIEW, TaskStatus.DRAFT):
        await desk.step(content, LOOK[before])
        assert desk.status(Task, task) == before
        await desk.start(WRITING, generate_content.Wanted([task], rewrite=True))
        await desk.fail(Queue.TEXT, WRITING)

        assert (desk.status(Task, task), desk.status(Content, content)) == (before, LOOK[before])


@pytest.mark.parametrize("status", [TaskStatus.SCHEDULED, TaskStatus.ARCHIVED])
async def test_a_content_that_is_sent_with_the_status_it_has_takes_no_step(desk: Desk, status: TaskStatus) -> None:
    """A form is sent whole: it must not take back what was scheduled, nor fail."""
    task = await desk.add(Task(**desk.place, title="A page"))
    content = await desk.write(task)
    desk.house.sql("update content set status = 'APPROVED' where id = %s", content)
    desk.house.sql("update task set status = %s where id = %s", status.value, task)

    await desk.step(content, ContentStatus.APPROVED)

    assert (desk.status(Task, task), desk.status(Content, content)) == (status, ContentStatus.APPROVED)


async def test_what_somebody_wrote_meanwhile_stays(desk: Desk) -> None:
    task = await desk.add(Task(**desk.place, title="A page"))
    job = await desk.start(WRITING, generate_content.Wanted([task]))
    await desk.fail(Queue.TEXT, WRITING)
    await desk.write(task)
    before = desk.status(Task, task)

    await desk.again(job)

    assert desk.status(Task, task) == before
    assert await desk.gathered() is None


@pytest.mark.parametrize("status", [TaskStatus.APPROVED, TaskStatus.PUBLISHED, TaskStatus.ARCHIVED])
async def test_what_was_settled_meanwhile_stays(desk: Desk, status: TaskStatus) -> None:
    task = await desk.add(Task(**desk.place, title="A page"))
    await desk.write(task)
    desk.house.sql("update task set status = 'REVIEW' where id = %s", task)
    job = await desk.start(WRITING, generate_content.Wanted([task], rewrite=True))
    await desk.fail(Queue.TEXT, WRITING)
    desk.house.sql("update task set status = %s where id = %s", status.value, task)

    await desk.again(job)

    assert desk.status(Task, task) == status
    assert await desk.gathered() is None


async def test_a_picture_that_failed_is_drawn_by_one(desk: Desk) -> None:
    image = await desk.add(
        Image(**desk.place, image_type=ImageType.FEATURED, prompt="A cup", status=ImageStatus.PROMPTED)
    )
    wanted = generate_images.Wanted(image_ids=[image])
    job = await desk.start(DRAWING, wanted)
    await desk.fail(Queue.IMAGES, DRAWING)
    assert desk.status(Image, image) == ImageStatus.FAILED

    await desk.again(job)

    assert desk.status(Image, image) == ImageStatus.QUEUED
    with pytest.raises(DomainError, match="being drawn") as refused:
        await desk.start(DRAWING, wanted)
    assert refused.value.code is ErrorCode.CONFLICT


async def test_what_was_deleted_meanwhile_holds_nothing_up(desk: Desk) -> None:
    image, other = [
        await desk.add(Image(**desk.place, image_type=ImageType.FEATURED, prompt=p, status=ImageStatus.PROMPTED))
        for p in ("A", "B")
    ]
    job = await desk.start(DRAWING, generate_images.Wanted(image_ids=[image, other]))
    for _ in range(2):
        await desk.fail(Queue.IMAGES, DRAWING)
    desk.house.sql("delete from image where id = %s", image)

    await desk.again(job)

    assert desk.status(Image, other) == ImageStatus.QUEUED
