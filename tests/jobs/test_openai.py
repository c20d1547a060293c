"""Language models behind an OpenAI-compatible endpoint: what is sent, what is believed, what a failure says."""

import asyncio
import itertools
import json
import logging
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from domain.ports import ProviderError, TextRequest
from jobs.adapters.answers import Completion, tokens_of
from jobs.adapters.openai import OpenAIText
from jobs.adapters.prices import Tokens
from tests.jobs.scripted import (
    Answer,
    Scripted,
    chat,
    drip,
    failure,
    garbage,
    hang_up,
    huge,
    picky,
    rate_limited,
    reply,
    silence,
)
from tests.waiting import PATIENCE

KEY = "sk-test-0123456789abcdef"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}
GOOD = chat({"title": "Tea"})
_numbers = itertools.count(1)


def question(seconds: float = 5, function: str = "ideas") -> TextRequest:
    return TextRequest(function, None, "You plan content.", "Give a title.", SCHEMA, seconds)


@asynccontextmanager
async def model_at(server: Scripted, key: str | None = KEY) -> AsyncIterator[OpenAIText]:
    """A model of its own name, so that nothing is known of it yet."""
    text = OpenAIText(key, server.url, f"model-{next(_numbers)}")
    try:
        yield text
    finally:
        await text.close()


async def failing(*script: Answer, seconds: float = 5) -> ProviderError:
    async with Scripted(script, otherwise=failure(418, "the script is over")) as server, model_at(server) as text:
        with pytest.raises(ProviderError) as caught:
            await text.answer(question(seconds))
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert "127.0.0.1 (model-" in caught.value.reason
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    return caught.value


async def test_the_answer_comes_with_its_cost_and_strict_schema_is_asked_for() -> None:
    async with Scripted([GOOD]) as server, model_at(server) as text:
        found, report = await text.answer(question())
    body, headers = server.requests[0].json, server.requests[0].headers

    assert found == {"title": "Tea"}
    assert (report.provider, report.model, report.input_tokens, report.output_tokens) == (
        "127.0.0.1",
        "scripted-1",
        120,
        45,
    )
    assert (report.finish_reason, report.cost_micros) == ("stop", None)
    assert server.requests[0].path == "/v1/chat/completions"
    assert body["response_format"]["json_schema"] == {"name": "ideas", "strict": True, "schema": SCHEMA}
    assert (body["max_completion_tokens"], body["temperature"], "max_tokens" in body) == (4_000, 0.7, False)
    assert headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("usage", "used"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 8}}, Tokens(9, 2, 8)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": [1]}, Tokens(9, 2)),
        ({"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 9}}, Tokens(5, 1, 5)),
        ({"input_tokens": 7, "output_tokens": None}, Tokens(7)),
        ({}, None),
        (None, None),
    ],
)
def test_tokens_are_told_in_many_ways(usage: Any, used: Tokens | None) -> None:
    completion = Completion.model_validate({"choices": [], "usage": usage})
    assert tokens_of(completion.usage) == used


@pytest.mark.parametrize("status", [400, 404, 422])
@pytest.mark.parametrize("form", ["json_object", None])
async def test_a_refused_format_is_paid_for_once(status: int, form: str | None) -> None:
    server = Scripted(otherwise=picky([form], "max_tokens", GOOD, status=status))
    async with server, model_at(server) as text:
        await text.answer(question())
        first = len(server.requests)
        await text.answer(question())
    last = server.requests[-1].json

    assert (first, len(server.requests)) == (4 if form is None else 3, first + 1)
    assert (last.get("response_format"), last["max_tokens"]) == (form and {"type": form}, 4_000)
    assert json.dumps(SCHEMA) in last["messages"][0]["content"]


async def test_a_fault_is_taken_for_a_refusal_only_when_it_happens_again() -> None:
    server = Scripted([failure(500), GOOD])
    async with server, model_at(server) as text:
        for _ in range(3):
            await text.answer(question())
        server.play(failure(500), GOOD)
        with pytest.raises(ProviderError, match="fault of its own"):
            await text.answer(question())
    forms = [request.json.get("response_format", {}).get("type") for request in server.requests]

    assert forms == ["json_schema", "json_object", "json_schema", "json_schema", "json_schema"]


