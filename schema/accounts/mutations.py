"""Making and changing sites and sectors."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.accounts import archive, service
from domain.accounts.service import WordPress
from domain.registry import FUNCTIONS
from persistence.unit import Unit
from schema.accounts.inputs import (
    CancelAccountInput,
    CreateSectorInput,
    CreateSiteInput,
    UpdateAccountInput,
    UpdateSectorInput,
    UpdateSiteInput,
)
from schema.accounts.payloads import AccountPayload, SectorPayload, SitePayload, StaffPayload
from schema.accounts.people import PeopleMutation
from schema.accounts.staff import StaffMutation
from schema.accounts.types import Account, Sector, Site
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.graph.fields import said
from schema.mutation import DeletePayload, create_one_once, given, id_argument, mutation, personal

Cascade = Annotated[bool, said("Whether the work that they hold is deleted with them.")]


@strawberry.type
class AccountsMutation(PeopleMutation, StaffMutation):
    @mutation(Permission.MANAGE_SITES)
    async def create_site(self, info: Info, input: CreateSiteInput) -> SitePayload:
        """A website; the plan says how many."""
        wordpress = WordPress(input.wp_url, input.wp_username, input.wp_app_password)
        account_id = info.context.caller.account_id

        async def make(unit: Unit) -> UUID:
            site = await service.create_site(unit, account_id, input.name, input.domain, input.industry_id, wordpress)
            return site.id

        id = await create_one_once(info, Site, "createSite", input, make)
        return SitePayload(site=ref(Site, id))

    @mutation(Permission.MANAGE_SITES)
    async def create_sector(self, info: Info, input: CreateSectorInput) -> SectorPayload:
        """At most five active sectors a site."""

        async def make(unit: Unit) -> UUID:
            sector = await service.create_sector(
                unit, input.site_id, input.name, input.description, input.industry_sector_id
            )
            return sector.id

        id = await create_one_once(info, Sector, "createSector", input, make)
        return SectorPayload(sector=ref(Sector, id))

    @mutation(Permission.MANAGE_SITES)
    async def update_sector(
        self, info: Info, id: Annotated[UUID, id_argument("Sector")], input: UpdateSectorInput
    ) -> SectorPayload:
        """Only what is given changes; isActive takes a sector out of use, or brings it back."""
        async with info.context.write() as unit:
            await service.update_sector(unit, id, given(input, "expected_version"), input.expected_version)
        return SectorPayload(sector=ref(Sector, id))

    @mutation(Permission.MANAGE_SITES, archived=True)
    async def delete_sectors(
        self, info: Info, ids: Annotated[list[UUID], id_argument("Sector", many=True)], cascade: Cascade = False
    ) -> DeletePayload:
        """All or none. Sectors that hold work are deleted with cascade: true, and all of it with them."""
        async with info.context.write() as unit:
            deleted = await service.delete_sectors(unit, ids, cascade=cascade)
        return DeletePayload(deleted_ids=encoded(Sector, deleted))

    @mutation(Permission.MANAGE_SITES, archived=True)
    async def update_site(
        self, info: Info, id: Annotated[UUID, id_argument("Site")], input: UpdateSiteInput
    ) -> SitePayload:
        """Only what is given changes. An archived site is brought back by the status ACTIVE, with the sectors that were
        active, where the plan has room for it and for its keywords, clusters and ideas; else nothing of it changes."""
        async with info.context.write() as unit:
            await service.update_site(unit, id, given(input, "expected_version"), input.expected_version)
        return SitePayload(site=ref(Site, id))

    @mutation(Permission.MANAGE_SITES, archived=True)
    async def delete_sites(
        self, info: Info, ids: Annotated[list[UUID], id_argument("Site", many=True)]
    ) -> DeletePayload:
        """Archives them. They take nothing but reads, exports and deletes, count nothing against the plan, can be
        brought back with updateSite, and go after thirty days. Their jobs are cancelled, as by cancelJob."""
        async with info.context.write() as unit:
            deleted = await archive.delete_sites(unit, ids, FUNCTIONS)
        return DeletePayload(deleted_ids=encoded(Site, deleted))

    @mutation(Permission.MANAGE_ACCOUNT)
    async def update_account(self, info: Info, input: UpdateAccountInput) -> AccountPayload:
        """Its name, and what is taken where nothing is chosen; the slug stays."""
        account_id = info.context.caller.account_id
        async with info.context.write() as unit:
            await service.update_account(unit, account_id, given(input, "expected_version"), input.expected_version)
        return AccountPayload(account=ref(Account, account_id))

    @personal(Permission.MANAGE_ACCOUNT)
    async def cancel_account(self, info: Info, input: CancelAccountInput) -> StaffPayload:
        """By its owner. Nobody has access any more, at once; after ninety days everything is gone."""
        caller = info.context.caller
        async with info.context.write() as unit:
            id = await service.cancel_account(unit, caller.account_id, caller.user_id, input.name)
        return StaffPayload(account_id=encoded(Account, [id])[0])
