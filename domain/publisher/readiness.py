"""Whether a content may go to a destination now, and what is in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain.publisher.calendar import calendar_of, diary_of, live_at
from domain.publisher.slots import day_of
from domain.rows import find, find_all
from persistence.models import Content, Image, Integration
from persistence.terms import ContentOrigin, ContentStatus, ImageStatus, IntegrationStatus, ReadinessProblem
from persistence.unit import Unit

APPROVED = (ContentStatus.APPROVED, ContentStatus.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Problem:
    """`blocks`: a draft may go nevertheless, unless nothing can."""

    code: ReadinessProblem
    message: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    content_id: UUID
    problems: list[Problem]

    @property
    def ready(self) -> bool:
        return not any(problem.blocks for problem in self.problems)


async def readiness_of(unit: Unit, content_ids: Sequence[UUID], integration_id: UUID) -> list[Readiness]:
    """In the order of the ids; for being published, of which a draft is spared the approval."""
    contents = await find_all(unit, Content, content_ids, "contentIds")
    integration = await find(unit, Integration, integration_id, "integrationId")
    undrawn = select(Image.content_id).where(
        Image.content_id.in_([c.id for c in contents]), Image.status != ImageStatus.READY
    )
    waiting = set((await unit.session.scalars(undrawn)).all())
    of_site = await _of_site(unit, integration, [c.id for c in contents])
    return [Readiness(c.id, [*_problems(c, integration, c.id in waiting), *of_site[c.id]]) for c in contents]


async def _of_site(unit: Unit, integration: Integration, ids: Sequence[UUID]) -> dict[UUID, list[Problem]]:
    """What the site's calendar has against publishing each of them now, the others left alone."""
    calendar = await calendar_of(unit, integration.site_id)
    found: dict[UUID, list[Problem]] = {id: [] for id in ids}
    if calendar.paused_at:
        paused = Problem(ReadinessProblem.PAUSED, "Publishing is paused; resumePublishing lets it go on.", True)
        found = {id: [paused] for id in ids}
    if calendar.max_per_day is not None:
        diary, live = await diary_of(unit, calendar), await live_at(unit, ids, integration.id)
        today = day_of(await unit.now(), diary.zone)
        message = f"maxPerDay is {calendar.max_per_day}, and {today} is full; scheduleContent finds another day."
        for id in ids:
            if id not in live and not diary.has_room(today, [id]):
                found[id].append(Problem(ReadinessProblem.DAY_FULL, message, True))
    return found


def _problems(content: Content, integration: Integration, undrawn: bool) -> list[Problem]:
    found = []
    if content.site_id != integration.site_id:
        found.append(Problem(ReadinessProblem.OTHER_SITE, "The integration is of another site.", True))
    if integration.status is IntegrationStatus.FAILED:
        found.append(Problem(ReadinessProblem.NOT_CONNECTED, integration.error or "The last test failed.", True))
    if integration.status is IntegrationStatus.UNTESTED:
        found.append(
            Problem(ReadinessProblem.UNTESTED, "Its connection was not tested yet; testConnection does.", False)
        )
    if content.status not in APPROVED:
        found.append(Problem(ReadinessProblem.NOT_APPROVED, f"It is {content.status.value}, not APPROVED.", True))
    if not content.html_content.strip():
        found.append(Problem(ReadinessProblem.EMPTY, "It has no text.", True))
    if content.origin is ContentOrigin.OFFLINE_DRAFT:
        found.append(Problem(ReadinessProblem.OFFLINE_DRAFT, "It is an outline made without a language model.", False))
    if undrawn:
        found.append(
            Problem(ReadinessProblem.PICTURES_MISSING, "Some of its pictures have no file; they are left out.", False)
        )
    return found
