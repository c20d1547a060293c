"""What an account sets for its AI work: its own prompts, author profiles, strategies, providers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from domain.ai.templates import PromptTemplate, check_template
from domain.crud import change, create, edit, record
from domain.errors import bad_input
from domain.rows import find, lock
from domain.system import rules
from domain.texts import MAX_TEXT, check_name, check_text
from persistence.models import AiSettings, AuthorProfile, Prompt, Sector, Strategy
from persistence.terms import AiProvider, AuditOperation, IntegrationType, PromptType
from persistence.unit import Unit

SHORT = 200


# Prompts


async def create_prompt(
    unit: Unit, account_id: UUID, user_id: UUID, template: PromptTemplate, prompt: str, system: str | None
) -> UUID:
    """The next version of the account's own prompt, which serves from now on; the system text is the default's."""
    text = check_template(template, prompt, "input", "promptValue")
    said = check_template(template, system, "input", "systemValue") if system is not None else template.system
    last = await _newest(unit, template.function)
    await reset_prompt(unit, account_id, template.function)
    made = Prompt(
        account_id=account_id,
        prompt_type=template.function,
        function_name=template.function.value.lower(),
        prompt_value=text,
        system_value=said,
        number=last + 1,
        user_id=user_id,
    )
    unit.add(made)
    await unit.flush()
    record(unit, "createPrompt", made, AuditOperation.INSERT, after={"number": made.number})
    return made.id


async def activate_prompt(unit: Unit, id: UUID) -> UUID:
    """An earlier version serves again."""
    prompt = await lock(unit, Prompt, id, "id")
    await reset_prompt(unit, prompt.account_id, prompt.prompt_type)
    prompt.is_active = True
    await unit.flush()
    record(unit, "activatePrompt", prompt, AuditOperation.UPDATE, after={"number": prompt.number})
    return prompt.id


async def reset_prompt(unit: Unit, account_id: UUID, kind: PromptType) -> None:
    """The default serves again; the account's versions are kept."""
    statement = select(Prompt).where(Prompt.prompt_type == kind, Prompt.is_active).with_for_update()
    for prompt in await unit.all(statement):
        prompt.is_active = False
        record(unit, "resetPrompt", prompt, AuditOperation.UPDATE, after={"number": prompt.number})
    await unit.flush()


async def _newest(unit: Unit, kind: PromptType) -> int:
    return await unit.session.scalar(select(func.max(Prompt.number)).where(Prompt.prompt_type == kind)) or 0


# Author profiles and strategies


def checked_profile(given: dict[str, Any]) -> dict[str, Any]:
    """The columns that are given, checked."""
    checked: dict[str, Any] = {}
    for name, value in given.items():
        if name == "name":
            checked[name] = check_name(value or "", "input", "name")
        else:
            most = MAX_TEXT if name == "description" else SHORT
            checked[name] = check_text(value, most, "input", name)
    return checked


async def create_author_profile(unit: Unit, account_id: UUID, given: dict[str, Any]) -> UUID:
    (id,) = await create(unit, AuthorProfile(account_id=account_id, **checked_profile(given)))
    return id


async def update_author_profile(unit: Unit, id: UUID, given: dict[str, Any], expected_version: int | None) -> UUID:
    profile = await lock(unit, AuthorProfile, id, "id")
    return await edit(unit, profile, checked_profile(given), expected_version)


async def checked_strategy(unit: Unit, given: dict[str, Any]) -> dict[str, Any]:
    """The columns that are given, checked; a sector brings its site."""
    checked: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "name":
                checked[name] = check_name(value or "", "input", "name")
            case "description":
                checked[name] = check_text(value, MAX_TEXT, "input", name)
            case "prompt_types":
                checked[name] = rules.check_prompt_types({} if value is None else value, "input", "promptTypes")
            case "section_logic":
                checked[name] = rules.check_section_logic({} if value is None else value, "input", "sectionLogic")
            case "is_active":
                checked[name] = value is not False
            case "sector_id":
                checked |= await _place(unit, value)
    return checked


