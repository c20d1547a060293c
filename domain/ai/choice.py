"""Which provider answers: chosen per account and kind of work, the platform's own where nothing is."""

from collections.abc import Mapping

from sqlalchemy import select

from domain.errors import DomainError
from domain.ports import ProviderChoice
from persistence.models import AiSettings
from persistence.terms import AiProvider, ErrorCode, IntegrationType, JobKind
from persistence.unit import Unit

OFFLINE_TEXT = ProviderChoice(AiProvider.OFFLINE, "outline-1")
OFFLINE_IMAGES = ProviderChoice(AiProvider.OFFLINE, "drawing-1")
DEFAULT_MODELS = {AiProvider.OPENAI: "gpt-5.4-mini"}
DEFAULT_IMAGE_MODELS = {AiProvider.OPENAI: "gpt-image-2.5-flare", AiProvider.RUNWARE: "runware:100@1"}


async def text_choice(unit: Unit, kind: JobKind, platform: ProviderChoice) -> ProviderChoice:
    """The account's key with its models, or the platform's provider with the platform's model."""
    openai = await _settings(unit, IntegrationType.OPENAI)
    if openai is None:
        return platform
    wanted = (openai.option("functions") or {}).get(kind.value) or {}
    if wanted.get("provider") == AiProvider.OFFLINE.value:
        return OFFLINE_TEXT
    if openai.secret is None:
        return platform
    model = wanted.get("model") or openai.option("model") or DEFAULT_MODELS[AiProvider.OPENAI]
    return ProviderChoice(AiProvider.OPENAI, model, _key(unit, openai))


async def text_choice_of(unit: Unit, provider: AiProvider, platform: ProviderChoice) -> ProviderChoice:
    """This provider, under the account's key or else the platform's; UNAVAILABLE where nobody has one."""
    if provider is AiProvider.OFFLINE:
        return OFFLINE_TEXT
    own = await _settings(unit, IntegrationType(provider.value))
    return _with_a_key(unit, provider, own.option("model") if own else None, DEFAULT_MODELS, own, platform)


async def image_choice_of(
    unit: Unit, provider: AiProvider, platform: ProviderChoice, model: str | None = None
) -> ProviderChoice:
    """As text_choice_of, of who draws."""
    if provider is AiProvider.OFFLINE:
        return OFFLINE_IMAGES
    own = await _settings(unit, IntegrationType(provider.value))
    return _with_a_key(unit, provider, model, DEFAULT_IMAGE_MODELS, own, platform)


def _with_a_key(
    unit: Unit,
    provider: AiProvider,
    model: str | None,
    usual: Mapping[AiProvider, str],
    own: AiSettings | None,
    platform: ProviderChoice,
) -> ProviderChoice:
    if own and own.secret:
        return ProviderChoice(provider, model or usual[provider], _key(unit, own))
    if platform.provider is provider:
        return platform
    raise _needs_key(provider)


def _needs_key(provider: AiProvider) -> DomainError:
    return DomainError(ErrorCode.UNAVAILABLE, f"{provider.value} needs an API key: set one with updateAiSettings.")


async def image_choice(unit: Unit, platform: ProviderChoice) -> ProviderChoice:
    """The provider that the account chose, under its own key where it has one; UNAVAILABLE where nobody has."""
    wanted = await _settings(unit, IntegrationType.IMAGE_GENERATION)
    if wanted is None or not wanted.option("provider"):
        return platform
    return await image_choice_of(unit, AiProvider(wanted.option("provider")), platform, wanted.option("model"))


async def _settings(unit: Unit, kind: IntegrationType) -> AiSettings | None:
    statement = select(AiSettings).where(AiSettings.integration_type == kind, AiSettings.is_active)
    return (await unit.session.scalars(statement)).one_or_none()


def _key(unit: Unit, settings: AiSettings) -> str | None:
    try:
        return unit.vault.open(settings.secret) if settings.secret else None
    except ValueError:
        raise DomainError(
            ErrorCode.UNAVAILABLE, "The stored API key cannot be decrypted; set it again with updateAiSettings."
        ) from None
