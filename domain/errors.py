"""What a caller did wrong or ran into; one place translates what persistence raises."""

from persistence import errors as persistence
from persistence.terms import ErrorCode


class DomainError(Exception):
    """An expected failure: `field` is the path of the input it is about, in GraphQL's names."""

    def __init__(self, code: ErrorCode, message: str, *field: str) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field


def camel(name: str) -> str:
    """A Python name as GraphQL writes it."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def bad_input(message: str, *field: str) -> DomainError:
    return DomainError(ErrorCode.BAD_INPUT, message, *field)


def not_found(what: str, *field: str) -> DomainError:
    return DomainError(ErrorCode.NOT_FOUND, f"There is no such {what} here.", *field)


def conflict(message: str, *field: str) -> DomainError:
    return DomainError(ErrorCode.CONFLICT, message, *field)


CONSTRAINTS: dict[str, DomainError] = {
    "uq_app_user_email": conflict("This e-mail address cannot be used: sign in, or take another.", "input", "email"),
    "uq_account_slug": conflict("This account name is taken; choose another.", "input", "accountName"),
    "uq_industry_slug": conflict("There is an industry with this name; choose another.", "input", "name"),
    "uq_industry_sector_industry_id_slug": conflict(
        "The industry has a sector with this name; choose another.", "input", "name"
    ),
    "uq_plan_slug": conflict("A plan has this slug; choose another.", "input", "slug"),
    "uq_site_account_id_slug": conflict("A site with this name exists; choose another.", "input", "name"),
    "uq_sector_account_id_site_id_slug": conflict(
        "The site has a sector with this name; choose another.", "input", "name"
    ),
    "uq_keyword_market": conflict("The sector has this keyword for this market.", "input", "keyword"),
    "uq_task_account_id_idea_id": conflict("An idea already has a task.", "input", "ideaIds"),
    "uq_content_account_id_site_id_slug": conflict(
        "Another content of the site is found there; choose another slug.", "input", "slug"
    ),
    "uq_taxonomy_account_id_site_id_taxonomy_type_slug": conflict(
        "The site has one of this type there; choose another name or slug.", "input", "slug"
    ),
    "uq_ai_prompt_account_id_prompt_type_number": conflict(
        "The prompt was changed by somebody else at the same time; look at it and try again.", "input", "promptValue"
    ),
    "ix_ai_prompt_account_id_prompt_type": conflict(
        "The prompt was changed by somebody else at the same time; look at it and try again."
    ),
    "uq_author_profile_account_id_name": conflict("An author profile has this name; choose another.", "input", "name"),
    "uq_strategy_account_id_name": conflict("A strategy has this name; choose another.", "input", "name"),
    "uq_integration_settings_account_id_integration_type": conflict(
        "These settings were made by somebody else at the same time; try again.", "input", "integrationType"
    ),
    "uq_idempotency_key_account_id_operation_key": conflict(
        "A request with this idempotencyKey is under way; repeat it shortly.", "input", "idempotencyKey"
    ),
    "ck_credit_balance_covered": DomainError(ErrorCode.OUT_OF_CREDITS, "The account has too few credits."),
}
SESSION_ENDED = DomainError(ErrorCode.UNAUTHENTICATED, "The session has ended. Sign in again.")
SUSPENDED = DomainError(ErrorCode.FORBIDDEN, "The account is suspended and may only read.")
CANCELLED = DomainError(ErrorCode.FORBIDDEN, "The account is cancelled.")
UNANSWERED = DomainError(ErrorCode.UNAVAILABLE, "This is not possible for the moment; try again shortly.")
TOO_SLOW = DomainError(ErrorCode.UNAVAILABLE, "This takes too long and was stopped; ask for less of it at once.")
GONE = conflict("Something that this refers to was deleted in the meantime; read it again.")
CHANGED = conflict("It was changed by somebody else; read it again.", "input", "expectedVersion")


def translate(error: persistence.PersistenceError) -> DomainError | None:
    """None for what is a fault of ours."""
    match error:
        case persistence.Missing():
            return not_found(error.entity.lower())
        case persistence.Broken() if error.constraint.startswith("fk_"):
            return GONE
        case persistence.Duplicate() | persistence.Broken():
            return CONSTRAINTS.get(error.constraint)
        case persistence.Stale():
            return CHANGED
        case persistence.SessionEnded():
            return SESSION_ENDED
        case persistence.AccountSuspended():
            return SUSPENDED
        case persistence.AccountCancelled():
            return CANCELLED
        case persistence.Unanswered() | persistence.Deadlock():
            return UNANSWERED
        case persistence.TooSlow():
            return TOO_SLOW
    return None
