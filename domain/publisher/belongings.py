"""Pictures and terms of articles at a destination: each is brought there once, whoever of all workers comes first."""

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.destinations import Article, Destination, DestinationError, Media, Placed, Remote, RemoteMedia
from domain.ports import PostponedError
from domain.publisher.brief import UNANSWERED, Sending
from persistence.models import JobItem, RemoteEntity
from persistence.terms import JobItemStatus, RemoteEntityKind, TaxonomyType
from persistence.unit import Unit, Units

ELSEWHERE_SECONDS = 20.0  # while another worker brings the same picture or term there
FIRST_POLL, LONGEST_POLL = 0.1, 1.0
Known = Mapping[tuple[RemoteEntityKind, str], RemoteMedia]


class Belongings:
    """Of one article. `calls` is held while the destination is called, and not while another worker is waited for."""

    def __init__(
        self,
        units: Units,
        brief: Sending,
        destination: Destination,
        waits: Sequence[float],
        calls: asyncio.Semaphore,
    ) -> None:
        self.units, self.brief, self.destination = units, brief, destination
        self.waits, self.calls = waits, calls

    async def known(self, article: Article) -> Known:
        """What is there of its pictures and terms, by what it is and its key."""
        keys = [each.sha256 for each in article.media] + [_key(*each) for each in terms_of(article)]
        async with self.units(self.brief.scope) as unit:
            of = select(RemoteEntity.entity, RemoteEntity.key, RemoteEntity.remote_id, RemoteEntity.remote_url).where(
                RemoteEntity.integration_id == self.brief.integration_id,
                RemoteEntity.key.in_(keys),
                RemoteEntity.remote_id.is_not(None),
            )
            rows = (await unit.session.execute(of)).all() if keys else []
        return {(entity, key): RemoteMedia(id or "", url or "") for entity, key, id, url in rows}

    async def media(self, picture: Media, known: Known) -> RemoteMedia:
        """Once for all contents of the integration, by what is in it."""
        if there := known.get((RemoteEntityKind.MEDIA, picture.sha256)):
            return there
        row, mine = await self._claimed(RemoteEntityKind.MEDIA, picture.sha256)
        if row.remote_id:
            return RemoteMedia(row.remote_id, row.remote_url or "")
        found = None
        if not mine:
            async with self.calls:
                found = await self.destination.find_media(picture)
            if found is None:
                await self._media_looked(row)
        try:
            async with self.calls:
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

    async def term(self, kind: TaxonomyType, name: str, known: Known) -> str | None:
        """None for one that the destination does not let us make: the article goes without."""
        if there := known.get((RemoteEntityKind.TERM, _key(kind, name))):
            return there.id
        row, _ = await self._claimed(RemoteEntityKind.TERM, _key(kind, name))
        if row.remote_id:
            return row.remote_id
        try:
            async with self.calls:
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
        until, pause = asyncio.get_running_loop().time() + ELSEWHERE_SECONDS, FIRST_POLL
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
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_POLL)

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

    async def forget(self, lost: Sequence[tuple[RemoteEntityKind, str]]) -> None:
        """They were deleted there; they are brought there anew."""
        async with self.units(self.brief.scope) as unit:
            for entity, remote_id in lost:
                known = delete(RemoteEntity).where(
                    RemoteEntity.integration_id == self.brief.integration_id,
                    RemoteEntity.entity == entity,
                    RemoteEntity.remote_id == remote_id,
                )
                await unit.run(known)


def _key(kind: TaxonomyType, name: str) -> str:
    return f"{kind.value} {name.casefold()}"


def terms_of(article: Article) -> list[tuple[TaxonomyType, str]]:
    """Each once, however its letters are cased."""
    kinds = ((TaxonomyType.CATEGORY, article.categories), (TaxonomyType.TAG, article.tags))
    return list({_key(kind, name): (kind, name) for kind, names in kinds for name in names}.values())


def unknown_there(article: Article, placed: Placed, remote: Remote) -> list[tuple[RemoteEntityKind, str]]:
    """What was put in by an id that the destination does not know any more, and left out without a word."""
    lost = []
    told = [terms for terms in (remote.categories, remote.tags) if terms is not None]
    there = {term.id for terms in told for term in terms}
    names = {TaxonomyType.CATEGORY: "categories", TaxonomyType.TAG: "tags"}
    for (kind, _), id in placed.terms.items():
        if told and names[kind] not in article.keep and id not in there:
            lost.append((RemoteEntityKind.TERM, id))
    featured = placed.media.get(article.featured or "")
    if featured and "featured" not in article.keep and remote.featured == "":
        lost.append((RemoteEntityKind.MEDIA, featured.id))
    return lost


def _terms(article: Article) -> list[tuple[TaxonomyType, str]]:
    kinds = ((TaxonomyType.CATEGORY, article.categories), (TaxonomyType.TAG, article.tags))
    return [(kind, name) for kind, names in kinds for name in names]
