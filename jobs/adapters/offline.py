"""A writer without network, key or model: answers made of the brief alone, and said to be so."""

from typing import Any

from domain.ports import CallReport, ProviderError, TextRequest
from domain.registry import OFFLINE
from persistence.terms import FailureCause

_FREE = CallReport(provider="offline", model="outline-1", cost_micros=0)


class OfflineText:
    """Implements domain.ports.TextProvider. The same brief always gives the same answer."""

    async def answer(self, request: TextRequest) -> tuple[dict[str, Any], CallReport]:
        """Made of `request.brief`; ProviderError for work that only a model can do."""
        make = OFFLINE.get(request.function)
        if make is None:
            reason = f"{request.function} needs a language model: set one up with updateAiSettings"
            raise ProviderError(reason, retryable=False, cause=FailureCause.RULE)
        return make(request.brief).model_dump(mode="json"), _FREE
