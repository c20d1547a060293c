"""What an attribute of an article's element may say: its value as it is kept, or nothing."""

import re
import unicodedata
from collections.abc import Callable

from domain.writer.sanitiser_marks import unmarked

CONTENT = "content:"  # a link to another content of the site, by the id that the API gives it
LONGEST_ID, LONGEST_FRAGMENT = 200, 400
RELATIONS = ("noopener", "noreferrer", "nofollow", "sponsored", "ugc")  # the first always
DIRECTIONS, NUMBERINGS = {"ltr", "rtl", "auto"}, {"1", "a", "A", "i", "I"}
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
REFERENCE = re.compile(rf"{CONTENT}con_({_UUID})(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
_UNSEEN = re.compile(r"^[\x00-\x20]+|[\x00-\x20]+$|[\t\n\r]")  # what browsers leave out of an address
_FRAGMENT = re.compile(r"[^\s\x00-\x20\x7f\"'<>`\\]+")


def permitted(tag: str, attribute: str, value: str) -> str | None:
    """`value` as the sanitiser read it, of an attribute that the element may have."""
    rule = _RULES.get((tag, attribute)) or _RULES_OF_ALL.get(attribute)
    return rule(value) if rule else value


def is_id(value: str) -> bool:
    """Letters, digits and a few signs: nothing that would have to be written otherwise in an address or in HTML."""
    return 0 < len(value) <= LONGEST_ID and all(
        letter in "-_.:~%" or letter.isalnum() or unicodedata.category(letter) in ("Mn", "Mc") for letter in value
    )


def _source(value: str) -> str | None:
    return value if value.strip().lower().startswith("https://") else None


def _relations(value: str) -> str:
    """Without those that tell a browser or a crawler nothing."""
    if value == RELATIONS[0]:
        return value
    told = set(value.lower().split())
    return " ".join(name for name in RELATIONS if name in told or name == RELATIONS[0])


def _address(value: str) -> str | None:
    """Of a reference to a content its one spelling; with that scheme nothing else."""
    seen = _UNSEEN.sub("", value)
    if not seen.lower().startswith(CONTENT):
        return value
    found = REFERENCE.fullmatch(seen)
    if not found:
        return None
    place = found[2] or ""
    kept = f"#{place}" if len(place) <= LONGEST_FRAGMENT and _FRAGMENT.fullmatch(place) else ""
    return f"{CONTENT}con_{found[1].lower()}{kept}"


def _number(value: str) -> str | None:
    return value.strip() if _WHOLE_NUMBER.fullmatch(value.strip()) else None


def _present(value: str) -> str:
    return ""


def _one_of(values: set[str]) -> Callable[[str], str | None]:
    return lambda value: value.strip() if value.strip() in values else None


_RULES: dict[tuple[str, str], Callable[[str], str | None]] = {
    ("a", "href"): _address,
    ("a", "rel"): _relations,
    ("a", "target"): _one_of({"_blank"}),
    ("details", "open"): _present,
    ("img", "src"): _source,
    ("li", "value"): _number,
    ("ol", "reversed"): _present,
    ("ol", "start"): _number,
    ("ol", "type"): _one_of(NUMBERINGS),
    ("th", "scope"): _one_of({"col", "row"}),
}
_RULES_OF_ALL: dict[str, Callable[[str], str | None]] = {
    "dir": lambda value: _one_of(DIRECTIONS)(value.lower()),
    "id": lambda value: value if is_id(unmarked(value)) else None,
}
