"""Content ideas made and changed by hand."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.planner import ideas
from schema.context import Info
from schema.graph.entity import encoded, ref, refs
from schema.mutation import DeletePayload, create_once, given, id_argument, mutation
from schema.planner.inputs import (
    BulkUpdateIdeasInput,
    CreateIdeaInput,
    CreateIdeasInput,
    UpdateIdeaInput,
)
from schema.planner.payloads import (
    IdeaPayload,
    IdeasPayload,
)
from schema.planner.types import Idea

IdeaId = Annotated[UUID, id_argument("Idea")]
IdeaIds = Annotated[list[UUID], id_argument("Idea", many=True)]


@strawberry.type
class IdeaMutation:
    @mutation(Permission.PLAN)
    async def create_idea(self, info: Info, input: CreateIdeaInput) -> IdeaPayload:
        """An idea for a page, of a sector or of one of its clusters."""
        fields = given(input, "idempotency_key")
        (id,) = await create_once(info, Idea, "createIdea", input, lambda unit: ideas.create_ideas(unit, [fields]))
        return IdeaPayload(idea=ref(Idea, id))

    @mutation(Permission.PLAN)
    async def create_ideas(self, info: Info, input: CreateIdeasInput) -> IdeasPayload:
        """Up to 1,000 ideas, all or none."""
        every = [given(each) for each in input.ideas]
        ids = await create_once(info, Idea, "createIdeas", input, lambda unit: ideas.create_ideas(unit, every, "ideas"))
        return IdeasPayload(ideas=refs(Idea, ids))

    @mutation(Permission.PLAN)
    async def update_idea(self, info: Info, id: IdeaId, input: UpdateIdeaInput) -> IdeaPayload:
        """Only what is given of the idea changes."""
        async with info.context.write() as unit:
            await ideas.update_idea(unit, id, given(input, "expected_version"), input.expected_version)
        return IdeaPayload(idea=ref(Idea, id))

    @mutation(Permission.PLAN)
    async def bulk_update_ideas(self, info: Info, ids: IdeaIds, input: BulkUpdateIdeasInput) -> IdeasPayload:
        """The same for up to 1,000 ideas, all or none."""
        async with info.context.write() as unit:
            changed = await ideas.bulk_update_ideas(unit, ids, given(input))
        return IdeasPayload(ideas=refs(Idea, changed))

    @mutation(Permission.PLAN, archived=True)
    async def delete_ideas(self, info: Info, ids: IdeaIds) -> DeletePayload:
        """Up to 1,000 ideas, all or none; their tasks stay."""
        async with info.context.write() as unit:
            deleted = await ideas.delete_ideas(unit, ids)
        return DeletePayload(deleted_ids=encoded(Idea, deleted))
