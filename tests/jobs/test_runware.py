"""Runware's REST API: one task a call, matched by its id, its errors understood."""

import asyncio
import base64
import time
import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from domain.ports import ImageRequest, ProviderError
from jobs.adapters.runware import RunwareImages
from tests.jobs.scripted import Answer, Received, Scripted, drip, garbage, hang_up, huge, rate_limited, reply, silence
from tests.jobs.test_openai_images import picture
from tests.waiting import PATIENCE

KEY = "rw-0123456789abcdef"
PICTURE = base64.b64encode(picture(128, 64, "WEBP")).decode()


def done(**more: Any) -> Answer:
    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        task = {"taskType": "imageInference", "taskUUID": received.json[0]["taskUUID"], "imageBase64Data": PICTURE}
        await reply(200, {"data": [task | {"cost": 0.0013} | more]})(received, writer)

    return answer


def errors(status: int, code: str, message: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    return reply(status, {"data": [], "errors": [{"code": code, "message": message, "taskUUID": "x"}]}, headers)


async def drawn(*script: Answer, key: str | None = KEY, seconds: float = 5) -> tuple[Any, Scripted]:
    async with Scripted(script, otherwise=done()) as server:
        provider = RunwareImages(key, server.url)
        try:
            return await provider.draw(ImageRequest("A cup of tea", "Tea", 1200, 630, seconds)), server
        except ProviderError as error:
            return error, server
        finally:
            await provider.close()


async def test_a_picture_with_its_cost_and_task() -> None:
    (made, report), server = await drawn()
    task = server.requests[0].json[0]

    assert (made.mime_type, made.width, made.height) == ("image/webp", 128, 64)
    assert (report.provider, report.model, report.cost_micros) == ("runware", "runware:100@1", 1_300)
    assert report.details == {"task": task["taskUUID"]}
    assert uuid.UUID(task.pop("taskUUID")).version == 4
    assert task == {
        "taskType": "imageInference",
        "positivePrompt": "A cup of tea",
        "width": 1216,
        "height": 640,
        "model": "runware:100@1",
        "numberResults": 1,
        "outputType": "base64Data",
        "outputFormat": "WEBP",
        "includeCost": True,
    }
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("answer", "retryable", "says"),
    [
        (errors(401, "invalidApiKey", f"Invalid API key {KEY}"), False, "check the API key"),
        (errors(200, "invalidApiKey"), False, "check the API key"),
        (errors(402, "insufficientCredits"), False, "top up"),
        (errors(400, "invalidWidth", f"Invalid width, {KEY}"), False, "Invalid width, [key]"),
        (errors(400, "contentModeration", "The prompt was flagged by moderation"), False, "refused"),
        (errors(200, "timeoutProvider", "upstream"), True, "fault of its own"),
        (errors(503, "unavailable"), True, "try again later"),
        (rate_limited("4"), True, "limiting"),
        (reply(307, b"", {"location": "http://127.0.0.1:1/"}), False, "redirects"),
        (reply(500, b"<html>"), True, "fault of its own"),
        (done(taskUUID="another"), True, "without the picture"),
        (done(imageBase64Data=None), True, "without the picture"),
        (done(imageBase64Data=base64.b64encode(b"GIF89a").decode()), True, "not with a picture"),
        (reply(200, b"not JSON"), True, "without the picture"),
        (garbage(), True, "cannot be reached"),
        (hang_up(), True, "cannot be reached"),
        (huge(), False, "32 MB"),
        (huge(packed=True), False, "packed"),
    ],
)
async def test_failures_say_what_to_do_and_nothing_is_sent_twice(answer: Answer, retryable: bool, says: str) -> None:
    error, server = await drawn(answer)

    assert isinstance(error, ProviderError)
    assert says in error.reason
    assert (error.retryable, KEY in error.reason, len(server.requests)) == (retryable, False, 1)
    assert error.report
    assert error.report.details["task"] == server.requests[0].json[0]["taskUUID"]


async def test_the_wait_that_is_asked_for_is_passed_on() -> None:
    error, _ = await drawn(errors(429, "rateLimitExceeded", headers={"retry-after": "12"}))

    assert error.retry_after == 12


@pytest.mark.parametrize("answer", [silence(), drip()])
async def test_nothing_outlasts_the_deadline(answer: Answer) -> None:
    began = time.monotonic()
    error, _ = await drawn(answer, seconds=0.4)

    assert "within 0.4 seconds" in error.reason
    assert time.monotonic() - began < PATIENCE


async def test_without_a_key_nothing_is_sent() -> None:
    error, server = await drawn(key=None)

    assert "needs an API key" in error.reason
    assert server.requests == []


@pytest.mark.parametrize("cost", [None, "NaN", -1, 1e300])
async def test_a_cost_that_makes_no_sense_is_no_cost(cost: object) -> None:
    (_, report), _ = await drawn(done(cost=cost))

    assert report.cost_micros is None
