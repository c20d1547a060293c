"""How a piece of writing goes from its planning to its publication, and who may take it which step."""

from collections.abc import Mapping

from domain.access import Permission
from domain.errors import DomainError, conflict
from persistence.terms import ContentStatus, ErrorCode, TaskStatus

WRITE, PUBLISH = Permission.WRITE, Permission.PUBLISH
Steps = Mapping[TaskStatus, Mapping[TaskStatus, Permission]]

# From, to, what it takes. A task that is QUEUED is the workers', until it is written or given up. SCHEDULED and
# PUBLISHED come of publications, and go with them; what is published elsewhere is PUBLISHED by its address.
STEPS: Steps = {
    TaskStatus.DRAFT: {TaskStatus.IN_PROGRESS: WRITE, TaskStatus.REVIEW: WRITE, TaskStatus.ARCHIVED: WRITE},
    TaskStatus.QUEUED: {},
    TaskStatus.IN_PROGRESS: {TaskStatus.DRAFT: WRITE, TaskStatus.REVIEW: WRITE, TaskStatus.ARCHIVED: WRITE},
    TaskStatus.REVIEW: {
        TaskStatus.DRAFT: WRITE,
        TaskStatus.IN_PROGRESS: WRITE,
        TaskStatus.APPROVED: PUBLISH,
        TaskStatus.ARCHIVED: WRITE,
    },
    TaskStatus.APPROVED: {
        TaskStatus.REVIEW: WRITE,
        TaskStatus.ARCHIVED: PUBLISH,
    },
    TaskStatus.SCHEDULED: {},
    TaskStatus.PUBLISHED: {TaskStatus.APPROVED: PUBLISH, TaskStatus.ARCHIVED: PUBLISH},
    TaskStatus.ARCHIVED: {TaskStatus.DRAFT: WRITE},
}
BY_ADDRESS = (TaskStatus.APPROVED, TaskStatus.PUBLISHED)
NO_WAY = {
    TaskStatus.QUEUED: "nothing while it is being written",
    TaskStatus.SCHEDULED: "nothing while its date waits: unpublishContent takes that back",
}
OF_PUBLICATIONS = {
    TaskStatus.PUBLISHED: "publishContent makes it PUBLISHED; on a site without integrations, updateContent with its "
    "publishedUrl does.",
    TaskStatus.SCHEDULED: "publishContent with a date makes it SCHEDULED.",
}
WITH_CONTENT = (TaskStatus.REVIEW, TaskStatus.APPROVED, TaskStatus.SCHEDULED, TaskStatus.PUBLISHED)
FOLLOWING = {
    TaskStatus.REVIEW: ContentStatus.REVIEW,
    TaskStatus.APPROVED: ContentStatus.APPROVED,
    TaskStatus.SCHEDULED: ContentStatus.APPROVED,
    TaskStatus.PUBLISHED: ContentStatus.PUBLISHED,
}
# Of a content what its task would be, as whose it steps.
LOOKALIKE = {
    ContentStatus.DRAFT: TaskStatus.DRAFT,
    ContentStatus.REVIEW: TaskStatus.REVIEW,
    ContentStatus.APPROVED: TaskStatus.APPROVED,
    ContentStatus.PUBLISHED: TaskStatus.PUBLISHED,
}
SETTLED = (ContentStatus.APPROVED, ContentStatus.PUBLISHED)


def check_step(
    before: TaskStatus,
    after: TaskStatus,
    held: frozenset[Permission],
    *,
    has_content: bool,
    field: tuple[str, ...],
    has_address: bool = False,
) -> None:
    """CONFLICT for a step that there is not, FORBIDDEN for one that the caller may not take. `has_address`: it was
    published by hand, and is found there.
    """
    if before is after:
        return
    needed = PUBLISH if has_address and (before, after) == BY_ADDRESS else STEPS[before].get(after)
    if needed is None:
        ways = ", ".join(status.value for status in STEPS[before]) or NO_WAY[before]
        more = f" {OF_PUBLICATIONS[after]}" if after in OF_PUBLICATIONS else ""
        raise conflict(f"From {before.value} it goes to {ways}.{more}", *field)
    if needed not in held:
        raise DomainError(ErrorCode.FORBIDDEN, f"From {before.value} to {after.value} takes {needed.value}.", *field)
    if after in WITH_CONTENT and not has_content:
        raise conflict("It has no content yet: write it, or have it written with generateContent.", *field)


def content_status(task: TaskStatus, before: ContentStatus) -> ContentStatus:
    """What a content is when its task is that; of an archived task it stays as it was."""
    return before if task is TaskStatus.ARCHIVED else FOLLOWING.get(task, ContentStatus.DRAFT)


def check_editable(status: ContentStatus, held: frozenset[Permission], *field: str) -> None:
    """What was approved is changed by who may approve, or after it went back to REVIEW."""
    if status in SETTLED and PUBLISH not in held:
        raise conflict(f"It is {status.value}; take it back to REVIEW to change it.", *field)
