"""What setting up AI work takes."""

from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from persistence.terms import AiProvider, IntegrationType, PromptType
from schema.mutation import ABSENT, described, given_id_field


@strawberry.input
class CreatePromptInput:
    prompt_type: PromptType = described("The kind of question that it asks.")
    prompt_value: str = described("The question, with {{variables}} of promptTemplates.")
    system_value: str | None = described("What the model is told about its role; the default's when not given.", None)
    idempotency_key: str | None = None


@strawberry.input
class ResetPromptInput:
    prompt_type: PromptType = described("The kind of question that it asks.")


@strawberry.input
class CreateAuthorProfileInput:
    name: str = described("Whose voice it is, 1 to 100 characters; unique in the account.")
    description: str | None = described(
        "Who the author is and how they write, for prompts; at most 4,000 characters.", ABSENT
    )
    tone: str | None = described("How it sounds, such as friendly; at most 200 characters.", ABSENT)
    language: str | None = described(
        "Articles are written in it; the keywords' own when empty. At most 200 characters.", ABSENT
    )
    idempotency_key: str | None = None


@strawberry.input
class UpdateAuthorProfileInput:
    name: str | None = described("Whose voice it is, 1 to 100 characters; unique in the account.", ABSENT)
    description: str | None = described("Who the author is and how they write; null empties it.", ABSENT)
    tone: str | None = described("How it sounds, such as friendly; null empties it.", ABSENT)
    language: str | None = described("Articles are written in it; null or empty for the keywords' own.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class CreateStrategyInput:
    name: str = described("What people call the strategy, 1 to 100 characters; unique in the account.")
    description: str | None = described("What it is after, for people; at most 4,000 characters.", ABSENT)
    sector_id: UUID | None = given_id_field(
        "Sector", "The topic that it holds for; null for all that have none of their own."
    )
    prompt_types: JSON | None = described(
        'Extra instructions by prompt type, such as {"GENERATE_IDEAS": "Prefer questions."}.', ABSENT
    )
    section_logic: JSON | None = described(
        'Sections by content structure, such as {"GUIDE": ["What you need", "Steps"]}; at most 40 each.', ABSENT
    )
    is_active: bool | None = described("Whether prompts follow it; true when not given.", ABSENT)
    idempotency_key: str | None = None


@strawberry.input
class UpdateStrategyInput:
    name: str | None = described("What people call the strategy, 1 to 100 characters; unique in the account.", ABSENT)
    description: str | None = described("What it is after, for people; null empties it.", ABSENT)
    sector_id: UUID | None = given_id_field(
        "Sector", "The topic that it holds for; null for all that have none of their own."
    )
    prompt_types: JSON | None = described(
        "Extra instructions by prompt type, in place of all that there were; null empties them.", ABSENT
    )
    section_logic: JSON | None = described(
        "Sections by content structure, in place of all that there were; null empties them.", ABSENT
    )
    is_active: bool | None = described("Whether prompts follow it.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class AiFunctionInput:
    prompt_type: PromptType = described("Which kind of question is asked.")
    provider: AiProvider | None = described("Who answers it: OFFLINE or OPENAI; the usual one when not given.", None)
    model: str | None = described(
        "As its provider names it, at most 200 characters; the usual one when not given.", None
    )


@strawberry.input
class UpdateAiSettingsInput:
    integration_type: IntegrationType = described("What is set up; its settings are made when there are none yet.")
    api_key: str | None = described("Write-only; null takes the stored one away.", ABSENT)
    model: str | None = described("As its provider names it, at most 200 characters; null for the platform's.", ABSENT)
    provider: AiProvider | None = described("Of IMAGE_GENERATION: who draws.", ABSENT)
    functions: list[AiFunctionInput] | None = described(
        "Of OPENAI: who answers which question, where it is not the usual.", ABSENT
    )
    is_active: bool | None = described("Whether they hold; else the platform's settings do.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class TestAiProviderInput:
    provider: AiProvider = described("Who is to answer.")
    idempotency_key: str | None = None


@strawberry.input
class TestImageInput:
    prompt: str = described("What shall be drawn, one line of at most 1,000 characters; empty for a cup of coffee.")
    idempotency_key: str | None = None
