"""Which tool's export a header row is, and which of its columns fills which field."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from domain.planner.exports.columns import NAMES, assigned, currency_of, named
from persistence.terms import KeywordSource

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Layout:
    format: KeywordSource
    headers: tuple[str, ...]
    fields: Mapping[str, int]
    currency: str | None


def _signature(required: str, marks: str = "") -> tuple[Names, Names]:
    return frozenset(required.split("|")), frozenset(marks.split("|")) if marks else frozenset()


_SIGNATURES = (
    (KeywordSource.MOZ_LIST, _signature("keyword|min volume|max volume")),
    (KeywordSource.GOOGLE_KEYWORD_PLANNER, _signature("keyword|avg. monthly searches")),
    (
        KeywordSource.SEMRUSH_ORGANIC_POSITIONS,
        _signature(
            "keyword|position|search volume",
            "previous position|position type|keyword intents|serp features by keyword|traffic cost",
        ),
    ),
    (KeywordSource.SEMRUSH_API, _signature("database|keyword|search volume")),
    (KeywordSource.SEMRUSH_API, _signature("keyword|search volume|keyword difficulty index")),
    (
        KeywordSource.AHREFS_KEYWORDS,
        _signature(
            "keyword|difficulty|volume",
            "cps|parent keyword|parent topic|global volume|traffic potential|global traffic potential",
        ),
    ),
    (KeywordSource.MANGOOLS, _signature("keyword|avg. search volume")),
    (KeywordSource.MANGOOLS, _signature("keyword|keyword difficulty|search intent|serp features")),
    (KeywordSource.UBERSUGGEST, _signature("keyword|search volume", "seo difficulty|search difficulty")),
    (KeywordSource.SEMRUSH_KEYWORD_MAGIC, _signature("keyword|competitive density")),
    (KeywordSource.SEMRUSH_KEYWORD_MAGIC, _signature("keyword|volume|keyword difficulty")),
)


def recognise(headers: Sequence[str]) -> Layout | None:
    """How to read a table with these headers; None when no column holds keywords."""
    places = named(headers)
    if places.keys().isdisjoint(NAMES["keyword"]):
        return None
    fields = assigned(places)
    price = fields.get("cpc")
    currency = None if price is None else currency_of(headers[price])
    return Layout(_format(places.keys(), fields.keys()), tuple(headers), fields, currency)


def _format(names: Set[str], fields: Set[str]) -> KeywordSource:
    for tool, (required, marks) in _SIGNATURES:
        if required <= names and (not marks or marks & names):
            return tool
    if {"clicks", "impressions"} <= fields and "volume" not in fields:
        return KeywordSource.GOOGLE_SEARCH_CONSOLE
    return KeywordSource.GENERIC
