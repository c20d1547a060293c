"""What a letter to an address proves: confirming it, choosing a new password, joining an account."""

import asyncio
import time
from uuid import UUID

from sqlalchemy import func, select, text, update

from domain import audit
from domain.accounts.people import check_person, give_sites
from domain.auth.client import Client
from domain.auth.keys import end_api_keys
from domain.auth.passwords import check_password, hash_password
from domain.auth.rules import check_password as check_new_password
from domain.auth.service import LETTERS_PER_ADDRESS, Auth, SignedIn, limit, limit_guesses, open_session
from domain.errors import DomainError, bad_input, conflict
from domain.mail.work.send_mail import change_state, password_state, send_letter, send_quietly
from domain.texts import check_email
from domain.tokens import Letter, refresh_token
from persistence.errors import Duplicate, Missing
from persistence.models import Invitation, Session, Site, User
from persistence.scope import AddressScope, AnonymousScope, InvitedScope, Scope, SessionScope
from persistence.terms import AuditOperation, ErrorCode, MailKind
from persistence.unit import Unit

LETTERS_PER_IP, TRIES_PER_IP = "30/hour", "60/5minute"
AS_LONG = 0.3  # seconds that an answer takes, whether there was anything to do or not
VOID = "This link is not valid any more. Ask for a new one."


async def request_password_reset(auth: Auth, client: Client, email: str) -> None:
    """Answers the same, after as long, whether the address is anybody's or not."""
    started = time.monotonic()
    address = check_email(email, "input", "email")
    await limit(auth, LETTERS_PER_IP, "letters-ip", client.host)
    if await auth.sign_in_limits.allowed(LETTERS_PER_ADDRESS, "letters", address):
        async with auth.units(AnonymousScope()) as unit:
            found = (await unit.session.execute(text("select * from find_user(:email)"), {"email": address})).first()
        if found and found.is_active:
            async with auth.units(AddressScope(found.user_id, address)) as unit:
                if await unit.session.get(User, found.user_id):
                    await send_quietly(unit, found.account_id, found.user_id, MailKind.RESET_PASSWORD, found.user_id)
    await asyncio.sleep(max(0.0, AS_LONG - (time.monotonic() - started)))


async def reset_password(auth: Auth, client: Client, token: str, password: str, *, end_keys: bool) -> None:
    """Once a link; all sessions of the user end, and with `end_keys` their API keys. The address is confirmed by it."""
    check_new_password(password, "input", "password")
    await limit(auth, TRIES_PER_IP, "letter-tries", client.host)
    letter = _read(auth, token, MailKind.RESET_PASSWORD)
    hashed = await hash_password(password)
    async with auth.units(AddressScope(letter.subject, letter.email)) as unit:
        user = await _user(unit, letter)
        if password_state(user) != letter.state:
            raise conflict(VOID, "input", "token")
        user.password_hash, user.email_verified_at = hashed, user.email_verified_at or await unit.now()
        await end_sessions(unit, user.id, "PASSWORD_RESET")
        ended = await end_api_keys(unit, user.id) if end_keys else 0
        audit.record(
            unit, user.account_id, "resetPassword", "User", user.id, actor_id=user.id, after={"apiKeysEnded": ended}
        )


async def verify_email(auth: Auth, client: Client, token: str) -> UUID:
    """The user whose address it is; a second time changes nothing."""
    await limit(auth, TRIES_PER_IP, "letter-tries", client.host)
    letter = _read(auth, token, MailKind.VERIFY_EMAIL)
    async with auth.units(AddressScope(letter.subject, letter.email)) as unit:
        user = await _user(unit, letter)
        if user.email_verified_at is None:
            user.email_verified_at = await unit.now()
            audit.record(unit, user.account_id, "verifyEmail", "User", user.id, actor_id=user.id)
        return user.id


def _read(auth: Auth, token: str, kind: MailKind) -> Letter:
    letter = auth.tokens.read_mail(token, kind)
    if letter is None:
        raise bad_input(VOID, "input", "token")
    return letter


async def _user(unit: Unit, letter: Letter) -> User:
    """Locked; CONFLICT when the address is not theirs any more, or they are out."""
    try:
        return await unit.get(User, letter.subject, lock=True)
    except Missing:
        raise conflict(VOID, "input", "token") from None


async def request_verification(auth: Auth, scope: Scope, user_id: UUID) -> None:
    """In the caller's `scope`; CONFLICT when it was confirmed already."""
    async with auth.units(scope) as unit:
        user = await unit.get(User, user_id)
    if user.email_verified_at:
        raise conflict("The address is confirmed already.")
    await limit(auth, LETTERS_PER_ADDRESS, "letters", user.email)
    async with auth.units(AddressScope(user_id, user.email)) as unit:
        await send_letter(unit, user.account_id, user_id, MailKind.VERIFY_EMAIL, user_id)


