"""What the API answered: its data, or the reason why there is none."""

from typing import Any

import httpx2

Json = dict[str, Any]


class DemoFailed(Exception):
    """A step did not do what it should; the reason is fit to be shown."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def data_of(response: httpx2.Response) -> Json:
    """The answer's `data`; raises DemoFailed for anything else, and for userErrors in a payload."""
    try:
        answer = response.json()
    except ValueError:
        raise _not_graphql(response) from None
    if not isinstance(answer, dict):
        raise _not_graphql(response)
    if errors := answer.get("errors"):
        raise DemoFailed(told(errors))
    data = answer.get("data")
    if not isinstance(data, dict):
        raise _not_graphql(response)
    _refuse_user_errors(data)
    return data


def told(errors: list[Json]) -> str:
    """Top-level errors or userErrors as one line."""
    return "; ".join(_sentence(error) for error in errors)


def _refuse_user_errors(data: Json) -> None:
    for field, payload in data.items():
        if isinstance(payload, dict) and payload.get("userErrors"):
            raise DemoFailed(f"{field}: {told(payload['userErrors'])}")


def _not_graphql(response: httpx2.Response) -> DemoFailed:
    return DemoFailed(f"HTTP {response.status_code} without a GraphQL answer: {response.text[:200].strip()}")


def _sentence(error: Json) -> str:
    code = error.get("code") or (error.get("extensions") or {}).get("code")
    where = ".".join(map(str, error.get("field") or error.get("path") or ()))
    known = ", ".join(filter(None, (code, where)))
    return f"{error['message']} ({known})" if known else str(error["message"])
