"""What an attempt to bring a content to a destination begins with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.destinations import Connection
from domain.publisher.merging import Base
from domain.publisher.outgoing import Draft
from persistence.scope import JobScope

UNANSWERED = "An answer was lost; looking for what was made before it is made again."


@dataclass(frozen=True, slots=True)
class LookupSeconds:
    """How long after something was sent, of which no answer came, it is looked for."""

    waits: Sequence[float] = (5.0, 30.0, 300.0)


@dataclass(frozen=True, slots=True)
class Sending:
    """`base`: what both sides said when they were last the same. `reverted_to`: the revision that is asked for.
    `unknown_since`: it may be there already, unbeknown to us; `lookups` is how often it was looked for.
    """

    account_id: UUID
    site_id: UUID
    integration_id: UUID
    content_id: UUID
    publication_id: UUID
    record_id: UUID
    job_id: UUID
    item_id: UUID
    connection: Connection = field(repr=False)
    draft: Draft = field(repr=False)
    remote_id: str | None
    base: Base = field(repr=False)
    reverted_to: int | None
    unknown_since: datetime | None
    lookups: int
    now: datetime

    @property
    def scope(self) -> JobScope:
        return JobScope(self.account_id, cause=self.job_id)
