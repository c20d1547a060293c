"""The closed sets of persistence.terms as GraphQL enums, under their own names."""

from enum import Enum, EnumMeta, StrEnum

import strawberry

from domain.access import Permission
from persistence import terms

ENUMS: list[EnumMeta] = [
    value
    for value in vars(terms).values()
    if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
]
for term in [*ENUMS, Permission]:
    strawberry.enum(term, description=(term.__doc__ or "").strip() or None)


@strawberry.enum(description="Nulls come last either way.")
class OrderDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"
