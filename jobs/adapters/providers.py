"""All providers of a worker process: made when they are first asked, one per key and model."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from domain.ai.choice import DEFAULT_IMAGE_MODELS, DEFAULT_MODELS, OFFLINE_IMAGES, OFFLINE_TEXT
from domain.ports import ImageProvider, ProviderChoice, TextProvider
from domain.settings import Settings
from jobs.adapters.drawing import OfflineImages
from jobs.adapters.gated import GatedImages, GatedText, gate_of
from jobs.adapters.offline import OfflineText
from jobs.adapters.openai import OpenAIText
from jobs.adapters.openai_images import OpenAIImages
from jobs.adapters.prices import LISTED, Prices
from jobs.adapters.runware import RunwareImages
from persistence.gates import Gates
from persistence.terms import AiProvider

KEPT = 64


@dataclass(frozen=True, slots=True)
class Platform:
    """What the operator pays for. `base_url`: an OpenAI-compatible endpoint in place of OpenAI's own."""

    base_url: str | None = None
    openai_key: str | None = None
    runware_key: str | None = None
    model: str | None = None
    image_model: str | None = None
    prices: Prices = LISTED

    @classmethod
    def of(cls, settings: Settings) -> "Platform":
        openai, runware = settings.openai_api_key, settings.runware_api_key
        return cls(
            settings.ai_base_url,
            openai.get_secret_value() if openai else None,
            runware.get_secret_value() if runware else None,
            settings.ai_model,
            settings.image_model,
            Prices(settings.prices),
        )

    @property
    def text(self) -> ProviderChoice:
        if not (self.base_url or self.openai_key):
            return OFFLINE_TEXT
        return ProviderChoice(AiProvider.OPENAI, self.model or DEFAULT_MODELS[AiProvider.OPENAI])

    @property
    def images(self) -> ProviderChoice:
        """An endpoint of the operator's own is asked for pictures only when a model for them is named."""
        if self.runware_key:
            provider = AiProvider.RUNWARE
        elif (self.openai_key and not self.base_url) or (self.base_url and self.image_model):
            provider = AiProvider.OPENAI
        else:
            return OFFLINE_IMAGES
        return ProviderChoice(provider, self.image_model or DEFAULT_IMAGE_MODELS[provider])


class ProviderPool:
    """Implements domain.ports.Providers. A key of an account goes to OpenAI's and Runware's own addresses alone."""

    def __init__(self, platform: Platform, gates: Gates | None = None) -> None:
        self.platform, self.gates = platform, gates
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
        return GatedText(made, gate_of(self.gates, choice.provider, choice.api_key)) if self.gates else made

    def _gated_images(self, choice: ProviderChoice) -> ImageProvider:
        made = self._images(choice)
        return GatedImages(made, gate_of(self.gates, choice.provider, choice.api_key)) if self.gates else made

    def _text(self, choice: ProviderChoice) -> TextProvider:
        if choice.provider is AiProvider.OFFLINE:
            return OfflineText()
        own = choice.api_key is not None
        key, url = (choice.api_key, None) if own else (self.platform.openai_key, self.platform.base_url)
        return OpenAIText(key, url, choice.model, self.platform.prices)

    def _images(self, choice: ProviderChoice) -> ImageProvider:
        own = choice.api_key is not None
        match choice.provider:
            case AiProvider.OFFLINE:
                return OfflineImages()
            case AiProvider.RUNWARE:
                return RunwareImages(choice.api_key if own else self.platform.runware_key, model=choice.model)
            case AiProvider.OPENAI:
                key, url = (choice.api_key, None) if own else (self.platform.openai_key, self.platform.base_url)
                return OpenAIImages(key, url, choice.model, self.platform.prices)

    async def close(self) -> None:
        for provider in self._made.values():
            if close := getattr(provider, "close", None):
                await close()
        self._made.clear()
