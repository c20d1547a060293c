"""Accounts, sites and their sectors."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from domain import audit
from domain.accounts.archive import bring_back
from domain.accounts.catalogue import offered_industry, offered_sector
from domain.accounts.rules import MAX_ACTIVE_SECTORS, MAX_SLUG, check_account_name, check_domain
from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from domain.crud import change, delete_all, edit, number_of, plain, record
from domain.errors import DomainError, bad_input, conflict, site_archived
from domain.names import counted
from domain.rows import find, lock, lock_all
from domain.slugs import slugify
from domain.texts import MAX_TEXT, check_country, check_language, check_name, check_text, check_word_count
from persistence.models import (
    Account,
    AuthorProfile,
    Cluster,
    Content,
    Job,
    Keyword,
    Sector,
    Site,
)
from persistence.terms import AccountStatus, AuditOperation, ErrorCode, LimitKey, SectorStatus, SiteStatus
from persistence.unit import Unit

MAX_SECTORS = 100


async def create_site(unit: Unit, account_id: UUID, name: str, domain: str | None, industry_id: UUID | None) -> Site:
    """LIMIT_REACHED at the plan's number of sites."""
    await lock_balance(unit, account_id)
    await check_room(unit, account_id, LimitKey.SITES, 1)
    if industry_id:
        await offered_industry(unit, industry_id)
    title = check_name(name, "input", "name")
    site = Site(
        account_id=account_id,
        name=title,
        slug=slugify(title, "site", MAX_SLUG),
        domain=check_domain(domain, "input", "domain"),
        industry_id=industry_id,
    )
    unit.add(site)
    await unit.flush()
    record(unit, "createSite", site, AuditOperation.INSERT, after={"name": title})
    return site


async def create_sector(
    unit: Unit, site_id: UUID, name: str, description: str | None, industry_sector_id: UUID | None
) -> Sector:
    """At most five active sectors a site: the site's row is locked while they are counted."""
    site = await lock(unit, Site, site_id, "input", "siteId")
    await check_room_for_sector(unit, site)
    if industry_sector_id:
        await offered_sector(unit, site.industry_id, industry_sector_id)
    title = check_name(name, "input", "name")
    sector = Sector(
        account_id=site.account_id,
        site_id=site.id,
        industry_sector_id=industry_sector_id,
        name=title,
        slug=slugify(title, "sector", MAX_SLUG),
        description=check_text(description, MAX_TEXT, "input", "description"),
    )
    unit.add(sector)
    await unit.flush()
    record(unit, "createSector", sector, AuditOperation.INSERT, after={"name": title})
    return sector


async def update_sector(unit: Unit, sector_id: UUID, given: Mapping[str, Any], expected_version: int | None) -> UUID:
    """Only what is given changes; activating one takes room for it. The site is locked while they are counted."""
    sector = await find(unit, Sector, sector_id, "id")
    site = await lock(unit, Site, sector.site_id, "id")
    await unit.session.refresh(sector)
    columns: dict[str, Any] = {}
    if "name" in given:
        columns["name"] = check_name(given["name"] or "", "input", "name")
    if "description" in given:
        columns["description"] = check_text(given["description"], MAX_TEXT, "input", "description")
    if "industry_sector_id" in given:
        columns["industry_sector_id"] = given["industry_sector_id"]
        if given["industry_sector_id"]:
            await offered_sector(unit, site.industry_id, given["industry_sector_id"], sector.industry_sector_id)
    if given.get("is_active") is not None:
        active = given["is_active"]
        if active and not sector.is_active:
            await check_room_for_sector(unit, site)
        columns |= {"is_active": active, "status": SectorStatus.ACTIVE if active else SectorStatus.INACTIVE}
    return await edit(unit, sector, columns, expected_version)