async def test_a_server_that_always_fails_on_schemas_is_known_after_two_calls() -> None:
    server = Scripted([failure(500), GOOD, failure(500), GOOD], otherwise=GOOD)
    async with server, model_at(server) as text:
        for _ in range(4):
            await text.answer(question())
    forms = [request.json["response_format"]["type"] for request in server.requests]

    assert forms == ["json_schema", "json_object", "json_schema", "json_object", "json_object", "json_object"]


async def test_a_fault_that_speaks_of_the_format_is_a_refusal() -> None:
    server = Scripted(otherwise=picky(["json_object"], None, GOOD, status=500))
    async with server, model_at(server) as text:
        for _ in range(3):
            await text.answer(question())

    assert len(server.requests) == 2 + 1 + 1


async def test_a_server_too_old_for_schemas_is_given_the_old_limit_unless_it_refuses_that() -> None:
    async with Scripted(otherwise=picky(["json_object"], None, GOOD)) as old, model_at(old) as text:
        await text.answer(question())
    odd = Scripted(otherwise=picky(["json_object"], "max_completion_tokens", GOOD))
    async with odd, model_at(odd) as text:
        await text.answer(question())

    assert [request.json.get("max_tokens") for request in old.requests] == [None, 4_000]
    assert [request.json.get("max_tokens") for request in odd.requests] == [None, 4_000, None]


async def test_a_server_that_refuses_everything_is_not_asked_for_ever() -> None:
    server = Scripted(otherwise=failure(400, "neither max_tokens nor max_completion_tokens nor temperature"))
    async with server, model_at(server) as text:
        with pytest.raises(ProviderError, match="did not take the request"):
            await text.answer(question())

    assert len(server.requests) == 6


async def test_a_model_without_temperature_is_asked_without() -> None:
    async with Scripted([failure(400, "Unsupported value: 'temperature'"), GOOD]) as server, model_at(server) as text:
        await text.answer(question())

    assert "temperature" not in server.requests[1].json
    assert server.requests[1].json["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    ("answer", "retryable", "says"),
    [
        (rate_limited(), True, "limiting the rate"),
        (failure(429, "You exceeded your quota", "insufficient_quota"), False, "top up"),
        (failure(402, "pay"), False, "top up"),
        (failure(401, f"Incorrect API key provided: {KEY}"), False, "check the API key"),
        (failure(403, "no"), False, "check the API key"),
        (failure(404, "The model `x` does not exist", "model_not_found"), False, "check the model's name"),
        (failure(400, f"Too long, {KEY}", "context_length_exceeded"), False, r"HTTP 400.*Too long, \[key\]"),
        (failure(400, "Filtered", "content_filter"), False, "refused to answer"),
        (failure(503, "overloaded"), True, "try again later"),
        (reply(302, b"", {"location": "http://127.0.0.1:1/"}), False, "redirects"),
        (chat('{"title": "T', finish_reason="length"), False, "cut at 45 tokens"),
        (chat(None, refusal="I cannot help with that"), False, "refused.*I cannot help"),
        (chat(None, finish_reason="content_filter"), False, "refused"),
        (chat("Sure! Here is a title."), True, "not with a valid JSON object"),
        (chat('["a list"]'), True, "not with a valid JSON object"),
        (chat('{"title": "\\ud800"}'), True, "not with a valid JSON object"),
        (chat('{"a":' * 100_000), True, "not with a valid JSON object"),
        (chat(None), True, "not with a valid JSON object"),
        (reply(200, {"choices": []}), True, "no choice"),
        (reply(200, {"choices": "none", "model": 7}), True, "not with a chat completion"),
        (reply(200, b"<html>hello</html>", {"content-type": "text/html"}), True, "not with a chat completion"),
        (garbage(), True, "cannot be reached or hung up"),
        (hang_up(), True, "cannot be reached or hung up"),
        (huge(), False, "more than 4 MB"),
        (huge(400), False, "more than 4 MB"),
        (huge(packed=True), False, "packed"),
    ],
)
async def test_failures_say_what_to_do(answer: Answer, retryable: bool, says: str) -> None:
    error = await failing(answer)

    assert error.retryable is retryable
    with pytest.raises(ProviderError, match=says):
        raise error


async def test_a_failed_call_that_was_paid_for_reports_its_tokens() -> None:
    cut = await failing(chat("{", finish_reason="length", usage=(10, 4_000)))
    unreadable = await failing(chat("no JSON", usage=(10, 20)))

    assert cut.report
    assert unreadable.report
    assert (cut.report.input_tokens, cut.report.output_tokens, cut.report.finish_reason) == (10, 4_000, "length")
    assert unreadable.report.output_tokens == 20
    assert (await failing(failure(503))).report is None


