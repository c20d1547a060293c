"""Articles as pages in a place for files: `<slug>/index.html` with its pictures beside it, and nothing of a draft.

Everybody may read what lies there, so that what is not to be shown is not written: of drafts, and of what waits for
its date, there is a note alone, and our own clock publishes. Each slug is claimed by one content; another that asks for
it gets `slug-2`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain

from domain.destinations import (
    Article,
    Connected,
    Connection,
    DestinationError,
    Media,
    Placed,
    Remote,
    RemoteMedia,
)
from domain.slugs import decoded, plain, with_end
from jobs.adapters.checks import checked
from jobs.adapters.pages.note import Note, claim_key, note_key
from jobs.adapters.pages.place import Place
from jobs.adapters.pages.rendering import address_of, rendered, verdicts, withheld
from persistence.terms import FieldVerdict, RemoteEntityKind, RemoteStatus, TaxonomyType

INDEX, HTML, JSON = "index.html", "text/html; charset=utf-8", "application/json"
LONGEST, MOST_ALIKE = 150, 50  # characters of a slug, slugs that differ in their number alone


class Pages:
    """Implements Destination. An article is called there by its marker. Everything is safe to repeat."""

    def __init__(self, place: Place, connection: Connection) -> None:
        self.place, self.base = place, connection.url
        self.now = connection.errand.now if connection.errand else None

    async def check(self, progress: Callable[[str, int, int], None]) -> Connected:
        return await checked(self.place.steps, progress, {"seo_meta": "native", "drafts": False})

    async def find(self, marker: str, entity: RemoteEntityKind) -> Remote | None:
        return await self.fetch(marker, entity)

    async def create(self, article: Article) -> Remote:
        note = await self._note(article.marker) or Note(article.marker)
        await self._keep(note)
        return self._remote(note)

    async def find_media(self, media: Media) -> RemoteMedia | None:
        return await self.upload(media)

    async def upload(self, media: Media) -> RemoteMedia:
        """Nothing yet: a picture lies beside the page that shows it, and is written with it."""
        return RemoteMedia(media.sha256, media.file_name)

    async def term(self, kind: TaxonomyType, name: str) -> str:
        """It stands in a page's head by its name."""
        return name

    async def put(self, remote_id: str, article: Article, placed: Placed) -> Remote:
        note = await self._note(remote_id) or Note(remote_id)
        if article.status is RemoteStatus.PUBLISHED:
            note = await self._show(note, article)
            return self._remote(note, verdicts(article, note.slug or ""))
        hidden = replace(await self._hide(note), status=article.status)
        await self._keep(hidden)
        return self._remote(hidden, withheld(article))

    async def fetch(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        """None as well where somebody has deleted the page."""
        note = await self._note(remote_id)
        if note and note.status is RemoteStatus.PUBLISHED and not await self.place.has(f"{note.slug}/{INDEX}"):
            return None
        return self._remote(note) if note else None

    async def remove(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        """There is no trash: it is gone."""
        data = await self.place.read(note_key(remote_id))
        if data is None:
            return None
        note = Note.of(remote_id, data)
        if note is None:
            raise DestinationError(
                "Somebody has changed what is noted there of its files.",
                f"Publish it again, which notes them anew, or delete its page and {note_key(remote_id)} by hand.",
                code="note_spoilt",
            )
        await self._hide(note)
        await self.place.delete(note_key(remote_id))
        return None

    async def _note(self, marker: str) -> Note | None:
        data = await self.place.read(note_key(marker))
        return None if data is None else Note.of(marker, data)

    async def _keep(self, note: Note) -> None:
        await self.place.write(note_key(note.marker), note.as_json(), JSON)

    async def _show(self, note: Note, article: Article) -> Note:
        """Pictures first, then the page; what is of no use any more goes last."""
        slug = await self._claimed(note, article)
        names = tuple(dict.fromkeys(media.file_name for media in article.media))
        there = note.places.get(slug, ())
        note = replace(note, places={**note.places, slug: tuple(dict.fromkeys((*there, *names)))})
        await self._keep(note)
        for media in article.media:
            key = f"{slug}/{media.file_name}"
            if media.file_name not in there or not await self.place.has(key):
                await self.place.write(key, await media.read(), media.mime_type)
        since = note.published_at or self.now
        await self.place.write(f"{slug}/{INDEX}", rendered(article, slug, address_of(self.base, slug), since), HTML)
        await self._leave(note, {slug: names})
        shown = Note(note.marker, RemoteStatus.PUBLISHED, slug, article.slug, since, self.now, {slug: names})
        await self._keep(shown)
        return shown

    async def _hide(self, note: Note) -> Note:
        """Nothing of it is there any more, and its slug is free."""
        await self._leave(note, {})
        return Note(note.marker, RemoteStatus.DRAFT, modified_at=self.now)

    async def _leave(self, note: Note, stays: Mapping[str, tuple[str, ...]]) -> None:
        """Pages before their pictures, and a claim after all that it protects."""
        for slug, names in note.places.items():
            if slug not in stays:
                await self.place.delete(f"{slug}/{INDEX}")
            for name in names:
                if name not in stays.get(slug, ()):
                    await self.place.delete(f"{slug}/{name}")
            if slug not in stays:
                await self._let_go(slug, note.marker)

    async def _let_go(self, slug: str, marker: str) -> None:
        if await self.place.read(claim_key(slug)) == marker.encode():
            await self.place.delete(claim_key(slug))

    async def _claimed(self, note: Note, article: Article) -> str:
        """The first that is free of the slug that is asked for and of those like it; what has one keeps it."""
        base = plain(decoded(article.slug), LONGEST) or article.marker
        ways = chain((base,), (with_end(base, str(number)) for number in range(2, MOST_ALIKE)))
        if note.slug and note.asked == article.slug:
            ways = chain((note.slug,), ways)
        for slug in ways:
            if await self._is_ours(slug, note):
                return slug
        raise DestinationError(
            f"“{base}” and those like it are taken there.", "Give the content another slug.", code="slug_taken"
        )

    async def _is_ours(self, slug: str, note: Note) -> bool:
        """Whether the content may write there, which none but it may do then. A page that has no claim is somebody
        else's.
        """
        own = note.marker.encode()
        if await self.place.read(claim_key(slug)) is None:
            if slug not in note.places and await self.place.has(f"{slug}/{INDEX}"):
                return False
            # A store that takes no condition has the last word; who wrote it, has it.
            await self.place.claim(claim_key(slug), own)
        return await self.place.read(claim_key(slug)) == own

    def _remote(self, note: Note, fields: Mapping[str, FieldVerdict] | None = None) -> Remote:
        shown = note.status is RemoteStatus.PUBLISHED
        return Remote(
            id=note.marker,
            status=note.status,
            url=address_of(self.base, note.slug) if shown and note.slug else None,
            slug=note.slug,
            marker=note.marker,
            published_at=note.published_at if shown else None,
            modified_at=note.modified_at,
            fields=fields or {},
        )
