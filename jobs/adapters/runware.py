"""Pictures from Runware's REST API: an array of tasks in, `data` and `errors` arrays out.

Source: https://runware.ai/docs/platform (introduction, errors, task-details). There is no full list of error codes:
those that are not known here are judged by their HTTP status.
"""

import asyncio
import math
import uuid
from typing import Any

import httpx2
from pydantic import BaseModel, ValidationError

from domain.ports import CallReport, ImageRequest, Picture, ProviderError
from jobs.adapters.failures import Callee
from jobs.adapters.openai_client import CONNECT_SECONDS
from jobs.adapters.pictures import picture_of

MAX_BYTES = 32_000_000
MAX_PROMPT = 3_000
_STEP, _LEAST, _MOST = 64, 128, 2048
_STATUS_OF = {"invalidapikey": 401, "missingapikey": 401, "insufficientcredits": 402, "ratelimitexceeded": 429}


class _Task(BaseModel):
    taskUUID: str | None = None
    imageBase64Data: str | None = None
    cost: float | None = None


class _Error(BaseModel):
    code: str = ""
    message: str = ""


class _Answer(BaseModel):
    data: list[_Task] = []
    errors: list[_Error] = []


class RunwareImages:
    """One call a picture, never repeated: it may have been billed even where the answer was lost.

    Every call gets a fresh random taskUUID (Runware wants version 4, and unique: one derived from the prompt would
    clash when the same picture is asked for twice). It goes into the report's `details["task"]`, of failures too:
    with it a lost picture can be looked up there by `getTaskDetails`.
    """

    def __init__(
        self, api_key: str | None, base_url: str = "https://api.runware.ai/v1", model: str = "runware:100@1"
    ) -> None:
        self._key, self._url, self._model = (api_key or "").strip() or None, base_url, model
        self._callee = Callee("runware", model, self._key)
        self._client = httpx2.AsyncClient(follow_redirects=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def draw(self, request: ImageRequest) -> tuple[Picture, CallReport]:
        """A picture of the size asked for, to the nearest multiple of 64 within 128 to 2048."""
        self._callee.check_key(required=True)
        task = str(uuid.uuid4())
        try:
            async with asyncio.timeout(request.seconds):
                outcome = await self._call(request, task)
        except (TimeoutError, httpx2.TimeoutException):
            outcome = self._callee.timed_out(request.seconds, self._report(task, "timeout"))
        except (httpx2.HTTPError, httpx2.InvalidURL):
            outcome = self._callee.unreachable(self._report(task, "unreachable"))
        if isinstance(outcome, ProviderError):
            raise outcome
        return await self._read(*outcome, task)

    async def _call(self, request: ImageRequest, task: str) -> tuple[httpx2.Response, bytes] | ProviderError:
        headers = {"Authorization": f"Bearer {self._key}", "Accept-Encoding": "identity", "User-Agent": "igny8"}
        timeout = httpx2.Timeout(request.seconds, connect=min(CONNECT_SECONDS, request.seconds))
        body = bytearray()
        async with self._client.stream(
            "POST", self._url, json=[self._task(request, task)], headers=headers, timeout=timeout
        ) as response:
            packed = response.headers.get("content-encoding", "identity").lower() != "identity"
            async for chunk in response.aiter_raw():
                body += chunk
                if packed or len(body) > MAX_BYTES:
                    return self._callee.too_large(MAX_BYTES, self._report(task, "too_large"))
        return response, bytes(body)

    def _task(self, request: ImageRequest, task: str) -> dict[str, Any]:
        return {
            "taskType": "imageInference",
            "taskUUID": task,
            "positivePrompt": request.prompt[:MAX_PROMPT],
            "width": _nearest(request.width),
            "height": _nearest(request.height),
            "model": self._model,
            "numberResults": 1,
            "outputType": "base64Data",
            "outputFormat": "WEBP",
            "includeCost": True,
        }

    async def _read(self, response: httpx2.Response, body: bytes, task: str) -> tuple[Picture, CallReport]:
        try:
            answer = _Answer.model_validate_json(body)
        except ValidationError:
            answer = None
        done = next((each for each in answer.data if each.taskUUID == task), None) if answer else None
        report = self._report(task, "stop" if done else "error", done.cost if done else None)
        if (answer and answer.errors) or not response.is_success:
            error = answer.errors[0] if answer and answer.errors else _Error()
            raise self._error(response, error, report)
        if done is None or not done.imageBase64Data:
            raise self._callee.not_understood("without the picture in base64", report)
        return await picture_of(self._callee, done.imageBase64Data, report), report

    def _error(self, response: httpx2.Response, error: _Error, report: CallReport) -> ProviderError:
        """Codes come before the status, which may be 200; codes of time-outs and upstream faults name a provider."""
        code, status = error.code.lower(), response.status_code
        status = _STATUS_OF.get(code, status)
        if response.is_success and status == response.status_code:
            status = 503 if "timeout" in code or "provider" in code else 400
        return self._callee.status(status, response.headers, error.code, error.message, report)

    def _report(self, task: str, reason: str, cost: float | None = None) -> CallReport:
        """`cost` in dollars, as Runware says; to the nearest micro-dollar."""
        micros = round(cost * 1_000_000) if cost is not None and math.isfinite(cost) and 0 <= cost < 1_000 else None
        return CallReport("runware", self._model, cost_micros=micros, finish_reason=reason, details={"task": task})


def _nearest(length: int) -> int:
    return min(max(round(length / _STEP) * _STEP, _LEAST), _MOST)
