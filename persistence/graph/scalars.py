"""How each scalar becomes JSON text inside SQL. The Python side of the same scalars is in schema/scalars.py."""

from enum import Enum


class Scalar(Enum):
    """The value is the SQL that writes a non-null `{0}` as JSON."""

    ID = """'"{1}_'||{0}||'"'"""
    TEXT = "to_json({0})"
    TERM = """'"'||{0}||'"'"""
    INTEGER = "({0})"
    BIG_INTEGER = "({0})"
    BOOLEAN = "({0})"
    DECIMAL = """'"'||trim_scale({0})||'"'"""
    INSTANT = """'"'||to_char({0} at time zone 'UTC','YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')||'"'"""
    TEXTS = "to_json({0})"
    TERMS = "array_to_json({0})"
    JSON = "({0})::text"

    def write(self, expression: str, *, nullable: bool, prefix: str = "") -> str:
        """One unguarded NULL would make string_agg drop the whole row silently."""
        sql = self.value.replace("{0}", expression).replace("{1}", prefix)
        return f"coalesce(({sql})::text,'null')" if nullable else sql


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
