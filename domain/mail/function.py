"""The background work of sending letters, and how it is asked for. Links are signed when they are sent, never kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.auth.tokens import Letter
from domain.functions import Charge, Progress, Tools
from domain.job import Place, Planned, Work, create_job
from domain.mail.letters import LASTS, PATHS, SUBJECTS, TEXTS, one_line
from domain.ports import Mail
from persistence.models import Account, Invitation, Job, JobItem, User
from persistence.terms import JobKind, MailKind
from persistence.unit import Unit

MAIL = "mail"


async def send_letter(
    unit: Unit, account_id: UUID, user_id: UUID | None, kind: MailKind, subject_id: UUID, **more: str
) -> UUID:
    """The job that sends it; `subject_id` is the invitation's, or the user's; `more` as its kind needs."""
    place = Place(account_id, user_id, None, None)
    planned = Planned(JobKind.SEND_MAIL, MAIL, place, [Work(subject_id, 1, 0)], {"mail": kind.value, **more})
    return (await create_job(unit, planned)).id


def password_state(user: User) -> str:
    """Another one once the password is changed: a link to change it works once."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]


def change_state(user: User, new: str) -> str:
    """The new address, readable; void once the password is changed."""
    return f"{password_state(user)} {new}"


@dataclass(frozen=True, slots=True)
class SendMail:
    """One letter. It may go out twice if the worker dies right after; both have the same Message-ID."""

    kind = JobKind.SEND_MAIL
    phase = "sending"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Mail | None:
        about = MailKind(job.params["mail"])
        written = await _of(unit, about, item.subject_id, job.params)
        if written is None:
            return None
        words = dict(written.words)
        if about in PATHS:
            token = tools.tokens.mail(written.letter, await unit.now() + LASTS[about])
            words["link"] = f"{tools.public_url}/{PATHS[about]}?token={token}"
        subject = SUBJECTS[about].format(**{name: one_line(word) for name, word in words.items()})
        return Mail(str(item.id), written.to, subject, TEXTS[about].format(**words))

    async def call(self, tools: Tools, brief: Mail, progress: Progress) -> None:
        await tools.mailer.send(brief)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Mail, answer: Any) -> Charge:
        return Charge(0, message="sent")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Written:
    """To whom, what its link proves, what it speaks of."""

    to: str
    letter: Letter
    words: dict[str, str] = field(default_factory=dict)


async def _of(unit: Unit, about: MailKind, subject_id: UUID | None, params: Mapping[str, Any]) -> Written | None:
    """None when it is pointless by now."""
    if about is MailKind.INVITATION:
        invitation = await unit.session.get(Invitation, subject_id)
        if invitation is None or invitation.accepted_at or invitation.revoked_at:
            return None
        inviter = await unit.session.get(User, invitation.invited_by_id) if invitation.invited_by_id else None
        account = await unit.get(Account, invitation.account_id)
        words = {"inviter": inviter.email if inviter else account.name, "account": account.name}
        return Written(invitation.email, Letter(about, invitation.id, invitation.email), words)
    user = await unit.session.get(User, subject_id)
    if user is None or not user.is_active or (about is MailKind.VERIFY_EMAIL and user.email_verified_at):
        return None
    match about:
        case MailKind.RESET_PASSWORD:
            return Written(user.email, Letter(about, user.id, user.email, password_state(user)))
        case MailKind.CHANGE_EMAIL:
            new = str(params["to"])
            return Written(new, Letter(about, user.id, user.email, change_state(user, new)), {"old": user.email})
        case MailKind.EMAIL_CHANGED:
            return Written(str(params["to"]), Letter(about, user.id, user.email), {"new": user.email})
    return Written(user.email, Letter(about, user.id, user.email))
