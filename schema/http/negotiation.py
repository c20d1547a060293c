"""GraphQL over HTTP: which media type a client wants, and the status that goes with an answer in it.

With `application/json`, as clients before the specification expect it, every well-formed request is answered 200; so it
is with `text/event-stream`, whose clients see nothing of another status.
"""

from collections.abc import Mapping
from typing import Any

from strawberry.types import ExecutionResult

from persistence.terms import ErrorCode

JSON, RESPONSE_JSON = "application/json", "application/graphql-response+json"
EVENTS = "text/event-stream"
STATUSES = {
    ErrorCode.UNAUTHENTICATED.value: 401,
    ErrorCode.FORBIDDEN.value: 403,
    ErrorCode.RATE_LIMITED.value: 429,
    ErrorCode.UNAVAILABLE.value: 503,
    ErrorCode.INTERNAL.value: 500,
}


def wanted(accept: str | None) -> str:
    """The media type of an answer; of two wanted alike the specified one, and events where nothing else is."""
    weights = _weights(accept)
    json = max(weights[JSON], weights[RESPONSE_JSON])
    if weights[EVENTS] > json:
        return EVENTS
    return RESPONSE_JSON if json and weights[RESPONSE_JSON] == json else JSON


def takes_events(accept: str | None) -> bool:
    """Of a subscription, which has no answer in another form."""
    return _weights(accept)[EVENTS] > 0


def _weights(accept: str | None) -> dict[str, float]:
    weights = {JSON: 0.0, RESPONSE_JSON: 0.0, EVENTS: 0.0}
    for part in (accept or "").split(","):
        kind, *parameters = (word.strip().lower() for word in part.split(";"))
        if kind in weights:
            weights[kind] = max(weights[kind], _weight(parameters))
    return weights


def _weight(parameters: list[str]) -> float:
    quality = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    try:
        return float(quality)
    except ValueError:
        return 1.0


def refused(result: ExecutionResult) -> bool:
    """Whether nothing was executed: such an answer has no `data` entry. An error of a field has a path."""
    return result.data is None and bool(result.errors) and not any(error.path for error in result.errors or ())


def status_of(answer: Mapping[str, Any], media_type: str) -> int:
    if media_type in (JSON, EVENTS) or "data" in answer:
        return 200
    code = answer["errors"][0].get("extensions", {}).get("code")
    return STATUSES.get(code, 400)
