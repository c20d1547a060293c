"""What an account sets for its AI work."""

from domain.access import Permission
from persistence import models as rows
from schema.entity import column, entity, expression, relation


@entity(rows.AIPrompt, prefix="prm", requires=Permission.MANAGE_ACCOUNT)
class AiPrompt:
    """A version of the account's own prompt; where none is active the default serves."""

    prompt_type = column(filter=True)
    function_name = column()
    prompt_value = column("The question, with {{variables}}.")
    system_value = column("What the model is told about its role.")
    number = column("Its version.", order=True)
    is_active = column(filter=True)
    user = relation()
    created_at = column(filter=True, order=True)


@entity(rows.AuthorProfile, prefix="aut")
class AuthorProfile:
    """In whose voice articles are written."""

    name = column(search=True)
    description = column()
    tone = column()
    language = column("Articles are written in it; the keywords' own when empty.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.Strategy, prefix="str")
class Strategy:
    """How content is to be made: of a sector, or where that has none of its own, of all."""

    name = column(search=True)
    description = column()
    prompt_types = column("Extra instructions by prompt type.")
    section_logic = column("Sections in their order, by content structure.")
    is_active = column(filter=True)
    site = relation(filter=True)
    sector = relation(filter=True)
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.IntegrationSettings, prefix="ais", requires=Permission.MANAGE_ACCOUNT)
class AiSettings:
    """A provider as the account uses it. Its key is never shown."""

    integration_type = column(filter=True)
    config = column()
    has_api_key = expression(lambda a: f"({a}.secret is not null)", bool)
    is_active = column(filter=True)
    created_at = column()
    updated_at = column()
    version = column("For expectedVersion of an update.")
