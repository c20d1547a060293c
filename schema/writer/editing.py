"""Tasks, contents, taxonomies and images made and changed by hand."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import strawberry
from starlette.datastructures import UploadFile

from domain.access import Permission
from domain.writer import contents, deleting, images, tasks, taxonomies
from domain.writer.images import Upload
from schema.context import Info
from schema.graph.entity import encoded, ref, refs
from schema.graph.fields import said
from schema.mutation import DeletePayload, create_once, create_one_once, given, id_argument, mutation
from schema.writer.inputs import (
    BulkUpdateContentsInput,
    BulkUpdateTasksInput,
    CreateContentInput,
    CreateImageInput,
    CreateTaskInput,
    CreateTasksInput,
    CreateTaxonomyInput,
    SetContentAttributesInput,
    SetContentClustersInput,
    SetContentTaxonomiesInput,
    UpdateContentInput,
    UpdateImageInput,
    UpdateTaskInput,
    UpdateTaxonomyInput,
)
from schema.writer.payloads import (
    ContentPayload,
    ContentsPayload,
    ImagePayload,
    TaskPayload,
    TasksPayload,
    TaxonomyPayload,
)
from schema.writer.types import Content, Image, Task, Taxonomy

TaskId = Annotated[UUID, id_argument("Task")]
TaskIds = Annotated[list[UUID], id_argument("Task", many=True)]
ContentId = Annotated[UUID, id_argument("Content")]
ContentIds = Annotated[list[UUID], id_argument("Content", many=True)]
RevisionId = Annotated[UUID, id_argument("ContentRevision")]
TaxonomyId = Annotated[UUID, id_argument("Taxonomy")]
TaxonomyIds = Annotated[list[UUID], id_argument("Taxonomy", many=True)]
ImageId = Annotated[UUID, id_argument("Image")]
ImageIds = Annotated[list[UUID], id_argument("Image", many=True)]
WithContents = Annotated[bool, said("Whether contents that were written for them are deleted too.")]
WithImages = Annotated[bool, said("Whether their drawn images are deleted too.")]


@strawberry.type
class TaskMutation:
    @mutation(Permission.PLAN)
    async def create_task(self, info: Info, input: CreateTaskInput) -> TaskPayload:
        """Something to be written, of a sector or of one of its clusters."""
        fields = given(input, "idempotency_key")
        (id,) = await create_once(info, Task, "createTask", input, lambda unit: tasks.create_tasks(unit, [fields]))
        return TaskPayload(task=ref(Task, id))

    @mutation(Permission.PLAN)
    async def create_tasks(self, info: Info, input: CreateTasksInput) -> TasksPayload:
        """Up to 1,000 tasks, all or none."""
        every = [given(each) for each in input.tasks]
        ids = await create_once(info, Task, "createTasks", input, lambda unit: tasks.create_tasks(unit, every, "tasks"))
        return TasksPayload(tasks=refs(Task, ids))

    @mutation(Permission.WRITE)
    async def update_task(self, info: Info, id: TaskId, input: UpdateTaskInput) -> TaskPayload:
        """Only what is given changes. A status goes from DRAFT over IN_PROGRESS to REVIEW and back; APPROVED, SCHEDULED
        and PUBLISHED take the permission PUBLISH, and REVIEW needs a content, whose status follows."""
        held = info.context.permissions
        async with info.context.write() as unit:
            await tasks.update_task(unit, id, given(input, "expected_version"), input.expected_version, held)
        return TaskPayload(task=ref(Task, id))

    @mutation(Permission.WRITE)
    async def bulk_update_tasks(self, info: Info, ids: TaskIds, input: BulkUpdateTasksInput) -> TasksPayload:
        """The same for up to 1,000 tasks, all or none."""
        async with info.context.write() as unit:
            changed = await tasks.bulk_update_tasks(unit, ids, given(input), info.context.permissions)
        return TasksPayload(tasks=refs(Task, changed))

    @mutation(Permission.PLAN, archived=True)
    async def delete_tasks(self, info: Info, ids: TaskIds, cascade: WithContents = False) -> DeletePayload:
        """All or none. Tasks that have contents are deleted with cascade: true, and the contents with them."""
        async with info.context.write() as unit:
            deleted = await deleting.delete_tasks(unit, ids, info.context.permissions, cascade=cascade)
        return DeletePayload(deleted_ids=encoded(Task, deleted))


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
    async def delete_contents(self, info: Info, ids: ContentIds, cascade: WithImages = False) -> DeletePayload:
        """All or none. Contents that have drawn images are deleted with cascade: true, and the images with them."""
        async with info.context.write() as unit:
            deleted = await deleting.delete_contents(unit, ids, info.context.permissions, cascade=cascade)
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
            id = await taxonomies.set_content_taxonomies(unit, input.content_id, input.taxonomy_ids)
        return ContentPayload(content=ref(Content, id))

    @mutation(Permission.WRITE)
    async def set_content_clusters(self, info: Info, input: SetContentClustersInput) -> ContentPayload:
        """Lets it speak of these clusters instead of those that there were."""
        roles = [(each.cluster_id, each.role) for each in input.clusters]
        async with info.context.write() as unit:
            id = await taxonomies.set_content_clusters(unit, input.content_id, roles)
        return ContentPayload(content=ref(Content, id))

    @mutation(Permission.WRITE)
    async def set_content_attributes(self, info: Info, input: SetContentAttributesInput) -> ContentPayload:
        """Gives it these properties instead of those that there were."""
        pairs = [(each.name, each.value) for each in input.attributes]
        async with info.context.write() as unit:
            id = await taxonomies.set_content_attributes(unit, input.content_id, pairs)
        return ContentPayload(content=ref(Content, id))


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


@strawberry.type
class ImageMutation:
    @mutation(Permission.WRITE)
    async def create_image(self, info: Info, input: CreateImageInput) -> ImagePayload:
        """Uploaded, or described for generateImages."""
        upload = await stored(info, input.file)
        columns = given(input, "content_id", "file", "idempotency_key")
        same: Any = replace(input, file=upload and upload.digest)  # type: ignore[arg-type]  # sent again, it is another file with the same bytes
        id = await create_one_once(
            info,
            Image,
            "createImage",
            same,
            lambda unit: images.create_image(unit, input.content_id, columns, upload),
        )
        return ImagePayload(image=ref(Image, id))

    @mutation(Permission.WRITE)
    async def update_image(self, info: Info, id: ImageId, input: UpdateImageInput) -> ImagePayload:
        """Only what is given of the image changes; not while it is being drawn."""
        upload = await stored(info, input.file)
        async with info.context.write() as unit:
            fields = given(input, "file", "expected_version")
            await images.update_image(unit, id, fields, upload, input.expected_version)
        return ImagePayload(image=ref(Image, id))

    @mutation(Permission.WRITE, archived=True)
    async def delete_images(self, info: Info, ids: ImageIds) -> DeletePayload:
        """Up to 1,000 images, all or none, with their files."""
        async with info.context.write() as unit:
            deleted = await images.delete_images(unit, ids)
        return DeletePayload(deleted_ids=encoded(Image, deleted))


async def stored(info: Info, file: object) -> Upload | None:
    """Before the transaction: a slow disk holds no row."""
    if file is None:
        return None
    assert isinstance(file, UploadFile)
    return await images.stored(info.context.services.blobs, file.file)
