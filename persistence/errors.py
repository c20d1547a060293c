"""What persistence raises; domain/errors.py translates."""


class PersistenceError(Exception):
    """Base of all."""


class Missing(PersistenceError):
    """A row that is not there, or not visible in this scope."""

    def __init__(self, entity: str) -> None:
        super().__init__(f"no such {entity}")
        self.entity = entity


class Duplicate(PersistenceError):
    """A unique constraint refused the rows."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"violates {constraint}")
        self.constraint = constraint


class Broken(PersistenceError):
    """A foreign key or CHECK refused the rows."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"violates {constraint}")
        self.constraint = constraint


class Deadlock(PersistenceError):
    """Two transactions waited for each other, and this one gave way: the same may succeed when it is done again."""


class Stale(PersistenceError):
    """The row was changed by somebody else since it was read."""


class SessionEnded(PersistenceError):
    """The session was signed out, revoked, has expired, or its user's role changed."""


class AccountSuspended(PersistenceError):
    """The account may only read."""


class AccountCancelled(PersistenceError):
    """The account has no access."""


class SiteArchived(PersistenceError):
    """Something of an archived site was named: `id` is its id, as text."""

    def __init__(self, id: str) -> None:
        super().__init__(f"the site of {id} is archived")
        self.id = id


class Unanswered(PersistenceError):
    """What cannot be done without does not answer."""


class Away(Unanswered):
    """PostgreSQL does not answer, or has no connection to spare; nothing was begun."""


class FilesAway(Unanswered):
    """Where files are kept does not answer, or refuses us: nothing was kept, and the same may succeed later."""


class NoRoom(PersistenceError):
    """A disk is full, or as full as it may be: the same may succeed once there is room."""


class TooSlow(PersistenceError):
    """A statement was stopped at its time limit."""


class TooLong(PersistenceError):
    """The long texts that were asked for are more bytes together than one answer may have; nothing was read."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"{size} bytes of long texts")
        self.size, self.most = size, most


class UnsafeRole(PersistenceError):
    """The database role would not be bound by row-level security."""


class Outgrown(PersistenceError):
    """The database is at a revision of before the baseline; the message says what to do."""


class WrongSession(PersistenceError):
    """A connection is not what it asked for: another role, other settings."""
