"""What mutations of AI settings answer."""

import strawberry

from persistence.terms import PromptType
from schema.mutation import UserError
from schema.system.types import AiSettings, AuthorProfile, Prompt, Strategy


@strawberry.type
class PromptPayload:
    prompt: Prompt | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ResetPromptPayload:
    prompt_type: PromptType | None = strawberry.field(
        description="Whose default serves again; null when userErrors says why not.", default=None
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
