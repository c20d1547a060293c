"""Tasks from ideas, content from tasks, images of content."""

import strawberry

from domain.access import Permission
from domain.writer import service
from schema.context import Info
from schema.entity import refs
from schema.jobs.actions import start
from schema.jobs.payloads import JobPayload
from schema.mutation import mutation
from schema.writer.editing import ContentMutation, ImageMutation, TaskMutation, TaxonomyMutation
from schema.writer.inputs import (
    CreateTasksFromIdeasInput,
    GenerateContentInput,
    GenerateImagePromptsInput,
    GenerateImagesInput,
)
from schema.writer.payloads import TasksPayload
from schema.writer.types import Task


@strawberry.type
class WriterMutation(TaskMutation, ContentMutation, TaxonomyMutation, ImageMutation):
    @mutation(Permission.PLAN)
    async def create_tasks_from_ideas(self, info: Info, input: CreateTasksFromIdeasInput) -> TasksPayload:
        """One task per idea."""
        async with info.context.write() as unit:
            ids = await service.create_tasks_from_ideas(unit, input.idea_ids)
        return TasksPayload(tasks=refs(Task, ids))

    @mutation(Permission.WRITE)
    async def generate_content(self, info: Info, input: GenerateContentInput) -> JobPayload:
        """An article per task. 1 credit per 100 words written, at most those that were asked for."""
        return await start(info, input)

    @mutation(Permission.WRITE)
    async def generate_image_prompts(self, info: Info, input: GenerateImagePromptsInput) -> JobPayload:
        """Describes the pictures of articles, for generateImages. 1 credit per article."""
        return await start(info, input)

    @mutation(Permission.WRITE)
    async def generate_images(self, info: Info, input: GenerateImagesInput) -> JobPayload:
        """3 credits per image."""
        return await start(info, input)
