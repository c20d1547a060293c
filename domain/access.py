"""Who may do what: the roles and permissions of the product as one table."""

from enum import StrEnum

from persistence.terms import Role


class Permission(StrEnum):
    """What a field asks of its caller."""

    READ = "READ"
    PLAN = "PLAN"
    WRITE = "WRITE"
    PUBLISH = "PUBLISH"
    MANAGE_SITES = "MANAGE_SITES"
    MANAGE_USERS = "MANAGE_USERS"
    MANAGE_ACCOUNT = "MANAGE_ACCOUNT"
    VIEW_BILLING = "VIEW_BILLING"
    STAFF = "STAFF"


READER = frozenset({Permission.READ})
EDITOR = READER | {Permission.PLAN, Permission.WRITE}
ADMIN = EDITOR | {
    Permission.PUBLISH,
    Permission.MANAGE_SITES,
    Permission.MANAGE_USERS,
    Permission.MANAGE_ACCOUNT,
    Permission.VIEW_BILLING,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DEVELOPER: ADMIN | {Permission.STAFF},
    Role.OWNER: ADMIN,
    Role.ADMIN: ADMIN,
    Role.EDITOR: EDITOR,
    Role.VIEWER: READER,
    Role.SYSTEM_BOT: EDITOR,
}
