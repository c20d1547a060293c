"""What a GraphQL request is made of, by whichever way it comes: each part in the shape that is executed, or refused."""

from collections.abc import Mapping
from typing import Any

import orjson
from cross_web import HTTPException

from persistence.redis.persisted_documents import MAX_CHARACTERS

MAX_NAME = 200  # characters of an operation's name
OBJECTS = ("variables", "extensions")
DOCUMENT = "documentId"
Parts = dict[str, Any]


class Malformed(HTTPException):
    """No GraphQL request; `reason` names the part and what it must be."""

    def __init__(self, reason: str) -> None:
        super().__init__(400, reason)


def read_json(text: str | bytes, what: str) -> Any:
    """Refuses what json.loads lets through and breaks on later: lone surrogates, NaN, thousands of levels."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"{what} is not JSON: {error}.") from None


def of_parameters(given: Mapping[str, Any]) -> Parts:
    """Of a GET."""
    parts = dict(given)
    return checked(parts | {name: read_json(parts[name], name) for name in OBJECTS if parts.get(name)})


def checked(asked: object) -> Parts:
    """The same; what is null is as if it were not there. Malformed."""
    if isinstance(asked, list):
        raise Malformed("Batches are not taken: send one operation, as a JSON object.")
    if not isinstance(asked, dict):
        raise Malformed("The request must be a JSON object.")
    for name in ("query", "operationName"):
        if not isinstance(asked.get(name), str | None):
            raise Malformed(f"{name} must be a string or null.")
    for name in OBJECTS:
        if not isinstance(asked.get(name), dict | None):
            raise Malformed(f"{name} must be an object or null.")
    if len(asked.get("query") or "") > MAX_CHARACTERS:
        raise Malformed(f"The document is longer than {MAX_CHARACTERS:,} characters; use variables.")
    if len(asked.get("operationName") or "") > MAX_NAME:
        raise Malformed(f"operationName is longer than {MAX_NAME} characters.")
    if not asked.get("query") and asked.get(DOCUMENT) is None:
        raise Malformed("The request has no query.")
    return asked
