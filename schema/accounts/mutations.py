"""Making and changing sites and sectors."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.accounts import service
from domain.accounts.service import WordPress
from domain.idempotency import once
from schema.accounts.inputs import CreateSectorInput, CreateSiteInput, UpdateSectorInput
from schema.accounts.payloads import SectorPayload, SitePayload
from schema.accounts.types import Sector, Site
from schema.context import Info
from schema.entity import ref
from schema.mutation import id_argument, mutation


@strawberry.type
class AccountsMutation:
    @mutation(Permission.MANAGE_SITES)
    async def create_site(self, info: Info, input: CreateSiteInput) -> SitePayload:
        """A website; the plan says how many."""
        async with info.context.write() as unit:
            wordpress = WordPress(input.wp_url, input.wp_username, input.wp_app_password)
            account_id = info.context.caller.account_id

            async def make() -> UUID:
                site = await service.create_site(
                    unit, account_id, input.name, input.domain, input.industry_id, wordpress
                )
                return site.id

            id = await once(unit, account_id, "createSite", input.idempotency_key, input, make)
        return SitePayload(site=ref(Site, id))

    @mutation(Permission.MANAGE_SITES)
    async def create_sector(self, info: Info, input: CreateSectorInput) -> SectorPayload:
        """At most five active sectors a site."""
        async with info.context.write() as unit:

            async def make() -> UUID:
                sector = await service.create_sector(
                    unit, input.site_id, input.name, input.description, input.industry_sector_id
                )
                return sector.id

            account_id = info.context.caller.account_id
            id = await once(unit, account_id, "createSector", input.idempotency_key, input, make)
        return SectorPayload(sector=ref(Sector, id))

    @mutation(Permission.MANAGE_SITES)
    async def update_sector(
        self, info: Info, id: Annotated[UUID, id_argument("Sector")], input: UpdateSectorInput
    ) -> SectorPayload:
        """Deactivates a sector, or activates it again."""
        async with info.context.write() as unit:
            await service.set_sector_active(unit, id, active=input.is_active)
        return SectorPayload(sector=ref(Sector, id))
