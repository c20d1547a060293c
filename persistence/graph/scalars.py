"""How each scalar becomes JSON text inside SQL. The Python side of the same scalars is in schema/graph/scalars.py."""

from collections.abc import Callable
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

    def write(self, text: "Text", expression: str, *, nullable: bool, prefix: str = "") -> None:
        """Adds the value as JSON. One unguarded NULL would make string_agg drop the whole row silently."""
        assert not (nullable and self is Scalar.TERMS), f"{expression}: lists of terms are empty, not null"
        before, sql, after = WRITTEN[self]
        before, sql = before.replace("{1}", prefix), sql.replace("{0}", expression)
        if nullable:
            quoted = "||".join([literal(before)] * bool(before) + [sql] + [literal(after)] * bool(after))
            text.expression(f"coalesce(({quoted})::text,'null')")
        else:
            text.constant(before).expression(sql).constant(after)


# What stands before the value, the value, what stands after it.
WRITTEN = {
    Scalar.ID: ('"{1}_', "{0}", '"'),
    # Its kind is looked up once for a statement, not for each value as to_json does.
    Scalar.TEXT: ("", "json_scalar({0})", ""),
    Scalar.TERM: ('"', "{0}", '"'),
    Scalar.INTEGER: ("", "({0})", ""),
    Scalar.BIG_INTEGER: ("", "({0})", ""),
    Scalar.BOOLEAN: ("", "({0})", ""),
    Scalar.DECIMAL: ('"', "trim_scale({0})", '"'),
    Scalar.INSTANT: ('"', """to_char({0} at time zone 'UTC','YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""", '"'),
    Scalar.TEXTS: ("", "to_json({0})", ""),
    # Words that need no escaping, and are never null: a fifth faster than array_to_json.
    Scalar.TERMS: ("", """coalesce('["'||nullif(array_to_string({0},'","'),'')||'"]','[]')""", ""),
    Scalar.JSON: ("", "({0})::text", ""),
}


# How many bytes a value has that may be long; of a text without reading it.
LENGTHS = {
    Scalar.TEXT: "octet_length({0})",
    Scalar.TEXTS: "octet_length(({0})::text)",
    Scalar.JSON: "octet_length(({0})::text)",
}


def literal(text: str) -> str:
    """A string constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


class Text:
    """A concatenation under way: adjacent constants are merged into one."""

    def __init__(self) -> None:
        self._parts: list[tuple[bool, str]] = []

    def constant(self, text: str) -> "Text":
        if not text:
            return self
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

    def around(self, wrap: Callable[[str], str]) -> "Text":
        """The same with its expressions, and what stands between them, made one by `wrap`."""
        places = [n for n, (constant, _) in enumerate(self._parts) if not constant]
        first, last = places[0], places[-1] + 1
        inner, found = Text(), Text()
        inner._parts = self._parts[first:last]
        found._parts = [*self._parts[:first], (False, wrap(inner.sql)), *self._parts[last:]]
        return found

    def joined(self, rest: str) -> str:
        """All rows' texts with commas between, empty without a row; `rest`: of the aggregate, after its arguments.

        What is constant at the ends of each text goes into the delimiter: that is fewer copies of every row.
        """
        lead, *inner, end = [(False, ""), *self._parts, (False, "")]
        if inner and inner[0][0]:
            lead, *inner = inner
        if inner and inner[-1][0]:
            *inner, end = inner
        if not inner:
            return f"coalesce(string_agg({self.sql},','{rest},'')"
        middle = Text()
        middle._parts = inner
        text = middle.sql if len(inner) > 1 else f"({middle.sql})::text"
        rows = f"string_agg({text},{literal(f'{end[1]},{lead[1]}')}{rest}"
        return f"coalesce({literal(lead[1])}||{rows}||{literal(end[1])},'')"

    @property
    def sql(self) -> str:
        if not self._parts:
            return "''"
        return "||".join(literal(text) if constant else text for constant, text in self._parts)