@pytest.mark.parametrize("answer", [silence(), drip(), drip(b'{"choices": [')])
async def test_nothing_outlasts_the_deadline(answer: Answer) -> None:
    began = time.monotonic()
    error = await failing(answer, seconds=0.4)

    assert error.retryable
    assert "within 0.4 seconds" in error.reason
    assert time.monotonic() - began < PATIENCE


async def test_the_deadline_is_one_for_all_that_is_tried() -> None:
    slow = [failure(400, "response_format"), failure(400, "response_format"), silence()]
    began = time.monotonic()
    assert "within 0.5 seconds" in (await failing(*slow, seconds=0.5)).reason
    assert time.monotonic() - began < PATIENCE


async def test_a_cancelled_call_is_cancelled_not_failed() -> None:
    async with Scripted([silence()]) as server, model_at(server) as text:
        call = asyncio.create_task(text.answer(question()))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_how_long_to_wait_is_read_in_all_its_forms() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

    assert (await failing(rate_limited("7"))).retry_after == 7
    assert (await failing(rate_limited("9", milliseconds="1500"))).retry_after == 1.5
    assert 25 < ((await failing(rate_limited(soon))).retry_after or 0) <= 30
    ahead = {"retry-after": format_datetime(datetime.now(UTC) + timedelta(seconds=230), usegmt=True)}
    ahead["date"] = format_datetime(datetime.now(UTC) + timedelta(seconds=200), usegmt=True)
    wait = (await failing(failure(429, "Rate limit reached", "rate_limit_exceeded", ahead))).retry_after
    assert 29 <= (wait or 0) <= 31, "by the clock of who says it"
    assert (await failing(rate_limited("-3"))).retry_after == 0
    assert (await failing(rate_limited("999999999999"))).retry_after == 24 * 3600
    assert [(await failing(rate_limited(odd))).retry_after for odd in ("inf", "nan", "soon")] == [None, None, None]


@pytest.mark.parametrize(
    "said",
    [
        '```json\n{"title": "Tea"}\n```',
        'Here you are {as asked}: {"title": "Tea"} Enjoy!',
        '<think>{"title": "no"}</think>{"title": "Tea"}',
    ],
)
async def test_json_is_found_where_models_hide_it(said: str) -> None:
    async with Scripted([chat(said)]) as server, model_at(server) as text:
        assert (await text.answer(question()))[0] == {"title": "Tea"}


async def test_a_closed_port_is_said_to_be_unreachable() -> None:
    async with Scripted() as server:
        url = server.url
    text = OpenAIText(KEY, url, "model")
    with pytest.raises(ProviderError, match="cannot be reached") as caught:
        await text.answer(question())
    await text.close()

    assert caught.value.retryable


async def test_the_key_goes_nowhere_else(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Neither after a redirect nor into logs or reprs; and nothing of the environment's goes out with it."""
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: from-the-environment\nAuthorization: from-the-environment")
    caplog.set_level(logging.DEBUG)
    async with Scripted() as other, Scripted([reply(307, b"", {"location": other.url})]) as server:
        async with model_at(server) as text:
            with pytest.raises(ProviderError, match="redirects"):
                await text.answer(question())
            await text.answer(question())
            shown = f"{text!r} {text._client!r} {text._callee!r}"
        async with model_at(server, key=None) as nobody:
            await nobody.answer(question())

    assert other.requests == []
    assert KEY not in caplog.text + shown
    assert all("from-the-environment" not in str(request.headers) for request in server.requests)
    assert "authorization" not in server.requests[-1].headers


async def test_keys_that_are_missing_or_cannot_be_sent_are_refused_before_a_call() -> None:
    text, odd = OpenAIText(None, None, "gpt-5.4-mini"), OpenAIText("sk-a\nb", "http://127.0.0.1:9/v1", "m")
    with pytest.raises(ProviderError, match=r"openai \(gpt-5.4-mini\) needs an API key"):
        await text.answer(question())
    with pytest.raises(ProviderError, match="cannot be sent"):
        await odd.answer(question())
    await text.close()
    await odd.close()


async def test_many_calls_at_once_share_one_client() -> None:
    async with Scripted(otherwise=GOOD) as server, model_at(server) as text:
        found = await asyncio.gather(*(text.answer(question()) for _ in range(50)))

    assert len(found) == len(server.requests) == 50
