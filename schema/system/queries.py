"""Reads of prompts, profiles, strategies and provider settings."""

import strawberry

from domain.access import Permission
from domain.registry import TEMPLATES
from persistence.terms import PromptType
from schema.roots import RootPart, by_id, listed
from schema.system.types import AiPrompt, AiSettings, AuthorProfile, Strategy

ROOTS: dict[str, RootPart] = {
    "prompts": listed(AiPrompt, Permission.MANAGE_ACCOUNT),
    "authorProfile": by_id(AuthorProfile),
    "authorProfiles": listed(AuthorProfile),
    "strategy": by_id(Strategy),
    "strategies": listed(Strategy),
    "aiSettings": listed(AiSettings, Permission.MANAGE_ACCOUNT),
}


@strawberry.type(description="What may stand in a prompt as {{name}}.")
class PromptVariable:
    name: str
    description: str


@strawberry.type(description="The default prompt of a kind of work; an account may put its own in its place.")
class PromptTemplate:
    prompt_type: PromptType
    version: int
    system_value: str
    prompt_value: str
    variables: list[PromptVariable]


@strawberry.type
class SystemQuery:
    @strawberry.field(description="The default prompts, and what may stand in them.")  # type: ignore[untyped-decorator]
    def prompt_templates(self) -> list[PromptTemplate]:
        return [
            PromptTemplate(
                prompt_type=t.function,
                version=t.version,
                system_value=t.system,
                prompt_value=t.prompt,
                variables=[PromptVariable(name=name, description=text) for name, text in t.variables.items()],
            )
            for t in TEMPLATES.values()
        ]
