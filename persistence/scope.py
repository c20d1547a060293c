"""In whose name a transaction runs: each scope is the statement that opens it.

The statement is the first of its transaction; the settings it makes last no longer. Without one, row-level security
shows no tenant's row.
"""

import json
from dataclasses import dataclass
from typing import Protocol, Self
from uuid import UUID

from persistence.terms import Role

Named = tuple[tuple[str, tuple[UUID, ...]], ...]  # tables, and ids of their rows


def _rows(named: Named) -> str:
    return json.dumps({table: [str(id) for id in ids] for table, ids in named})


@dataclass(frozen=True, slots=True)
class SeenSites:
    """The sites that a transaction shows, as the database has decided: all where there are no `ids`, and what belongs
    to no site.
    """

    ids: frozenset[UUID] | None

    @classmethod
    def told(cls, setting: str) -> Self:
        """From the setting igny8.sites."""
        return cls(None if setting == "*" else frozenset(UUID(id) for id in setting.split(",") if id))

    def __contains__(self, site_id: UUID | None) -> bool:
        return self.ids is None or site_id in self.ids


class Scope(Protocol):
    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        """SQL with $n parameters, and their values."""
        ...


@dataclass(frozen=True, slots=True)
class SessionScope:
    """A signed-in user. `role` is what the token says; the database refuses it when it is no longer so.

    `named`: the rows that something is to be done about, whose sites must not be archived (SiteArchived), nor are
    before the transaction has ended.
    """

    session_id: UUID
    user_id: UUID
    account_id: UUID
    role: Role
    write: bool = False
    request_id: str = ""
    named: Named = ()

    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        known = (self.session_id, self.role.value, self.write, self.request_id)
        if not self.named:
            return "select enter($1, $2, $3, $4)", known
        return "select enter($1, $2, $3, $4), refuse_archived($5::jsonb)", (*known, _rows(self.named))


@dataclass(frozen=True, slots=True)
class JobScope:
    """A worker, or an operator, on behalf of a job's account. `named`: as in SessionScope.

    `cause`: the job whose work it is, of which the events tell that it brought them about.
    """

    account_id: UUID
    user_id: UUID | None = None
    named: Named = ()
    cause: UUID | None = None

    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        values: list[object] = [self.account_id, self.user_id]
        sql = "select enter_job($1, $2)"
        if self.cause:
            values.append(self.cause)
            sql += f", set_config('igny8.cause', ${len(values)}::text, true)"
        if self.named:
            values.append(_rows(self.named))
            sql += f", refuse_archived(${len(values)}::jsonb)"
        return sql, tuple(values)


@dataclass(frozen=True, slots=True)
class NewAccountScope:
    """Sign-up: a fresh account id made by the database, visible to this transaction alone."""

    account_id: UUID

    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        return "select enter_new($1)", (self.account_id,)


@dataclass(frozen=True, slots=True)
class AnonymousScope:
    """Nobody yet: only the listed security-definer functions and the public catalogue answer."""

    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        return "select leave()", ()


@dataclass(frozen=True, slots=True)
class SystemScope:
    """The scheduler, or staff: rows of jobs and schedules of all accounts; `reason` is kept with the transaction."""

    reason: str

    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        return "select enter_system($1)", (self.reason,)


@dataclass(frozen=True, slots=True)
class InvitedScope:
    """Somebody with a valid invitation, in the account that invites; of any other nothing is seen."""

    invitation_id: UUID

    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        return "select enter_invited($1)", (self.invitation_id,)


@dataclass(frozen=True, slots=True)
class AddressScope:
    """Somebody who reads the mail of a user's address, in that user's account, while the address is still theirs."""

    user_id: UUID
    email: str

    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        return "select enter_address($1, $2)", (self.user_id, self.email)


@dataclass(frozen=True, slots=True)
class StaffScope:
    """Our own staff in a tenant's account; `reason` goes on record there."""

    session_id: UUID
    user_id: UUID
    account_id: UUID
    reason: str
    request_id: str = ""

    @property
    def opening(self) -> tuple[str, tuple[object, ...]]:
        return "select enter_staff($1, $2, $3)", (self.session_id, self.account_id, self.request_id)
