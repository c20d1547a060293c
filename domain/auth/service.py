"""Signing up, in and out; sessions and their refresh tokens."""

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text

from domain import audit
from domain.accounts.rules import check_account_name, slug_of
from domain.auth.client import Client
from domain.auth.passwords import check_password, hash_password
from domain.auth.rules import check_password as check_new_password
from domain.billing import service as billing
from domain.errors import DomainError
from domain.mail.work.send_mail import send_quietly
from domain.rows import lock_all
from domain.texts import check_email
from domain.tokens import REFRESH_DAYS, Tokens, refresh_token, token_hash
from persistence.errors import Duplicate
from persistence.models import Account, CreditBalance, Plan, Session, SystemSettings, User
from persistence.redis.sign_in_limits import SignInLimits
from persistence.scope import AddressScope, AnonymousScope, NewAccountScope
from persistence.terms import AccountStatus, CreditTransactionType, ErrorCode, MailKind, Role
from persistence.unit import Unit, Units

GRACE = "30 seconds"  # the token just rotated still works for the second tab
# Passwords are tried at an address from a network, and at most so often from all of them, but for those where it has
# signed in lately: nobody is locked out by who guesses from elsewhere.
PER_ADDRESS, PER_ADDRESS_ANYWHERE = "10/5minute", "100/hour"
PER_IP, SIGN_UPS_PER_IP, REFRESHES_PER_IP = "100/5minute", "60/hour", "600/5minute"
LETTERS_PER_ADDRESS = "3/hour"
SIGN_UP_SECONDS = 1.0  # that an answer takes, whether the address has an account or not
TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class SignedIn:
    access_token: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Auth:
    """What signing in takes. `production`: a letter comes before signing up, unless the platform's settings differ."""

    units: Units
    tokens: Tokens
    sign_in_limits: SignInLimits
    production: bool = False


async def sign_up(auth: Auth, client: Client, account_name: str, email: str, password: str) -> SignedIn | None:
    """None where a letter goes to the address first: the answer is the same, after as long, if it has an account."""
    started = time.monotonic()
    name = check_account_name(account_name, "input", "accountName")
    address = check_email(email, "input", "email")
    check_new_password(password, "input", "password")
    await limit(auth, SIGN_UPS_PER_IP, "sign-up", client.host)
    settings = await _settings(auth)
    if not settings.sign_ups_open:
        contact = f" Write to {settings.support_email}." if settings.support_email else ""
        raise DomainError(ErrorCode.UNAVAILABLE, f"Nobody can sign up for the moment.{contact}", "input")
    by_letter = _by_letter(auth, settings)
    if by_letter:
        # Counted by themselves: letters that only somebody with an account gets would tell that there is one.
        await limit(auth, LETTERS_PER_ADDRESS, "sign-up-letters", address)
    hashed = await hash_password(password)
    account_id = await new_id(auth.units)
    token = refresh_token()
    try:
        async with auth.units(NewAccountScope(account_id)) as unit:
            user = await create_account(unit, account_id, name, address, hashed, slug=settings.sign_up_plan_slug)
            if not by_letter:
                session_id = await open_session(unit, user.id, token, client)
                return SignedIn(auth.tokens.access(session_id, user.id, account_id, Role.OWNER), token)
    except Duplicate as taken:
        if not by_letter or taken.constraint != "uq_app_user_email":
            raise
    await _confirm_or_tell(auth, address, account_id)
    await asyncio.sleep(max(0.0, SIGN_UP_SECONDS - (time.monotonic() - started)))
    return None


async def _settings(auth: Auth) -> SystemSettings:
    async with auth.units(AnonymousScope()) as unit:
        return (await unit.session.scalars(select(SystemSettings))).one()


def _by_letter(auth: Auth, settings: SystemSettings) -> bool:
    return auth.production if settings.sign_up_by_letter is None else settings.sign_up_by_letter


async def _confirm_or_tell(auth: Auth, address: str, account_id: UUID) -> None:
    """A letter to the owner of the new account, or to whoever has the address already."""
    async with auth.units(AnonymousScope()) as unit:
        found = (await unit.session.execute(text("select * from find_user(:email)"), {"email": address})).first()
    if found and found.is_active:
        kind = MailKind.VERIFY_EMAIL if found.account_id == account_id else MailKind.ADDRESS_TAKEN
        async with auth.units(AddressScope(found.user_id, address)) as unit:
            if await unit.session.get(User, found.user_id):
                await send_quietly(unit, found.account_id, found.user_id, kind, found.user_id)


async def new_id(units: Units) -> UUID:
    async with units(AnonymousScope()) as unit:
        return UUID(str((await unit.session.execute(text("select uuidv7()"))).scalar_one()))


async def create_account(
    unit: Unit, account_id: UUID, name: str, email: str, hashed: str, role: Role = Role.OWNER, slug: str = TRIAL
) -> User:
    """A trial account with its owner and its sign-up credits; the unit's scope is that new account."""
    plan = (await unit.session.scalars(select(Plan).where(Plan.slug == slug))).one()
    account = Account(
        id=account_id, name=name, slug=slug_of(name, account_id), plan_id=plan.id, status=AccountStatus.TRIAL
    )
    unit.add(account)
    await unit.flush()
    user = User(account_id=account_id, email=email, password_hash=hashed, role=role)
    unit.session.add(CreditBalance(account_id=account_id, balance=0, held=0))
    unit.add(user)
    await unit.flush()
    account.owner_id = user.id
    if plan.sign_up_credits:
        await billing.grant(
            unit,
            account_id,
            plan.sign_up_credits,
            kind=CreditTransactionType.ADJUSTMENT,
            key="sign-up",
            description="Trial credits",
        )
    audit.record(unit, account_id, "signUp", "Account", account_id, actor_id=user.id, after={"name": name})
    return user


