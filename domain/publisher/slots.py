"""Which times the calendar of a site has, and which of them are free.

A slot is a minute of the week on the clocks of a zone, 0 at Monday 00:00. Instants are aware datetimes in UTC. A time
that clocks skip comes as much later as they skip; one that they show twice comes the first time.
"""

import heapq
from collections.abc import Collection, Hashable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MINUTES = 24 * 60  # of a day
WIDEST = timedelta(hours=16)  # no zone ever was further from UTC
K = TypeVar("K", bound=Hashable)


def instant_of(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When clocks of the zone show the minute of that day."""
    return datetime.combine(day, time(*divmod(minute, 60)), zone).astimezone(UTC)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def slot_times(slots: Collection[int], zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """All instants of the slots after the one and up to the other, in order, each once."""
    by_weekday: dict[int, list[int]] = {}
    for slot in slots:
        by_weekday.setdefault(slot // MINUTES, []).append(slot % MINUTES)
    day = day_of(after, zone) - 2 * DAY  # clocks have skipped a whole day
    waiting: list[datetime] = []
    last = after
    while last < until and slots:
        for minute in by_weekday.get(day.weekday(), ()):
            heapq.heappush(waiting, instant_of(day, minute, zone))
        day += DAY
        sure = datetime.combine(day, time.min, UTC) - WIDEST  # nothing of a later day comes before
        while waiting and waiting[0] < sure:
            found = heapq.heappop(waiting)
            if last < found <= until:
                last = found
                yield found
        if sure > until:
            return


class Diary(Generic[K]):
    """Who comes out when, on days of the zone: at most `most` a day, each counted once; None for no limit."""

    def __init__(self, zone: ZoneInfo, most: int | None = None) -> None:
        self.zone, self.most = zone, most
        self._at: dict[datetime, set[K]] = {}
        self._on: dict[date, set[K]] = {}

    def plan(self, who: K, at: datetime) -> None:
        """It is to come out then: the time is taken, and it counts on that day."""
        self._at.setdefault(at, set()).add(who)
        self.count(who, at)

    def count(self, who: K, at: datetime) -> None:
        """It came out then, which takes no time from others."""
        self._on.setdefault(day_of(at, self.zone), set()).add(who)

    def on(self, day: date) -> frozenset[K]:
        return frozenset(self._on.get(day, ()))

    def has_room(self, day: date, who: Iterable[K]) -> bool:
        """Whether they may all come out on that day; what counts there already may always."""
        there = self._on.get(day, set())
        more = set(who) - there
        return self.most is None or not more or len(there) + len(more) <= self.most

    def is_free(self, at: datetime, who: K) -> bool:
        """Whether nobody else has that time, and its day has room."""
        return self._at.get(at, set()) <= {who} and self.has_room(day_of(at, self.zone), [who])

    def first_day(self, who: K, start: date) -> date:
        """The first from `start` on that has room; a limit of 0 would have none."""
        while not self.has_room(start, [who]):
            start += DAY
        return start


def next_free(each: Iterable[K], times: Iterable[datetime], diary: Diary[K]) -> list[datetime]:
    """For each in order the first of the times that is free, noted in the diary; shorter where they are used up."""
    known: list[datetime] = []
    rest = iter(times)

    def ahead() -> Iterator[datetime]:
        yield from known
        for at in rest:
            known.append(at)
            yield at

    given = []
    for who in each:
        found = next((at for at in ahead() if diary.is_free(at, who)), None)
        if found is None:
            break
        diary.plan(who, found)
        given.append(found)
    return given
