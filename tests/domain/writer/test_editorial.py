"""Every step of writing: from each status to each, by everybody, with and without content."""

import itertools
from typing import NamedTuple

import pytest

from domain.access import PERMISSIONS, Permission
from domain.errors import DomainError
from domain.writer.editorial import LOOKALIKE, check_editable, check_step, content_status
from persistence.terms import ContentStatus, ErrorCode, Role, TaskStatus

# From the row's status to the column's: `=` it is so, `-` no way, `w` takes WRITE and `P` PUBLISH, `!` a content too.
# Decided here once more: a status that is new has neither row nor column, and fails until it has.
GRID = """
            DRAFT QUEUED IN_PROGRESS REVIEW APPROVED SCHEDULED PUBLISHED ARCHIVED
DRAFT       =     -      w           w!     -        -         -         w
QUEUED      -     =      -           -      -        -         -         -
IN_PROGRESS w     -      =           w!     -        -         -         w
REVIEW      w     -      w           =      P!       -         -         w
APPROVED    -     -      -           w!     =        -         -         P
SCHEDULED   -     -      -           -      -        =         -         -
PUBLISHED   -     -      -           -      P!       -         =         P
ARCHIVED    w     -      -           -      -        -         -         =
"""
TAKES = {"w": Permission.WRITE, "P": Permission.PUBLISH}
(TO, *ROWS) = (line.split() for line in GRID.strip().splitlines())
CELLS = {(TaskStatus(row[0]), TaskStatus(to)): cell for row in ROWS for to, cell in zip(TO, row[1:], strict=True)}


class Case(NamedTuple):
    before: TaskStatus
    after: TaskStatus
    role: Role
    has_content: bool


CASES = [Case(*each) for each in itertools.product(TaskStatus, TaskStatus, Role, (False, True))]


def expected(case: Case) -> ErrorCode | None:
    cell = CELLS[case.before, case.after]
    if cell == "=":
        return None
    if cell == "-":
        return ErrorCode.CONFLICT
    if TAKES[cell[0]] not in PERMISSIONS[case.role]:
        return ErrorCode.FORBIDDEN
    return ErrorCode.CONFLICT if cell.endswith("!") and not case.has_content else None


def code_of(case: Case) -> ErrorCode | None:
    held = PERMISSIONS[case.role]
    try:
        check_step(case.before, case.after, held, has_content=case.has_content, field=("input", "status"))
    except DomainError as error:
        return error.code if error.field == ("input", "status") else ErrorCode.BAD_INPUT
    return None


def test_every_status_has_a_row_and_a_column() -> None:
    assert CELLS.keys() == set(itertools.product(TaskStatus, TaskStatus))


@pytest.mark.parametrize("before", TaskStatus)
def test_every_step_is_as_the_grid_says(before: TaskStatus) -> None:
    cases = [case for case in CASES if case.before is before]

    assert {case: code_of(case) for case in cases} == {case: expected(case) for case in cases}


def test_nobody_but_workers_makes_a_task_queued_or_takes_it_from_there() -> None:
    through = [case for case in CASES if TaskStatus.QUEUED in (case.before, case.after) and case.before != case.after]

    assert {code_of(case) for case in through} == {ErrorCode.CONFLICT}


def test_who_may_not_write_takes_no_step() -> None:
    steps = [case for case in CASES if case.before is not case.after and case.role is Role.VIEWER]

    assert None not in {code_of(case) for case in steps}


def test_every_status_of_people_can_be_left_and_reached_again() -> None:
    """By somebody who may publish, of a task with content: nothing is lost in a status without a way out. What is
    written or published is the workers', and of what is PUBLISHED there is a way back.
    """
    ways = {case.before: set[TaskStatus]() for case in CASES}
    for case in CASES:
        if case.role is Role.OWNER and case.has_content and code_of(case) is None:
            ways[case.before].add(case.after)
    people = set(TaskStatus) - {TaskStatus.QUEUED, TaskStatus.SCHEDULED, TaskStatus.PUBLISHED}
    assert TaskStatus.APPROVED in ways[TaskStatus.PUBLISHED]
    for start in people:
        reached = {start}
        while more := {after for status in reached for after in ways[status]} - reached:
            reached |= more
        assert reached == people, start


