"""What is published in a folder of ours counts against the account's STORAGE, from before it is written."""

from uuid import UUID

from domain.billing.limits import has_room
from domain.billing.service import lock_balance
from domain.destinations import Article, Connection, DestinationError
from domain.functions import Tools
from domain.publisher.publications import locked_publication
from persistence.scope import JobScope
from persistence.terms import IntegrationKind, LimitKey, RemoteStatus
from persistence.unit import Units

PAGE_BYTES = 6_000  # of a page beside its text: its head and style


def is_ours(connection: Connection) -> bool:
    """Whether its files lie where the account pays for the room; an operator's folder is the operator's."""
    return connection.kind is IntegrationKind.FOLDER and not connection.config.get("root")


def room_of(connection: Connection, article: Article) -> int:
    """Bytes of the account's STORAGE that it takes there."""
    return size_of(article) if is_ours(connection) else 0


def size_of(article: Article) -> int:
    """Bytes of the page and of its pictures; what is not shown is not written."""
    if article.status is not RemoteStatus.PUBLISHED:
        return 0
    return PAGE_BYTES + len(article.html.encode()) + sum(media.size for media in article.media)


async def take_room(
    tools: Tools, scope: JobScope, connection: Connection, content_id: UUID, integration_id: UUID, article: Article
) -> None:
    """Counted as what it was or what it will be, whichever is more, until it is known to be there. DestinationError
    where the plan has no room for it.
    """
    wanted = room_of(connection, article)
    if not wanted:
        return
    async with tools[Units](scope) as unit:
        publication = await locked_publication(unit, content_id, integration_id)
        if publication is None or wanted <= publication.bytes:
            return
        await lock_balance(unit, scope.account_id)
        more = wanted - publication.bytes
        if not await has_room(unit, scope.account_id, LimitKey.STORAGE, more):
            raise DestinationError(
                f"The plan's STORAGE has no room for {wanted / 1e6:,.1f} MB more.",
                "Delete pictures, unpublish what nobody reads, or choose a larger plan; then publish it again.",
                code="storage_limit",
            )
        publication.bytes = wanted
