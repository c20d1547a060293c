"""Contents that people write, change and restore by hand."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from domain.access import Permission
from domain.accounts.sectors import place_for
from domain.crud import change, create, edit_all, number_of, record
from domain.errors import bad_input, conflict
from domain.rows import belonging, find, lock, lock_all
from domain.slugs import slugify
from domain.texts import MAX_TITLE, check_keywords, check_line, check_text, check_title
from domain.writer.editorial import LOOKALIKE, check_editable, check_step, content_status
from domain.writer.html import excerpt
from domain.writer.revisions import record_revision
from domain.writer.slugs import claim_slug, free_slug, language_of, own_slug
from domain.writer.stored_body import EXCERPT, Written, write
from domain.writer.tasks import Moved, place_by_hand, record_along, step
from domain.writer.threads import beside
from persistence.models import AuthorProfile, Content, ContentRevision, Task
from persistence.terms import AuditOperation, ContentOrigin, ContentStatus, TaskStatus
from persistence.unit import Unit

Given = Mapping[str, Any]
Held = frozenset[Permission]
MAX_HTML, MAX_META_TITLE, MAX_META_DESCRIPTION = 500_000, 200, 400
ADDRESS, MAX_ADDRESS = re.compile(r"https?://[^\s/?#@]+\S*"), 2000
SAID = ("title", "html_content", "meta_title", "meta_description", "primary_keyword", "secondary_keywords")


async def written(given: Given) -> Written | None:
    """What is given as HTML, cleaned; before a transaction is opened, since long texts take long. None without any."""
    if "html_content" not in given:
        return None
    text = check_text(given["html_content"], MAX_HTML, "input", "htmlContent")
    return await beside(lambda: _written(text))


def _written(text: str) -> Written:
    found, excess = write(text)
    if excess:
        raise bad_input(f"In this text {excess.value}. Give it with simpler markup.", "input", "htmlContent")
    return found


def _columns(given: Given, written: Written | None = None) -> dict[str, Any]:
    """What is given, checked; an excerpt that is not is the text's beginning."""
    assert (written is None) == ("html_content" not in given)
    return {**(asdict(written) if written else {}), **_plain_columns(given)}


def _plain_columns(given: Given) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "title":
                columns[name] = check_title(value, "input", "title")
            case "meta_title":
                columns[name] = check_line(value, MAX_META_TITLE, "input", "metaTitle")
            case "meta_description":
                columns[name] = check_line(value, MAX_META_DESCRIPTION, "input", "metaDescription")
            case "primary_keyword":
                columns[name] = check_line(value, MAX_TITLE, "input", "primaryKeyword")
            case "secondary_keywords":
                columns[name] = check_keywords(value, "input", "secondaryKeywords")
            case "excerpt":
                if value is not None:
                    columns[name] = check_text(value, MAX_META_DESCRIPTION, "input", "excerpt")
            case "content_type" | "content_structure":
                if value is not None:
                    columns[name] = value
            case "author_profile_id":
                columns[name] = value
    return columns


async def create_content(unit: Unit, user_id: UUID, given: Given, text: Written | None) -> UUID:
    """Written by hand, for a task or without one; its first revision is its maker's."""
    columns = _columns(given, text)
    await _check_author(unit, columns.get("author_profile_id"))
    title = columns["title"]
    if given.get("task_id"):
        place = await _of_task(unit, given["task_id"])
    else:
        sector, cluster_id = await place_for(unit, given.get("sector_id"), given.get("cluster_id"), "input")
        place = {**belonging(sector), "cluster_id": cluster_id}
    language = await language_of(unit, place["account_id"], columns.get("author_profile_id"))
    wanted = given.get("slug")
    slug = own_slug(wanted, language, "input", "slug") if wanted else slugify(title, language=language)
    content = Content(
        **{**place, **columns},
        slug=await free_slug(unit, place["site_id"], slug, uuid4()),
        origin=ContentOrigin.HUMAN,
    )
    (id,) = await create(unit, content)
    await record_revision(unit, content, "written", user_id=user_id)
    return id


async def _of_task(unit: Unit, task_id: UUID) -> dict[str, Any]:
    task = await lock(unit, Task, task_id, "input", "taskId")
    if await number_of(unit, Content.id, Content.task_id == task.id):
        raise conflict("The task has content; change that with updateContent.", "input", "taskId")
    if task.status not in (TaskStatus.DRAFT, TaskStatus.IN_PROGRESS):
        raise conflict(f"The task is {task.status.value}.", "input", "taskId")
    task.status = TaskStatus.IN_PROGRESS
    return {
        **belonging(task),
        "cluster_id": task.cluster_id,
        "task_id": task.id,
        "content_type": task.content_type,
        "content_structure": task.content_structure,
    }


async def _check_author(unit: Unit, id: UUID | None) -> None:
    if id is not None:
        await find(unit, AuthorProfile, id, "input", "authorProfileId")


