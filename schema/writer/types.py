"""Writing tasks, content with its revisions, images."""

from persistence import models as rows
from schema.entity import column, entity, expression, relation


@entity(rows.Task, prefix="task")
class Task:
    """Something to be written."""

    title = column(search=True, order=True)
    description = column()
    keywords = column()
    content_type = column(filter=True)
    content_structure = column(filter=True)
    word_count = column("Wanted.", filter=True, order=True)
    status = column("Which steps there are is in updateTask.", filter=True, order=True)
    due_at = column(filter=True, order=True)
    site = relation(filter=True)
    sector = relation(filter=True)
    cluster = relation(filter=True)
    idea = relation(filter=True)
    assignee = relation("Who is to write it.", filter=True)
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
    author_profile = relation()
    images = relation()
    taxonomy_map = relation("The taxonomies that it is in.")
    cluster_map = relation("Clusters that it speaks of, besides the one that it was written for.")
    attribute_map = relation()
    revisions = relation("What it said after each change, the first one first.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.Taxonomy, prefix="tax")
class Taxonomy:
    """A category, tag or attribute of a site."""

    name = column(search=True, order=True)
    slug = column()
    description = column()
    taxonomy_type = column(filter=True)
    site = relation(filter=True)
    parent = relation(filter=True)
    content_map = relation("The contents that are in it.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.ContentTaxonomyMap, prefix="ctm")
class ContentTaxonomyMap:
    """A content is in a taxonomy."""

    content = relation(filter=True)
    taxonomy = relation(filter=True)
    created_at = column(order=True)


@entity(rows.ContentClusterMap, prefix="ccm")
class ContentClusterMap:
    """A content speaks of a cluster."""

    role = column(filter=True)
    content = relation(filter=True)
    cluster = relation(filter=True)
    created_at = column(order=True)


@entity(rows.ContentAttributeMap, prefix="cam")
class ContentAttributeMap:
    """A property of a content."""

    name = column(order=True)
    value = column()
    content = relation(filter=True)
    created_at = column(order=True)


@entity(rows.ContentRevision, prefix="rev")
class ContentRevision:
    """What a content said after a change."""

    number = column(order=True)
    reason = column()
    origin = column(filter=True)
    title = column()
    html_content = column()
    word_count = column()
    meta_title = column()
    meta_description = column()
    primary_keyword = column()
    secondary_keywords = column()
    user = relation()
    content = relation(filter=True)
    created_at = column(filter=True, order=True)


@entity(rows.Image, prefix="img")
class Image:
    """A picture of a content: first a prompt, then a file."""

    image_type = column(filter=True)
    position = column("Among the images of its content; the featured one is first.", order=True)
    prompt = column()
    alt_text = column()
    status = column(filter=True)
    url = expression(
        lambda a: f"('/files/' || {a}.blob_key)", str | None, "Path on this API; anybody who has it may load it."
    )
    mime_type = column()
    width = column()
    height = column()
    bytes = column()
    origin = column(filter=True)
    error = column()
    site = relation(filter=True)
    sector = relation(filter=True)
    task = relation(filter=True)
    content = relation(filter=True)
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")
