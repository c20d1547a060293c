"""Parts of files, as the Range header asks for them (RFC 9110)."""

import re

RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE | re.ASCII)
MOST_DIGITS = 18


class Unsatisfiable(Exception):
    """The part begins after the end."""


def wanted_part(asked: str, size: int) -> tuple[int, int] | None:
    """(start, before the end) of a file of `size` bytes; None for all of it: what is not understood is not heeded, and
    of several parts none is. Unsatisfiable for a part that is not there.
    """
    found = RANGE.fullmatch(asked)
    if found is None or found[1] == found[2] == "" or max(map(len, found.groups())) > MOST_DIGITS:
        return None
    first, last = found[1], found[2]
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return start, end
