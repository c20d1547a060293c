"""What a publishing calendar may say."""

import re
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files

from domain.errors import bad_input
from domain.publisher.slots import MINUTES
from persistence.terms import Weekday

MAX_SLOTS, MAX_PER_DAY = 100, 1000
CLOCK = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
WEEK = tuple(Weekday)


@cache
def zones() -> frozenset[str]:
    """By the same list on every machine, whatever the system's own one says."""
    return frozenset(files("tzdata").joinpath("zones").read_text().split()) - {"Factory"}


def check_zone(name: str | None, *field: str) -> str:
    """As IANA writes it."""
    if name not in zones():
        raise bad_input("There is no such time zone; give a name of IANA's, such as Europe/Berlin.", *field)
    return name


def check_slots(given: Sequence[tuple[Collection[Weekday], str]], *field: str) -> list[int]:
    """Days and a time each, as minutes of the week in order."""
    found: list[int] = []
    for n, (days, at) in enumerate(given):
        clock = CLOCK.fullmatch(at)
        if not clock:
            raise bad_input("Give a time from 00:00 to 23:59, such as 09:00.", *field, str(n), "at")
        if not days:
            raise bad_input("Give at least one day.", *field, str(n), "days")
        minute = int(clock[1]) * 60 + int(clock[2])
        for day in days:
            slot = WEEK.index(day) * MINUTES + minute
            if slot in found:
                raise bad_input(f"{day.value} {at} is there twice; give each time once.", *field, str(n))
            found.append(slot)
    if len(found) > MAX_SLOTS:
        raise bad_input(f"Give at most {MAX_SLOTS} times a week.", *field)
    return sorted(found)


def check_per_day(most: int | None, *field: str) -> int | None:
    """None for no limit."""
    if most is not None and not 1 <= most <= MAX_PER_DAY:
        raise bad_input(f"Give 1 to {MAX_PER_DAY:,} a day, or null for no limit.", *field)
    return most
