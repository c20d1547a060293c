"""The closed sets of persistence.terms as GraphQL enums, under their own names."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from persistence import terms


def enum(cls: Any, description: str | None, values: Mapping[str, str]) -> Any:
    """A GraphQL enum whose `values` say a line each, by their names."""
    made = strawberry.enum(cls, description=description)
    for value in made.__strawberry_definition__.values:
        value.description = values[value.name]
    return made


TERMS = [each for each in vars(terms).values() if isinstance(each, type) and issubclass(each, terms.Term)]
for term in TERMS:
    if term is not terms.Term:
        enum(term, (term.__doc__ or "").strip() or None, {each.name: each.description for each in term})


class OrderDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


enum(
    OrderDirection,
    "Nulls come last either way.",
    {"ASC": "The smallest, the earliest, or A first.", "DESC": "The largest, the latest, or Z first."},
)
