"""Keys that every store keeps as they are."""

import unicodedata

MOST_OF_A_SEGMENT = 200  # bytes of UTF-8; folders take 255, and unfinished files have longer names
MOST = 1000  # bytes; S3 takes 1,024 with its prefix


def key_of(path: str) -> str:
    """Composed characters (NFC), so that one name is one key everywhere. ValueError for what some store would change
    or refuse: empty or overlong segments, control characters, and a `#` with digits at the end.
    """
    key = unicodedata.normalize("NFC", path)
    segments = key.split("/")
    if not key or any(not segment or segment in (".", "..") for segment in segments):
        raise ValueError(f"“{path}” has an empty part: write names with a single / between them")
    if any(len(segment.encode()) > MOST_OF_A_SEGMENT for segment in segments) or len(key.encode()) > MOST:
        raise ValueError(f"“{path[:80]}…” is too long: at most {MOST_OF_A_SEGMENT} bytes between two /, {MOST} in all")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in key) or "\\" in key:
        raise ValueError(f"{path!r} has characters that no file may have in its name")
    if any(_unfinished(segment) for segment in segments):
        raise ValueError(f"“{path}” ends as files do that are not whole yet: leave out the number after #")
    return key


def _unfinished(segment: str) -> bool:
    """As a folder's store calls a file while it is written, which it does not list."""
    _, mark, number = segment.rpartition("#")
    return bool(mark) and number.isascii() and number.isdigit()
