"""Bounds of planning work, and what is kept of what people write by hand."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from domain.errors import bad_input, camel
from domain.planner.exports.wording import display, fault, keyword_key, plain
from domain.texts import check_country, check_currency, check_language
from persistence.terms import KeywordStatus

Path = tuple[str, ...]
Check = Callable[[str, Any, Path], dict[str, Any]]
MAX_KEYWORD_IDS = 10_000
MAX_REQUEST_BYTES, MAX_REQUEST_ROWS = 20_000_000, 50_000
MAX_FILE_BYTES = 100_000_000
MAX_FEATURES = 50


def keyword_columns(given: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The columns of what is given of a keyword; BAD_INPUT that names the field below `path`."""
    columns: dict[str, Any] = {}
    for name, value in given.items():
        columns |= KEYWORD_FIELDS[name](name, value, (*path, camel(name)))
    return columns


def status_of(wanted: KeywordStatus | None, clustered: bool, *field: str) -> KeywordStatus:
    """Whether it is NEW or CLUSTERED follows from its cluster; ARCHIVED is somebody's wish."""
    if wanted is KeywordStatus.ARCHIVED:
        return KeywordStatus.ARCHIVED
    if wanted is KeywordStatus.CLUSTERED and not clustered:
        raise bad_input("A keyword is CLUSTERED by being put into a cluster: give its clusterId.", *field)
    if wanted is KeywordStatus.NEW and clustered:
        raise bad_input("A keyword in a cluster is not NEW; take it out with clusterId: null.", *field)
    return KeywordStatus.CLUSTERED if clustered else KeywordStatus.NEW


def _wording(name: str, value: str | None, field: Path) -> dict[str, Any]:
    shown = display(value or "")
    key = keyword_key(shown)
    if problem := fault(shown, key):
        raise bad_input(f"This cannot be a keyword: {problem}.", *field)
    return {"keyword": shown, "key": key}


def _coded(check: Callable[..., str | None]) -> Check:
    return lambda name, value, field: {name: check(value, *field)}


def _number(least: int, most: int) -> Check:
    def check(name: str, value: int | None, field: Path) -> dict[str, Any]:
        if value is not None and not least <= value <= most:
            raise bad_input(f"Give a number from {least:,} to {most:,}.", *field)
        return {name: value}

    return check


def _scaled(column: str, places: int, most: int) -> Check:
    def check(name: str, value: Decimal | None, field: Path) -> dict[str, Any]:
        if value is not None and not (value.is_finite() and 0 <= value <= most):
            raise bad_input(f"Give a number from 0 to {most:,}.", *field)
        return {column: None if value is None else int(value.scaleb(places).to_integral_value())}

    return check


def _topic(name: str, value: str | None, field: Path) -> dict[str, Any]:
    return {name: plain(value or "")}


def _features(name: str, value: list[str] | None, field: Path) -> dict[str, Any]:
    if len(value or ()) > MAX_FEATURES:
        raise bad_input(f"Give at most {MAX_FEATURES}.", *field)
    return {name: [text for each in value or () if (text := plain(each, 100))]}


def _list(name: str, value: list[Any] | None, field: Path) -> dict[str, Any]:
    return {name: list(dict.fromkeys(value or ()))}


def _as_it_is(name: str, value: Any, field: Path) -> dict[str, Any]:
    return {name: value}


LARGEST = 2**31 - 1
KEYWORD_FIELDS: dict[str, Check] = {
    "keyword": _wording,
    "country": _coded(check_country),
    "language": _coded(check_language),
    "volume": _number(0, LARGEST),
    "difficulty": _number(0, 100),
    "intent": _list,
    "is_branded": _as_it_is,
    "is_local": _as_it_is,
    "cpc": _scaled("cpc_micros", 6, 1_000_000),
    "currency": _coded(check_currency),
    "competition": _number(0, 100),
    "parent_topic": _topic,
    "serp_features": _features,
    "clicks": _number(0, LARGEST),
    "impressions": _number(0, LARGEST),
    "position": _scaled("position_hundredths", 2, 1_000_000),
}
