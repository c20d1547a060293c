"""A content on its way to a destination: what comes of each step is kept at once, so that none is done twice.

No transaction is open while the destination is called. Before something is to be made there it is written down that it
will be, and when: whoever finds that later, and no answer with it, looks for it first, as often as `lookups` says.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.destinations import (
    Article,
    Connection,
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
from domain.publisher.merging import Base, Change, changes
from domain.publisher.outgoing import Draft, article_of, draft_of
from domain.publisher.publications import locked_publication
from domain.publisher.said import Theirs, theirs_of
from domain.publisher.taking import take
from persistence.files.blobs import Blobs
from persistence.models import JobItem, Publication, PublishingRecord, RemoteEntity
from persistence.scope import JobScope
from persistence.terms import JobItemStatus, PublishingOutcome, RemoteEntityKind, RemoteStatus, TaxonomyType
from persistence.unit import Unit, Units

UNANSWERED = "An answer was lost; looking for what was made before it is made again."
PICTURES_AT_ONCE = 3
ELSEWHERE_SECONDS, POLL_SECONDS = 20.0, 0.2  # while another worker brings the same picture or term there


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


@dataclass(frozen=True, slots=True)
class Sent:
    """What the destination says that it has now, of which draft."""

    remote: Remote
    adopted: bool
    draft: Draft = field(repr=False)
    theirs: Theirs = field(repr=False)


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
        remote, adopted = await Sender(tools[Units], brief, destination, waits, progress).send(article)
        return Sent(remote, adopted, draft, await theirs_of(remote))


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

    async def send(self, article: Article) -> tuple[Remote, bool]:
        """What is there now, and whether it was found instead of made."""
        remote_id, adopted = self.brief.remote_id, False
        steps = len(article.media) + 2
        self.progress("placing", 0, steps)
        if remote_id is None:
            remote_id, adopted = await self._place(article)
        media = await self._all_media(article.media, steps)
        terms = {key: id for key in _terms(article) if (id := await self._term(*key)) is not None}
        self.progress("text", steps - 1, steps)
        placed = Placed(media, {(kind, name.casefold()): id for (kind, name), id in terms.items()})
        return await self._put(remote_id, article, placed), adopted

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
        if self.brief.unknown_since:
            found = await self.destination.find(article.marker, article.entity)
            if found:
                await self._publication(remote_id=found.id, unknown_since=None, lookups=0)
                return found.id, True
            await self._looked(self.brief.lookups + 1)
        await self._begins()
        try:
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

    async def _all_media(self, pictures: Sequence[Media], steps: int) -> dict[str, RemoteMedia]:
        """A few at once; none is left in the middle because another failed."""
        slots, done = asyncio.Semaphore(PICTURES_AT_ONCE), itertools.count(1)

        async def one(picture: Media) -> RemoteMedia:
            async with slots:
                found = await self._media(picture)
            self.progress("pictures", next(done), steps)
            return found

        found = await asyncio.gather(*map(one, pictures), return_exceptions=True)
        if failed := next((each for each in found if isinstance(each, BaseException)), None):
            raise failed
        return {
            picture.sha256: each
            for picture, each in zip(pictures, found, strict=True)
            if not isinstance(each, BaseException)
        }

    async def _media(self, picture: Media) -> RemoteMedia:
        """Once for all contents of the integration, by what is in it."""
        row, mine = await self._claimed(RemoteEntityKind.MEDIA, picture.sha256)
        if row.remote_id:
            return RemoteMedia(row.remote_id, row.remote_url or "")
        found = None if mine else await self.destination.find_media(picture)
        if found is None and not mine:
            await self._media_looked(row)
        try:
            there = found or await self.destination.upload(picture)
        except DestinationError as error:
            if not error.maybe_done:
                await self._forget(row)
            raise
        await self._keep(row, there.id, there.url)
        return there

    async def _media_looked(self, row: RemoteEntity) -> None:
        """As `_looked`."""
        async with self.units(self.brief.scope) as unit:
            again = row.lookups + 1 < len(self.waits)
            values = {"lookups": row.lookups + 1} if again else {"lookups": 0, "sent_at": await unit.now()}
            await unit.run(update(RemoteEntity).where(RemoteEntity.id == row.id).values(**values))
        if again:
            raise PostponedError(UNANSWERED, self.waits[row.lookups + 1] - self.waits[row.lookups], others=True)

    async def _term(self, kind: TaxonomyType, name: str) -> str | None:
        """None for one that the destination does not let us make: the article goes without."""
        row, _ = await self._claimed(RemoteEntityKind.TERM, f"{kind.value} {name.casefold()}")
        if row.remote_id:
            return row.remote_id
        try:
            id = await self.destination.term(kind, name)
        except DestinationError as error:
            await self._forget(row)
            if error.retryable or error.maybe_done:
                raise
            return None
        await self._keep(row, id, None)
        return id

    async def _claimed(self, entity: RemoteEntityKind, key: str) -> tuple[RemoteEntity, bool]:
        """The row of a thing, and whether it is ours to make because nobody had begun. Whose item is at it is waited
        for a while; what an item left unfinished is taken over, by one.
        """
        until = asyncio.get_running_loop().time() + ELSEWHERE_SECONDS
        while True:
            async with self.units(self.brief.scope) as unit:
                row, new = await self._claim(unit, entity, key)
                mine = new or row.remote_id or await self._taken_over(unit, row)
                unit.session.expunge(row)
                waited = (await unit.now() - row.sent_at).total_seconds()
            if new or row.remote_id:
                return row, new
            if mine:
                if waited < self.waits[row.lookups]:
                    raise PostponedError(UNANSWERED, self.waits[row.lookups] - waited, others=True)
                return row, False
            if asyncio.get_running_loop().time() > until:
                raise PostponedError(UNANSWERED, ELSEWHERE_SECONDS, others=True)
            await asyncio.sleep(POLL_SECONDS)

    async def _claim(self, unit: Unit, entity: RemoteEntityKind, key: str) -> tuple[RemoteEntity, bool]:
        brief = self.brief
        own = {"account_id": brief.account_id, "site_id": brief.site_id, "integration_id": brief.integration_id}
        made = insert(RemoteEntity).values(**own, entity=entity, key=key, job_item_id=brief.item_id)
        mine = (await unit.run(made.on_conflict_do_nothing().returning(RemoteEntity.id))).scalar_one_or_none()
        of = select(RemoteEntity).where(
            RemoteEntity.integration_id == brief.integration_id,
            RemoteEntity.entity == entity,
            RemoteEntity.key == key,
        )
        return (await unit.session.scalars(of)).one(), mine is not None

    async def _taken_over(self, unit: Unit, row: RemoteEntity) -> bool:
        """Whether it is this item's now. False while another is at it, or was faster."""
        if row.job_item_id == self.brief.item_id:
            return True
        at_it = select(JobItem.id).where(
            JobItem.id == row.job_item_id, JobItem.status == JobItemStatus.RUNNING, JobItem.lease_until > func.now()
        )
        taken = update(RemoteEntity).where(
            RemoteEntity.id == row.id,
            RemoteEntity.remote_id.is_(None),
            RemoteEntity.job_item_id == row.job_item_id,
            ~at_it.exists(),
        )
        own = taken.values(job_item_id=self.brief.item_id).returning(RemoteEntity.id)
        return (await unit.run(own)).scalar_one_or_none() is not None

    async def _keep(self, row: RemoteEntity, remote_id: str, url: str | None) -> None:
        async with self.units(self.brief.scope) as unit:
            kept = update(RemoteEntity).where(RemoteEntity.id == row.id)
            await unit.run(kept.values(remote_id=remote_id, remote_url=url, lookups=0))

    async def _forget(self, row: RemoteEntity) -> None:
        async with self.units(self.brief.scope) as unit:
            found = await unit.session.get(RemoteEntity, row.id)
            if found is not None and found.remote_id is None:
                await unit.session.delete(found)


async def _update(unit: Unit, publication_id: UUID, **columns: Any) -> None:
    changed = update(Publication).where(Publication.id == publication_id)
    await unit.run(changed.values(**columns, version=Publication.version + 1))


def _terms(article: Article) -> list[tuple[TaxonomyType, str]]:
    kinds = ((TaxonomyType.CATEGORY, article.categories), (TaxonomyType.TAG, article.tags))
    return [(kind, name) for kind, names in kinds for name in names]