async def delete_sectors(unit: Unit, ids: Sequence[UUID], *, cascade: bool) -> list[UUID]:
    """CONFLICT with counts where work hangs on them, unless `cascade`: everything of theirs goes."""
    sectors = await lock_all(unit, Sector, ids, "ids", most=MAX_SECTORS)
    gone = [sector.id for sector in sectors]
    if await number_of(unit, Job.id, Job.sector_id.in_(gone), Job.finished_at.is_(None)):
        raise conflict("Work is under way there; wait for its jobs, or cancel them with cancelJob.", "ids")
    counts = {
        row.__tablename__: await number_of(unit, row.id, row.sector_id.in_(gone)) for row in (Keyword, Cluster, Content)
    }
    if any(counts.values()) and not cascade:
        found = ", ".join(counted(number, name) for name, number in counts.items() if number)
        raise conflict(f"They have {found}; give cascade: true to delete all of it.", "ids")
    await unit.run(delete(Content).where(Content.sector_id.in_(gone)))
    return await delete_all(unit, Sector, gone, most=MAX_SECTORS)


async def update_site(unit: Unit, id: UUID, given: Mapping[str, Any], expected_version: int | None) -> UUID:
    """Only what is given changes; of an archived site nothing, unless ACTIVE brings it back."""
    site = await lock(unit, Site, id, "id")
    if site.status is SiteStatus.ARCHIVED and given.get("status") is not SiteStatus.ACTIVE:
        raise site_archived("id")
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "name":
                columns[name] = check_name(value or "", "input", "name")
            case "domain":
                columns[name] = check_domain(value, "input", "domain")
            case "industry_id":
                if value:
                    await offered_industry(unit, value, site.industry_id)
                columns[name] = value
            case "status":
                columns |= await _status(unit, site, value)
    return await edit(unit, site, columns, expected_version)


async def _status(unit: Unit, site: Site, wanted: SiteStatus | None) -> dict[str, Any]:
    if wanted not in (SiteStatus.ACTIVE, SiteStatus.INACTIVE):
        raise bad_input("Give ACTIVE or INACTIVE; deleteSites archives.", "input", "status")
    if site.status is SiteStatus.ARCHIVED:
        await bring_back(unit, site, "input", "status")
    return {"status": wanted, "is_active": wanted is SiteStatus.ACTIVE, "archived_at": None}


async def update_account(unit: Unit, account_id: UUID, given: Mapping[str, Any], expected_version: int | None) -> UUID:
    """Only what is given changes."""
    account = await unit.get(Account, account_id, lock=True)
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "name" if value != account.name:  # one that it has already may be older than the rule
                columns[name] = check_account_name(value or "", "input", "name")
            case "default_country":
                columns[name] = check_country(value, "input", "defaultCountry")
            case "default_language":
                columns[name] = check_language(value, "input", "defaultLanguage")
            case "default_word_count":
                columns[name] = check_word_count(value, "input", "defaultWordCount")
            case "default_author_profile_id":
                if value:
                    await find(unit, AuthorProfile, value, "input", "defaultAuthorProfileId")
                columns[name] = value
    before = await change(unit, account, columns, expected_version)
    audit.record(
        unit, account_id, "updateAccount", "Account", account_id, operation=AuditOperation.UPDATE,
        before=plain(before), after=plain(columns),
    )  # fmt: skip
    return account_id


async def cancel_account(unit: Unit, account_id: UUID, caller_id: UUID, name: str) -> UUID:
    """At once nobody has access; after ninety days it is purged. The name is asked for, against a slip."""
    account = await unit.get(Account, account_id, lock=True)
    if account.owner_id != caller_id:
        raise conflict("Only the owner may cancel the account.", "input")
    if name.strip() != account.name:
        raise bad_input("Write the account's name to cancel it.", "input", "accountName")
    account.status, account.archived_at = AccountStatus.CANCELLED, await unit.now()
    audit.record(unit, account_id, "cancelAccount", "Account", account_id)
    return account_id


async def check_room_for_sector(unit: Unit, site: Site) -> None:
    statement = select(func.count()).select_from(Sector).where(Sector.site_id == site.id, Sector.is_active)
    if ((await unit.session.scalar(statement)) or 0) >= MAX_ACTIVE_SECTORS:
        raise DomainError(
            ErrorCode.LIMIT_REACHED,
            f"A site has at most {MAX_ACTIVE_SECTORS} active sectors. Deactivate one with updateSector first.",
            "input",
            "siteId",
        )
