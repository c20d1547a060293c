"""All providers of a worker process: made when they are first asked, one per key and model."""

from collections import OrderedDict
from typing import Any

from domain.ports import ImageProvider, ProviderChoice, TextProvider
from jobs.adapters.drawing import OfflineImages
from jobs.adapters.limited import GatedImages, GatedText, gate_of
from jobs.adapters.offline import OfflineText
from jobs.adapters.openai import OpenAIText
from jobs.adapters.openai_images import OpenAIImages
from jobs.adapters.platform import Platform
from jobs.adapters.prices import Prices
from jobs.adapters.runware import RunwareImages
from persistence.redis.provider_limits import ProviderLimits
from persistence.terms import AiProvider

KEPT = 64


class ProviderPool:
    """Implements domain.ports.Providers. A key of an account goes to OpenAI's and Runware's own addresses alone."""

    def __init__(self, platform: Platform, limits: ProviderLimits | None = None) -> None:
        self.platform, self.limits, self.prices = platform, limits, Prices(platform.prices)
        self.default_text, self.default_images = platform.text, platform.images
        self._made: OrderedDict[tuple[str, ProviderChoice], Any] = OrderedDict()

    def text(self, choice: ProviderChoice) -> TextProvider:
        found: TextProvider = self._kept("text", choice)
        return found

    def images(self, choice: ProviderChoice) -> ImageProvider:
        found: ImageProvider = self._kept("images", choice)
        return found

    def _kept(self, what: str, choice: ProviderChoice) -> Any:
        """The oldest goes when there are too many; its connections close with it, those in use do not."""
        key = (what, choice)
        if key not in self._made:
            self._made[key] = self._gated_text(choice) if what == "text" else self._gated_images(choice)
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return self._made[key]

    def _gated_text(self, choice: ProviderChoice) -> TextProvider:
        made = self._text(choice)
        return GatedText(made, gate_of(self.limits, choice.provider, choice.api_key)) if self.limits else made

    def _gated_images(self, choice: ProviderChoice) -> ImageProvider:
        made = self._images(choice)
        return GatedImages(made, gate_of(self.limits, choice.provider, choice.api_key)) if self.limits else made

    def _text(self, choice: ProviderChoice) -> TextProvider:
        if choice.provider is AiProvider.OFFLINE:
            return OfflineText()
        own = choice.api_key is not None
        key, url = (choice.api_key, None) if own else (self.platform.openai_key, self.platform.base_url)
        return OpenAIText(key, url, choice.model, self.prices)

    def _images(self, choice: ProviderChoice) -> ImageProvider:
        own = choice.api_key is not None
        match choice.provider:
            case AiProvider.OFFLINE:
                return OfflineImages()
            case AiProvider.RUNWARE:
                return RunwareImages(choice.api_key if own else self.platform.runware_key, model=choice.model)
            case AiProvider.OPENAI:
                key, url = (choice.api_key, None) if own else (self.platform.openai_key, self.platform.base_url)
                return OpenAIImages(key, url, choice.model, self.prices)

    async def close(self) -> None:
        for provider in self._made.values():
            if close := getattr(provider, "close", None):
                await close()
        self._made.clear()
