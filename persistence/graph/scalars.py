"""How each scalar becomes JSON text inside SQL. The Python side of the same scalars is in schema/scalars.py."""

from enum import Enum, auto


class Scalar(Enum):
    """What a value is."""

    ID = auto()
    TEXT = auto()
    TERM = auto()
    INTEGER = auto()
    BIG_INTEGER = auto()
    BOOLEAN = auto()
    DECIMAL = auto()
    INSTANT = auto()
    TEXTS = auto()
    TERMS = auto()
    JSON = auto()

    def write(self, expression: str, *, nullable: bool, prefix: str = "") -> str:
        """SQL of the JSON text. One unguarded NULL would make string_agg drop the whole row silently."""
        sql = WRITTEN[self].replace("{0}", expression).replace("{1}", prefix)
        return f"coalesce(({sql})::text,'null')" if nullable else sql


WRITTEN = {
    Scalar.ID: """'"{1}_'||{0}||'"'""",
    Scalar.TEXT: "to_json({0})",
    Scalar.TERM: """'"'||{0}||'"'""",
    Scalar.INTEGER: "({0})",
    Scalar.BIG_INTEGER: "({0})",
    Scalar.BOOLEAN: "({0})",
    Scalar.DECIMAL: """'"'||trim_scale({0})||'"'""",
    Scalar.INSTANT: """'"'||to_char({0} at time zone 'UTC','YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')||'"'""",
    Scalar.TEXTS: "to_json({0})",
    Scalar.TERMS: "array_to_json({0})",
    Scalar.JSON: "({0})::text",
}


def literal(text: str) -> str:
    """A string constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


class Text:
    """A concatenation under way: adjacent constants are merged into one."""

    def __init__(self) -> None:
        self._parts: list[tuple[bool, str]] = []

    def constant(self, text: str) -> "Text":
        if self._parts and self._parts[-1][0]:
            text = self._parts.pop()[1] + text
        self._parts.append((True, text))
        return self

    def expression(self, sql: str) -> "Text":
        self._parts.append((False, sql))
        return self

    def join(self, other: "Text") -> "Text":
        for is_constant, text in other._parts:
            (self.constant if is_constant else self.expression)(text)
        return self

    @property
    def sql(self) -> str:
        if not self._parts:
            return "''"
        return "||".join(literal(text) if constant else text for constant, text in self._parts)
