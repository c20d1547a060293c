"""What an account sets for its AI work."""

import strawberry

from domain.access import Permission
from domain.ai.templates import PromptTemplate as Template
from persistence import models as rows
from persistence.terms import PromptType
from schema.graph.entity import column, entity, expression, relation


@entity(rows.Prompt, prefix="prm", requires=Permission.MANAGE_ACCOUNT)
class Prompt:
    """A version of the account's own prompt; where none is active the default serves."""

    prompt_type = column("The kind of question that it asks.", filter=True)
    function_name = column("The prompt type in small letters; null where none was kept.")
    prompt_value = column("The question, with {{variables}}.")
    system_value = column("What the model is told about its role.")
    number = column("The version, from 1 for each prompt type.", order=True)
    is_active = column("Whether this version is asked; at most one of a type is.", filter=True)
    user = relation("Who wrote it; null when that user is gone.")
    created_at = column(filter=True, order=True)


@entity(rows.AuthorProfile, prefix="aut")
class AuthorProfile:
    """In whose voice articles are written."""

    name = column("Whose voice it is; unique in the account.", search=True)
    description = column("Who the author is and how they write, for prompts; empty where nobody said.")
    tone = column("How it sounds, such as friendly; at most 200 characters.")
    language = column("Articles are written in it; the keywords' own when empty.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.Strategy, prefix="str")
class Strategy:
    """How content is to be made: of a sector, or where that has none of its own, of all."""

    name = column("What people call the strategy; unique in the account.", search=True)
    description = column("What it is after, for people; empty where nobody said.")
    prompt_types = column("Extra instructions by prompt type.")
    section_logic = column("Sections in their order, by content structure.")
    is_active = column("Whether prompts follow it.", filter=True)
    site = relation("The website of its sector; null where it is the account's.", filter=True)
    sector = relation("The topic that it holds for; null for all that have none of their own.", filter=True)
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.AiSettings, prefix="ais", requires=Permission.MANAGE_ACCOUNT)
class AiSettings:
    """A provider as the account uses it. Its key is never shown."""

    integration_type = column("What is set up by it.", filter=True)
    config = column("What was chosen, but for the key: model, provider, functions.")
    has_api_key = expression(
        lambda a: f"({a}.secret is not null)", bool, "Whether a key of the account's own is stored."
    )
    is_active = column("Whether the account's own settings hold; else the platform's do.", filter=True)
    created_at = column()
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


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


def shown_template(template: Template) -> PromptTemplate:
    return PromptTemplate(
        prompt_type=template.function,
        version=template.version,
        system_value=template.system,
        prompt_value=template.prompt,
        variables=[PromptVariable(name=name, description=text) for name, text in template.variables.items()],
    )
