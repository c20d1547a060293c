"""Writing tasks and content."""

from persistence import models as rows
from schema.entity import column, entity, relation


@entity(rows.Task, prefix="task")
class Task:
    """Something to be written."""

    title = column(search=True, order=True)
    description = column()
    keywords = column()
    content_type = column(filter=True)
    content_structure = column(filter=True)
    word_count = column("Wanted.", filter=True, order=True)
    status = column(filter=True, order=True)
    site = relation(filter=True)
    sector = relation(filter=True)
    cluster = relation(filter=True)
    idea = relation(filter=True)
    content = relation()
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.Content, prefix="con")
class Content:
    """An article or page."""

    title = column(search=True, order=True)
    slug = column()
    html_content = column("Sanitised.")
    excerpt = column()
    word_count = column(filter=True, order=True)
    content_type = column(filter=True)
    content_structure = column(filter=True)
    status = column(filter=True)
    origin = column(filter=True)
    wp_post_id = column()
    meta_title = column()
    meta_description = column()
    primary_keyword = column()
    secondary_keywords = column()
    site = relation(filter=True)
    sector = relation(filter=True)
    task = relation(filter=True)
    cluster = relation(filter=True)
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")
