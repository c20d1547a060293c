"""Which kind of event a thing is that was done."""

from collections.abc import Mapping
from typing import Any

from domain import names
from persistence.terms import AuditOperation, EventKind

DONE = {AuditOperation.INSERT: "CREATED", AuditOperation.UPDATE: "UPDATED", AuditOperation.DELETE: "DELETED"}
STEPPING = ("Task", "Content")
NAMED = {  # mutations that do more, or something else, than what is called by the thing
    "importKeywords": EventKind.KEYWORDS_IMPORTED,
    "cancelJob": EventKind.JOB_CANCEL_REQUESTED,
    "retryJob": EventKind.JOB_RETRIED,
    "signUp": EventKind.ACCOUNT_CREATED,
    "cancelAccount": EventKind.ACCOUNT_CANCELLED,
    "verifyEmail": EventKind.EMAIL_VERIFIED,
    "changePassword": EventKind.PASSWORD_CHANGED,
    "resetPassword": EventKind.PASSWORD_CHANGED,
    "signOut": EventKind.SESSION_ENDED,
    "revokeSessions": EventKind.SESSION_ENDED,
    "resendInvitation": EventKind.INVITATION_RESENT,
    "revokeInvitations": EventKind.INVITATION_REVOKED,
    "revokeApiKeys": EventKind.API_KEY_REVOKED,
    "updatePublishingCalendar": EventKind.PUBLISHING_CALENDAR_UPDATED,
    "pausePublishing": EventKind.PUBLISHING_PAUSED,
    "resumePublishing": EventKind.PUBLISHING_RESUMED,
}
SUBJECTS = {EventKind.KEYWORDS_IMPORTED: "Sector"}  # where the event is about another thing than the record


def kind_of(action: str, entity: str, operation: AuditOperation, after: Mapping[str, Any] | None) -> EventKind:
    """AssertionError for what has none yet."""
    if named := NAMED.get(action):
        return named
    thing = names.one(entity).upper().replace(" ", "_")
    if entity in STEPPING and operation is AuditOperation.UPDATE and after:
        step = EventKind.__members__.get(f"{thing}_{after.get('status')}")
        if step:
            return step
    found = EventKind.__members__.get(f"{thing}_{DONE.get(operation)}")
    if found is None:
        raise AssertionError(
            f"{action} of {entity} ({operation}) is no kind of event: add {thing}_{DONE.get(operation, '…')} to "
            "EventKind, or what it is called to domain.events.NAMED"
        )
    return found
