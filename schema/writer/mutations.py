"""Tasks from ideas, content from tasks, images of content."""

import strawberry

from domain.access import Permission
from domain.writer import service
from domain.writer.work.generate_content import GENERATE_CONTENT
from domain.writer.work.generate_image_prompts import GENERATE_IMAGE_PROMPTS
from domain.writer.work.generate_images import GENERATE_IMAGES
from schema.context import Info
from schema.graph.entity import refs
from schema.jobs.actions import starts
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

    generate_content = starts(
        GENERATE_CONTENT,
        GenerateContentInput,
        "An article per task. 1 credit per 100 words written, at most those that were asked for.",
    )

    generate_image_prompts = starts(
        GENERATE_IMAGE_PROMPTS,
        GenerateImagePromptsInput,
        "Describes the pictures of articles, for generateImages. 1 credit per article.",
    )

    generate_images = starts(GENERATE_IMAGES, GenerateImagesInput, "3 credits per image.")