async def _place(unit: Unit, sector_id: UUID | None) -> dict[str, Any]:
    if sector_id is None:
        return {"sector_id": None, "site_id": None}
    sector = await find(unit, Sector, sector_id, "input", "sectorId")
    return {"sector_id": sector.id, "site_id": sector.site_id}


async def create_strategy(unit: Unit, account_id: UUID, given: dict[str, Any]) -> UUID:
    (id,) = await create(unit, Strategy(account_id=account_id, **await checked_strategy(unit, given)))
    return id


async def update_strategy(unit: Unit, id: UUID, given: dict[str, Any], expected_version: int | None) -> UUID:
    strategy = await lock(unit, Strategy, id, "id")
    return await edit(unit, strategy, await checked_strategy(unit, given), expected_version)


# Providers


@dataclass(frozen=True, slots=True)
class FunctionChoice:
    """Who answers one kind of question."""

    prompt_type: PromptType
    provider: AiProvider | None
    model: str | None


@dataclass(frozen=True, slots=True)
class AiChanges:
    """What is given of a provider's settings; `given` names it. An api_key of None takes the stored one away."""

    given: frozenset[str]
    api_key: str | None = None
    model: str | None = None
    provider: AiProvider | None = None
    functions: list[FunctionChoice] | None = None
    is_active: bool = True


async def update_ai_settings(
    unit: Unit, account_id: UUID, kind: IntegrationType, changes: AiChanges, expected_version: int | None
) -> UUID:
    """Made when they are not there yet. The key is encrypted; the audit says no more than that it changed."""
    statement = select(AiSettings).where(AiSettings.integration_type == kind).with_for_update()
    settings = (await unit.session.scalars(statement)).one_or_none()
    if settings is None:
        settings = AiSettings(account_id=account_id, integration_type=kind, config={})
        unit.add(settings)
        await unit.flush()
        await unit.session.refresh(settings)
    columns: dict[str, Any] = {"config": {**settings.config, **_config(kind, changes)}}
    if "is_active" in changes.given:
        columns["is_active"] = changes.is_active
    if "api_key" in changes.given:
        columns["secret"] = _sealed(unit, kind, changes.api_key)
    before = await change(unit, settings, columns, expected_version)
    shown = {"config": columns["config"], "apiKey": "changed" if "secret" in columns else "unchanged"}
    record(unit, "updateAiSettings", settings, AuditOperation.UPDATE, before={"config": before["config"]}, after=shown)
    return settings.id


def _config(kind: IntegrationType, changes: AiChanges) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if "model" in changes.given:
        config["model"] = check_text(changes.model, rules.MAX_MODEL, "input", "model") or None
    if "provider" in changes.given:
        config["provider"] = rules.check_provider(kind, changes.provider, "input", "provider")
    if "functions" in changes.given:
        config["functions"] = {c.prompt_type.value: _function(kind, c) for c in changes.functions or []}
    return config


def _function(kind: IntegrationType, choice: FunctionChoice) -> dict[str, Any]:
    if kind is not IntegrationType.OPENAI or choice.provider is AiProvider.RUNWARE:
        raise bad_input("Functions are chosen in the settings of OPENAI: OFFLINE or OPENAI.", "input", "functions")
    model = check_text(choice.model, rules.MAX_MODEL, "input", "functions") or None
    return {"provider": choice.provider.value if choice.provider else None, "model": model}


def _sealed(unit: Unit, kind: IntegrationType, key: str | None) -> bytes | None:
    if kind is IntegrationType.IMAGE_GENERATION and key is not None:
        raise bad_input("IMAGE_GENERATION has no key of its own: set it for OPENAI or RUNWARE.", "input", "apiKey")
    return None if key is None else unit.vault.seal(rules.check_api_key(key, "input", "apiKey"))
