"""The same client against a real endpoint: set IGNY8_TEST_AI_BASE_URL, and IGNY8_TEST_AI_MODEL and _KEY if needed."""

import os
from collections.abc import AsyncIterator

import pytest

from domain.ports import ProviderError, TextRequest
from jobs.adapters.openai import OpenAIText

URL = os.environ.get("IGNY8_TEST_AI_BASE_URL")
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "words": {"type": "integer"}},
    "required": ["title", "words"],
    "additionalProperties": False,
}
pytestmark = pytest.mark.skipif(not URL, reason="IGNY8_TEST_AI_BASE_URL is not set")


@pytest.fixture
async def text() -> AsyncIterator[OpenAIText]:
    name = os.environ.get("IGNY8_TEST_AI_MODEL", "gpt-5.4-mini")
    made = OpenAIText(os.environ.get("IGNY8_TEST_AI_KEY"), URL, name)
    yield made
    await made.close()


def question(seconds: float, tokens: int) -> TextRequest:
    return TextRequest(
        "ideas", None, "You plan content.", "A title on dog training.", SCHEMA, seconds, max_output_tokens=tokens
    )


async def test_a_real_answer_fits_the_schema_and_counts_tokens(text: OpenAIText) -> None:
    found, report = await text.answer(question(120, 400))

    assert set(found) == {"title", "words"}
    assert isinstance(found["words"], int)
    assert report.input_tokens > 0
    assert report.output_tokens > 0


async def test_a_real_cut_answer_is_said_to_be_cut(text: OpenAIText) -> None:
    with pytest.raises(ProviderError, match="cut at") as caught:
        await text.answer(question(120, 4))

    assert caught.value.report
    assert caught.value.report.output_tokens > 0


async def test_a_real_server_is_left_at_the_deadline(text: OpenAIText) -> None:
    with pytest.raises(ProviderError, match=r"within 0\.01 seconds"):
        await text.answer(question(0.01, 400))
