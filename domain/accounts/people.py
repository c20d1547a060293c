"""The people of an account: who is asked to join, what they may do, which sites they see."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from domain import audit
from domain.access import PERMISSIONS, Permission
from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from domain.crud import edit, number_of, record
from domain.errors import bad_input, camel, conflict, not_found
from domain.mail.letters import LASTS
from domain.mail.work.send_mail import send_letter
from domain.rows import distinct, lock, lock_all
from domain.texts import check_email, check_line, check_unlinked
from persistence.models import Account, Invitation, Site, SiteAccess, User
from persistence.terms import AuditOperation, LimitKey, MailKind, Role
from persistence.unit import Unit

ASSIGNABLE = (Role.ADMIN, Role.EDITOR, Role.VIEWER)
MAX_SITES, MAX_USERS, MAX_NAME = 1000, 100, 100


def check_role(role: Role, held: frozenset[Permission], *field: str) -> Role:
    """Nobody gives what they may not do themselves."""
    if role not in ASSIGNABLE:
        raise bad_input(f"Give one of {', '.join(ASSIGNABLE)}; an owner is made by transferOwnership.", *field)
    if not PERMISSIONS[role] <= held:
        raise bad_input(f"{role.value} may do more than you may.", *field)
    return role


async def invite_user(
    unit: Unit,
    account_id: UUID,
    inviter_id: UUID,
    email: str,
    role: Role,
    site_ids: Sequence[UUID],
    held: frozenset[Permission],
) -> UUID:
    """A letter goes out with the link. LIMIT_REACHED at the plan's number of users and open invitations."""
    sites = await _sites(unit, site_ids) if site_ids else []
    address = check_email(email, "input", "email")
    check_role(role, held, "input", "role")
    await _forget_expired(unit, address)
    await lock_balance(unit, account_id)
    if await number_of(unit, User.id, User.email == address):
        raise conflict("This is somebody of the account already.", "input", "email")
    if await number_of(unit, Invitation.id, *_open(address)):
        raise conflict("This address is invited already; send it again with resendInvitation.", "input", "email")
    await check_room(unit, account_id, LimitKey.USERS, 1, "input", "email")
    invitation = Invitation(
        account_id=account_id,
        email=address,
        role=role,
        site_ids=sites,
        invited_by_id=inviter_id,
        expires_at=await unit.now() + LASTS[MailKind.INVITATION],
    )
    unit.add(invitation)
    await unit.flush()
    await send_letter(unit, account_id, inviter_id, MailKind.INVITATION, invitation.id, field=("input", "email"))
    record(unit, "inviteUser", invitation, AuditOperation.INSERT, after={"email": address, "role": role.value})
    return invitation.id


def _open(address: str) -> tuple[ColumnElement[bool], ...]:
    return (Invitation.email == address, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))


async def _forget_expired(unit: Unit, address: str) -> None:
    for invitation in await unit.all(select(Invitation).where(*_open(address)).with_for_update()):
        if invitation.expires_at <= await unit.now():
            invitation.revoked_at = await unit.now()
    await unit.flush()


async def resend_invitation(unit: Unit, inviter_id: UUID, id: UUID) -> str:
    """With a new link, for another seven days; those sent before work as long as they did. To which address."""
    invitation = await lock(unit, Invitation, id, "id")
    if invitation.accepted_at or invitation.revoked_at:
        raise conflict("The invitation was accepted or revoked.", "id")
    if invitation.expires_at <= await unit.now():  # its seat was free meanwhile
        await lock_balance(unit, invitation.account_id)
        await check_room(unit, invitation.account_id, LimitKey.USERS, 1, "id")
    invitation.expires_at = await unit.now() + LASTS[MailKind.INVITATION]
    await send_letter(unit, invitation.account_id, inviter_id, MailKind.INVITATION, id, field=("id",))
    record(unit, "resendInvitation", invitation, AuditOperation.EVENT)
    return invitation.email


async def revoke_invitations(unit: Unit, ids: Sequence[UUID]) -> list[UUID]:
    """Their links open nothing any more."""
    found = await lock_all(unit, Invitation, ids, "ids", most=MAX_USERS)
    for invitation in found:
        if invitation.accepted_at:
            raise conflict("An invitation was accepted; deactivate the user instead.", "ids")
        invitation.revoked_at = invitation.revoked_at or await unit.now()
    revoked = [invitation.id for invitation in found]
    audit.record(unit, found[0].account_id, "revokeInvitations", "Invitation", ids=revoked)
    return revoked


async def _sites(unit: Unit, ids: Sequence[UUID], *field: str) -> list[UUID]:
    wanted = distinct(ids, *(field or ("input", "siteIds")), most=MAX_SITES)
    if await number_of(unit, Site.id, Site.id.in_(wanted)) != len(wanted):
        raise not_found("site", *(field or ("input", "siteIds")))
    return wanted


