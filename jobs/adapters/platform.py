"""What the operator pays for, told by the settings alone: no provider's library is needed to know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.ai.choice import DEFAULT_IMAGE_MODELS, DEFAULT_MODELS, OFFLINE_IMAGES, OFFLINE_TEXT
from domain.ports import ProviderChoice
from domain.prices import Price
from domain.settings import Settings
from persistence.terms import AiProvider

OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Platform:
    """`base_url`: an OpenAI-compatible endpoint in place of OpenAI's own. `prices`: what models cost, by name."""

    base_url: str | None = None
    openai_key: str | None = None
    runware_key: str | None = None
    model: str | None = None
    image_model: str | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "Platform":
        openai, runware = settings.openai_api_key, settings.runware_api_key
        return cls(
            settings.ai_base_url,
            openai.get_secret_value() if openai else None,
            runware.get_secret_value() if runware else None,
            settings.ai_model,
            settings.image_model,
            settings.prices,
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
