"""Destinations of a site, made and changed by hand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.crud import create, edit
from domain.errors import bad_input, camel
from domain.integration.kinds import KINDS, Settings
from domain.rows import find, lock
from domain.texts import check_name
from persistence.models import Integration, Site
from persistence.terms import IntegrationKind, IntegrationStatus
from persistence.unit import Unit

Given = Mapping[IntegrationKind, Mapping[str, Any]]


async def create_integration(unit: Unit, site_id: UUID, name: str, given: Given) -> UUID:
    """BAD_INPUT unless the settings of exactly one kind are given."""
    site = await find(unit, Site, site_id, "input", "siteId")
    if len(given) != 1:
        names = ", ".join(_field(kind) for kind in KINDS)
        raise bad_input(f"Give the settings of one destination: {names}.", "input")
    ((kind, fields),) = given.items()
    settings = KINDS[kind](fields, None, "input", _field(kind))
    row = Integration(
        account_id=site.account_id,
        site_id=site.id,
        kind=kind,
        name=check_name(name, "input", "name"),
        url=settings.url,
        config=settings.config,
        secret=unit.vault.seal(settings.secret) if settings.secret else None,
    )
    (id,) = await create(unit, row)
    return id


async def update_integration(
    unit: Unit, id: UUID, name: str | None, given: Given, expected_version: int | None
) -> UUID:
    """Only what is given changes; whose settings did is UNTESTED again."""
    row = await lock(unit, Integration, id, "id")
    if other := next((kind for kind in given if kind is not row.kind), None):
        raise bad_input(f"It is {row.kind.value}; that never changes.", "input", _field(other))
    columns: dict[str, Any] = {} if name is None else {"name": check_name(name, "input", "name")}
    if fields := given.get(row.kind):
        columns |= _changed(
            unit, row, KINDS[row.kind](fields, Settings(row.url, row.config), "input", _field(row.kind))
        )
    return await edit(unit, row, columns, expected_version)


def _changed(unit: Unit, row: Integration, settings: Settings) -> dict[str, Any]:
    columns: dict[str, Any] = {"url": settings.url, "config": settings.config}
    if settings.secret is not None:
        columns["secret"] = unit.vault.seal(settings.secret)
    if any(getattr(row, name) != value for name, value in columns.items()):
        columns |= {"status": IntegrationStatus.UNTESTED, "error": None, "capabilities": {}}
    return columns


def _field(kind: IntegrationKind) -> str:
    return camel(kind.value.lower()) if kind is not IntegrationKind.WORDPRESS else "wordPress"
