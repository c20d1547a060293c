"""Reads of tasks, content and images."""

from schema.graph.roots import RootPart, by_id, listed
from schema.writer.types import Content, ContentRevision, Image, Task, Taxonomy

ROOTS: dict[str, RootPart] = {
    "task": by_id(Task),
    "tasks": listed(Task),
    "content": by_id(Content),
    "contents": listed(Content),
    "contentRevision": by_id(ContentRevision),
    "taxonomy": by_id(Taxonomy),
    "taxonomies": listed(Taxonomy),
    "image": by_id(Image),
    "images": listed(Image),
}
