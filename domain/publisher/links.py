"""Links of a content to others of its site, as they go out to one integration: to where each target is shown there.

What was sent is kept with the publication, a row a target. A trigger of the database compares it with every change of
where a publication stands, whoever makes it, and says of what links there that it is to be sent again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, func, select

from domain.rows import belonging
from domain.writer.references import addresses, references, referring, resolved
from persistence.models import Content, Publication, PublicationLink
from persistence.terms import FieldVerdict, RemoteStatus
from persistence.unit import Unit

FIELD = "links"


@dataclass(frozen=True, slots=True)
class Links:
    """`addresses`: of each target on the site, and None for one that is not shown there; the content itself is none of
    them. `verdict` is None for a text without such links.
    """

    own: UUID
    own_address: str | None = None
    addresses: Mapping[UUID, str | None] = field(default_factory=dict)
    verdict: FieldVerdict | None = None

    @property
    def said(self) -> list[tuple[str, str | None]]:
        """What a hash is made of; empty where nothing links to another content."""
        return sorted((str(target), address) for target, address in self.addresses.items())

    @property
    def fields(self) -> dict[str, str]:
        """The verdict, as it is kept with an attempt."""
        return {FIELD: self.verdict.value} if self.verdict else {}

    def resolve(self, html: str) -> str:
        known = {target: address for target, address in self.addresses.items() if address}
        return resolved(html, self.own, {**known, self.own: self.own_address or ""})


async def links_of(unit: Unit, publication: Publication, html: str) -> Links:
    """As they would go out now. What is on another site, or another account's, is not there."""
    own, wanted = publication.content_id, references(html)
    if not wanted:
        return Links(own)
    here = select(Content.id).where(Content.id.in_(wanted), Content.site_id == publication.site_id)
    targets = set((await unit.session.scalars(here)).all()) - {own}
    shown = await _shown(unit, publication.integration_id, {own, *targets})
    lacking = wanted - {own} - shown.keys()
    return Links(
        own,
        shown.get(own),
        {id: shown.get(id) for id in targets},
        FieldVerdict.DROPPED if lacking else FieldVerdict.SENT,
    )


async def with_references(unit: Unit, integration_id: UUID, html: str) -> str:
    """A text that was edited there: what links to pages of ours follows them again."""
    wanted = addresses(html)
    if not wanted:
        return html
    of = select(Publication.url, Publication.content_id).where(
        Publication.integration_id == integration_id,
        Publication.url.in_(wanted),
        Publication.status == RemoteStatus.PUBLISHED,
    )
    return referring(html, {url: id for url, id in await unit.session.execute(of) if url})


async def _shown(unit: Unit, integration_id: UUID, content_ids: Collection[UUID]) -> dict[UUID, str]:
    """The addresses of those that are PUBLISHED there and have one."""
    of = select(Publication.content_id, Publication.url).where(
        Publication.integration_id == integration_id,
        Publication.content_id.in_(content_ids),
        Publication.status == RemoteStatus.PUBLISHED,
    )
    found = (await unit.session.execute(of)).all()
    return {id: url for id, url in found if url and url.startswith(("https://", "http://"))}


async def in_turn(unit: Unit, integration_id: UUID) -> None:
    """What changes where publications of an integration stand is done one at a time: contents link to each other, and
    who is told by two at once would wait for both. Before any row is locked.
    """
    turn = func.hashtextextended(f"links {integration_id}", 0)
    await unit.session.execute(select(func.pg_advisory_xact_lock(turn)))


async def keep_links(unit: Unit, publication: Publication, sent: Links) -> None:
    """What was sent; stale at once where a target has moved since. In turn, and where it stands is settled after."""
    await unit.run(delete(PublicationLink).where(PublicationLink.publication_id == publication.id))
    if not sent.addresses:
        return
    own = {**belonging(publication), "integration_id": publication.integration_id, "publication_id": publication.id}
    unit.add(*(PublicationLink(**own, target_content_id=id, resolved_url=url) for id, url in sent.addresses.items()))
    await unit.flush()
    shown = await _shown(unit, publication.integration_id, sent.addresses)
    if any(shown.get(id) != url for id, url in sent.addresses.items()):
        publication.is_stale = True
