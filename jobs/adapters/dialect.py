"""What a server that calls itself OpenAI-compatible takes, found out once a process.

llama.cpp's Python server answers 500 to `json_schema` and writes on without end past a `max_completion_tokens` that
it does not know; other servers refuse that name; models that reason refuse a temperature.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from domain.ports import TextRequest

Form: TypeAlias = Literal["json_schema", "json_object", "text"]
Limit: TypeAlias = Literal["max_completion_tokens", "max_tokens"]

MAX_STEPS = 6
"""Calls at most until an answer: two weaker forms, the token limit's other name and back, no temperature."""

_WEAKER: dict[Form, Form] = {"json_schema": "json_object", "json_object": "text"}
_OTHER: dict[Limit, Limit] = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}
_FINAL_CODES = {"model_not_found", "context_length_exceeded", "string_above_max_length"}
_REFUSED = ("content_filter", "content_policy", "moderation")
_NO_MODEL = re.compile(r"model\b.{0,120}(not found|does not exist|unknown|no such)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Dialect:
    form: Form = "json_schema"
    limit: Limit = "max_completion_tokens"
    temperature: bool = True

    def body(self, model: str, request: TextRequest) -> dict[str, Any]:
        system = request.system
        if self.form != "json_schema":
            system += f"\n\nAnswer with one JSON object and nothing else. JSON schema:\n{json.dumps(request.schema)}"
        said = [{"role": "system", "content": system}, {"role": "user", "content": request.prompt}]
        body: dict[str, Any] = {"model": model, "messages": said, self.limit: request.max_output_tokens}
        if self.temperature:
            body["temperature"] = request.temperature
        if self.form == "json_schema":
            name = re.sub(r"[^A-Za-z0-9_-]+", "_", request.function)[:64] or "answer"
            schema = {"name": name, "strict": True, "schema": request.schema}
            return body | {"response_format": {"type": "json_schema", "json_schema": schema}}
        return body | ({"response_format": {"type": "json_object"}} if self.form == "json_object" else {})

    def after(self, status: int, code: str, message: str) -> "Dialect | None":
        """What to try after a refusal, or None where the refusal is not about the dialect.

        A server too old for schemas gets the old name of the limit too: it may pass over the new one in silence.
        """
        if status not in (400, 404, 422, 500) or _is_final(code, message):
            return None
        if self.limit in message:
            return replace(self, limit=_OTHER[self.limit])
        if self.temperature and "temperature" in message:
            return replace(self, temperature=False)
        if self.form not in _WEAKER:
            return None
        limit: Limit = "max_tokens" if self.form == "json_schema" else self.limit
        return replace(self, form=_WEAKER[self.form], limit=limit)


class Dialects:
    """What is known of each (base_url, model). What has worked is not doubted because of a later status 500.

    A weaker form found after a 500 that does not speak of the format may be owed to a passing fault: it is kept
    when it was found a second time.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Dialect] = {}
        self._suspected: dict[tuple[str, str], Dialect] = {}

    def get(self, base_url: str, model: str) -> Dialect:
        return self._known.get((base_url, model), Dialect())

    def is_known(self, base_url: str, model: str) -> bool:
        return (base_url, model) in self._known

    def worked(self, base_url: str, model: str, dialect: Dialect, *, after_fault: bool) -> None:
        place = (base_url, model)
        if after_fault and self._suspected.get(place) != dialect:
            self._suspected[place] = dialect
        else:
            self._known.setdefault(place, dialect)


def _is_final(code: str, message: str) -> bool:
    text = f"{code} {message}".lower()
    return code in _FINAL_CODES or any(word in text for word in _REFUSED) or bool(_NO_MODEL.search(message))
