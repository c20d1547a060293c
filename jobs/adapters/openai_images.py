"""Pictures from OpenAI's image endpoint, or one that answers like it."""

import asyncio
import math
from typing import Any

import openai
from pydantic import BaseModel, ValidationError

from domain.ports import CallReport, ImageRequest, Picture, ProviderError
from jobs.adapters.answers import Usage, error_of, report_of, tokens_of
from jobs.adapters.failures import Callee
from jobs.adapters.openai_client import BodyRefusedError, client_for, patience, provider_name
from jobs.adapters.pictures import picture_of
from jobs.adapters.platform import OPENAI_URL
from jobs.adapters.prices import LISTED, Prices

MAX_BYTES = 32_000_000
MAX_PROMPT = 32_000
SIZES = ((1024, 1024), (1536, 1024), (1024, 1536))


class _Image(BaseModel):
    b64_json: str | None = None


class _Images(BaseModel):
    data: list[_Image]
    usage: Usage | None = None


class OpenAIImages:
    """One call a picture, never repeated: it may have been billed even where the answer was lost.

    The picture has the supported size nearest in shape, not the size asked for. The default model is the one that
    OpenAI names in place of `gpt-image-1`, which it shut down on 23 October 2026.
    """

    def __init__(
        self, api_key: str | None, base_url: str | None, model: str = "gpt-image-2.5-flare", prices: Prices = LISTED
    ) -> None:
        self._key, self._url = (api_key or "").strip() or None, (base_url or OPENAI_URL).rstrip("/")
        self._model, self._prices = model, prices
        self._callee = Callee(provider_name(self._url), model, self._key)
        self._client = client_for(self._key, self._url, max_bytes=MAX_BYTES)

    async def close(self) -> None:
        await self._client.close()

    async def draw(self, request: ImageRequest) -> tuple[Picture, CallReport]:
        self._callee.check_key(required=self._callee.provider == "openai")
        try:
            async with asyncio.timeout(request.seconds):
                outcome = await self._call(request)
        except TimeoutError:
            outcome = self._callee.timed_out(request.seconds)
        if isinstance(outcome, ProviderError):
            raise outcome
        return await self._read(outcome)

    async def _call(self, request: ImageRequest) -> bytes | ProviderError:
        create: Any = self._client.images.with_raw_response.generate
        try:
            answer = await create(**self._body(request), timeout=patience(request.seconds))
        except openai.APIStatusError as error:
            code, message = error_of(error.response.content)
            return self._callee.status(error.status_code, error.response.headers, code, message)
        except BodyRefusedError:
            return self._callee.too_large(MAX_BYTES)
        except openai.APITimeoutError:
            return self._callee.timed_out(request.seconds)
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, BodyRefusedError):
                return self._callee.too_large(MAX_BYTES)
            return self._callee.unreachable()
        return bytes(answer.content)

    def _body(self, request: ImageRequest) -> dict[str, Any]:
        """OpenAI's models always answer in base64 and refuse `response_format`; others need it and know no WEBP."""
        width, height = nearest_size(request.width, request.height)
        body = {"model": self._model, "prompt": request.prompt[:MAX_PROMPT], "n": 1, "size": f"{width}x{height}"}
        own = self._callee.provider == "openai"
        return body | ({"output_format": "webp"} if own else {"response_format": "b64_json"})

    async def _read(self, body: bytes) -> tuple[Picture, CallReport]:
        try:
            images = _Images.model_validate_json(body)
        except ValidationError:
            images = None
        if images is None:
            raise self._callee.not_understood("not with a list of pictures")
        used = tokens_of(images.usage)
        cost = self._prices.of_picture(self._url, self._model, used)
        report = report_of(self._callee.provider, self._model, used, cost, "stop")
        if not images.data or not images.data[0].b64_json:
            raise self._callee.not_understood("without a picture in base64 (links are not followed)", report)
        return await picture_of(self._callee, images.data[0].b64_json, report), report


def nearest_size(width: int, height: int) -> tuple[int, int]:
    """The supported size nearest in aspect ratio."""
    wanted = math.log(max(width, 1) / max(height, 1))
    return min(SIZES, key=lambda size: abs(math.log(size[0] / size[1]) - wanted))
