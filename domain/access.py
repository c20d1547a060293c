"""Who may do what: the roles and permissions of the product as one table."""

from persistence.terms import Permission as Permission
from persistence.terms import Role

READER = frozenset({Permission.READ})
EDITOR = READER | {Permission.PLAN, Permission.WRITE}
ADMIN = EDITOR | {
    Permission.PUBLISH,
    Permission.MANAGE_SITES,
    Permission.MANAGE_USERS,
    Permission.MANAGE_ACCOUNT,
    Permission.VIEW_BILLING,
}

# Of an account's sites those that they were given; in SQL the view signed_in says so.
SEES_SOME = (Role.EDITOR, Role.VIEWER)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DEVELOPER: ADMIN | {Permission.STAFF},
    Role.OWNER: ADMIN,
    Role.ADMIN: ADMIN,
    Role.EDITOR: EDITOR,
    Role.VIEWER: READER,
    Role.SYSTEM_BOT: EDITOR,
}
