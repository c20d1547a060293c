"""Publishing of a site paused, and gone on with.

Jobs of before wait by themselves. What waits at a destination for its date would go live there: a job holds it, and
another brings it about again. Both take what an item is just at as well: theirs wait until that has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update

from domain.errors import site_archived
from domain.job import create_job, window_of
from domain.planned import Place
from domain.publisher.calendar import PAUSED, calendar_of, diary_of, slots_of, tell
from domain.publisher.publications import Wish, worked_on
from domain.publisher.readiness import APPROVED
from domain.publisher.slots import day_of, instant_of, next_free, slot_times
from domain.publisher.work.hold_publications import GOING_OUT, HOLD_PUBLICATIONS
from domain.publisher.work.publish_content import PUBLISH_CONTENT
from domain.rows import find
from persistence.models import Content, Publication, PublishingCalendar, Site
from persistence.queries.jobs import wake
from persistence.terms import JobKind, Queue, RemoteStatus, SiteStatus
from persistence.unit import Dispatch, Unit

AHEAD = timedelta(days=100 * 365)  # as far as slots are looked for: whoever resumes is not refused for having too few
UNAPPROVED = "It was not approved any more when publishing went on; approve it, and schedule it again."


@dataclass(frozen=True, slots=True)
class Changed:
    """The sites that are as they were asked to be, and jobs for destinations to be so."""

    site_ids: list[UUID] = field(default_factory=list)
    job_ids: list[UUID] = field(default_factory=list)


async def pause_publishing(unit: Unit, user_id: UUID, site_id: UUID | None) -> Changed:
    """Of a site, or of all; what is paused stays so, since when and by whom it was."""
    changed = Changed()
    for calendar in await _calendars(unit, site_id):
        changed.site_ids.append(calendar.site_id)
        if calendar.paused_at is not None:
            continue
        calendar.paused_at, calendar.paused_by_id = await unit.now(), user_id
        tell(unit, calendar, "pausePublishing", before={"paused_at": None}, after={"paused_at": calendar.paused_at})
        await unit.flush()
        changed.job_ids.extend(await _hold(unit, calendar, user_id))
    return changed


async def resume_publishing(unit: Unit, user_id: UUID, site_id: UUID | None) -> Changed:
    """Of a site, or of all. Dates to come stay; those that passed are the next free slots now, or without slots as soon
    as a day has room.
    """
    changed = Changed()
    for calendar in await _calendars(unit, site_id):
        changed.site_ids.append(calendar.site_id)
        if calendar.paused_at is None:
            continue
        tell(unit, calendar, "resumePublishing", before={"paused_at": calendar.paused_at}, after={"paused_at": None})
        calendar.paused_at = calendar.paused_by_id = None
        await unit.flush()
        changed.job_ids.extend(await _go_on(unit, calendar, user_id))
        woken = await wake(unit.session, calendar.account_id, calendar.site_id, Queue.PUBLISHING.value, PAUSED)
        if woken:
            most = window_of(Queue.PUBLISHING.value)
            unit.dispatches.append(Dispatch(calendar.account_id, Queue.PUBLISHING.value, min(woken, most)))
    return changed


async def _calendars(unit: Unit, site_id: UUID | None) -> list[PublishingCalendar]:
    """Locked, in the order of their sites."""
    if site_id is not None:
        site = await find(unit, Site, site_id, "siteId")
        if site.status is SiteStatus.ARCHIVED:
            raise site_archived("siteId")
        return [await calendar_of(unit, site_id, lock=True)]
    sites = select(Site.id).where(Site.status != SiteStatus.ARCHIVED)
    every = select(PublishingCalendar).where(PublishingCalendar.site_id.in_(sites)).order_by(PublishingCalendar.site_id)
    return await unit.all(every.with_for_update().execution_options(populate_existing=True))


async def _hold(unit: Unit, calendar: PublishingCalendar, user_id: UUID) -> list[UUID]:
    """Jobs for what waits at destinations, or is about to."""
    p, scheduled = Publication, RemoteStatus.SCHEDULED
    waiting = select(p.integration_id, p.content_id).where(
        p.site_id == calendar.site_id,
        or_(p.status == scheduled, (p.wanted_status == scheduled) & worked_on()),
    )
    found: dict[UUID, list[UUID]] = {}
    for integration_id, content_id in await unit.session.execute(waiting.order_by(p.publish_at, p.id)):
        found.setdefault(integration_id, []).append(content_id)
    place = Place(calendar.account_id, user_id, calendar.site_id, None)
    jobs = [await create_job(unit, HOLD_PUBLICATIONS.planned(place, *each)) for each in found.items()]
    return [job.id for job in jobs]


async def _go_on(unit: Unit, calendar: PublishingCalendar, user_id: UUID) -> list[UUID]:
    """Jobs for what was held, or whose date passed in a job that waited."""
    p, now = Publication, await unit.now()
    holding = worked_on(kind=JobKind.HOLD_PUBLICATIONS)
    waiting = select(p, holding, Content.status).join(Content, Content.id == p.content_id)
    waiting = waiting.where(
        p.site_id == calendar.site_id,
        p.wanted_status.in_(GOING_OUT),
        p.status.is_distinct_from(RemoteStatus.PUBLISHED),
        or_(p.is_held, worked_on()),
    )
    wishes: dict[UUID, dict[UUID, Wish]] = {}
    late: list[Publication] = []
    refused: list[UUID] = []
    for publication, is_being_held, status in await unit.session.execute(waiting.order_by(p.publish_at, p.id)):
        held = publication.is_held or is_being_held
        dated = publication.wanted_status is RemoteStatus.SCHEDULED
        passed = dated and (publication.publish_at or now) <= now
        if held and status not in APPROVED:
            refused.append(publication.id)
        elif passed and (held or publication.status is not RemoteStatus.SCHEDULED):
            late.append(publication)
        elif held and not passed:
            wish = Wish(publication.wanted_status, publication.publish_at)
            wishes.setdefault(publication.integration_id, {})[publication.content_id] = wish
    again = await _times_of(unit, calendar, late)
    for publication in late:
        wishes.setdefault(publication.integration_id, {})[publication.content_id] = again[publication.content_id]
    await _refuse(unit, refused)
    return await _start(unit, Place(calendar.account_id, user_id, calendar.site_id, None), wishes)


async def _times_of(unit: Unit, calendar: PublishingCalendar, late: Sequence[Publication]) -> dict[UUID, Wish]:
    """For each content, in the order of their dates, when it comes out instead."""
    zone, now = ZoneInfo(calendar.time_zone), await unit.now()
    diary = await diary_of(unit, calendar, {(p.content_id, p.integration_id) for p in late})
    contents = list(dict.fromkeys(p.content_id for p in late))
    slots = await slots_of(unit, calendar)
    if slots:
        times = next_free(contents, slot_times(slots, zone, now, now + AHEAD), diary)
        return {id: Wish(RemoteStatus.SCHEDULED, at) for id, at in zip(contents, times, strict=True)}
    clock = {p.content_id: (p.publish_at or now).astimezone(zone) for p in reversed(late)}
    found, day = {}, day_of(now, zone)
    for id in contents:
        first = diary.first_day(id, day)
        if first == day:
            diary.count(id, now)
            found[id] = Wish(RemoteStatus.PUBLISHED)
        else:
            at = instant_of(first, clock[id].hour * 60 + clock[id].minute, zone)
            diary.plan(id, at)
            found[id] = Wish(RemoteStatus.SCHEDULED, at)
    return found


async def _start(unit: Unit, place: Place, wishes: dict[UUID, dict[UUID, Wish]]) -> list[UUID]:
    """One job for each destination and status."""
    jobs = []
    for integration_id, wanted in wishes.items():
        for status in GOING_OUT:
            some = {id: wish for id, wish in wanted.items() if wish.status is status}
            if some:
                planned = PUBLISH_CONTENT.planned(place, integration_id, status, some)
                await PUBLISH_CONTENT.begin(unit, planned.subject_ids, planned.params)
                jobs.append((await create_job(unit, planned)).id)
    return jobs


async def _refuse(unit: Unit, ids: Sequence[UUID]) -> None:
    """They stay drafts."""
    none = update(Publication).where(Publication.id.in_(ids))
    columns = {"wanted_status": RemoteStatus.DRAFT, "publish_at": None, "is_held": False, "error": UNAPPROVED}
    await unit.run(none.values(**columns, version=Publication.version + 1))
