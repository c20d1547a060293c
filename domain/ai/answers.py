"""What the answers of language models have in common. Ranges and sets are checked again: a grammar enforces neither."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Line = Annotated[str, Field(min_length=1, max_length=300)]
Paragraph = Annotated[str, Field(min_length=1, max_length=4_000)]


class Answer(BaseModel):
    """Fields that nobody asked for are refused: they are how a model shows that it has lost the thread."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


# Grammars made of lengths grow with them: llama.cpp ends the process at some hundreds. They are checked afterwards.
UNSAID = ("$defs", "title", "default", "minLength", "maxLength")


def schema_of(answer: type[Answer]) -> dict[str, Any]:
    """The JSON schema in the strict form that providers take: every property required, none added, no references."""
    whole = answer.model_json_schema()
    strict: dict[str, Any] = _strict(whole, whole.get("$defs", {}))
    return strict


def _strict(node: Any, defined: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(part, defined) for part in node]
    if not isinstance(node, dict):
        return node
    if reference := node.get("$ref"):
        return _strict(defined[reference.rsplit("/", 1)[1]], defined)
    made = {key: _strict(part, defined) for key, part in node.items() if key not in UNSAID}
    if isinstance(node.get("properties"), dict):
        made["properties"] = {name: _strict(part, defined) for name, part in node["properties"].items()}
        made |= {"required": list(node["properties"]), "additionalProperties": False}
    return made


def problems_of(error: ValidationError) -> list[str]:
    """What is wrong, for the second question and for people."""
    return [f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()[:10]]


def once_each(numbers: Iterable[int], count: int) -> list[str]:
    """What is wrong where every number from 1 to `count` should be there once."""
    seen = Counter(numbers)
    wrong = {
        "is missing": [n for n in range(1, count + 1) if not seen[n]],
        "appears more than once": [n for n, times in seen.items() if times > 1],
        "was not given": [n for n in seen if not 1 <= n <= count],
    }
    return [f"number {', '.join(map(str, sorted(found)[:10]))} {what}" for what, found in wrong.items() if found]
