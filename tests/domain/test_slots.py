"""The times of a publishing calendar, compared with what one finds by looking at the clock every minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.publisher.slots import MINUTES, Diary, day_of, instant_of, next_free, slot_times

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
    "America/Santiago", "Pacific/Auckland", "Pacific/Chatham", "America/St_Johns", "Africa/Casablanca", "Asia/Beirut",
    "Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12",
)  # fmt: skip
MON, TUE, WED, FRI, SAT, SUN = (n * MINUTES for n in (0, 1, 2, 4, 5, 6))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(slots: Sequence[int], zone: str, after: str, number: int) -> list[str]:
    start = utc(after)
    found = slot_times(slots, ZoneInfo(zone), start, start + 800 * DAY)
    return [f"{next(found):%Y-%m-%d %H:%M}" for _ in range(number)]


# By looking


@cache
def clock(zone: str, start: datetime) -> list[datetime]:
    """What it shows at each minute of four days."""
    return [(start + n * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for n in range(4 * MINUTES)]


def seen_at(wall: datetime, zone: str) -> datetime:
    """The first minute at which a clock shows it; the first after it was skipped, and as much later as was skipped."""
    start = datetime.combine(wall.date(), time(), UTC) - DAY
    shown = clock(zone, start)
    if wall in shown:
        return start + shown.index(wall) * MINUTE
    jump = next(n for n in range(1, len(shown)) if shown[n - 1] < wall < shown[n])
    skipped = shown[jump] - shown[jump - 1] - MINUTE
    return start + shown.index(wall + skipped, jump) * MINUTE


def all_times(slots: Sequence[int], zone: str, after: datetime, until: datetime) -> list[datetime]:
    first = after.date() - 3 * DAY
    days = [first + n * DAY for n in range((until - after).days + 7)]
    walls = [datetime.combine(day, time()) + slot % MINUTES * MINUTE
             for day in days for slot in slots if day.weekday() == slot // MINUTES]  # fmt: skip
    return sorted({at for wall in walls if after < (at := seen_at(wall, zone)) <= until})


# Clocks are changed somewhere, a year ends, or Samoa leaves out a day.
CHANGES = """
2011-12-29 2020-12-31 2024-02-28 2026-02-14 2026-03-07 2026-03-21 2026-03-28 2026-04-04 2026-09-05 2026-10-03 2026-10-24
2026-10-31 2026-12-30 2027-01-01
"""
instants = st.builds(
    lambda start, minutes: start + minutes * MINUTE,
    st.sampled_from([*map(utc, CHANGES.split())]),
    st.integers(0, 3 * MINUTES),
)
weeks = st.lists(
    st.one_of(
        st.integers(0, 7 * MINUTES - 1), st.sampled_from([SUN, SUN + 120, SUN + 150, SAT, SAT + 1439, FRI + 540])
    ),
    max_size=6,
    unique=True,
)


@settings(max_examples=80, deadline=None)
@given(weeks, st.sampled_from(ZONES), instants, st.integers(0, 9))
def test_the_times_are_those_that_clocks_show(slots: list[int], zone: str, after: datetime, days: int) -> None:
    until = after + days * DAY

    assert list(slot_times(slots, ZoneInfo(zone), after, until)) == all_times(slots, zone, after, until)


@settings(max_examples=80, deadline=None)
@given(
    weeks,
    st.sampled_from(ZONES),
    instants,
    st.none() | st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 12)), max_size=8),
    st.lists(st.sampled_from("abxyz"), unique=True, max_size=5),
)
def test_each_gets_the_first_time_that_nobody_else_has_on_a_day_with_room(
    slots: list[int], zone: str, after: datetime, most: int | None, taken: list[tuple[str, int]], each: list[str]
) -> None:
    known = all_times(slots, zone, after, after + 9 * DAY)
    booked = [(who, known[n]) for who, n in taken if n < len(known)]
    diary: Diary[str] = Diary(ZoneInfo(zone), most)
    for who, at in booked:
        diary.plan(who, at)

    found = next_free(each, known, diary)

    for n, who in enumerate(each):
        free = [at for at in known if all(at != b or w == who for w, b in booked) and room(booked, who, at, zone, most)]
        assert found[n : n + 1] == free[:1]
        if not free:
            assert len(found) == n
            break
        booked.append((who, free[0]))


def room(booked: list[tuple[str, datetime]], who: str, at: datetime, zone: str, most: int | None) -> bool:
    day = at.astimezone(ZoneInfo(zone)).date()
    others = {w for w, b in booked if b.astimezone(ZoneInfo(zone)).date() == day}
    return most is None or who in others or len(others) < most


# By hand


def test_the_week_goes_round() -> None:
    slots = [MON + 540, WED + 540, FRI + 540, TUE + 870]
    assert times(slots, "Europe/Berlin", "2026-11-30T08:00", 5) == [
        "2026-12-01 13:30", "2026-12-02 08:00", "2026-12-04 08:00", "2026-12-07 08:00", "2026-12-08 13:30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("slot", "zone", "after", "found"),
    [
        (SUN + 150, "Europe/Berlin", "2026-03-28T12:00", "2026-03-29 01:30"),  # 02:30 is 03:30 on that day
        (SUN + 150, "Europe/Berlin", "2026-10-24T12:00", "2026-10-25 00:30"),  # twice: the first
        (SUN + 135, "Australia/Lord_Howe", "2026-10-03T12:00", "2026-10-03 15:45"),  # by half an hour
        (SUN + 150, "Australia/Sydney", "2026-10-03T12:00", "2026-10-03 16:30"),
        (SUN, "America/Santiago", "2026-09-05T12:00", "2026-09-06 04:00"),  # the day begins at one
        (MON, "Asia/Kolkata", "2026-11-29T00:00", "2026-11-29 18:30"),
        (FRI + 540, "Pacific/Apia", "2011-12-29T12:00", "2011-12-30 19:00"),  # the Friday that was not
        (FRI, "Europe/Berlin", "2026-12-31T12:00", "2026-12-31 23:00"),  # New Year
        (SUN, "UTC", "2027-01-02T00:00", "2027-01-03 00:00"),  # the end of a 53rd week
    ],
)
def test_times(slot: int, zone: str, after: str, found: str) -> None:
    assert times([slot], zone, after, 1) == [found]


def test_two_slots_that_become_one_time_are_one() -> None:
    slots = [SUN + 150, SUN + 210, SUN + 180]
    assert times(slots, "Europe/Berlin", "2026-03-28T12:00", 3) == [
        "2026-03-29 01:00", "2026-03-29 01:30", "2026-04-05 00:30",
    ]  # fmt: skip


def test_a_day_is_one_of_the_zone() -> None:
    zone, diary = ZoneInfo("Pacific/Auckland"), Diary[str](ZoneInfo("Pacific/Auckland"), 1)
    diary.count("a", utc("2026-11-30T11:30"))  # half past midnight on the first
    assert not diary.has_room(date(2026, 12, 1), ["b"])
    assert diary.has_room(date(2026, 12, 1), ["a"]), "it counts there already"
    assert diary.has_room(date(2026, 11, 30), ["b"])
    assert diary.first_day("b", date(2026, 12, 1)) == date(2026, 12, 2)
    assert day_of(utc("2026-11-30T11:30"), zone) == date(2026, 12, 1)


def test_a_lowered_limit_takes_nothing_away_from_who_is_there() -> None:
    diary = Diary[str](ZoneInfo("UTC"), 1)
    for who in "abc":
        diary.plan(who, utc("2026-12-01T09:00"))
    assert diary.has_room(date(2026, 12, 1), "abc")
    assert not diary.has_room(date(2026, 12, 1), "ad")


def test_what_was_planned_stays_taken_when_the_zone_is_another() -> None:
    """Slots move; times that were given do not."""
    diary = Diary[str](ZoneInfo("Europe/London"))
    diary.plan("a", instant_of(date(2026, 12, 1), 540, ZoneInfo("Europe/Berlin")))
    zone, after = ZoneInfo("Europe/London"), utc("2026-11-30T12:00")
    both = slot_times([TUE + 480, TUE + 540], zone, after, after + 7 * DAY)
    assert [f"{at:%H:%M}" for at in next_free(["b", "c"], both, diary)] == ["09:00"]


def test_without_slots_there_are_no_times() -> None:
    now = utc("2026-12-01T09:00")
    assert list(slot_times([], ZoneInfo("UTC"), now, now + 2000 * DAY)) == []


def test_five_years_of_a_full_week_take_no_time() -> None:
    now = utc("2026-12-01T09:00")
    slots = [n * 100 for n in range(100)]
    every = list(slot_times(slots, ZoneInfo("Europe/Berlin"), now, now + 1826 * DAY))
    assert len(set(every)) == len(every) >= 260 * 100