async def update_content(
    unit: Unit, user_id: UUID, id: UUID, given: Given, text: Written | None, expected_version: int | None, held: Held
) -> UUID:
    """Only what is given changes; what it says then is a new revision, with who and why."""
    (content,) = await locked(unit, [id], "id")
    columns = _columns(given, text)
    await _check_author(unit, columns.get("author_profile_id"))
    if "cluster_id" in given:
        columns["cluster_id"] = given["cluster_id"]
        if given["cluster_id"] is not None:
            await place_for(unit, content.sector_id, given["cluster_id"], "input")
    if given.get("slug") is not None and given["slug"] != content.slug:
        author_id = columns.get("author_profile_id", content.author_profile_id)
        columns["slug"] = await _new_slug(unit, content, given["slug"], author_id)
    if columns:
        check_editable(content.status, held, "id")
    before = await change(unit, content, columns, expected_version)
    changed = {name: value for name, value in columns.items() if before[name] != value}
    if any(name in changed for name in SAID):
        content.origin = ContentOrigin.HUMAN if "html_content" in changed else content.origin
        await unit.flush()
        reason = check_text(given.get("reason"), 500, "input", "reason")
        await record_revision(unit, content, reason or "edited", user_id=user_id)
    if given.get("status") is not None:
        before["status"] = content.status
        address = _address(given)
        record_along(unit, "updateContent", await _step(unit, content, given["status"], held, address))
        if content.status is not before["status"]:
            changed["status"] = content.status
    if changed:
        shown = [name for name in changed if name != "html_content"]
        record(
            unit, "updateContent", content, AuditOperation.UPDATE,
            before={name: before[name] for name in shown}, after={name: changed[name] for name in shown},
        )  # fmt: skip
    return id


async def locked(unit: Unit, ids: Sequence[UUID], *field: str) -> list[Content]:
    """Tasks first, as everywhere where both are locked."""
    of = select(Content.task_id).where(Content.id.in_(ids), Content.task_id.is_not(None))
    await unit.all(select(Task).where(Task.id.in_(of)).order_by(Task.id).with_for_update())
    return await lock_all(unit, Content, ids, *field)


async def _new_slug(unit: Unit, content: Content, wanted: str, author_id: UUID | None) -> str:
    slug = own_slug(wanted, await language_of(unit, content.account_id, author_id), "input", "slug")
    await claim_slug(unit, content.site_id, slug)
    if await number_of(unit, Content.id, Content.site_id == content.site_id, Content.slug == slug,
                       Content.id != content.id):  # fmt: skip
        raise conflict("Another content of the site is found there; choose another slug.", "input", "slug")
    return slug


def _address(given: Given) -> str | None:
    """Where it was published by hand; only with the status PUBLISHED."""
    address = check_line(given.get("published_url"), MAX_ADDRESS, "input", "publishedUrl")
    if address is None:
        return None
    if given["status"] is not ContentStatus.PUBLISHED:
        raise bad_input("It goes with the status PUBLISHED.", "input", "publishedUrl")
    if not ADDRESS.fullmatch(address):
        raise bad_input("Give the page's address, such as https://example.com/page.", "input", "publishedUrl")
    return address


async def _step(
    unit: Unit, content: Content, after: ContentStatus, held: Held, address: str | None = None
) -> list[Moved]:
    """The same steps as a task's, which goes along where there is one; none where it is that already."""
    if content.status is after:
        return []
    wanted = LOOKALIKE[after]
    moved: list[Moved] = []
    if content.task_id:
        task = await unit.get(Task, content.task_id)
        await step(unit, [task], wanted, held, "input", "status", address=address)
        moved = [(task, task.status)] if task.status is not wanted else []
        task.status = wanted
    else:
        before = LOOKALIKE[content.status]
        field = ("input", "status")
        check_step(before, wanted, held, has_content=True, field=field, has_address=address is not None)
        await place_by_hand(unit, [content], after is ContentStatus.PUBLISHED, address, *field)
        content.status = content_status(wanted, content.status)
    await unit.flush()
    return moved


async def bulk_update_contents(unit: Unit, ids: Sequence[UUID], given: Given, held: Held) -> list[UUID]:
    columns = _columns(given)
    await _check_author(unit, columns.get("author_profile_id"))
    moved: list[Moved] = []
    for content in await locked(unit, ids, "ids"):
        if columns:
            check_editable(content.status, held, "ids")
        if given.get("status") is not None:
            moved += await _step(unit, content, given["status"], held)
    record_along(unit, "bulkUpdateContents", moved)
    if given.get("status") is None:
        return await edit_all(unit, Content, ids, columns)
    return await edit_all(unit, Content, ids, columns or {"updated_at": func.now()},
                          shown={**columns, "status": given["status"]})  # fmt: skip


async def html_of_revision(unit: Unit, revision_id: UUID) -> str:
    return (await find(unit, ContentRevision, revision_id, "id")).html_content


async def excerpt_of(html: str) -> str:
    """Before a transaction is opened."""
    return await beside(lambda: excerpt(html, EXCERPT))


async def restore_revision(unit: Unit, user_id: UUID, revision_id: UUID, beginning: str, held: Held) -> UUID:
    """What the content said then, it says again, as its newest revision: the content's id. `beginning`: its excerpt."""
    revision = await find(unit, ContentRevision, revision_id, "id")
    (content,) = await locked(unit, [revision.content_id], "id")
    check_editable(content.status, held, "id")
    for name in (*SAID, "word_count", "origin"):
        setattr(content, name, getattr(revision, name))
    content.excerpt = beginning
    await unit.flush()
    await record_revision(unit, content, f"revision {revision.number} restored", user_id=user_id)
    record(unit, "restoreRevision", content, AuditOperation.UPDATE, after={"number": revision.number})
    return content.id


async def two_revisions(unit: Unit, from_id: UUID, to_id: UUID) -> tuple[ContentRevision, ContentRevision]:
    """Of one content; Missing for what is not there."""
    one, two = await unit.get(ContentRevision, from_id), await unit.get(ContentRevision, to_id)
    if one.content_id != two.content_id:
        raise bad_input("Take two revisions of one content.", "toId")
    return one, two
