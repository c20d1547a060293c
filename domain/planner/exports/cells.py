"""One parser per kind of cell: text in, the fields of a row it says something about out."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from domain.planner.exports import numbers
from domain.planner.exports.wording import plain
from persistence.terms import Intent

Fields = dict[str, Any]
Parser = Callable[[str], Fields]

_MOST_FEATURES = 50
_LONGEST_MARKET = 60  # with the keyword it makes an index entry, which PostgreSQL bounds at 2,704 bytes
_SEPARATORS = re.compile(r"[,;|/\n]")
_DATABASE = re.compile(r"(?:mobile-)?([a-z]{2})(?:-ext|-mobile)?", re.IGNORECASE)
_LOCALE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{2}))?", re.IGNORECASE)
_EVERYWHERE = frozenset({"all", "global", "worldwide"})
_ISO = {"UK": "GB"}
_API_INTENTS = {
    "0": Intent.COMMERCIAL,
    "1": Intent.INFORMATIONAL,
    "2": Intent.NAVIGATIONAL,
    "3": Intent.TRANSACTIONAL,
}
_INTENTS = (
    {intent.lower(): intent for intent in Intent}
    | {intent[0].lower(): intent for intent in Intent}
    | {"info": Intent.INFORMATIONAL, "commercial investigation": Intent.COMMERCIAL}
)
_FLAGS = {
    "branded": {"is_branded": True},
    "non-branded": {"is_branded": False},
    "unbranded": {"is_branded": False},
    "local": {"is_local": True},
    "non-local": {"is_local": False},
}


def single(field: str, read: Callable[[str], Any]) -> Parser:
    """A parser of a cell that fills one field."""

    def parse(cell: str) -> Fields:
        value = read(cell)
        return {} if value is None else {field: value}

    return parse


def country(cell: str) -> str | None:
    text = plain(cell, _LONGEST_MARKET)
    if text is None or text.casefold() in _EVERYWHERE:
        return None
    code = _DATABASE.fullmatch(text)
    return _ISO.get(code[1].upper(), code[1].upper()) if code else text


def language(cell: str) -> str | None:
    text = plain(cell.split(",")[0], _LONGEST_MARKET)
    return text.lower().replace("_", "-") if text and _LOCALE.fullmatch(text) else text


def locale(cell: str) -> Fields:
    """`en-US` says language and country."""
    match = _LOCALE.fullmatch(cell.strip())
    if not match:
        return {}
    said = {"language": match[1].lower(), "country": match[2] and country(match[2])}
    return {field: value for field, value in said.items() if value}


def currency(cell: str) -> str | None:
    code = cell.strip().upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else None


def intents(cell: str) -> Fields:
    """Words in any case, with Ahrefs' flags among them."""
    words = list(_listed(cell.casefold()))
    fields: Fields = {}
    for word in words:
        fields |= _FLAGS.get(word, {})
    found = tuple(dict.fromkeys(_INTENTS[word] for word in words if word in _INTENTS))
    return fields | {"intent": found} if found else fields


def intent_codes(cell: str) -> Fields:
    """The numbers of Semrush's API, or words."""
    found = tuple(dict.fromkeys(_API_INTENTS[code] for code in _listed(cell) if code in _API_INTENTS))
    return {"intent": found} if found else intents(cell)


def serp_features(cell: str) -> tuple[str, ...] | None:
    names = dict.fromkeys(plain(part) for part in re.split(r"[,\n]", cell))
    return tuple(name for name in names if name)[:_MOST_FEATURES] or None


def volume_bounds(cell: str) -> int | None:
    """Bounds of the volume, or the one of them that is there."""
    return numbers.count(cell.strip(" –"))


def price_bounds(cell: str) -> int | None:
    return numbers.micros(cell.strip(" –"))


def _listed(cell: str) -> Iterator[str]:
    return (part.strip() for part in _SEPARATORS.split(cell))
