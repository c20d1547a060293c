"""Prompts, author profiles, strategies and provider settings."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.crud import delete_all
from domain.registry import AI_FUNCTIONS
from domain.system import service
from domain.system.service import AiChanges, FunctionChoice
from domain.system.work.test_ai_provider import TEST_AI_PROVIDER
from domain.system.work.test_image import TEST_IMAGE
from persistence import models as rows
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.jobs.actions import starts
from schema.mutation import DeletePayload, create_one_once, given, id_argument, mutation
from schema.system.inputs import (
    CreateAuthorProfileInput,
    CreatePromptInput,
    CreateStrategyInput,
    ResetPromptInput,
    TestAiProviderInput,
    TestImageInput,
    UpdateAiSettingsInput,
    UpdateAuthorProfileInput,
    UpdateStrategyInput,
)
from schema.system.payloads import (
    AiSettingsPayload,
    AuthorProfilePayload,
    PromptPayload,
    ResetPromptPayload,
    StrategyPayload,
)
from schema.system.types import AiSettings, AuthorProfile, Prompt, Strategy, shown_template

PromptId = Annotated[UUID, id_argument("Prompt")]
AuthorProfileId = Annotated[UUID, id_argument("AuthorProfile")]
AuthorProfileIds = Annotated[list[UUID], id_argument("AuthorProfile", many=True)]
StrategyId = Annotated[UUID, id_argument("Strategy")]
StrategyIds = Annotated[list[UUID], id_argument("Strategy", many=True)]


@strawberry.type
class SystemMutation:
    @mutation(Permission.MANAGE_ACCOUNT)
    async def create_prompt(self, info: Info, input: CreatePromptInput) -> PromptPayload:
        """The next version of the account's own prompt, in place of the default."""
        caller = info.context.caller
        template = AI_FUNCTIONS[input.prompt_type].template
        id = await create_one_once(
            info,
            Prompt,
            "createPrompt",
            input,
            lambda unit: service.create_prompt(
                unit, caller.account_id, caller.user_id, template, input.prompt_value, input.system_value
            ),
        )
        return PromptPayload(prompt=ref(Prompt, id))

    @mutation(Permission.MANAGE_ACCOUNT)
    async def activate_prompt(self, info: Info, id: PromptId) -> PromptPayload:
        """An earlier version serves again."""
        async with info.context.write() as unit:
            await service.activate_prompt(unit, id)
        return PromptPayload(prompt=ref(Prompt, id))

    @mutation(Permission.MANAGE_ACCOUNT)
    async def reset_prompt(self, info: Info, input: ResetPromptInput) -> ResetPromptPayload:
        """The default serves again; the account's versions are kept."""
        async with info.context.write() as unit:
            await service.reset_prompt(unit, info.context.caller.account_id, input.prompt_type)
        return ResetPromptPayload(prompt_template=shown_template(AI_FUNCTIONS[input.prompt_type].template))

    @mutation(Permission.WRITE)
    async def create_author_profile(self, info: Info, input: CreateAuthorProfileInput) -> AuthorProfilePayload:
        """In whose voice articles may be written."""
        account_id, fields = info.context.caller.account_id, given(input, "idempotency_key")
        id = await create_one_once(
            info,
            AuthorProfile,
            "createAuthorProfile",
            input,
            lambda unit: service.create_author_profile(unit, account_id, fields),
        )
        return AuthorProfilePayload(author_profile=ref(AuthorProfile, id))

    @mutation(Permission.WRITE)
    async def update_author_profile(
        self, info: Info, id: AuthorProfileId, input: UpdateAuthorProfileInput
    ) -> AuthorProfilePayload:
        """Only what is given of the profile changes; null empties."""
        async with info.context.write() as unit:
            changes = given(input, "expected_version")
            await service.update_author_profile(unit, id, changes, input.expected_version)
        return AuthorProfilePayload(author_profile=ref(AuthorProfile, id))

    @mutation(Permission.WRITE)
    async def delete_author_profiles(self, info: Info, ids: AuthorProfileIds) -> DeletePayload:
        """All or none; articles keep their text."""
        async with info.context.write() as unit:
            deleted = await delete_all(unit, rows.AuthorProfile, ids)
        return DeletePayload(deleted_ids=encoded(AuthorProfile, deleted))

    @mutation(Permission.PLAN)
    async def create_strategy(self, info: Info, input: CreateStrategyInput) -> StrategyPayload:
        """For one sector, or without one for all that have none of their own."""
        account_id, fields = info.context.caller.account_id, given(input, "idempotency_key")
        id = await create_one_once(
            info, Strategy, "createStrategy", input, lambda unit: service.create_strategy(unit, account_id, fields)
        )
        return StrategyPayload(strategy=ref(Strategy, id))

    @mutation(Permission.PLAN)
    async def update_strategy(self, info: Info, id: StrategyId, input: UpdateStrategyInput) -> StrategyPayload:
        """Only what is given changes; a sectorId of null makes it the account's."""
        async with info.context.write() as unit:
            await service.update_strategy(unit, id, given(input, "expected_version"), input.expected_version)
        return StrategyPayload(strategy=ref(Strategy, id))

    @mutation(Permission.PLAN, archived=True)
    async def delete_strategies(self, info: Info, ids: StrategyIds) -> DeletePayload:
        """Up to 1,000 strategies, all or none."""
        async with info.context.write() as unit:
            deleted = await delete_all(unit, rows.Strategy, ids)
        return DeletePayload(deleted_ids=encoded(Strategy, deleted))

    test_ai_provider = starts(
        TEST_AI_PROVIDER,
        TestAiProviderInput,
        "Is there a key, does it answer, is the answer of use: the job says. RUNWARE draws, for 3 credits.",
    )

    test_image = starts(
        TEST_IMAGE,
        TestImageInput,
        "A picture by whoever draws for the account, kept for a day; the job's message says where. 3 credits.",
    )

    @mutation(Permission.MANAGE_ACCOUNT)
    async def update_ai_settings(self, info: Info, input: UpdateAiSettingsInput) -> AiSettingsPayload:
        """The account's own key, models and choice of provider; keys are encrypted at rest and never shown."""
        found = given(input, "integration_type", "expected_version")
        functions = [FunctionChoice(f.prompt_type, f.provider, f.model) for f in found.get("functions") or []]
        changes = AiChanges(
            frozenset(found),
            found.get("api_key"),
            found.get("model"),
            found.get("provider"),
            functions,
            found.get("is_active", True) is not False,
        )
        async with info.context.write() as unit:
            id = await service.update_ai_settings(
                unit, info.context.caller.account_id, input.integration_type, changes, input.expected_version
            )
        return AiSettingsPayload(ai_settings=ref(AiSettings, id))
