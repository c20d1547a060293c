"""The industry catalogue, which all accounts share; our own staff keeps it."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from domain.accounts.rules import MAX_SLUG
from domain.crud import change
from domain.errors import bad_input, not_found
from domain.rows import lock
from domain.slugs import slugify
from domain.texts import check_name, check_text
from persistence.models import Industry, IndustrySector
from persistence.unit import Unit

R = TypeVar("R", Industry, IndustrySector)
Given = Mapping[str, Any]
MAX_DESCRIPTION = 1000


async def create_industry(unit: Unit, given: Given) -> UUID:
    columns = _columns(given)
    return await _made(unit, Industry(**columns, slug=_slug(columns["name"])))


async def create_industry_sector(unit: Unit, industry_id: UUID, given: Given) -> UUID:
    await lock(unit, Industry, industry_id, "input", "industryId")
    columns = _columns(given)
    return await _made(unit, IndustrySector(**columns, slug=_slug(columns["name"]), industry_id=industry_id))


async def update_industry(unit: Unit, id: UUID, given: Given) -> UUID:
    """Sites that are of it stay so when it is not offered any more."""
    await change(unit, await lock(unit, Industry, id, "id"), _columns(given), None)
    return id


async def update_industry_sector(unit: Unit, id: UUID, given: Given) -> UUID:
    await change(unit, await lock(unit, IndustrySector, id, "id"), _columns(given), None)
    return id


async def offered_industry(unit: Unit, id: UUID, before: UUID | None = None) -> None:
    """NOT_FOUND for one that is not there, or not offered; what a site has already (`before`) it may keep."""
    found = await unit.session.get(Industry, id)
    if found is None or not (found.is_active or id == before):
        raise not_found("industry", "input", "industryId")


async def offered_sector(unit: Unit, industry_id: UUID | None, id: UUID, before: UUID | None = None) -> None:
    """As `offered_industry`; BAD_INPUT for one of another industry than the site's."""
    found = await unit.session.get(IndustrySector, id)
    if found is None or not (found.is_active or id == before):
        raise not_found("industry sector", "input", "industrySectorId")
    if industry_id and found.industry_id != industry_id:
        raise bad_input("The industry sector is of another industry than the site.", "input", "industrySectorId")


def _columns(given: Given) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "name":
                columns[name] = check_name(value or "", "input", "name")
            case "description":
                columns[name] = check_text(value, MAX_DESCRIPTION, "input", "description")
            case "is_active":
                columns[name] = value is not False
    return columns


def _slug(name: str) -> str:
    """Of its first name: links keep to it."""
    slug = slugify(name, "", MAX_SLUG)
    if not slug:
        raise bad_input("Give a name with letters or digits.", "input", "name")
    return slug


async def _made(unit: Unit, row: R) -> UUID:
    unit.add(row)
    await unit.flush()
    return row.id
