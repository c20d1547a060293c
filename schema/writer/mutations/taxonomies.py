"""Taxonomies of a site."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.writer import taxonomies
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.mutation import DeletePayload, create_one_once, given, id_argument, mutation
from schema.writer.inputs import (
    CreateTaxonomyInput,
    UpdateTaxonomyInput,
)
from schema.writer.payloads import TaxonomyPayload
from schema.writer.types import Taxonomy

TaxonomyId = Annotated[UUID, id_argument("Taxonomy")]
TaxonomyIds = Annotated[list[UUID], id_argument("Taxonomy", many=True)]


@strawberry.type
class TaxonomyMutation:
    @mutation(Permission.WRITE)
    async def create_taxonomy(self, info: Info, input: CreateTaxonomyInput) -> TaxonomyPayload:
        """A category, tag or attribute of a site."""
        fields = given(input, "site_id", "idempotency_key")
        id = await create_one_once(
            info,
            Taxonomy,
            "createTaxonomy",
            input,
            lambda unit: taxonomies.create_taxonomy(unit, input.site_id, fields),
        )
        return TaxonomyPayload(taxonomy=ref(Taxonomy, id))

    @mutation(Permission.WRITE)
    async def update_taxonomy(self, info: Info, id: TaxonomyId, input: UpdateTaxonomyInput) -> TaxonomyPayload:
        """Only what is given changes; a parentId of null puts it at the top."""
        async with info.context.write() as unit:
            await taxonomies.update_taxonomy(unit, id, given(input, "expected_version"), input.expected_version)
        return TaxonomyPayload(taxonomy=ref(Taxonomy, id))

    @mutation(Permission.WRITE, archived=True)
    async def delete_taxonomies(self, info: Info, ids: TaxonomyIds) -> DeletePayload:
        """All or none; contents are not in them any more."""
        async with info.context.write() as unit:
            deleted = await taxonomies.delete_taxonomies(unit, ids)
        return DeletePayload(deleted_ids=encoded(Taxonomy, deleted))
