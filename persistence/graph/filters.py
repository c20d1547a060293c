"""Filter arguments → SQL conditions. The shape is compiled in; only scalars and `in` lists are bound."""

import re
from collections.abc import Callable
from typing import Any

from persistence.graph.model import Entity, Filter, FilterKind, decode_id
from persistence.graph.selection import BadArgument, Bound, Parameters

MAX_SEARCH, MAX_WORDS = 500, 20
WORDS = re.compile(r'"([^"]*)"|([^\s"]+)')
COMPARISONS = {"eq": "=", "gte": ">=", "lte": "<=", "gt": ">", "lt": "<"}
CASTS = {FilterKind.INTEGER: "bigint", FilterKind.INSTANT: "timestamptz"}


class Filters:
    def __init__(self, entity: Entity, parameters: Parameters) -> None:
        self.entity, self.parameters = entity, parameters

    def condition(self, alias: str, tree: Any) -> str:
        """SQL that is never NULL-blind: absent and empty filters are `true`."""
        if not isinstance(tree, dict):
            return "true"
        parts = [self._part(alias, name, value) for name, value in tree.items()]
        return self._all([p for p in parts if p != "true"], "and")

    def _part(self, alias: str, name: str, value: Any) -> str:
        if name in ("and", "or"):
            if value is None:
                return "true"
            return self._all([self.condition(alias, v) for v in value], name)
        if name == "not":
            return "true" if value is None else f"({self.condition(alias, value)}) is not true"
        rule = self.entity.filters[name]
        return self._rule(rule, f"{alias}.{rule.column}", value)

    @staticmethod
    def _all(parts: list[str], word: str) -> str:
        if not parts:
            return "true" if word == "and" else "false"
        return "(" + f" {word} ".join(parts) + ")"

    def _rule(self, rule: Filter, column: str, value: Any) -> str:
        match rule.kind:
            case FilterKind.IDENTITY:
                if value is None:
                    return f"{column} is null"
                return f"{column} = {self.parameters.bound(value, 'uuid', _decoder(rule.prefix))}"
            case FilterKind.MEMBER:
                if value is None:
                    return f"{column} = '{{}}'"
                return f"{self.parameters.bound(value, 'uuid', _decoder(rule.prefix))} = any({column})"
            case _ if value is None:
                return "true"
            case FilterKind.SEARCH:
                operator = "like" if rule.fold else "ilike"
                return f"{column} {operator} all({self.parameters.bound(value, 'text[]', _patterns(rule.fold))})"
            case FilterKind.FULL_TEXT:
                alias, _, _ = column.partition(".")
                queries = f"(select word_queries({self.parameters.bound(value, 'text', _searched(rule.fold))}))"
                return f"{column} @@ ({queries})[word_language({alias}.{rule.language})]"
            case FilterKind.FLAG:
                return f"{column} = {self.parameters.bound(value, 'boolean')}"
            case _:
                parts = [self._compare(rule, column, op, v) for op, v in value.items() if v is not None]
                return self._all(parts, "and")

    def _compare(self, rule: Filter, column: str, operator: str, value: Bound | list[Any]) -> str:
        if operator in ("in", "notIn"):
            assert isinstance(value, Bound)
            array = self.parameters.bound(value, "text[]", lambda v: [getattr(t, "value", t) for t in v])
            test = f"{column} && {array}" if rule.kind is FilterKind.TERMS else f"{column} = any({array})"
            return test if operator == "in" else f"({test}) is not true"
        assert isinstance(value, Bound)
        return f"{column} {COMPARISONS[operator]} {self.parameters.bound(value, CASTS[rule.kind])}"


def _decoder(prefix: str) -> Callable[[Any], Any]:
    return lambda text: decode_id(prefix, text)


def _patterns(fold: Callable[[str], str] | None) -> Callable[[Any], list[str]]:
    """For LIKE: the words of a search in any order, what stands in double quotes as it is."""

    def patterns(text: str) -> list[str]:
        words = [word for pair in WORDS.findall(text.replace("\0", "")) if (word := "".join(pair))]
        if len(text) > MAX_SEARCH or len(words) > MAX_WORDS:
            raise BadArgument(f"Search for at most {MAX_WORDS} words and {MAX_SEARCH} characters.", "search")
        return [f"%{_escaped(fold(word) if fold else word)}%" for word in words]

    return patterns


def _searched(fold: Callable[[str], str] | None) -> Callable[[Any], str]:
    """For a full-text search."""

    def searched(text: str) -> str:
        if len(text) > MAX_SEARCH or len(text.split()) > MAX_WORDS:
            raise BadArgument(f"Search for at most {MAX_WORDS} words and {MAX_SEARCH} characters.", "fullText")
        text = text.replace("\0", "")
        return fold(text) if fold else text

    return searched


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
