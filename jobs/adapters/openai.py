"""Text from any OpenAI-compatible endpoint through the official client.

One answer is one billed call at most: what is tried again here are requests that the server turned down. Time-outs,
limits and faults go up as ProviderError, to be retried as attempts of their own.
"""

import asyncio
from typing import Any

import openai
from pydantic import ValidationError

from domain.ports import CallReport, ProviderError, TextRequest
from jobs.adapters.answers import Completion, error_of, json_object, report_of, tokens_of
from jobs.adapters.dialect import MAX_STEPS, Dialect, Dialects
from jobs.adapters.failures import Callee
from jobs.adapters.openai_client import BodyRefusedError, client_for, patience, provider_name
from jobs.adapters.platform import OPENAI_URL
from jobs.adapters.prices import LISTED, Prices, Tokens
from persistence.terms import FailureCause

MAX_BYTES = 4_000_000
_dialects = Dialects()


class OpenAIText:
    """A language model behind `base_url` (None: OpenAI's own). Bound to the event loop that uses it first."""

    def __init__(self, api_key: str | None, base_url: str | None, model: str, prices: Prices = LISTED) -> None:
        self._key, self._url = (api_key or "").strip() or None, (base_url or OPENAI_URL).rstrip("/")
        self._model, self._prices = model, prices
        self._callee = Callee(provider_name(self._url), model, self._key)
        self._client = client_for(self._key, self._url, max_bytes=MAX_BYTES)

    async def close(self) -> None:
        await self._client.close()

    async def answer(self, request: TextRequest) -> tuple[dict[str, Any], CallReport]:
        """The model's JSON object; `request.seconds` covers all that is tried, down to the last byte."""
        self._callee.check_key(required=self._callee.provider == "openai")
        try:
            async with asyncio.timeout(request.seconds):
                outcome = await self._ask(request)
        except TimeoutError:
            outcome = self._callee.timed_out(request.seconds)
        if isinstance(outcome, ProviderError):
            raise outcome  # outside of any except block: the library's exceptions hold the request with its headers
        return self._read(outcome, request)

    async def _ask(self, request: TextRequest) -> bytes | ProviderError:
        """Down the dialects until one is taken."""
        dialect, after_fault = _dialects.get(self._url, self._model), False
        for step in range(1, MAX_STEPS + 1):
            body = await self._call(dialect, request)
            if isinstance(body, bytes):
                _dialects.worked(self._url, self._model, dialect, after_fault=after_fault)
                return body
            if isinstance(body, ProviderError):
                return body
            code, message = error_of(body.response.content)
            status, known = body.status_code, _dialects.is_known(self._url, self._model)
            fault = status == 500 and "response_format" not in message  # a passing one, or a refusal in disguise
            weaker = None if fault and known else dialect.after(status, code, message)
            if weaker is None or step == MAX_STEPS:
                return self._callee.status(status, body.response.headers, code, message)
            dialect, after_fault = weaker, after_fault or fault
        raise AssertionError("unreachable")

    async def _call(self, dialect: Dialect, request: TextRequest) -> bytes | openai.APIStatusError | ProviderError:
        create: Any = self._client.chat.completions.with_raw_response.create
        try:
            answer = await create(**dialect.body(self._model, request), timeout=patience(request.seconds))
        except openai.APIStatusError as error:
            return error
        except BodyRefusedError:
            return self._callee.too_large(MAX_BYTES)
        except openai.APITimeoutError:
            return self._callee.timed_out(request.seconds)
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, BodyRefusedError):
                return self._callee.too_large(MAX_BYTES)
            return self._callee.unreachable()
        return bytes(answer.content)

    def _read(self, body: bytes, request: TextRequest) -> tuple[dict[str, Any], CallReport]:
        try:
            completion = Completion.model_validate_json(body)
        except ValidationError:
            completion = None
        if completion is None:
            raise self._callee.not_understood("not with a chat completion")
        choice = completion.choices[0] if completion.choices else None
        reason = (choice and choice.finish_reason) or ("stop" if choice else "no_choice")
        used, model = tokens_of(completion.usage), completion.model or self._model
        report = report_of(self._callee.provider, model, used, self._cost(model, used), reason)
        if choice is None:
            raise self._callee.not_understood("with no choice to take", report)
        if choice.message.refusal or reason == "content_filter":
            raise self._callee.refused(choice.message.refusal or "content filter", report)
        if reason == "length":
            raise self._cut(request, report)
        found = json_object(choice.message.content or "")
        if found is None:
            raise self._callee.not_understood("not with a valid JSON object", report)
        return found, report

    def _cost(self, model: str, used: Tokens | None) -> int | None:
        """By the name that came with the answer, or by the one that was asked for: an endpoint may know an alias."""
        found = self._prices.of_text(self._url, model, used)
        return self._prices.of_text(self._url, self._model, used) if found is None else found

    def _cut(self, request: TextRequest, report: CallReport) -> ProviderError:
        """Not retryable: the same question would most likely be paid for and cut again."""
        tokens = report.output_tokens or request.max_output_tokens
        what = f"had its answer cut at {tokens} tokens: ask for less text, or take a model that may write more"
        return self._callee.failed(what, FailureCause.UNUSABLE_ANSWER, retryable=False, report=report)
