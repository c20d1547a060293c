"""Mutations of writing."""

import strawberry

from schema.writer.mutations.contents import ContentMutation
from schema.writer.mutations.images import ImageMutation
from schema.writer.mutations.tasks import TaskMutation
from schema.writer.mutations.taxonomies import TaxonomyMutation


@strawberry.type
class WriterMutation(TaskMutation, ContentMutation, TaxonomyMutation, ImageMutation):
    pass
