"""Sites, made, changed, archived and brought back."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.accounts import archive, service
from domain.registry import FUNCTIONS
from persistence.unit import Unit
from schema.accounts.inputs import (
    CreateSiteInput,
    UpdateSiteInput,
)
from schema.accounts.payloads import SitePayload
from schema.accounts.types import Site
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.mutation import DeletePayload, create_one_once, given, id_argument, mutation


@strawberry.type
class SiteMutation:
    @mutation(Permission.MANAGE_SITES)
    async def create_site(self, info: Info, input: CreateSiteInput) -> SitePayload:
        """A website; the plan says how many."""
        account_id = info.context.caller.account_id

        async def make(unit: Unit) -> UUID:
            site = await service.create_site(unit, account_id, input.name, input.domain, input.industry_id)
            return site.id

        id = await create_one_once(info, Site, "createSite", input, make)
        return SitePayload(site=ref(Site, id))

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
