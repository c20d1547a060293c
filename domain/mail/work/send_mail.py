"""The background work of sending letters, and how it is asked for. Links are signed when they are sent, never kept."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from domain.billing.service import lock_balance
from domain.errors import DomainError
from domain.functions import Charge, Params, Progress, Tools
from domain.job import create_job
from domain.mail.letters import A_DAY, LASTS, PATHS, SUBJECTS, TEXTS, one_line, shown
from domain.planned import Place, Planned, Work
from domain.ports import Mail, Mailer, PublicUrl
from domain.texts import unlinked
from domain.tokens import Letter, Tokens
from persistence.models import Account, Invitation, Job, JobItem, User
from persistence.terms import ErrorCode, JobKind, LimitKey, MailKind, Queue
from persistence.unit import Unit


class LetterLimit(DomainError):
    """Enough letters of a kind for one account and day."""


async def send_letter(
    unit: Unit,
    account_id: UUID,
    user_id: UUID | None,
    kind: MailKind,
    subject_id: UUID,
    *,
    field: Sequence[str] = (),
    **more: str,
) -> UUID:
    """The job that sends it; `subject_id` is the invitation's, or the user's; `more` as its kind needs.

    LIMIT_REACHED, naming the `field`, when enough of its kind went out for the account today.
    """
    if not await _may_send(unit, account_id, kind):
        message = f"{A_DAY[kind]} letters of this kind went out for the account within a day: try again tomorrow."
        raise LetterLimit(ErrorCode.LIMIT_REACHED, message, *field)
    place = Place(account_id, user_id, None, None)
    planned = Planned(SEND_MAIL, place, [Work(subject_id, 1, 0)], {"mail": kind.value, **more})
    return (await create_job(unit, planned)).id


async def send_quietly(unit: Unit, account_id: UUID, user_id: UUID, kind: MailKind, subject_id: UUID) -> None:
    """As `send_letter`, for who is not told whether one goes out."""
    with suppress(LetterLimit):
        await send_letter(unit, account_id, user_id, kind, subject_id)


async def _may_send(unit: Unit, account_id: UUID, kind: MailKind) -> bool:
    """Counted under the account's lock. Letters, not what they are about: who revokes an invitation has sent it."""
    if kind not in A_DAY:
        return True
    await lock_balance(unit, account_id)
    statement = select(func.count()).where(
        Job.account_id == account_id,
        Job.created_at > func.now() - timedelta(days=1),
        Job.kind == JobKind.SEND_MAIL,
        Job.params["mail"].astext == kind.value,
    )
    return (await unit.session.scalars(statement)).one() < A_DAY[kind]


def password_state(user: User) -> str:
    """Another one once the password is changed: a link to change it works once."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]


def change_state(user: User, new: str) -> str:
    """The new address, readable; void once the password is changed."""
    return f"{password_state(user)} {new}"


class SendMail:
    """One letter. It may go out twice if the worker dies right after; both have the same Message-ID."""

    kind, queue, phase = JobKind.SEND_MAIL, Queue.MAIL, "sending"

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Mail | None:
        about = MailKind(job.params["mail"])
        written = await _of(unit, about, item.subject_id, job.params)
        if written is None:
            return None
        words = dict(written.words)
        if about in PATHS:
            token = tools[Tokens].mail(written.letter, await unit.now() + LASTS[about])
            words["link"] = f"{tools[PublicUrl]()}/{PATHS[about]}?token={token}"
        subject = SUBJECTS[about].format(**{name: one_line(word) for name, word in words.items()})
        return Mail(str(item.id), written.to, subject, TEXTS[about].format(**words))

    async def call(self, tools: Tools, brief: Mail, progress: Progress) -> None:
        await tools[Mailer].send(brief)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Mail, answer: Any) -> Charge:
        return Charge(0, message="sent")

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


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
        name = unlinked(account.name)  # one that is older than the rule for names
        words = {"inviter": shown(inviter.email) if inviter else name, "account": name}
        return Written(invitation.email, Letter(about, invitation.id, invitation.email), words)
    user = await unit.session.get(User, subject_id)
    if user is None or not user.is_active or (about is MailKind.VERIFY_EMAIL and user.email_verified_at):
        return None
    match about:
        case MailKind.RESET_PASSWORD:
            return Written(user.email, Letter(about, user.id, user.email, password_state(user)))
        case MailKind.CHANGE_EMAIL:
            new = str(params["to"])
            return Written(new, Letter(about, user.id, user.email, change_state(user, new)), {"old": shown(user.email)})
        case MailKind.EMAIL_CHANGED:
            return Written(str(params["to"]), Letter(about, user.id, user.email), {"new": shown(user.email)})
    return Written(user.email, Letter(about, user.id, user.email))


SEND_MAIL = SendMail()
