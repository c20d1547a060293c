"""Contents: written and changed by hand, filed, and their pictures described."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.writer import contents, deleting, taxonomies
from domain.writer.work.generate_image_prompts import GENERATE_IMAGE_PROMPTS
from schema.context import Info
from schema.graph.entity import encoded, ref, refs
from schema.jobs.actions import starts
from schema.mutation import DeletePayload, create_once, given, id_argument, mutation
from schema.writer.inputs import (
    BulkUpdateContentsInput,
    CreateContentInput,
    DeleteContentsInput,
    GenerateImagePromptsInput,
    SetContentAttributesInput,
    SetContentClustersInput,
    SetContentTaxonomiesInput,
    UpdateContentInput,
)
from schema.writer.payloads import (
    ContentPayload,
    ContentsPayload,
)
from schema.writer.types import Content

ContentId = Annotated[UUID, id_argument("Content")]
ContentIds = Annotated[list[UUID], id_argument("Content", many=True)]
RevisionId = Annotated[UUID, id_argument("ContentRevision")]


@strawberry.type
class ContentMutation:
    @mutation(Permission.WRITE)
    async def create_content(self, info: Info, input: CreateContentInput) -> ContentPayload:
        """Written by hand, for a task or without one."""
        fields, user = given(input, "idempotency_key"), info.context.caller.user_id
        text = await contents.written(fields)

        async def make(unit: Any) -> list[UUID]:
            return [await contents.create_content(unit, user, fields, text)]

        (id,) = await create_once(info, Content, "createContent", input, make)
        return ContentPayload(content=ref(Content, id))

    @mutation(Permission.WRITE)
    async def update_content(self, info: Info, id: ContentId, input: UpdateContentInput) -> ContentPayload:
        """Only what is given changes; what it says then is a new revision."""
        context, fields = info.context, given(input, "expected_version")
        text = await contents.written(fields)
        async with context.write() as unit:
            await contents.update_content(
                unit, context.caller.user_id, id, fields, text, input.expected_version, context.permissions
            )
        return ContentPayload(content=ref(Content, id))

    @mutation(Permission.WRITE)
    async def bulk_update_contents(
        self, info: Info, ids: ContentIds, input: BulkUpdateContentsInput
    ) -> ContentsPayload:
        """The same for up to 1,000 contents, all or none."""
        async with info.context.write() as unit:
            changed = await contents.bulk_update_contents(unit, ids, given(input), info.context.permissions)
        return ContentsPayload(contents=refs(Content, changed))

    @mutation(Permission.WRITE, archived=True)
    async def delete_contents(
        self, info: Info, ids: ContentIds, input: DeleteContentsInput = DeleteContentsInput()
    ) -> DeletePayload:
        """All or none. Contents that have drawn images are deleted with cascade: true, and the images with them."""
        async with info.context.write() as unit:
            deleted = await deleting.delete_contents(unit, ids, info.context.permissions, cascade=input.cascade)
        return DeletePayload(deleted_ids=encoded(Content, deleted))

    @mutation(Permission.WRITE)
    async def restore_revision(self, info: Info, id: RevisionId) -> ContentPayload:
        """What the content said then, it says again, as its newest revision."""
        context = info.context
        async with context.write() as unit:  # who may not write is told so, and nothing is open while it is read
            html = await contents.html_of_revision(unit, id)
        beginning = await contents.excerpt_of(html)
        async with context.write() as unit:
            content = await contents.restore_revision(unit, context.caller.user_id, id, beginning, context.permissions)
        return ContentPayload(content=ref(Content, content))

    @mutation(Permission.WRITE)
    async def set_content_taxonomies(self, info: Info, input: SetContentTaxonomiesInput) -> ContentPayload:
        """Files it under these taxonomies instead of those that there were."""
        async with info.context.write() as unit:
            id = await taxonomies.set_content_taxonomies(
                unit, input.content_id, input.taxonomy_ids, info.context.permissions
            )
        return ContentPayload(content=ref(Content, id))

    @mutation(Permission.WRITE)
    async def set_content_clusters(self, info: Info, input: SetContentClustersInput) -> ContentPayload:
        """Lets it speak of these clusters instead of those that there were."""
        roles = [(each.cluster_id, each.role) for each in input.clusters]
        async with info.context.write() as unit:
            id = await taxonomies.set_content_clusters(unit, input.content_id, roles, info.context.permissions)
        return ContentPayload(content=ref(Content, id))

    @mutation(Permission.WRITE)
    async def set_content_attributes(self, info: Info, input: SetContentAttributesInput) -> ContentPayload:
        """Gives it these properties instead of those that there were."""
        pairs = [(each.name, each.value) for each in input.attributes]
        async with info.context.write() as unit:
            id = await taxonomies.set_content_attributes(unit, input.content_id, pairs, info.context.permissions)
        return ContentPayload(content=ref(Content, id))

    generate_image_prompts = starts(
        GENERATE_IMAGE_PROMPTS,
        GenerateImagePromptsInput,
        "Describes the pictures of articles, for generateImages. 1 credit per article.",
    )
