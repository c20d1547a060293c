"""What letters say, and how many there may be."""

import re
from datetime import timedelta

from domain.texts import unlinked
from persistence.terms import MailKind

LASTS = {
    MailKind.INVITATION: timedelta(days=7),
    MailKind.VERIFY_EMAIL: timedelta(days=3),
    MailKind.RESET_PASSWORD: timedelta(hours=1),
    MailKind.CHANGE_EMAIL: timedelta(days=1),
}
# That go out for one account within a day, so that nobody sends what they like to whom they like. A kind each: what
# strangers can cause (by asking for a new password) must not use up what the account's own people may.
A_DAY = {
    MailKind.INVITATION: 50,
    MailKind.CHANGE_EMAIL: 20,
    MailKind.VERIFY_EMAIL: 100,
    MailKind.RESET_PASSWORD: 100,
    MailKind.ADDRESS_TAKEN: 100,
}
# Of those that have a link.
PATHS = {
    MailKind.INVITATION: "accept-invitation",
    MailKind.VERIFY_EMAIL: "verify-email",
    MailKind.RESET_PASSWORD: "reset-password",
    MailKind.CHANGE_EMAIL: "change-email",
}
SUBJECTS = {
    MailKind.INVITATION: "{inviter} invites you to {account}",
    MailKind.VERIFY_EMAIL: "Confirm your e-mail address",
    MailKind.RESET_PASSWORD: "Choose a new password",
    MailKind.ADDRESS_TAKEN: "You have an account already",
    MailKind.CHANGE_EMAIL: "Confirm your new e-mail address",
    MailKind.EMAIL_CHANGED: "Your e-mail address was changed",
}
_INVITATION = """\
{inviter} invites you to work on {account}.

Follow this link within seven days to join:

{link}

If you did not expect this, do nothing.
"""
_VERIFY = """\
Please confirm that this is your address, within three days:

{link}

If you have no account at IGNY8, do nothing.
"""
_RESET = """\
Somebody, probably you, asked for a new password for your account at IGNY8.

Follow this link within an hour to choose one:

{link}

If it was not you, do nothing: your password stays as it is.
"""
_TAKEN = """\
Somebody, probably you, wanted to sign up at IGNY8 with this address, which has an account already.

Sign in with it; if you do not know the password any more, ask for a new one.

If it was not you, do nothing: nothing has changed.
"""
_CHANGE = """\
The user of an account at IGNY8, {old}, wants to use this address from now on.

If that is you, follow this link within a day:

{link}

If you have no account at IGNY8, do nothing.
"""
_CHANGED = """\
Your account at IGNY8 has a new e-mail address, {new}; letters go there from now on.

If it was not you who changed it, write to whoever owns the account, or to us, at once.
"""
TEXTS = {
    MailKind.INVITATION: _INVITATION,
    MailKind.VERIFY_EMAIL: _VERIFY,
    MailKind.RESET_PASSWORD: _RESET,
    MailKind.ADDRESS_TAKEN: _TAKEN,
    MailKind.CHANGE_EMAIL: _CHANGE,
    MailKind.EMAIL_CHANGED: _CHANGED,
}


def shown(email: str) -> str:
    """Somebody's address, for a letter to somebody else: what is no plain one may look like a link."""
    return email if re.fullmatch(r"[\w.+'-]+@[\w.-]+", email) else unlinked(email)


def one_line(text: str) -> str:
    """What people wrote, for a subject: nothing in it begins another header."""
    return " ".join(text.split())[:100]
