"""Reads of accounts, sites and sectors."""

from domain.access import Permission
from schema.accounts.types import Account, Industry, Plan, Sector, Site, User
from schema.roots import RootPart, by_id, every, listed, own

ROOTS: dict[str, RootPart] = {
    "account": own(Account, "The caller's account."),
    "site": by_id(Site),
    "sites": listed(Site),
    "sector": by_id(Sector),
    "sectors": listed(Sector),
    "users": listed(User, Permission.MANAGE_USERS),
    "industries": every(Industry),
    "plans": every(Plan),
}