@pytest.mark.parametrize("role", Role)
def test_what_was_published_by_hand_is_published_by_its_address(role: Role) -> None:
    def step(before: TaskStatus) -> None:
        check_step(
            before, TaskStatus.PUBLISHED, PERMISSIONS[role], has_content=True, field=("status",), has_address=True
        )

    if Permission.PUBLISH in PERMISSIONS[role]:
        step(TaskStatus.APPROVED)
    else:
        with pytest.raises(DomainError) as refused:
            step(TaskStatus.APPROVED)
        assert refused.value.code is ErrorCode.FORBIDDEN
    with pytest.raises(DomainError) as early:
        step(TaskStatus.REVIEW)
    assert early.value.code is ErrorCode.CONFLICT


def test_a_refusal_says_where_it_may_go() -> None:
    with pytest.raises(DomainError, match="publishContent with a date makes it SCHEDULED"):
        check_step(TaskStatus.APPROVED, TaskStatus.SCHEDULED, PERMISSIONS[Role.OWNER], has_content=True, field=())
    with pytest.raises(DomainError, match="unpublishContent takes that back"):
        check_step(TaskStatus.SCHEDULED, TaskStatus.APPROVED, PERMISSIONS[Role.OWNER], has_content=True, field=())
    with pytest.raises(DomainError, match=r"From DRAFT it goes to IN_PROGRESS, REVIEW, ARCHIVED\."):
        check_step(TaskStatus.DRAFT, TaskStatus.PUBLISHED, PERMISSIONS[Role.OWNER], has_content=True, field=())
    with pytest.raises(DomainError, match="nothing while it is being written"):
        check_step(TaskStatus.QUEUED, TaskStatus.DRAFT, PERMISSIONS[Role.OWNER], has_content=True, field=())


# What a content is when its task is that.
FOLLOWS = {
    TaskStatus.DRAFT: ContentStatus.DRAFT,
    TaskStatus.QUEUED: ContentStatus.DRAFT,
    TaskStatus.IN_PROGRESS: ContentStatus.DRAFT,
    TaskStatus.REVIEW: ContentStatus.REVIEW,
    TaskStatus.APPROVED: ContentStatus.APPROVED,
    TaskStatus.SCHEDULED: ContentStatus.APPROVED,
    TaskStatus.PUBLISHED: ContentStatus.PUBLISHED,
}


@pytest.mark.parametrize("before", ContentStatus)
@pytest.mark.parametrize("task", TaskStatus)
def test_a_content_follows_its_task(task: TaskStatus, before: ContentStatus) -> None:
    assert content_status(task, before) is FOLLOWS.get(task, before)
    assert FOLLOWS.keys() == set(TaskStatus) - {TaskStatus.ARCHIVED}


def test_a_content_without_a_task_steps_as_a_task_would() -> None:
    assert LOOKALIKE.keys() == set(ContentStatus)
    assert all(content_status(task, ContentStatus.DRAFT) is content for content, task in LOOKALIKE.items())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", ContentStatus)
def test_what_was_approved_is_changed_by_who_may_approve(status: ContentStatus, role: Role) -> None:
    settled = status in (ContentStatus.APPROVED, ContentStatus.PUBLISHED)
    if settled and Permission.PUBLISH not in PERMISSIONS[role]:
        with pytest.raises(DomainError, match="take it back to REVIEW") as refused:
            check_editable(status, PERMISSIONS[role], "id")
        assert (refused.value.code, refused.value.field) == (ErrorCode.CONFLICT, ("id",))
    else:
        check_editable(status, PERMISSIONS[role], "id")
