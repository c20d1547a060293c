"""What setting up AI work takes."""

from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from persistence.terms import AiProvider, IntegrationType, PromptType
from schema.mutation import ABSENT, given_id_field


@strawberry.input
class CreatePromptInput:
    prompt_type: PromptType
    prompt_value: str = strawberry.field(description="With {{variables}} of promptTemplates.")
    system_value: str | None = strawberry.field(description="The default's when not given.", default=None)
    idempotency_key: str | None = None


@strawberry.input
class CreateAuthorProfileInput:
    name: str
    description: str | None = ABSENT
    tone: str | None = ABSENT
    language: str | None = ABSENT
    idempotency_key: str | None = None


@strawberry.input
class UpdateAuthorProfileInput:
    name: str | None = ABSENT
    description: str | None = ABSENT
    tone: str | None = ABSENT
    language: str | None = ABSENT
    expected_version: int | None = None


@strawberry.input
class CreateStrategyInput:
    name: str
    description: str | None = ABSENT
    sector_id: UUID | None = given_id_field("Sector")
    prompt_types: JSON | None = strawberry.field(description="Instructions by prompt type.", default=ABSENT)
    section_logic: JSON | None = strawberry.field(description="Sections by content structure.", default=ABSENT)
    is_active: bool | None = ABSENT
    idempotency_key: str | None = None


@strawberry.input
class UpdateStrategyInput:
    name: str | None = ABSENT
    description: str | None = ABSENT
    sector_id: UUID | None = given_id_field("Sector")
    prompt_types: JSON | None = strawberry.field(description="Instructions by prompt type.", default=ABSENT)
    section_logic: JSON | None = strawberry.field(description="Sections by content structure.", default=ABSENT)
    is_active: bool | None = ABSENT
    expected_version: int | None = None


@strawberry.input
class AiFunctionInput:
    prompt_type: PromptType
    provider: AiProvider | None = None
    model: str | None = None


@strawberry.input
class UpdateAiSettingsInput:
    integration_type: IntegrationType
    api_key: str | None = strawberry.field(description="Write-only; null takes the stored one away.", default=ABSENT)
    model: str | None = ABSENT
    provider: AiProvider | None = strawberry.field(description="Of IMAGE_GENERATION: who draws.", default=ABSENT)
    functions: list[AiFunctionInput] | None = strawberry.field(
        description="Of OPENAI: who answers which question, where it is not the usual.", default=ABSENT
    )
    is_active: bool | None = ABSENT
    expected_version: int | None = None


@strawberry.input
class TestAiProviderInput:
    provider: AiProvider
    idempotency_key: str | None = None


@strawberry.input
class TestImageInput:
    prompt: str
    idempotency_key: str | None = None
