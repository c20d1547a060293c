"""Contents put to a destination to be shown later: one at a date, or each at the next free slot of the site's calendar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import bad_input, conflict
from domain.functions import Params
from domain.planned import Planned, place_of
from domain.publisher.calendar import calendar_of, check_room, diary_of, live_at, slots_of
from domain.publisher.publications import Wish
from domain.publisher.slots import next_free, slot_times
from domain.publisher.work.publish_content import FURTHEST, PublishContent, to_come, to_publish, wish_of
from domain.rows import find
from persistence.models import Content, Integration, PublishingCalendar
from persistence.terms import JobKind, RemoteStatus
from persistence.unit import Unit


@dataclass(frozen=True, slots=True)
class Wanted:
    """`publish_at` is of one content; without it each gets a slot."""

    content_ids: list[UUID]
    integration_id: UUID
    publish_at: datetime | None = None


class ScheduleContent(PublishContent):
    """As SCHEDULED of publishContent. What had a time there has the new one instead, and the old one is free."""

    kind, phase = JobKind.SCHEDULE_CONTENT, "scheduling"
    wanted = Wanted  # type: ignore[assignment]

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:  # type: ignore[override]
        """CONFLICT for what is live there, where there is no slot, and where the day is full."""
        if wanted.publish_at and len(set(wanted.content_ids)) != 1:
            raise bad_input("A date is for one content; without it each gets a slot.", "input", "publishAt")
        publish_at = wanted.publish_at and await to_come(unit, wanted.publish_at)
        integration, calendar, contents = await to_publish(
            unit, wanted.content_ids, wanted.integration_id, RemoteStatus.SCHEDULED
        )
        live = await live_at(unit, [c.id for c in contents], integration.id)
        if there := next((c for c in contents if c.id in live), None):
            raise conflict(f"“{there.title}” is live there; unpublishContent takes it away.", "input", "contentIds")
        if publish_at:
            await check_room(unit, calendar, [c.id for c in contents], integration.id, publish_at)
            times = [publish_at]
        else:
            times = await _next_slots(unit, calendar, contents, integration)
        wishes = {c.id: Wish(RemoteStatus.SCHEDULED, at) for c, at in zip(contents, times, strict=True)}
        planned = self.planned(place_of(contents, user_id), integration.id, RemoteStatus.SCHEDULED, wishes)
        return replace(planned, params={**planned.params, "in_slots": publish_at is None})

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        """CONFLICT when an item that failed is tried again, and its slot was given to another meanwhile."""
        if params["in_slots"]:
            integration = await find(unit, Integration, UUID(params["integration_id"]), "input", "integrationId")
            calendar = await calendar_of(unit, integration.site_id, lock=True)
            diary = await diary_of(unit, calendar, {(id, integration.id) for id in subject_ids})
            for id in subject_ids:
                at = wish_of(params, id).publish_at
                if at and not diary.is_free(at, id):
                    raise conflict(f"{at:%Y-%m-%d %H:%M} UTC was given to another; use scheduleContent again.", "id")
        await super().begin(unit, subject_ids, params)


async def _next_slots(
    unit: Unit, calendar: PublishingCalendar, contents: Sequence[Content], integration: Integration
) -> list[datetime]:
    """One for each, in order."""
    slots, ids, now = await slots_of(unit, calendar), [c.id for c in contents], await unit.now()
    if not slots:
        raise conflict(
            "The site has no slots; give publishAt, or set slots with updatePublishingCalendar.", "input", "publishAt"
        )
    diary = await diary_of(unit, calendar, {(id, integration.id) for id in ids})
    found = next_free(ids, slot_times(slots, ZoneInfo(calendar.time_zone), now, now + FURTHEST), diary)
    if len(found) < len(ids):
        raise conflict(
            f"Within five years there are free slots for {len(found)} of these {len(ids)} contents; add slots or raise "
            "maxPerDay with updatePublishingCalendar, or give fewer.",
            "input",
            "contentIds",
        )
    return found


SCHEDULE_CONTENT = ScheduleContent()