async def request_email_change(auth: Auth, client: Client, scope: SessionScope, email: str, password: str) -> None:
    """A letter to the new address, whoever else may have it: that is told to who reads it there, and to nobody here."""
    new = check_email(email, "input", "email")
    known = await _known(auth, client, scope, password, "input", "password")
    if new == known.email:
        raise bad_input("This is the address already.", "input", "email")
    await limit(auth, LETTERS_PER_ADDRESS, "change-letters", new)  # by themselves, as those of sign-ups are
    async with auth.units(AddressScope(known.id, known.email)) as unit:
        about = MailKind.CHANGE_EMAIL
        await send_letter(unit, known.account_id, known.id, about, known.id, field=("input", "email"), to=new)


async def change_email(auth: Auth, client: Client, token: str) -> None:
    """Once a link; the old address is told. CONFLICT when another user has the new one."""
    await limit(auth, TRIES_PER_IP, "letter-tries", client.host)
    letter = _read(auth, token, MailKind.CHANGE_EMAIL)
    new = letter.state.partition(" ")[2]
    async with auth.units(AddressScope(letter.subject, letter.email)) as unit:
        user = await _user(unit, letter)
        if change_state(user, new) != letter.state:
            raise conflict(VOID, "input", "token")
        user.email, user.email_verified_at = new, await unit.now()
        try:
            await unit.flush()
        except Duplicate:
            raise conflict("Another user has this address.", "input", "token") from None
        audit.record(
            unit, user.account_id, "changeEmail", "User", user.id, operation=AuditOperation.UPDATE, actor_id=user.id,
            before={"email": letter.email}, after={"email": new},
        )  # fmt: skip
        await send_letter(unit, user.account_id, user.id, MailKind.EMAIL_CHANGED, user.id, to=letter.email)


async def change_password(
    auth: Auth, client: Client, scope: SessionScope, current: str, new: str, *, end_keys: bool
) -> None:
    """All other sessions of the user end, and with `end_keys` their API keys.

    Limited as signing in is: it tells whether a password is right.
    """
    check_new_password(new, "input", "newPassword")
    known = await _known(auth, client, scope, current, "input", "currentPassword")
    hashed = await hash_password(new)
    async with auth.units(scope) as unit:
        user = await unit.get(User, scope.user_id, lock=True)
        if user.password_hash != known.password_hash:
            raise conflict("The password was changed meanwhile.", "input", "currentPassword")
        user.password_hash = hashed
        await end_sessions(unit, user.id, "PASSWORD_CHANGED", but=scope.session_id)
        ended = await end_api_keys(unit, user.id) if end_keys else 0
        audit.record(unit, user.account_id, "changePassword", "User", user.id, after={"apiKeysEnded": ended})


async def _known(auth: Auth, client: Client, scope: SessionScope, password: str, *field: str) -> User:
    """The caller, who knows the password; limited as signing in is: it tells whether it is right."""
    async with auth.units(scope) as unit:
        known = await unit.get(User, scope.user_id)
    await limit_guesses(auth, client, known.email)
    if not await check_password(password, known.password_hash):
        raise DomainError(ErrorCode.BAD_INPUT, "The current password is wrong.", *field)
    return known


async def end_sessions(unit: Unit, user_id: UUID, reason: str, *, but: UUID | None = None) -> list[UUID]:
    """Those that ended; the user is the actor. API keys go on: `end_api_keys` ends them."""
    statement = update(Session).where(
        Session.user_id == user_id, Session.revoked_at.is_(None), Session.is_api_key.is_(False)
    )
    if but:
        statement = statement.where(Session.id != but)
    done = await unit.run(statement.values(revoked_at=func.now(), revoked_reason=reason).returning(Session.id))
    return list(done.scalars())


async def accept_invitation(
    auth: Auth, client: Client, token: str, password: str, first_name: str | None, last_name: str | None
) -> SignedIn:
    """A new user of the account that invited, signed in; once. The address is confirmed by the link."""
    check_new_password(password, "input", "password")
    await limit(auth, TRIES_PER_IP, "letter-tries", client.host)
    letter = _read(auth, token, MailKind.INVITATION)
    hashed, refresh = await hash_password(password), refresh_token()
    async with auth.units(InvitedScope(letter.subject)) as unit:
        try:
            invitation = await unit.get(Invitation, letter.subject, lock=True)
        except Missing:
            raise conflict(VOID, "input", "token") from None
        if invitation.accepted_at or invitation.revoked_at:  # by somebody who was first
            raise conflict(VOID, "input", "token")
        user = User(
            account_id=invitation.account_id,
            email=invitation.email,
            password_hash=hashed,
            role=invitation.role,
            first_name=check_person(first_name, "input", "firstName"),
            last_name=check_person(last_name, "input", "lastName"),
            email_verified_at=await unit.now(),
        )
        unit.add(user)
        await unit.flush()
        there = (await unit.session.scalars(select(Site.id).where(Site.id.in_(invitation.site_ids)))).all()
        await give_sites(unit, user, there, invitation.invited_by_id)
        invitation.accepted_at = await unit.now()
        audit.record(
            unit, user.account_id, "acceptInvitation", "User", user.id, operation=AuditOperation.INSERT,
            actor_id=user.id, after={"email": user.email, "role": user.role.value},
        )  # fmt: skip
        session_id = await open_session(unit, user.id, refresh, client)
        access = auth.tokens.access(session_id, user.id, user.account_id, user.role)
    return SignedIn(access, refresh)
