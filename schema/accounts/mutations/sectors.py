"""Sectors of a site."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.accounts import service
from persistence.unit import Unit
from schema.accounts.inputs import (
    CreateSectorInput,
    DeleteSectorsInput,
    UpdateSectorInput,
)
from schema.accounts.payloads import SectorPayload
from schema.accounts.types import Sector
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.mutation import DeletePayload, create_one_once, given, id_argument, mutation


@strawberry.type
class SectorMutation:
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
        self,
        info: Info,
        ids: Annotated[list[UUID], id_argument("Sector", many=True)],
        input: DeleteSectorsInput = DeleteSectorsInput(),
    ) -> DeletePayload:
        """All or none. Sectors that hold work are deleted with cascade: true, and all of it with them."""
        async with info.context.write() as unit:
            deleted = await service.delete_sectors(unit, ids, cascade=input.cascade)
        return DeletePayload(deleted_ids=encoded(Sector, deleted))
