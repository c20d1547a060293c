"""What mutations of AI settings answer."""

import strawberry

from schema.mutation import UserError
from schema.system.types import AiSettings, AuthorProfile, Prompt, PromptTemplate, Strategy


@strawberry.type
class PromptPayload:
    prompt: Prompt | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ResetPromptPayload:
    prompt_template: PromptTemplate | None = strawberry.field(
        description="The default that serves again; null when userErrors says why not.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class PromptPreviewPayload:
    """A prompt as a model would get it, about a small shop for coffee machines."""

    system_value: str | None = strawberry.field(
        description="The role that the model would be told; null when userErrors says what is wrong.", default=None
    )
    prompt_value: str | None = strawberry.field(
        description="The question that it would get; null when userErrors says what is wrong.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class AuthorProfilePayload:
    author_profile: AuthorProfile | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class StrategyPayload:
    strategy: Strategy | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class AiSettingsPayload:
    ai_settings: AiSettings | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
