"""What a chat completion says, read without trust: only the fields that matter, JSON wherever it hides."""

import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from domain.ports import CallReport
from jobs.adapters.prices import Tokens

_MAX_TOKENS = 1_000_000_000
_MAX_STARTS = 50
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)


def _count(value: object) -> int:
    return min(max(value, 0), _MAX_TOKENS) if isinstance(value, int) else 0


def _cached(value: object) -> int:
    return _count(value.get("cached_tokens")) if isinstance(value, dict) else 0


Count = Annotated[int, BeforeValidator(_count)]
Cached = Annotated[int, BeforeValidator(_cached)]


class Usage(BaseModel):
    """Chat completions and pictures name the same things differently."""

    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    input_tokens: Count = 0
    output_tokens: Count = 0
    prompt_tokens_details: Cached = 0


class Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class Choice(BaseModel):
    message: Message
    finish_reason: str | None = None


class Completion(BaseModel):
    choices: list[Choice]
    model: str | None = None
    usage: Usage | None = None


def tokens_of(usage: Usage | None) -> Tokens | None:
    """None where nothing is said of them."""
    usage = usage or Usage()
    into, out = usage.prompt_tokens or usage.input_tokens, usage.completion_tokens or usage.output_tokens
    return Tokens(into, out, min(into, usage.prompt_tokens_details)) if into or out else None


def report_of(provider: str, model: str, used: Tokens | None, cost: int | None, finish_reason: str) -> CallReport:
    """`model` as the provider names it; `cost` in micro-dollars."""
    tokens = used or Tokens()
    return CallReport(provider, model[:200], tokens.into, tokens.out, cost, finish_reason[:50])


def error_of(body: bytes) -> tuple[str, str]:
    """(code, message) of an error body in any of the usual shapes; the start of the body where it has none."""
    text = body[:4_000].decode(errors="replace")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "", text
    error = found.get("error", found) if isinstance(found, dict) else found
    if not isinstance(error, dict):
        return "", error if isinstance(error, str) else text
    code, message = error.get("code") or error.get("type"), error.get("message")
    return (code if isinstance(code, str) else ""), (message if isinstance(message, str) else text)


def json_object(text: str) -> dict[str, Any] | None:
    """The first JSON object in a text: bare, in a code fence, or between sentences.

    None where there is none, where it is nested too deeply, or where it holds lone surrogates, which no database takes.
    """
    text = _THOUGHTS.sub("", text)
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    start = text.find("{")
    for _ in range(_MAX_STARTS):
        if start < 0:
            return None
        try:
            found, _end = decoder.raw_decode(text, start)
            json.dumps(found, ensure_ascii=False).encode()
            return found if isinstance(found, dict) else None
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
    return None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
