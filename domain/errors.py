"""What a caller did wrong or ran into; one place translates what persistence raises."""

from collections.abc import Callable
from functools import partial

from domain import names
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


def too_long(size: int, most: int) -> DomainError:
    return DomainError(
        ErrorCode.LIMIT_REACHED,
        f"The long texts of this are {size / 1e6:,.1f} MB together and {most / 1e6:,.0f} MB are allowed in one answer. "
        "Ask for smaller pages, or leave out long fields such as htmlContent.",
    )


# What makes an error, never one that is ready: whoever raises an exception lengthens its traceback, whose frames would
# keep everything that they know, of all callers, for as long as the process lives.
CONSTRAINTS: dict[str, Callable[[], DomainError]] = {
    "uq_app_user_email": partial(
        conflict, "This e-mail address cannot be used: sign in, or take another.", "input", "email"
    ),
    "uq_account_slug": partial(conflict, "This account name is taken; choose another.", "input", "accountName"),
    "uq_industry_slug": partial(conflict, "There is an industry with this name; choose another.", "input", "name"),
    "uq_industry_sector_industry_id_slug": partial(
        conflict, "The industry has a sector with this name; choose another.", "input", "name"
    ),
    "uq_plan_slug": partial(conflict, "A plan has this slug; choose another.", "input", "slug"),
    "uq_site_account_id_slug": partial(conflict, "A site with this name exists; choose another.", "input", "name"),
    "uq_sector_account_id_site_id_slug": partial(
        conflict, "The site has a sector with this name; choose another.", "input", "name"
    ),
    "uq_keyword_market": partial(conflict, "The sector has this keyword for this market.", "input", "keyword"),
    "uq_task_account_id_idea_id": partial(conflict, "An idea already has a task.", "input", "ideaIds"),
    "uq_content_account_id_site_id_slug": partial(
        conflict, "Another content of the site is found there; choose another slug.", "input", "slug"
    ),
    "uq_taxonomy_account_id_site_id_taxonomy_type_slug": partial(
        conflict, "The site has one of this type there; choose another name or slug.", "input", "slug"
    ),
    "uq_ai_prompt_account_id_prompt_type_number": partial(
        conflict,
        "The prompt was changed by somebody else at the same time; look at it and try again.",
        "input",
        "promptValue",
    ),
    "ix_ai_prompt_account_id_prompt_type": partial(
        conflict, "The prompt was changed by somebody else at the same time; look at it and try again."
    ),
    "uq_author_profile_account_id_name": partial(
        conflict, "An author profile has this name; choose another.", "input", "name"
    ),
    "uq_strategy_account_id_name": partial(conflict, "A strategy has this name; choose another.", "input", "name"),
    "uq_integration_account_id_site_id_name": partial(
        conflict, "The site has an integration with this name; choose another.", "input", "name"
    ),
    "uq_integration_settings_account_id_integration_type": partial(
        conflict, "These settings were made by somebody else at the same time; try again.", "input", "integrationType"
    ),
    "uq_idempotency_key_account_id_operation_key": partial(
        conflict, "A request with this idempotencyKey is under way; repeat it shortly.", "input", "idempotencyKey"
    ),
    "ck_credit_balance_covered": partial(DomainError, ErrorCode.OUT_OF_CREDITS, "The account has too few credits."),
}


def session_ended() -> DomainError:
    return DomainError(ErrorCode.UNAUTHENTICATED, "The session has ended. Sign in again.")


def suspended() -> DomainError:
    return DomainError(ErrorCode.FORBIDDEN, "The account is suspended and may only read.")


def cancelled() -> DomainError:
    return DomainError(ErrorCode.FORBIDDEN, "The account is cancelled.")


def unanswered() -> DomainError:
    return DomainError(ErrorCode.UNAVAILABLE, "This is not possible for the moment; try again shortly.")


def no_room() -> DomainError:
    return DomainError(ErrorCode.UNAVAILABLE, "There is no room on the server's disk for the moment; try again later.")


def too_slow() -> DomainError:
    return DomainError(ErrorCode.UNAVAILABLE, "This takes too long and was stopped; ask for less of it at once.")


def gone() -> DomainError:
    return conflict("Something that this refers to was deleted in the meantime; read it again.")


def changed() -> DomainError:
    return conflict("It was changed by somebody else; read it again.", "input", "expectedVersion")


def site_archived(*field: str) -> DomainError:
    return conflict("The site is archived and takes nothing until updateSite(status: ACTIVE) brings it back.", *field)


def translate(error: persistence.PersistenceError) -> DomainError | None:
    """None for what is a fault of ours."""
    match error:
        case persistence.Missing():
            return not_found(names.one(error.entity))
        case persistence.Broken() if error.constraint.startswith("fk_"):
            return gone()
        case persistence.Duplicate() | persistence.Broken():
            made = CONSTRAINTS.get(error.constraint)
            return made() if made else None
        case persistence.Stale():
            return changed()
        case persistence.SessionEnded():
            return session_ended()
        case persistence.AccountSuspended():
            return suspended()
        case persistence.AccountCancelled():
            return cancelled()
        case persistence.SiteArchived():
            return site_archived()
        case persistence.Unanswered() | persistence.Deadlock():
            return unanswered()
        case persistence.NoRoom():
            return no_room()
        case persistence.TooSlow():
            return too_slow()
        case persistence.TooLong():
            return too_long(error.size, error.most)
    return None
