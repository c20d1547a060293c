"""The background work of sending letters, and how it is asked for. Links are signed when they are sent, never kept."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
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


async def send_letter(unit: Unit, account_id: UUID, user_id: UUID | None, kind: MailKind, subject_id: UUID) -> UUID:
    """The job that sends it; `subject_id` is the invitation's, or the user's."""
    place = Place(account_id, user_id, None, None)
    planned = Planned(JobKind.SEND_MAIL, MAIL, place, [Work(subject_id, 1, 0)], {"mail": kind.value})
    return (await create_job(unit, planned)).id


def password_state(user: User) -> str:
    """Another one once the password is changed: a link to change it works once."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class SendMail:
    """One letter. It may go out twice if the worker dies right after; both have the same Message-ID."""

    kind = JobKind.SEND_MAIL
    phase = "sending"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Mail | None:
        about = MailKind(job.params["mail"])
        known = await _of(unit, about, item.subject_id)
        if known is None:
            return None
        letter, words = known
        token = tools.tokens.mail(letter, datetime.now(UTC) + LASTS[about])
        words["link"] = f"{tools.public_url}/{PATHS[about]}?token={token}"
        subject = SUBJECTS[about].format(**{name: one_line(word) for name, word in words.items()})
        return Mail(str(item.id), letter.email, subject, TEXTS[about].format(**words))

    async def call(self, tools: Tools, brief: Mail, progress: Progress) -> None:
        await tools.mailer.send(brief)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Mail, answer: Any) -> Charge:
        return Charge(0, message="sent")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None


async def _of(unit: Unit, about: MailKind, subject_id: UUID | None) -> tuple[Letter, dict[str, str]] | None:
    """What it proves, and what it speaks of; None when it is pointless by now."""
    if about is MailKind.INVITATION:
        invitation = await unit.session.get(Invitation, subject_id)
        if invitation is None or invitation.accepted_at or invitation.revoked_at:
            return None
        inviter = await unit.session.get(User, invitation.invited_by_id) if invitation.invited_by_id else None
        account = await unit.get(Account, invitation.account_id)
        words = {"inviter": inviter.email if inviter else account.name, "account": account.name}
        return Letter(about, invitation.id, invitation.email), words
    user = await unit.session.get(User, subject_id)
    if user is None or not user.is_active or (about is MailKind.VERIFY_EMAIL and user.email_verified_at):
        return None
    state = password_state(user) if about is MailKind.RESET_PASSWORD else ""
    return Letter(about, user.id, user.email, state), {}
