"""Providers whose calls are counted against the operator's limits; one that would exceed them is not made."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from domain.ports import CallReport, ImageProvider, ImageRequest, Picture, PostponedError, TextProvider, TextRequest
from persistence.redis.provider_limits import GateClosedError, ProviderLimits
from persistence.terms import AiProvider

PATIENCE_SECONDS = 5.0  # that a call waits here, where it keeps others from the worker
Gate = Callable[[], AbstractAsyncContextManager[None]]


def gate_of(limits: ProviderLimits, provider: AiProvider, key: str | None) -> Gate:
    name = provider.value.lower()

    @asynccontextmanager
    async def gate() -> AsyncIterator[None]:
        try:
            async with limits.through(name, key, patience=PATIENCE_SECONDS):
                yield
        except GateClosedError as closed:
            limit = closed.limit
            counts = [f"{limit.at_once} at once"] * bool(limit.at_once)
            counts += [f"{limit.per_minute} a minute"] * bool(limit.per_minute)
            raise PostponedError(f"Waiting for {name}: {' and '.join(counts)}.", closed.seconds) from None

    return gate


class GatedText:
    """Implements TextProvider."""

    def __init__(self, inner: TextProvider, gate: Gate) -> None:
        self._inner, self._gate = inner, gate

    async def answer(self, request: TextRequest) -> tuple[dict[str, Any], CallReport]:
        async with self._gate():
            return await self._inner.answer(request)

    async def close(self) -> None:
        await _close(self._inner)


class GatedImages:
    """Implements ImageProvider."""

    def __init__(self, inner: ImageProvider, gate: Gate) -> None:
        self._inner, self._gate = inner, gate

    async def draw(self, request: ImageRequest) -> tuple[Picture, CallReport]:
        async with self._gate():
            return await self._inner.draw(request)

    async def close(self) -> None:
        await _close(self._inner)


async def _close(provider: TextProvider | ImageProvider) -> None:
    if close := getattr(provider, "close", None):
        await close()