async def update_user(
    unit: Unit,
    caller_id: UUID,
    id: UUID,
    first_name: object,
    last_name: object,
    active: object,
    action: str = "updateUser",
) -> UUID:
    """Ellipsis for what is not given. Who is not active cannot sign in, and is out at once."""
    user = await lock(unit, User, id, "id")
    columns: dict[str, object] = {}
    for name, value in (("first_name", first_name), ("last_name", last_name)):
        if value is not ... and value != getattr(user, name):  # what is there already may be older than the rule
            columns[name] = check_person(str(value or ""), "input", camel(name))
    if isinstance(active, bool) and active is not user.is_active:
        await _check_other(unit, caller_id, user, "input", "isActive")
        if active:
            await lock_balance(unit, user.account_id)
            await check_room(unit, user.account_id, LimitKey.USERS, 1, "input", "isActive")
        columns["is_active"] = active
        if not active:
            await unit.session.execute(text("select end_access(:user)"), {"user": id})
            await _forget_invitations_by(unit, [id])
    return await edit(unit, user, columns, None, action)


def check_person(name: str | None, *field: str) -> str:
    """A first or last name, possibly none."""
    return check_unlinked(check_line(name, MAX_NAME, *field), *field) or ""


async def _check_other(unit: Unit, caller_id: UUID, user: User, *field: str) -> None:
    """Nobody locks themselves out, and an account keeps its owner."""
    if user.id == caller_id:
        raise bad_input("This cannot be done to oneself.", *field)
    account = await unit.get(Account, user.account_id)
    if account.owner_id == user.id or user.role not in ASSIGNABLE:
        raise bad_input("This cannot be done to the owner; transfer the ownership first.", *field)


async def _forget_invitations_by(unit: Unit, user_ids: Sequence[UUID]) -> None:
    """Who may not invite any more has not invited."""
    theirs = update(Invitation).where(
        Invitation.invited_by_id.in_(user_ids), Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
    )
    await unit.run(theirs.values(revoked_at=await unit.now()))


async def set_role(unit: Unit, caller_id: UUID, user_id: UUID, role: Role, held: frozenset[Permission]) -> UUID:
    """Their sessions end at once: they sign in, or refresh, as what they are now."""
    user = await lock(unit, User, user_id, "input", "userId")
    check_role(role, held, "input", "role")
    await _check_other(unit, caller_id, user, "input", "userId")
    await _forget_invitations_by(unit, [user_id])
    return await edit(unit, user, {"role": role}, None, "setRole")


async def transfer_ownership(unit: Unit, caller_id: UUID, user_id: UUID) -> UUID:
    """The owner becomes an admin, an active user the owner."""
    # Users before their account: whoever has a user's row locked may go on to write what refers to the account.
    users = await lock_all(unit, User, [user_id, caller_id], "input", "userId")
    user, owner = users[0], users[-1]
    account = await unit.get(Account, user.account_id, lock=True)
    if account.owner_id != caller_id:
        raise conflict("Only the owner may do this.", "input", "userId")
    if user.id == caller_id or not user.is_active:
        raise bad_input("Give another active user.", "input", "userId")
    if owner.role is Role.OWNER:
        owner.role = Role.ADMIN
    user.role, account.owner_id = Role.OWNER, user.id
    await unit.flush()
    record(unit, "transferOwnership", user, AuditOperation.UPDATE, after={"from": owner.email, "to": user.email})
    return account.id


async def grant_site_access(unit: Unit, caller_id: UUID, user_id: UUID, site_ids: Sequence[UUID]) -> UUID:
    """Editors and viewers see the sites they are granted, at once; owners and admins see all anyway."""
    user = await lock(unit, User, user_id, "input", "userId")
    sites = await _sites(unit, site_ids)
    await give_sites(unit, user, sites, caller_id)
    record(unit, "grantSiteAccess", user, AuditOperation.UPDATE, after={"siteIds": sites})
    return user_id


async def give_sites(unit: Unit, user: User, sites: Sequence[UUID], granted_by: UUID | None) -> None:
    values = [
        {"account_id": user.account_id, "user_id": user.id, "site_id": site, "granted_by_id": granted_by}
        for site in sites
    ]
    if values:
        await unit.run(insert(SiteAccess).values(values).on_conflict_do_nothing())


async def revoke_site_access(unit: Unit, user_id: UUID, site_ids: Sequence[UUID]) -> UUID:
    user = await lock(unit, User, user_id, "input", "userId")
    sites = await _sites(unit, site_ids)
    gone = delete(SiteAccess).where(SiteAccess.user_id == user_id, SiteAccess.site_id.in_(sites))
    await unit.run(gone)
    record(unit, "revokeSiteAccess", user, AuditOperation.UPDATE, before={"siteIds": sites})
    return user_id


async def delete_users(unit: Unit, caller_id: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """What they made stays, without its maker; the record keeps their ids."""
    users = await lock_all(unit, User, ids, "ids", most=MAX_USERS)
    for user in users:
        await _check_other(unit, caller_id, user, "ids")
    gone = [user.id for user in users]
    audit.record(
        unit, users[0].account_id, "deleteUsers", "User", operation=AuditOperation.DELETE,
        before={"emails": [user.email for user in users]}, ids=gone,
    )  # fmt: skip
    await _forget_invitations_by(unit, gone)
    await unit.run(delete(User).where(User.id.in_(gone)))
    return gone
