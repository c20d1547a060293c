"""Sites and their sectors."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from domain import audit
from domain.accounts.rules import MAX_ACTIVE_SECTORS, check_domain, slugify
from domain.auth.rules import check_name
from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from domain.errors import DomainError, bad_input, not_found
from persistence.errors import Missing
from persistence.models import Industry, IndustrySector, Sector, Site
from persistence.terms import AuditOperation, ErrorCode, LimitKey, SectorStatus
from persistence.unit import Unit


@dataclass(frozen=True, slots=True)
class WordPress:
    """Where a site publishes; the password is sealed before it is stored."""

    url: str | None = None
    username: str | None = None
    app_password: str | None = None


async def create_site(
    unit: Unit, account_id: UUID, name: str, domain: str | None, industry_id: UUID | None, wordpress: WordPress
) -> Site:
    """LIMIT_REACHED at the plan's number of sites."""
    await lock_balance(unit, account_id)
    await check_room(unit, account_id, LimitKey.SITES, 1)
    if industry_id and not await unit.session.get(Industry, industry_id):
        raise not_found("industry", "input", "industryId")
    title = check_name(name, "input", "name")
    site = Site(
        account_id=account_id,
        name=title,
        slug=slugify(title) or "site",
        domain=check_domain(domain, "input", "domain"),
        industry_id=industry_id,
        wp_url=wordpress.url,
        wp_username=wordpress.username,
        wp_app_password=unit.vault.seal(wordpress.app_password) if wordpress.app_password else None,
    )
    unit.add(site)
    await unit.flush()
    audit.record(
        unit, account_id, "createSite", "Site", site.id, operation=AuditOperation.INSERT, after={"name": title}
    )
    return site


async def create_sector(
    unit: Unit, site_id: UUID, name: str, description: str | None, industry_sector_id: UUID | None
) -> Sector:
    """At most five active sectors a site: the site's row is locked while they are counted."""
    site = await _site(unit, site_id, "input", "siteId")
    await check_room_for_sector(unit, site)
    if industry_sector_id:
        await _check_industry_sector(unit, site, industry_sector_id)
    title = check_name(name, "input", "name")
    sector = Sector(
        account_id=site.account_id,
        site_id=site.id,
        industry_sector_id=industry_sector_id,
        name=title,
        slug=slugify(title) or "sector",
        description=description or "",
    )
    unit.add(sector)
    await unit.flush()
    audit.record(
        unit, site.account_id, "createSector", "Sector", sector.id, operation=AuditOperation.INSERT,
        after={"name": title},
    )  # fmt: skip
    return sector


async def set_sector_active(unit: Unit, sector_id: UUID, *, active: bool) -> Sector:
    """Makes room for another sector, or takes it."""
    try:
        sector = await unit.get(Sector, sector_id)
    except Missing:
        raise not_found("sector", "id") from None
    site = await _site(unit, sector.site_id, "id")
    await unit.session.refresh(sector)
    if active and not sector.is_active:
        await check_room_for_sector(unit, site)
    sector.is_active = active
    sector.status = SectorStatus.ACTIVE if active else SectorStatus.INACTIVE
    audit.record(
        unit, site.account_id, "updateSector", "Sector", sector.id, operation=AuditOperation.UPDATE,
        after={"isActive": active},
    )  # fmt: skip
    return sector


async def _site(unit: Unit, site_id: UUID, *field: str) -> Site:
    try:
        return await unit.get(Site, site_id, lock=True)
    except Missing:
        raise not_found("site", *field) from None


async def check_room_for_sector(unit: Unit, site: Site) -> None:
    statement = select(func.count()).select_from(Sector).where(Sector.site_id == site.id, Sector.is_active)
    if ((await unit.session.scalar(statement)) or 0) >= MAX_ACTIVE_SECTORS:
        raise DomainError(
            ErrorCode.LIMIT_REACHED,
            f"A site has at most {MAX_ACTIVE_SECTORS} active sectors. Deactivate one with updateSector first.",
            "input",
            "siteId",
        )


async def _check_industry_sector(unit: Unit, site: Site, id: UUID) -> None:
    found = await unit.session.get(IndustrySector, id)
    if not found:
        raise not_found("industry sector", "input", "industrySectorId")
    if site.industry_id and found.industry_id != site.industry_id:
        raise bad_input("The industry sector is of another industry than the site.", "input", "industrySectorId")
