"""What letters say."""

from datetime import timedelta

from persistence.terms import MailKind

LASTS = {
    MailKind.INVITATION: timedelta(days=7),
    MailKind.VERIFY_EMAIL: timedelta(days=3),
    MailKind.RESET_PASSWORD: timedelta(hours=1),
}
PATHS = {
    MailKind.INVITATION: "accept-invitation",
    MailKind.VERIFY_EMAIL: "verify-email",
    MailKind.RESET_PASSWORD: "reset-password",
}
SUBJECTS = {
    MailKind.INVITATION: "{inviter} invites you to {account}",
    MailKind.VERIFY_EMAIL: "Confirm your e-mail address",
    MailKind.RESET_PASSWORD: "Choose a new password",
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
TEXTS = {
    MailKind.INVITATION: _INVITATION,
    MailKind.VERIFY_EMAIL: _VERIFY,
    MailKind.RESET_PASSWORD: _RESET,
}


def one_line(text: str) -> str:
    """What people wrote, for a subject: nothing in it begins another header."""
    return " ".join(text.split())[:100]
