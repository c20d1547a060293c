"""Content ideas that people make, change and delete by hand."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.accounts.sectors import place_for
from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from domain.crud import create, delete_all, edit, edit_all, paths_of
from domain.errors import bad_input
from domain.rows import belonging, lock, lock_all
from domain.texts import MAX_TEXT, check_keywords, check_text, check_title, check_word_count
from persistence.models import Idea
from persistence.terms import IdeaStatus, LimitKey
from persistence.unit import Unit

Given = Mapping[str, Any]
BY_HAND = (IdeaStatus.NEW, IdeaStatus.REJECTED)


def _columns(given: Given, *path: str) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "idea_title":
                columns[name] = check_title(value, *path, "ideaTitle")
            case "description":
                columns[name] = check_text(value, MAX_TEXT, *path, "description")
            case "target_keywords":
                columns[name] = check_keywords(value, *path, "targetKeywords")
            case "estimated_word_count":
                columns[name] = check_word_count(value, *path, "estimatedWordCount")
            case "content_type" | "content_structure":
                if value is not None:
                    columns[name] = value
    return columns


async def create_ideas(unit: Unit, given: Sequence[Given], *path: str) -> list[UUID]:
    """All or none; each in a sector or a cluster. LIMIT_REACHED at the plan's number of ideas."""
    paths = paths_of(given, Idea, *path)
    rows = [await _new(unit, each, at) for each, at in zip(given, paths, strict=True)]
    made = await create(unit, *rows)
    await lock_balance(unit, rows[0].account_id)  # the credit row last, as everywhere
    await check_room(unit, rows[0].account_id, LimitKey.CONTENT_IDEAS, 0)
    return made


async def _new(unit: Unit, given: Given, path: tuple[str, ...]) -> Idea:
    columns = _columns(given, *path)
    sector, cluster_id = await place_for(unit, given.get("sector_id"), given.get("cluster_id"), *path)
    return Idea(
        **belonging(sector),
        cluster_id=cluster_id,
        **columns,
    )


async def update_idea(unit: Unit, id: UUID, given: Given, expected_version: int | None) -> UUID:
    """Only what is given changes; a clusterId of null leaves it without one."""
    idea = await lock(unit, Idea, id, "id")
    columns = _columns(given, "input")
    if "cluster_id" in given:
        columns["cluster_id"] = given["cluster_id"]
        if given["cluster_id"] is not None:
            await place_for(unit, idea.sector_id, given["cluster_id"], "input")
    if "status" in given:
        columns["status"] = _status([idea], given["status"])
    return await edit(unit, idea, columns, expected_version)


async def bulk_update_ideas(unit: Unit, ids: Sequence[UUID], given: Given) -> list[UUID]:
    columns = _columns(given, "input")
    if "status" in given:
        columns["status"] = _status(await lock_all(unit, Idea, ids, "ids"), given["status"])
    return await edit_all(unit, Idea, ids, columns)


def _status(ideas: Sequence[Idea], wanted: IdeaStatus | None) -> IdeaStatus:
    """SCHEDULED and DONE follow from the task; the rest is a decision."""
    if wanted is not None and all(idea.status is wanted for idea in ideas):
        return wanted
    if wanted not in BY_HAND:
        raise bad_input("An idea can be NEW or REJECTED; it is SCHEDULED by its task.", "input", "status")
    if any(idea.status not in BY_HAND for idea in ideas):
        raise bad_input("An idea that has a task keeps its status; delete the task first.", "input", "status")
    return wanted


async def delete_ideas(unit: Unit, ids: Sequence[UUID]) -> list[UUID]:
    """Their tasks stay."""
    return await delete_all(unit, Idea, ids)