async def sign_in(auth: Auth, client: Client, email: str, password: str) -> SignedIn:
    address = check_email(email, "input", "email")
    await limit(auth, PER_IP, "sign-in-ip", client.host)
    await limit_guesses(auth, client, address)
    async with auth.units(AnonymousScope()) as unit:
        found = (await unit.session.execute(text("select * from find_user(:email)"), {"email": address})).one_or_none()
    known = found.password_hash if found and found.is_active else None
    if not await check_password(password, known) or found is None:
        raise DomainError(ErrorCode.UNAUTHENTICATED, "The e-mail address or the password is wrong.", "input")
    if found.status == AccountStatus.CANCELLED.value:
        raise DomainError(ErrorCode.FORBIDDEN, "The account is cancelled.", "input")
    await auth.sign_in_limits.forget(PER_ADDRESS, "sign-in", address, client.network)
    if _by_letter(auth, await _settings(auth)) and Role(found.role) is not Role.DEVELOPER:
        await _wait_for_confirmation(auth, found.user_id, found.account_id, address)
    token = refresh_token()
    async with auth.units(AnonymousScope()) as unit:
        session_id = await open_session(unit, found.user_id, token, client)
    return SignedIn(auth.tokens.access(session_id, found.user_id, found.account_id, Role(found.role)), token)


async def _wait_for_confirmation(auth: Auth, user_id: UUID, account_id: UUID, address: str) -> None:
    """FORBIDDEN while the address is not confirmed; another letter goes out, but not at every attempt."""
    async with auth.units(AddressScope(user_id, address)) as unit:
        user = await unit.session.get(User, user_id)
        if user is None or user.email_verified_at:
            return
        if await auth.sign_in_limits.allowed(LETTERS_PER_ADDRESS, "letters", address):
            await send_quietly(unit, account_id, user_id, MailKind.VERIFY_EMAIL, user_id)
    raise DomainError(ErrorCode.FORBIDDEN, "Confirm your e-mail address first: a letter with a link is there.", "input")


async def refresh_session(auth: Auth, client: Client, token: str) -> SignedIn:
    """Rotates the token. One used again after its grace ends the session: somebody else holds a copy."""
    await limit(auth, REFRESHES_PER_IP, "refresh", client.host)
    new = refresh_token()
    async with auth.units(AnonymousScope()) as unit:
        statement = text("select * from rotate_refresh_token(:old, :new, cast(:grace as interval))")
        values = {"old": token_hash(token), "new": token_hash(new), "grace": GRACE}
        row = (await unit.session.execute(statement, values)).one()
    if row.outcome != "ROTATED":
        reason = "was used before; the session is ended" if row.outcome == "REUSED" else "is not valid or has expired"
        raise DomainError(
            ErrorCode.UNAUTHENTICATED, f"The refresh token {reason}. Sign in again.", "input", "refreshToken"
        )
    return SignedIn(auth.tokens.access(row.session_id, row.user_id, row.account_id, Role(row.role)), new)


async def sign_out(unit: Unit, session_id: UUID) -> None:
    """Ends the session at once, everywhere."""
    session = await unit.get(Session, session_id)
    session.revoked_at, session.revoked_reason = await unit.now(), "SIGNED_OUT"
    audit.record(unit, session.account_id, "signOut", "Session", session_id)


async def end_own_sessions(unit: Unit, account_id: UUID, ids: list[UUID]) -> list[UUID]:
    """Of the caller's; NOT_FOUND for any other's."""
    found = await lock_all(unit, Session, ids, "ids")
    for session in found:
        session.revoked_at, session.revoked_reason = session.revoked_at or await unit.now(), "REVOKED"
    ended = [session.id for session in found]
    audit.record(unit, account_id, "revokeSessions", "Session", ids=ended)
    return ended


async def open_session(unit: Unit, user_id: UUID, token: str, client: Client) -> UUID:
    """A new one for an active user."""
    await unit.flush()
    statement = text("select open_session(:user, :token, :agent, :ip, :days)")
    values = {
        "user": user_id,
        "token": token_hash(token),
        "agent": client.user_agent.replace("\0", ""),
        "ip": client.address,
        "days": REFRESH_DAYS,
    }
    return UUID(str((await unit.session.execute(statement, values)).scalar_one()))


async def limit_guesses(auth: Auth, client: Client, address: str) -> None:
    """Counts a password that is tried; RATE_LIMITED when there were too many."""
    await limit(auth, PER_ADDRESS, "sign-in", address, client.network)
    if await auth.sign_in_limits.allowed(PER_ADDRESS_ANYWHERE, "sign-in-anywhere", address):
        return
    async with auth.units(AnonymousScope()) as unit:
        statement = text("select signed_in_from(:email, :network)")
        known = await unit.session.execute(statement, {"email": address, "network": client.network})
    if not known.scalar_one():
        raise _too_many(PER_ADDRESS_ANYWHERE)


async def limit(auth: Auth, rate: str, *key: str) -> None:
    """Counts an attempt; RATE_LIMITED when there were too many."""
    if not await auth.sign_in_limits.allowed(rate, *key):
        raise _too_many(rate)


def _too_many(rate: str) -> DomainError:
    return DomainError(ErrorCode.RATE_LIMITED, f"Too many attempts (at most {rate}). Wait, then try again.")
