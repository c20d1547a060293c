"""The publishing calendar of a site: set by hand, and what of its times and days is taken."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, or_, select

from domain import audit
from domain.crud import plain
from domain.errors import changed, conflict
from domain.names import counted
from domain.ports import PostponedError
from domain.publisher.publications import worked_on
from domain.publisher.rules import WEEK, check_per_day, check_slots, check_zone
from domain.publisher.slots import DAY, MINUTES, Diary, day_of
from domain.rows import find
from persistence.models import Publication, PublishingCalendar, PublishingSlot, Site
from persistence.terms import AuditOperation, RemoteStatus
from persistence.unit import Unit

PAUSED, PAUSED_SECONDS = "Publishing is paused; resumePublishing lets it go on.", 600.0


async def calendar_of(unit: Unit, site_id: UUID, *, lock: bool = False) -> PublishingCalendar:
    """It is locked before tasks, contents and publications."""
    statement = select(PublishingCalendar).where(PublishingCalendar.site_id == site_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await unit.session.scalars(statement)).one()


async def is_paused(unit: Unit, site_id: UUID) -> bool:
    paused = select(PublishingCalendar.paused_at).where(PublishingCalendar.site_id == site_id)
    return await unit.session.scalar(paused) is not None


async def wait_while_paused(unit: Unit, site_id: UUID) -> None:
    """PostponedError for an item that would show something; resuming sets it going."""
    if await is_paused(unit, site_id):
        raise PostponedError(PAUSED, PAUSED_SECONDS, others=True, woken=True)


def refuse_paused(calendar: PublishingCalendar, status: RemoteStatus) -> None:
    """CONFLICT for what is to come to that status while publishing is paused, but for drafts."""
    if calendar.paused_at and status is not RemoteStatus.DRAFT:
        raise conflict(
            f"Publishing of this site is paused since {calendar.paused_at:%Y-%m-%d %H:%M} UTC; resumePublishing lets "
            "it go on. A DRAFT may go out.",
            "input",
        )


async def slots_of(unit: Unit, calendar: PublishingCalendar) -> list[int]:
    """As minutes of the week, in order."""
    of = select(PublishingSlot.minute).where(PublishingSlot.calendar_id == calendar.id)
    return sorted((await unit.session.scalars(of)).all())


async def update_calendar(unit: Unit, site_id: UUID, given: Mapping[str, Any], expected_version: int | None) -> UUID:
    """Only what is given changes. Times that were given to contents stay; `slots` are days and a time each."""
    await find(unit, Site, site_id, "siteId")
    calendar = await calendar_of(unit, site_id, lock=True)
    if expected_version not in (None, calendar.version):
        raise changed()
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if "time_zone" in given:
        zone = check_zone(given["time_zone"], "input", "timeZone")
        before["time_zone"], after["time_zone"] = calendar.time_zone, zone
    if "max_per_day" in given:
        most = check_per_day(given["max_per_day"], "input", "maxPerDay")
        before["max_per_day"], after["max_per_day"] = calendar.max_per_day, most
    if "slots" in given:
        slots = check_slots(given["slots"], "input", "slots")
        before["slots"], after["slots"] = _shown(await slots_of(unit, calendar)), _shown(slots)
        if before["slots"] != after["slots"]:
            await _set_slots(unit, calendar, slots)
    differing = [name for name in after if after[name] != before[name]]
    for name in differing:
        if name != "slots":
            setattr(calendar, name, after[name])
    if differing:
        calendar.updated_at = await unit.now()
        tell(
            unit, calendar, "updatePublishingCalendar",
            before={name: before[name] for name in differing}, after={name: after[name] for name in differing},
        )  # fmt: skip
    return calendar.id


async def _set_slots(unit: Unit, calendar: PublishingCalendar, slots: Sequence[int]) -> None:
    await unit.run(delete(PublishingSlot).where(PublishingSlot.calendar_id == calendar.id))
    own = {"account_id": calendar.account_id, "site_id": calendar.site_id, "calendar_id": calendar.id}
    unit.add(*(PublishingSlot(**own, day=WEEK[slot // MINUTES], minute=slot) for slot in slots))
    await unit.flush()


def _shown(slots: Sequence[int]) -> list[str]:
    """As the record keeps them: `MONDAY 09:00`."""
    return [f"{WEEK[s // MINUTES].value} {s % MINUTES // 60:02}:{s % 60:02}" for s in slots]


def tell(
    unit: Unit, calendar: PublishingCalendar, action: str, *, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """On record, as something that was done to the site."""
    audit.record(
        unit, calendar.account_id, action, "Site", calendar.site_id, site_id=calendar.site_id,
        operation=AuditOperation.UPDATE, before=plain(before), after=plain(after),
    )  # fmt: skip


async def diary_of(unit: Unit, calendar: PublishingCalendar, but: Collection[tuple[UUID, UUID]] = ()) -> Diary[UUID]:
    """Of contents: what is to come, and what has come out today. `but`: (content, integration) of what is about to be
    planned anew.
    """
    now = await unit.now()
    p, diary = Publication, Diary[UUID](ZoneInfo(calendar.time_zone), calendar.max_per_day)
    live = and_(p.status == RemoteStatus.PUBLISHED, p.published_at > now - 2 * DAY)
    planned = and_(p.wanted_status == RemoteStatus.SCHEDULED, p.publish_at > now - 2 * DAY)
    not_live = p.status.is_distinct_from(RemoteStatus.PUBLISHED)
    under_way = and_(p.wanted_status == RemoteStatus.PUBLISHED, not_live, worked_on())
    columns = (p.content_id, p.integration_id, p.wanted_status, p.status, p.publish_at, p.published_at)
    rows = await unit.session.execute(
        select(*columns).where(p.site_id == calendar.site_id, or_(live, planned, under_way))
    )
    for content, integration, wanted, status, publish_at, published_at in rows:
        if status is RemoteStatus.PUBLISHED and published_at:
            diary.count(content, published_at)
        if (content, integration) in but:
            continue
        if wanted is RemoteStatus.SCHEDULED and publish_at:
            diary.plan(content, publish_at)
        elif wanted is RemoteStatus.PUBLISHED and status is not RemoteStatus.PUBLISHED:
            diary.count(content, now)
    return diary


async def check_room(
    unit: Unit, calendar: PublishingCalendar, content_ids: Sequence[UUID], integration_id: UUID, at: datetime | None
) -> None:
    """CONFLICT when they cannot all come out then (None: now, where they are not live), the day's number being what it
    is.
    """
    if calendar.max_per_day is None:
        return
    diary, now = await diary_of(unit, calendar, {(id, integration_id) for id in content_ids}), await unit.now()
    day, field = day_of(at or now, diary.zone), "publishAt" if at else "contentIds"
    coming = set(content_ids) if at else set(content_ids) - await live_at(unit, content_ids, integration_id)
    if not diary.has_room(day, coming):
        there = diary.on(day)
        raise conflict(
            f"maxPerDay is {calendar.max_per_day}: on {day} ({calendar.time_zone}) the site has "
            f"{counted(len(there), 'content')} already, and {len(coming - there)} more are wanted; take another day, "
            "let scheduleContent choose, or raise maxPerDay with updatePublishingCalendar.",
            "input",
            field,
        )


async def live_at(unit: Unit, content_ids: Sequence[UUID], integration_id: UUID) -> set[UUID]:
    """Those of them that are."""
    of = select(Publication.content_id).where(
        Publication.content_id.in_(content_ids),
        Publication.integration_id == integration_id,
        Publication.status == RemoteStatus.PUBLISHED,
    )
    return set((await unit.session.scalars(of)).all())
