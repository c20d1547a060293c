"""Writing tasks, content with its revisions, images."""

from persistence import models as rows
from schema.graph.entity import column, entity, expression, relation


@entity(rows.Task, prefix="task")
class Task:
    """Something to be written."""

    title = column("The working title, 1 to 255 characters.", search=True, order=True)
    description = column("What is to be written, for people and for prompts; empty where nobody said.")
    keywords = column("Search terms that it aims at, the main one first, at most 100.")
    content_type = column("What it becomes on the site; POST when not chosen.", filter=True)
    content_structure = column("How the page is to be built; ARTICLE when not chosen.", filter=True)
    word_count = column("How many words are wanted: 100 to 10,000.", filter=True, order=True)
    status = column("Which steps there are is in updateTask.", filter=True, order=True)
    due_at = column("By when it is to be written; null for no date.", filter=True, order=True)
    site = relation("The website that it is written for.", filter=True)
    sector = relation("The topic that it is written about.", filter=True)
    cluster = relation("The cluster that it is written for; null for none.", filter=True)
    idea = relation("What it was made from; null when it was made by hand, or the idea is gone.", filter=True)
    assignee = relation("Who is to write it; null for nobody yet.", filter=True)
    content = relation("What was written; null while nothing is.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.Content, prefix="con")
class Content:
    """An article or page."""

    title = column("The headline, 1 to 255 characters.", search=True, order=True)
    slug = column("Its name in addresses; unique on the site.")
    html_content = column("The text as HTML, sanitised.")
    excerpt = column("The beginning as plain text, at most 400 characters.")
    word_count = column("How many words the text has.", filter=True, order=True)
    content_type = column("Whether it is a post, a page or something else on the site.", filter=True)
    content_structure = column("What kind of page it was written as.", filter=True)
    status = column("Follows its task's, where there is one.", filter=True)
    origin = column("Who wrote the text that it has now.", filter=True)
    published_at = column(
        "When it first came to where it is live now; null while it is nowhere.", filter=True, order=True
    )
    published_url = column("Where it is live; of several places the first. null while it is nowhere.")
    meta_title = column("What search engines show as the title, at most 200 characters; null for the title itself.")
    meta_description = column("What search engines show below the title, at most 400 characters; null for none.")
    primary_keyword = column("The search term that the page aims at; null for none.")
    secondary_keywords = column("Further search terms of the page, at most 100.")
    site = relation("The website that it is on.", filter=True)
    sector = relation("The topic that it is about.", filter=True)
    task = relation("What it was written for; null where it was for none.", filter=True)
    cluster = relation("The cluster that it was written for; null where it was for none.", filter=True)
    author_profile = relation("In whose voice it is written; null for no particular one.")
    images = relation("Its pictures.")
    taxonomy_map = relation("The taxonomies that it is in.")
    cluster_map = relation("Clusters that it speaks of, besides the one that it was written for.")
    attribute_map = relation("Its properties, as names and values.")
    publications = relation("Where it is published, or shall be.", among=("integrationId", "Integration", "live_at"))
    publishing_records = relation("All attempts to publish it.")
    revisions = relation("What it said after each change, the first one first.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.Taxonomy, prefix="tax")
class Taxonomy:
    """A category, tag or attribute of a site."""

    name = column("What visitors of the site read, 1 to 255 characters.", search=True, order=True)
    slug = column("The taxonomy's name in addresses; unique among those of its type on the site.")
    description = column("What is filed under it; empty where nobody said.")
    taxonomy_type = column("Whether it is a category, a tag or an attribute.", filter=True)
    site = relation("The website that sorts by it.", filter=True)
    parent = relation("What it stands below; null at the top.", filter=True)
    content_map = relation("The contents that are in it.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.ContentTaxonomyMap, prefix="ctm")
class ContentTaxonomyMap:
    """A content is in a taxonomy."""

    content = relation("What is filed.", filter=True)
    taxonomy = relation("What it is filed under.", filter=True)
    created_at = column(order=True)


@entity(rows.ContentClusterMap, prefix="ccm")
class ContentClusterMap:
    """A content speaks of a cluster."""

    role = column("What the content is to the cluster.", filter=True)
    content = relation("What speaks of the cluster.", filter=True)
    cluster = relation("What the content speaks of.", filter=True)
    created_at = column(order=True)


@entity(rows.ContentAttributeMap, prefix="cam")
class ContentAttributeMap:
    """A property of a content."""

    name = column("Which property it is, such as colour; each once a content.", order=True)
    value = column("What the property is, at most 500 characters.")
    content = relation("What has the property.", filter=True)
    created_at = column(order=True)


@entity(rows.ContentRevision, prefix="rev")
class ContentRevision:
    """What a content said after a change."""

    number = column("From 1, the newest the highest.", order=True)
    reason = column("Why it was changed, such as edited or what its editor said.")
    origin = column("Who wrote the text of this revision.", filter=True)
    title = column("The headline at that time.")
    html_content = column("The text at that time, sanitised.")
    word_count = column("How many words the text had.")
    meta_title = column("The search engines' title at that time; null for none.")
    meta_description = column("The search engines' description at that time; null for none.")
    primary_keyword = column("The search term that the page aimed at; null for none.")
    secondary_keywords = column("Further search terms at that time.")
    user = relation("Who changed it; null for a job's work, and who is gone.")
    content = relation("What said so.", filter=True)
    created_at = column(filter=True, order=True)


@entity(rows.Image, prefix="img")
class Image:
    """A picture of a content: first a prompt, then a file."""

    image_type = column("Where the picture belongs.", filter=True)
    position = column("Among the images of its content; the featured one is first.", order=True)
    prompt = column("What it shall show, as the provider is asked; empty for an upload without one.")
    alt_text = column("What it shows, for who does not see it; at most 500 characters.")
    status = column("Whether it has a file.", filter=True)
    url = expression(
        lambda a: f"('/files/' || {a}.blob_key)",
        str | None,
        "Path on this API; anybody who has it may load it. null while it has no file.",
    )
    mime_type = column("The file's media type, such as image/webp; null while it has no file.")
    width = column("Of the file, in pixels; null while it has none.")
    height = column("From top to bottom, in pixels; null while it has no file.")
    bytes = column("The file's size in bytes; null while it has none.")
    origin = column("Who made the file; null while it has none.", filter=True)
    error = column("Why it could not be drawn; null when it was not tried, or is drawn.")
    site = relation("The website that it is for.", filter=True)
    sector = relation("The topic of its content.", filter=True)
    task = relation("The task of its content; null where that has none.", filter=True)
    content = relation("What it illustrates; null when that is gone.", filter=True)
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")
