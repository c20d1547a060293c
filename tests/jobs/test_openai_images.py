"""Pictures from an OpenAI-compatible endpoint: one call each, and only what Pillow can read."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from domain.ports import ImageRequest, ProviderError
from jobs.adapters.openai_images import OpenAIImages, nearest_size
from tests.jobs.scripted import Answer, Scripted, drip, failure, hang_up, rate_limited, reply

KEY = "sk-test-0123456789abcdef"


def picture(width: int = 96, height: int = 64, kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 160)).save(target, kind)
    return target.getvalue()


def images(data: bytes, **more: Any) -> Answer:
    return reply(200, {"created": 0, "data": [{"b64_json": base64.b64encode(data).decode()}], **more})


def wanted(seconds: float = 5) -> ImageRequest:
    return ImageRequest("A cup of tea on a desk", "Tea", 1200, 630, seconds)


async def drawn(answer: Answer, seconds: float = 5) -> tuple[Any, Scripted]:
    """What came of it, ProviderErrors included, and the server."""
    async with Scripted([answer], otherwise=images(picture())) as server:
        provider = OpenAIImages(KEY, server.url, "some-images")
        try:
            return await provider.draw(wanted(seconds)), server
        except ProviderError as error:
            return error, server
        finally:
            await provider.close()


async def test_a_picture_is_what_its_bytes_say() -> None:
    (made, report), server = await drawn(
        images(picture(kind="JPEG"), usage={"input_tokens": 12, "output_tokens": 1_000})
    )

    assert (made.mime_type, made.width, made.height) == ("image/jpeg", 96, 64)
    assert (report.model, report.input_tokens, report.output_tokens) == ("some-images", 12, 1_000)
    assert server.requests[0].path == "/v1/images/generations"
    assert server.requests[0].json == {
        "model": "some-images",
        "prompt": "A cup of tea on a desk",
        "n": 1,
        "size": "1536x1024",
        "response_format": "b64_json",
    }


@pytest.mark.parametrize(
    ("answer", "retryable", "says"),
    [
        (rate_limited("3"), True, "limiting"),
        (failure(500, "oops"), True, "fault of its own"),
        (failure(400, "Your request was rejected by the safety system", "moderation_blocked"), False, "refused"),
        (failure(401, f"Incorrect API key {KEY}"), False, "check the API key"),
        (failure(404, "The model does not exist", "model_not_found"), False, "model's name"),
        (images(b"<svg></svg>"), True, "not with a picture"),
        (images(picture()[:-60]), True, "not with a picture"),
        (reply(200, {"data": [{"b64_json": "%%%"}]}), True, "not with a picture"),
        (reply(200, {"data": [{"url": "http://127.0.0.1/x.png"}]}), True, "links are not followed"),
        (reply(200, {"data": []}), True, "without a picture"),
        (reply(200, b"[]"), True, "not with a list"),
        (hang_up(), True, "cannot be reached"),
    ],
)
async def test_no_call_is_made_twice(answer: Answer, retryable: bool, says: str) -> None:
    error, server = await drawn(answer)

    assert isinstance(error, ProviderError)
    assert (error.retryable, says in error.reason, KEY in error.reason) == (retryable, True, False)
    assert len(server.requests) == 1


async def test_a_drip_ends_at_the_deadline() -> None:
    error, _ = await drawn(drip(), seconds=0.3)

    assert "within 0.3 seconds" in error.reason


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ((1200, 630), (1536, 1024)),
        ((1024, 1024), (1024, 1024)),
        ((600, 2000), (1024, 1536)),
        ((1100, 1000), (1024, 1024)),
        ((1, 0), (1024, 1024)),
    ],
)
def test_the_nearest_shape_is_taken(asked: tuple[int, int], size: tuple[int, int]) -> None:
    assert nearest_size(*asked) == size
