"""A content on its way to a destination: what comes of each step is kept at once, so that none is done twice.

No transaction is open while the destination is called. Before something is to be made there it is written down that it
will be, and when: whoever finds that later, and no answer with it, looks for it first, as often as `lookups` says.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import update

from domain.destinations import (
    GONE,
    Article,
    Destination,
    DestinationError,
    Destinations,
    Media,
    Placed,
    Remote,
    RemoteMedia,
)
from domain.functions import Progress, Tools
from domain.ports import PostponedError
from domain.publisher.belongings import Belongings, terms_of, unknown_there
from domain.publisher.brief import UNANSWERED, LookupSeconds, Sending
from domain.publisher.merging import Change, changes
from domain.publisher.outgoing import Draft, article_of, draft_of
from domain.publisher.publications import locked_publication
from domain.publisher.room import room_of, take_room
from domain.publisher.said import Theirs, theirs_of
from domain.publisher.taking import take
from persistence.files.blobs import Blobs
from persistence.models import Integration, Publication, PublishingRecord
from persistence.terms import IntegrationStatus, PublishingOutcome, RemoteStatus
from persistence.unit import Unit, Units

CALLS_AT_ONCE = 4  # of one article


@dataclass(frozen=True, slots=True)
class Sent:
    """What the destination says that it has now, of which draft."""

    remote: Remote
    adopted: bool
    draft: Draft = field(repr=False)
    theirs: Theirs = field(repr=False)
    bytes: int = 0  # of the account's STORAGE


async def send(tools: Tools, brief: Sending, progress: Progress) -> Sent:
    """DestinationError, with its record ended; PostponedError while it is not time yet to look."""
    waits = tools[LookupSeconds].waits
    if brief.unknown_since and brief.lookups < len(waits):
        early = waits[brief.lookups] - (brief.now - brief.unknown_since).total_seconds()
        if early > 0:
            raise PostponedError(UNANSWERED, early, others=True)
    async with recorded(tools, brief), tools[Destinations].open(brief.connection) as destination:
        draft = await _merged(tools, brief, destination)
        article = await article_of(draft, tools[Blobs])
        await take_room(tools, brief.scope, brief.connection, brief.content_id, brief.integration_id, article)
        remote, adopted = await Sender(tools[Units], brief, destination, waits, progress).send(article)
        return Sent(remote, adopted, draft, await theirs_of(remote), room_of(brief.connection, article))


async def _merged(tools: Tools, brief: Sending, destination: Destination) -> Draft:
    """What was edited there since is taken over before anything is sent; DestinationError where it was edited here too.

    Between this look and what is sent an edit can still be lost: no destination takes a condition.
    """
    if brief.remote_id is None or not brief.base:
        return brief.draft
    there = await destination.fetch(brief.remote_id, brief.draft.article.entity)
    if there is None or there.status is RemoteStatus.TRASHED:
        return brief.draft
    theirs = await theirs_of(there)
    found = changes(brief.base, brief.draft.ours, theirs.said)
    if not any(change in (Change.THEIRS, Change.BOTH) for change in found.values()):
        return brief.draft
    async with tools[Units](brief.scope) as unit:
        publication = await locked_publication(unit, brief.content_id, brief.integration_id)
        if publication is None:
            return brief.draft
        taken = await take(unit, publication, theirs, brief.item_id)
        draft = await draft_of(unit, publication, brief.reverted_to)
        draft = draft.standing(brief.draft.article.status, brief.draft.article.publish_at)
    if taken.conflicts:
        fields = ", ".join(name.value for name in taken.conflicts)
        raise DestinationError(
            f"It was edited there, and here too: {fields}.",
            "Choose for each with resolveConflict, then publish it again.",
            code="conflict",
        )
    return draft


@asynccontextmanager
async def recorded(tools: Tools, brief: Sending) -> AsyncIterator[None]:
    """A failure ends the record of the attempt, and is kept with the publication."""
    try:
        yield
    except DestinationError as error:
        outcome = PublishingOutcome.LOST if error.maybe_done else PublishingOutcome.FAILED
        async with tools[Units](brief.scope) as unit:
            await end_record(unit, brief.record_id, outcome, error=error.reason, code=error.code or None)
            failed = update(Publication).where(Publication.id == brief.publication_id)
            await unit.run(failed.values(error=error.reason, version=Publication.version + 1))
            if error.code == GONE:
                gone = update(Integration).where(Integration.id == brief.integration_id)
                said = {"status": IntegrationStatus.FAILED, "error": error.reason, "capabilities": {GONE: True}}
                await unit.run(gone.values(**said, version=Integration.version + 1))
        raise


async def end_record(unit: Unit, id: UUID, outcome: PublishingOutcome, **columns: Any) -> None:
    ended = update(PublishingRecord).where(PublishingRecord.id == id)
    await unit.run(ended.values(outcome=outcome, ended_at=await unit.now(), **columns))


class Sender:
    """One article to one destination."""

    def __init__(
        self, units: Units, brief: Sending, destination: Destination, waits: Sequence[float], progress: Progress
    ) -> None:
        self.units, self.brief, self.destination = units, brief, destination
        self.waits, self.progress = waits, progress
        self.calls = asyncio.Semaphore(CALLS_AT_ONCE)
        self.belongings = Belongings(units, brief, destination, waits, self.calls)

    async def send(self, article: Article) -> tuple[Remote, bool]:
        """What is there now, and whether it was found instead of made. A place for it, its pictures and its terms need
        nothing of each other: they go at once, and none is left in the middle because another failed.
        """
        steps = len(article.media) + 2
        self.progress("placing", 0, steps)
        (remote_id, adopted), placed = await all_of(self._place(article), self._placed(article, steps))
        remote = await self._put(remote_id, article, placed)
        if lost := unknown_there(article, placed, remote):
            await self.belongings.forget(lost)
            remote = await self._put(remote_id, article, await self._placed(article, steps))
        return remote, adopted

    async def _placed(self, article: Article, steps: int) -> Placed:
        known, done = await self.belongings.known(article), itertools.count(1)

        async def picture(each: Media) -> RemoteMedia:
            found = await self.belongings.media(each, known)
            self.progress("pictures", next(done), steps)
            return found

        terms = terms_of(article)
        media, ids = await all_of(
            all_of(*map(picture, article.media)), all_of(*(self.belongings.term(*each, known) for each in terms))
        )
        self.progress("text", steps - 1, steps)
        return Placed(
            {each.sha256: there for each, there in zip(article.media, media, strict=True)},
            {(kind, name.casefold()): id for (kind, name), id in zip(terms, ids, strict=True) if id is not None},
        )

    async def _put(self, remote_id: str, article: Article, placed: Placed) -> Remote:
        """What is gone for good there is forgotten here, and made anew by the next attempt."""
        try:
            return await self.destination.put(remote_id, article, placed)
        except DestinationError as error:
            if not error.code.startswith("404") or await self.destination.fetch(remote_id, article.entity):
                raise
            await self._publication(remote_id=None, unknown_since=None, lookups=0, status=None, base={})
            raise DestinationError(
                "It was deleted there for good.", "It is made anew.", code=error.code, retryable=True
            ) from error

    async def _place(self, article: Article) -> tuple[str, bool]:
        """Its id there, and whether it was found instead of made."""
        if self.brief.remote_id is not None:
            return self.brief.remote_id, False
        if self.brief.unknown_since:
            async with self.calls:
                found = await self.destination.find(article.marker, article.entity)
            if found:
                await self._publication(remote_id=found.id, unknown_since=None, lookups=0)
                return found.id, True
            await self._looked(self.brief.lookups + 1)
        await self._begins()
        try:
            async with self.calls:
                made = await self.destination.create(article)
        except DestinationError as error:
            if not error.maybe_done:
                await self._publication(unknown_since=None, lookups=0)
            raise
        await self._publication(remote_id=made.id, unknown_since=None, lookups=0)
        return made.id, False

    async def _looked(self, lookups: int) -> None:
        """PostponedError until it was looked for often enough."""
        if lookups < len(self.waits):
            await self._publication(lookups=lookups)
            raise PostponedError(UNANSWERED, self.waits[lookups] - self.waits[lookups - 1], others=True)

    async def _begins(self) -> None:
        """Not before it is really sent: who is turned away at the gate has nothing to look for."""
        async with self.units(self.brief.scope) as unit:
            await _update(unit, self.brief.publication_id, unknown_since=await unit.now(), lookups=0)

    async def _publication(self, **columns: Any) -> None:
        async with self.units(self.brief.scope) as unit:
            await _update(unit, self.brief.publication_id, **columns)


async def _update(unit: Unit, publication_id: UUID, **columns: Any) -> None:
    changed = update(Publication).where(Publication.id == publication_id)
    await unit.run(changed.values(**columns, version=Publication.version + 1))


async def all_of(*steps: Awaitable[Any]) -> list[Any]:
    """What each gives; when all have ended, what the first of them failed of."""
    found = await asyncio.gather(*steps, return_exceptions=True)
    if failed := next((each for each in found if isinstance(each, BaseException)), None):
        raise failed
    return found
