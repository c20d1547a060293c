"""Reads of accounts, sites and sectors."""

from domain.access import Permission
from schema.accounts.types import Account, ApiKey, Industry, Invitation, Plan, Sector, Session, Site, User
from schema.graph.roots import RootPart, by_id, every, listed, own

ROOTS: dict[str, RootPart] = {
    "account": own(Account, "The caller's account."),
    "site": by_id(Site),
    "sites": listed(Site),
    "sector": by_id(Sector),
    "sectors": listed(Sector),
    "user": by_id(User, Permission.MANAGE_USERS),
    "users": listed(User, Permission.MANAGE_USERS),
    "invitations": listed(Invitation, Permission.MANAGE_USERS),
    "apiKeys": listed(ApiKey, Permission.MANAGE_ACCOUNT),
    "sessions": listed(Session),
    "industries": every(Industry),
    "plans": every(Plan),
}
