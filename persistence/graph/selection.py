"""What is asked, as plain values: made by schema/execution/selection.py, read by the compiler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Variables = Mapping[str, Any]


class BadArgument(Exception):
    """An argument that cannot be used; `path` names it."""

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.message, self.path = message, path


@dataclass(frozen=True, slots=True)
class Bound:
    """A scalar of the request. `now` is its value in the request being planned; `get` finds it in a later one."""

    get: Callable[[Variables], Any]
    now: Any


Argument = Bound | None | dict[str, Any] | list[Any]


@dataclass(slots=True)
class Selected:
    """A field of the answer."""

    key: str
    name: str
    arguments: dict[str, Argument] = field(default_factory=dict)
    selections: list["Selected"] = field(default_factory=list)


class Parameters:
    """Bind parameters in the order in which the statement names them."""

    def __init__(self) -> None:
        self._getters: list[Callable[[Variables], Any]] = []
        self._apart: list[Parameters] = []

    def apart(self) -> "Parameters":
        """For what the statement leaves out: still converted, so that a wrong argument is refused, but never bound.

        PostgreSQL refuses a parameter that the statement does not name.
        """
        self._apart.append(Parameters())
        return self._apart[-1]

    def add(self, get: Callable[[Variables], Any], cast: str) -> str:
        self._getters.append(get)
        return f"${len(self._getters)}::{cast}"

    def bound(self, argument: Bound, cast: str, convert: Callable[[Any], Any] | None = None) -> str:
        get = argument.get
        return self.add((lambda v: convert(get(v))) if convert else get, cast)

    def values(self, variables: Variables) -> list[Any]:
        for apart in self._apart:
            apart.values(variables)
        return [get(variables) for get in self._getters]
