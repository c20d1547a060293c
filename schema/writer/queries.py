"""Reads of tasks and content."""

from schema.roots import RootPart, by_id, listed
from schema.writer.types import Content, Task

ROOTS: dict[str, RootPart] = {
    "task": by_id(Task),
    "tasks": listed(Task),
    "content": by_id(Content),
    "contents": listed(Content),
}
