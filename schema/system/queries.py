"""Reads of prompts, profiles, strategies and provider settings."""

from typing import Annotated

import strawberry

from domain.access import Permission
from domain.ai.templates import check_template, render
from domain.registry import AI_FUNCTIONS
from persistence.terms import PromptType
from schema.context import Info
from schema.graph.fields import said
from schema.graph.roots import RootPart, by_id, listed
from schema.mutation import UserError, payload_field
from schema.system.types import AiSettings, AuthorProfile, Prompt, Strategy

ROOTS: dict[str, RootPart] = {
    "prompts": listed(Prompt, Permission.MANAGE_ACCOUNT),
    "authorProfile": by_id(AuthorProfile),
    "authorProfiles": listed(AuthorProfile),
    "strategy": by_id(Strategy),
    "strategies": listed(Strategy),
    "aiSettings": listed(AiSettings, Permission.MANAGE_ACCOUNT),
}


@strawberry.type(description="What may stand in a prompt as {{name}}.")
class PromptVariable:
    name: str = strawberry.field(description="To be written as {{name}}.")
    description: str = strawberry.field(description="What it becomes when the prompt is asked.")


@strawberry.type(description="The default prompt of a kind of work; an account may put its own in its place.")
class PromptTemplate:
    prompt_type: PromptType = strawberry.field(description="The kind of question that it asks.")
    version: int = strawberry.field(description="Counts the platform's changes of it.")
    system_value: str = strawberry.field(description="What the model is told about its role.")
    prompt_value: str = strawberry.field(description="The question, with {{variables}}.")
    variables: list[PromptVariable] = strawberry.field(description="What may stand in it as {{name}}.")


@strawberry.type
class PromptPreviewPayload:
    """A prompt as a model would get it, about a small shop for coffee machines."""

    system: str | None = strawberry.field(
        description="The role that the model would be told; null when userErrors says what is wrong.", default=None
    )
    prompt: str | None = strawberry.field(
        description="The question that it would get; null when userErrors says what is wrong.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SystemQuery:
    @payload_field(Permission.MANAGE_ACCOUNT, "A prompt of one's own filled in, before it is created; or the default.")
    async def prompt_preview(
        self,
        info: Info,
        prompt_type: Annotated[PromptType, said("The kind of question that it asks.")],
        prompt_value: Annotated[
            str | None, said("The question, with {{variables}}; the default's when absent.")
        ] = None,
        system_value: Annotated[str | None, said("What the model is told; the default's when absent.")] = None,
    ) -> PromptPreviewPayload:
        function = AI_FUNCTIONS[prompt_type]
        template = function.template
        prompt = check_template(template, prompt_value, "promptValue") if prompt_value is not None else template.prompt
        system = check_template(template, system_value, "systemValue") if system_value is not None else template.system
        values = function.values(function.sample)
        return PromptPreviewPayload(system=render(system, values), prompt=render(prompt, values))

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
            for t in (function.template for function in AI_FUNCTIONS.values())
        ]
