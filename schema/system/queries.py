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
from schema.mutation import payload_field
from schema.system.payloads import PromptPreviewPayload
from schema.system.types import AiSettings, AuthorProfile, Prompt, PromptTemplate, Strategy, shown_template

ROOTS: dict[str, RootPart] = {
    "prompt": by_id(Prompt, Permission.MANAGE_ACCOUNT),
    "prompts": listed(Prompt, Permission.MANAGE_ACCOUNT),
    "authorProfile": by_id(AuthorProfile),
    "authorProfiles": listed(AuthorProfile),
    "strategy": by_id(Strategy),
    "strategies": listed(Strategy),
    "aiSettings": listed(AiSettings, Permission.MANAGE_ACCOUNT),
}


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
        return PromptPreviewPayload(system_value=render(system, values), prompt_value=render(prompt, values))

    @strawberry.field(description="The default prompts, and what may stand in them.")  # type: ignore[untyped-decorator]
    def prompt_templates(self) -> list[PromptTemplate]:
        return [shown_template(function.template) for function in AI_FUNCTIONS.values()]
