"""Destinations of a site, made and changed by hand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.crud import create, edit
from domain.errors import bad_input, camel, not_found
from domain.integration.kinds import KINDS, SYNCED, Settings
from domain.rows import find, lock
from domain.texts import check_name
from persistence.models import Integration, Sector, Site
from persistence.terms import IntegrationKind, IntegrationStatus
from persistence.unit import Unit

LEAST_MINUTES, MOST_MINUTES = 5, 7 * 24 * 60
Given = Mapping[IntegrationKind, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """`secret`: in clear, where one was made that nobody has seen yet."""

    id: UUID
    secret: str | None = field(default=None, repr=False)


async def create_integration(
    unit: Unit, site_id: UUID, name: str, given: Given, sync: Mapping[str, Any], roots: Collection[str] = ()
) -> Kept:
    """BAD_INPUT unless the settings of exactly one kind are given. `roots`: the operator's folders, by name."""
    site = await find(unit, Site, site_id, "input", "siteId")
    await _check_sector(unit, site.id, sync)
    if len(given) != 1:
        names = ", ".join(_field(kind) for kind in KINDS)
        raise bad_input(f"Give the settings of one destination: {names}.", "input")
    ((kind, fields),) = given.items()
    settings = KINDS[kind](fields, None, "input", _field(kind))
    if kind is IntegrationKind.FOLDER:
        _check_root(settings.config.get("root"), roots)
    row = Integration(
        account_id=site.account_id,
        site_id=site.id,
        kind=kind,
        name=check_name(name, "input", "name"),
        url=settings.url,
        config=settings.config,
        secret=unit.vault.seal(settings.secret) if settings.secret else None,
        **_sync(kind, sync),
    )
    (id,) = await create(unit, row)
    return Kept(id, settings.secret if settings.is_new_secret else None)


async def update_integration(
    unit: Unit, id: UUID, name: str | None, given: Given, sync: Mapping[str, Any], expected_version: int | None
) -> Kept:
    """Only what is given changes; whose settings did is UNTESTED again."""
    row = await lock(unit, Integration, id, "id")
    if other := next((kind for kind in given if kind is not row.kind), None):
        raise bad_input(f"It is {row.kind.value}; that never changes.", "input", _field(other))
    columns: dict[str, Any] = {} if name is None else {"name": check_name(name, "input", "name")}
    await _check_sector(unit, row.site_id, sync)
    columns |= _sync(row.kind, sync)
    new_secret = None
    if fields := given.get(row.kind):
        settings = KINDS[row.kind](fields, Settings(row.url, row.config), "input", _field(row.kind))
        columns |= _changed(unit, row, settings)
        new_secret = settings.secret if settings.is_new_secret else None
    return Kept(await edit(unit, row, columns, expected_version), new_secret)


def _check_root(root: str | None, roots: Collection[str]) -> None:
    if root is not None and root not in roots:
        known = f"there are {', '.join(sorted(roots))}" if roots else "its operator has set none with IGNY8_FOLDERS"
        raise bad_input(f"This server has no folder “{root}”: {known}. Or give none.", "input", "folder", "root")


async def _check_sector(unit: Unit, site_id: UUID, given: Mapping[str, Any]) -> None:
    """Where to what is found there goes."""
    if given.get("sync_sector_id") is not None:
        sector = await find(unit, Sector, given["sync_sector_id"], "input", "syncSectorId")
        if sector.site_id != site_id:
            raise not_found("sector of the site", "input", "syncSectorId")


def _sync(kind: IntegrationKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """As columns; BAD_INPUT for times at which it is not looked at."""
    minutes = given.get("sync_minutes")
    if minutes is not None and kind not in SYNCED:
        raise bad_input("Nothing is changed at such a destination but by us.", "input", "syncMinutes")
    if minutes is not None and not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise bad_input(f"Give from {LEAST_MINUTES} to {MOST_MINUTES:,} minutes.", "input", "syncMinutes")
    return {name: given[name] for name in ("sync_minutes", "sync_sector_id") if name in given}


def _changed(unit: Unit, row: Integration, settings: Settings) -> dict[str, Any]:
    columns: dict[str, Any] = {"url": settings.url, "config": settings.config}
    if settings.secret is not None:
        columns["secret"] = unit.vault.seal(settings.secret)
    if any(getattr(row, name) != value for name, value in columns.items()):
        columns |= {"status": IntegrationStatus.UNTESTED, "error": None, "capabilities": {}}
    return columns


def _field(kind: IntegrationKind) -> str:
    return camel(kind.value.lower()) if kind is not IntegrationKind.WORDPRESS else "wordPress"
