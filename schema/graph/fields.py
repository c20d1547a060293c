"""Fields of the graph: declared for the SDL, answered by the database and never resolved in Python."""

import inspect
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directive import Location
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField

from domain.access import Permission


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT],
    description="What a caller needs to select this; of a type, to select anything of it wherever it stands.",
)
class Requires:
    permission: Permission


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], description="Only for people, who sign in: an API key is refused."
)
class ForPeople:
    pass


def require_read(root: type, *but: str) -> None:
    """What names no other permission is read: every field of a root type, but those by these Python names."""
    for field in get_object_definition(root, strict=True).fields:
        if field.python_name not in but and not any(isinstance(each, Requires) for each in field.directives):
            field.directives = [*field.directives, Requires(permission=Permission.READ)]


def argument(
    name: str, annotation: Any, description: str | None = None, *, optional: bool = True
) -> StrawberryArgument:
    """An optional one that is absent is not null."""
    default = strawberry.UNSET if optional else inspect.Parameter.empty
    return StrawberryArgument(name, None, StrawberryAnnotation(annotation), description=description, default=default)


def said(description: str) -> Any:
    """For `Annotated[bool, said("…")]`, of a resolver's argument."""
    return strawberry.argument(description=description)


class GraphField(StrawberryField):
    """A field of an entity."""

    def __init__(
        self,
        description: str | None = None,
        arguments: list[StrawberryArgument] | None = None,
        requires: Permission | None = None,
    ) -> None:
        super().__init__(description=description, directives=[Requires(permission=requires)] if requires else [])
        self.arguments = arguments or []

    def __copy__(self) -> "GraphField":
        return self

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        raise AssertionError(f"{self.name} is answered by the database")


class RootField(GraphField):
    """A field of Query that is graph data: its value was read before execution began, and is in the root value."""

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return source[info.path.key]
