"""Following what happens on a site."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.errors import not_found
from persistence.graph.model import Entity
from persistence.progress.site_events import Batch
from persistence.queries.events import BETWEEN, FIRST, HORIZON, PAGE, Happened, happened, moment_of
from persistence.terms import EventKind
from schema.accounts.types import Site
from schema.context import Context, Info
from schema.events.types import SiteEvent
from schema.execution.telling import Shown, read, tell
from schema.graph.entity import REGISTRY, decoded, ref
from schema.graph.fields import said
from schema.mutation import id_argument

NOWHERE = UUID(int=0)
SiteId = Annotated[strawberry.ID, id_argument("Site", "The website whose events are told.")]
Kinds = Annotated[list[EventKind] | None, said("These alone; all where none are given.")]
After = Annotated[
    strawberry.ID | None,
    said(
        "The event that came last before a connection was lost: what has happened since comes first, and what happened "
        "at the same time as it once more. NOT_FOUND when it is older than thirty days: read the site anew."
    ),
]


@strawberry.type
class EventsSubscription:
    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="What happens on a site from now on, within a second of its commit, each event once."
    )
    async def site_events(
        self, info: Info, site_id: SiteId, kinds: Kinds = None, after: After = None
    ) -> AsyncIterator[SiteEvent]:
        wanted = frozenset(kind.value for kind in kinds) if kinds else None
        last = None if after is None else decoded(SiteEvent, after) or NOWHERE
        events = follow_site(info.context, decoded(Site, site_id) or NOWHERE, wanted, last)
        async for shown in tell(info.context, events, SHOWN, lambda event: ref(SiteEvent, event.id)):
            yield shown


async def follow_site(
    context: Context, site_id: UUID, kinds: frozenset[str] | None, after: UUID | None
) -> AsyncGenerator[Happened]:
    """Without end; NOT_FOUND for a site that is not the caller's, also when it is so no more."""
    async with aclosing(_all(context, site_id, after)) as events:
        async for event in events:
            if event.id != after and (kinds is None or event.kind in kinds):
                yield event


async def _all(context: Context, site_id: UUID, after: UUID | None) -> AsyncGenerator[Happened]:
    """Each batch is what has come to be seen between two moments; what is not here as a whole is read."""
    services, until = context.services, context.caller.expires_at
    with (
        services.metrics.following.track_inprogress(),
        services.hub.follow_site(context.scope(), site_id, until) as feed,
    ):
        batch = await feed.next()
        await _check_seen(context, site_id, batch)
        told = batch.moment
        if after is not None:
            told = moment_of(await _horizon(context, site_id, after))
            batch = replace(batch, whole=False)
        while True:
            for event in batch.events:
                yield event
            if not batch.whole:
                async for event in _between(context, site_id, told, batch.moment):
                    yield event
            told, batch = batch.moment, await feed.next()
            await _check_seen(context, site_id, batch)


async def _check_seen(context: Context, site_id: UUID, batch: Batch) -> None:
    """The caller's own scope says what is wrong; NOT_FOUND for the site."""
    if not batch.seen:
        _, there = await read(context, HORIZON, [site_id, NOWHERE])
        if not there:
            raise not_found("site", "siteId")


async def _horizon(context: Context, site_id: UUID, after: UUID) -> str:
    horizon, _ = await read(context, HORIZON, [site_id, after])
    if horizon is None:
        raise not_found("event, which are kept for thirty days", "after")
    return str(horizon)


async def _between(context: Context, site_id: UUID, since: str, until: str) -> AsyncGenerator[Happened]:
    """In pages, so that little is held of what may be much."""
    transaction, id = FIRST
    while True:
        (text,) = await read(context, BETWEEN, [site_id, since, until, transaction, id])
        page = happened(text)
        for event in page:
            yield event
        if len(page) < PAGE:
            return
        transaction, id = str(page[-1].transaction), page[-1].id


def _binding(name: str) -> Entity:
    entity = REGISTRY.bindings[name].entity
    assert entity
    return entity


def _subject(event: Happened) -> tuple[str, str]:
    """Its type as the API calls it, and the prefix of its ids."""
    binding = REGISTRY.of_row(event.subject_type)
    return binding.cls.__name__, binding.prefix


def _ids(event: Happened) -> list[str] | None:
    _, prefix = _subject(event)
    return None if event.ids is None else [f"{prefix}_{id}" for id in event.ids]


def _instant(text: str) -> str:
    """As every instant is told."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


SHOWN: Shown[Happened] = {
    "__typename": lambda _: "SiteEvent",
    "id": lambda e: _binding("SiteEvent").encode(e.id),
    "kind": lambda e: e.kind,
    "subjectType": lambda e: _subject(e)[0],
    "subjectId": lambda e: e.subject_id and f"{_subject(e)[1]}_{e.subject_id}",
    "ids": _ids,
    "count": lambda e: e.count,
    "requestId": lambda e: e.request_id,
    "payload": lambda e: e.payload,
    "createdAt": lambda e: _instant(e.created_at),
}
