"""The catalogue of industries, which all accounts share."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.accounts import catalogue
from schema.accounts.inputs import (
    CreateIndustryInput,
    CreateIndustrySectorInput,
    UpdateIndustryInput,
    UpdateIndustrySectorInput,
)
from schema.accounts.payloads import IndustryPayload, IndustrySectorPayload
from schema.accounts.types import Industry, IndustrySector
from schema.context import Info
from schema.graph.entity import ref
from schema.mutation import given, id_argument, mutation


@strawberry.type
class CatalogueMutation:
    """Of what all accounts share. Nothing is deleted: sites refer to it."""

    @mutation(Permission.STAFF)
    async def create_industry(self, info: Info, input: CreateIndustryInput) -> IndustryPayload:
        """For all accounts to choose."""
        async with info.context.write() as unit:
            id = await catalogue.create_industry(unit, given(input))
        return IndustryPayload(industry=ref(Industry, id))

    @mutation(Permission.STAFF)
    async def update_industry(
        self, info: Info, id: Annotated[UUID, id_argument("Industry")], input: UpdateIndustryInput
    ) -> IndustryPayload:
        """Only what is given changes; sites that are of it stay so when it is not offered any more."""
        async with info.context.write() as unit:
            await catalogue.update_industry(unit, id, given(input))
        return IndustryPayload(industry=ref(Industry, id))

    @mutation(Permission.STAFF)
    async def create_industry_sector(self, info: Info, input: CreateIndustrySectorInput) -> IndustrySectorPayload:
        """A part of an industry, for all accounts to choose."""
        async with info.context.write() as unit:
            id = await catalogue.create_industry_sector(unit, input.industry_id, given(input, "industry_id"))
        return IndustrySectorPayload(industry_sector=ref(IndustrySector, id))

    @mutation(Permission.STAFF)
    async def update_industry_sector(
        self, info: Info, id: Annotated[UUID, id_argument("IndustrySector")], input: UpdateIndustrySectorInput
    ) -> IndustrySectorPayload:
        """Only what is given changes; sectors that are of it stay so when it is not offered any more."""
        async with info.context.write() as unit:
            await catalogue.update_industry_sector(unit, id, given(input))
        return IndustrySectorPayload(industry_sector=ref(IndustrySector, id))
