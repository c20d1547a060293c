"""Filter and order inputs, generated from what an entity can be filtered and ordered by."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum, EnumMeta
from typing import Any

import strawberry

from domain import names
from domain.errors import camel
from persistence.graph.model import Entity, FilterKind
from schema.graph.enums import OrderDirection, enum
from schema.graph.glossary import WORDS


@strawberry.input(description="All that are given must hold.")
class IntFilter:
    eq: int | None = strawberry.UNSET
    gte: int | None = strawberry.UNSET
    lte: int | None = strawberry.UNSET
    gt: int | None = strawberry.UNSET
    lt: int | None = strawberry.UNSET


@strawberry.input(description="All that are given must hold.")
class DateTimeFilter:
    gte: datetime | None = strawberry.UNSET
    lte: datetime | None = strawberry.UNSET
    gt: datetime | None = strawberry.UNSET
    lt: datetime | None = strawberry.UNSET


DESCRIPTIONS = {
    FilterKind.SEARCH: "All these words or parts of words, in any order and case; what is in double quotes as it is.",
    FilterKind.FULL_TEXT: "All these words in any of their forms, in the row's language: `running shoes` finds `run "
    "shoe`. As in a web search: double quotes for words in sequence, `or` between words, `-` before one to leave out.",
}


@strawberry.input(description="Exactly one of these words, or none of them.")
class WordFilter:
    in_: list[str] | None = strawberry.field(name="in", default=strawberry.UNSET)
    not_in: list[str] | None = strawberry.UNSET


_term_filters: dict[type, type] = {}


def term_filter(terms: type) -> type:
    """`{in notIn}` over a closed set."""
    if terms not in _term_filters:
        members = list[terms] | None  # type: ignore[valid-type]
        _term_filters[terms] = _input(
            f"{terms.__name__}Filter",
            {
                "in_": (members, strawberry.field(name="in", default=strawberry.UNSET)),
                "not_in": (members, strawberry.UNSET),
            },
        )
    return _term_filters[terms]


def filter_input(entity: Entity, terms: dict[str, type], said: Mapping[str, str]) -> type | None:
    """XFilter; None for an entity that has no filters. `said`: what its fields say of themselves, by GraphQL name."""
    if not entity.filters:
        return None
    parts: dict[str, tuple[Any, Any]] = {}
    for name, rule in entity.filters.items():
        described = strawberry.field(description=_line(name, rule.kind, said), default=strawberry.UNSET)
        parts[name] = (_annotation(rule.kind, terms.get(name)) | None, described)
    cls = type(f"{entity.name}Filter", (), {})
    parts["and_"] = (list[cls] | None, strawberry.field(name="and", default=strawberry.UNSET))  # type: ignore[valid-type]
    parts["or_"] = (list[cls] | None, strawberry.field(name="or", default=strawberry.UNSET))  # type: ignore[valid-type]
    parts["not_"] = (cls | None, strawberry.field(name="not", default=strawberry.UNSET))
    return _input(cls, parts)


def _line(name: str, kind: FilterKind, said: Mapping[str, str]) -> str | None:
    """A filter by a column says what the column says."""
    if kind is FilterKind.MEMBER:
        thing = names.one(name[0].upper() + name[1:].removesuffix("Id"))
        return f"Those alone that are live at this {thing}; null for those that are live at none."
    if kind is FilterKind.IDENTITY:
        return f"Those alone whose {names.one(name[0].upper() + name[1:].removesuffix('Id'))} this is."
    return DESCRIPTIONS.get(kind) or said.get(name)


def _annotation(kind: FilterKind, terms: type | None) -> Any:
    match kind:
        case FilterKind.TERM | FilterKind.TERMS:
            assert terms
            return term_filter(terms)
        case FilterKind.INTEGER:
            return IntFilter
        case FilterKind.INSTANT:
            return DateTimeFilter
        case FilterKind.IDENTITY | FilterKind.MEMBER:
            return strawberry.ID
        case FilterKind.FLAG:
            return bool
        case FilterKind.SEARCH | FilterKind.FULL_TEXT:
            return str
        case FilterKind.WORD:
            return WordFilter


def order_input(entity: Entity, said: Mapping[str, str]) -> type | None:
    """XOrder {field direction}; None for an entity that has no orders. `said` as for its filters."""
    if not entity.orders:
        return None
    values = {word: said.get(camel(word.lower()), WORDS.get(camel(word.lower()), "")) for word in entity.orders}
    fields = enum(_words(f"{entity.name}OrderField", list(entity.orders)), None, values)
    return _input(
        f"{entity.name}Order",
        {
            "field": (fields, strawberry.field(description="What to order by.")),
            "direction": (OrderDirection, OrderDirection.ASC),
        },
    )


def _words(name: str, words: list[str]) -> EnumMeta:
    make: Callable[..., object] = Enum
    made = make(name, {word: word for word in words})
    assert isinstance(made, EnumMeta)
    return made


def _input(name: str | type, parts: dict[str, tuple[Any, Any]]) -> type:
    cls = type(name, (), {}) if isinstance(name, str) else name
    cls.__annotations__ = {field: annotation for field, (annotation, _) in parts.items()}
    for field, (_, default) in parts.items():
        setattr(cls, field, default)
    return strawberry.input(cls)
