"""What is not GraphQL: files by their key, exports, and articles as pages."""

import asyncio
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, cast
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from domain import names
from domain.errors import DomainError
from domain.writer.page import NOT_FOUND_BY_ENGINES, figure, page
from domain.writer.preview import Figure, Preview, preview_of
from domain.writer.threads import beside
from persistence.errors import PersistenceError
from persistence.scope import SessionScope
from persistence.terms import ContentOrigin, FileFormat, Role
from schema.context import Services
from schema.exports import statement
from schema.graph.entity import REGISTRY
from schema.http.files import send_file

PAGE_HEADERS = {
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; img-src 'self' https:; style-src 'unsafe-inline'; sandbox",
}
EXPORT_HEADERS = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}
MEDIA_TYPES = {FileFormat.CSV: "text/csv; charset=utf-8", FileFormat.JSONL: "application/jsonl"}
BLOCK = 128_000
AT_ONCE, OF_AN_ACCOUNT, EXPORT_SECONDS = 4, 2, 600.0  # each holds a connection for as long as its reader takes
UNDER_WAY: Counter[str] = Counter()
EXPIRED = "This link is not valid, or has expired. Ask for a new one."
BUSY = "Too many exports are being written; try again in a moment."
GONE = "This link is not valid, or has expired. Ask for a new one with contentPreview."


def download_routes(services: Callable[[], Services]) -> list[Route]:
    async def file(request: Request) -> Response:
        return await send_file(services(), request.path_params["key"], request)

    async def preview(request: Request) -> Response:
        return await show_preview(services(), request.path_params["content"], request.query_params.get("token", ""))

    async def export(request: Request) -> Response:
        return await send_export(services(), request.path_params["token"])

    return [
        Route("/files/{key}", file),
        Route("/preview/{content}", preview),
        Route("/exports/{token}", export),
    ]


async def send_export(services: Services, token: str) -> Response:
    """The rows as they are now, in the name of who asked; written while they are read."""
    try:
        asked = await services.exports.get(token)
        if asked is None:
            return Response(EXPIRED, 404, EXPORT_HEADERS, "text/plain")
        account = asked["caller"][2]
        if sum(UNDER_WAY.values()) >= AT_ONCE or UNDER_WAY[account] >= OF_AN_ACCOUNT:
            return Response(BUSY, 503, {**EXPORT_HEADERS, "retry-after": "10"}, "text/plain")
        pieces = written(services, asked)
        first = await anext(pieces, b"")
    except (DomainError, PersistenceError):
        return Response(EXPIRED, 404, EXPORT_HEADERS, "text/plain")
    form = FileFormat(asked["format"])
    name = f"{names.many(asked['export'])}.{form.value.lower()}"
    headers = {**EXPORT_HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Streamed(_after(first, pieces), headers=headers, media_type=MEDIA_TYPES[form])


class Streamed(StreamingResponse):
    """Ends with a reader who takes too long: it holds a connection meanwhile."""

    async def stream_response(self, send: Send) -> None:
        async with asyncio.timeout(EXPORT_SECONDS), aclosing(cast(AsyncGenerator[bytes, None], self.body_iterator)):
            await super().stream_response(send)


async def written(services: Services, asked: dict[str, Any]) -> AsyncGenerator[bytes, None]:
    """In blocks; with a byte order mark for spreadsheets."""
    session, user, account = (UUID(id) for id in asked["caller"][:3])
    scope = SessionScope(session, user, account, Role(asked["caller"][3]))
    sql, parameters = statement(asked)
    with _counted(str(account)):
        async with services.database.copied(scope, sql, parameters) as pieces:
            block = bytearray(BOM_UTF8 if asked["format"] == FileFormat.CSV else b"")
            async for piece in pieces:  # a row each
                block += piece
                if len(block) >= BLOCK:
                    yield bytes(block)
                    block.clear()
            yield bytes(block)


@contextmanager
def _counted(account: str) -> Iterator[None]:
    UNDER_WAY[account] += 1
    try:
        yield
    finally:
        UNDER_WAY[account] -= 1
        if not UNDER_WAY[account]:
            del UNDER_WAY[account]


async def _after(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


async def show_preview(services: Services, content: str, token: str) -> Response:
    """Under the session that made the link: signed out, it is gone."""
    entity = REGISTRY.bindings["Content"].entity
    assert entity
    id = entity.decode(content)
    who = services.tokens.read_link(token, id) if id else None
    if id is None or who is None:
        return HTMLResponse(GONE, 404, PAGE_HEADERS)
    try:
        async with services.units(SessionScope(who.session_id, who.user_id, who.account_id, who.role)) as unit:
            found = await preview_of(unit, id)
    except (DomainError, PersistenceError):
        return HTMLResponse(GONE, 404, PAGE_HEADERS)
    return HTMLResponse(await beside(lambda: render(found)), headers=PAGE_HEADERS)


def render(preview: Preview) -> str:
    draft = preview.origin is ContentOrigin.OFFLINE_DRAFT
    notice = "<p class=notice>An outline made without a language model, to be written out.</p>" if draft else ""
    state = f"{preview.status.value.lower()} · {preview.word_count:,} words"
    return page(
        preview.title,
        preview.linked("".join(_figure(each) + part for each, part in preview.parts())),
        description=preview.description,
        head=NOT_FOUND_BY_ENGINES,
        featured=_figure(preview.featured),
        above=f"<p class=state>{state}</p>\n{notice}\n",
    )


def _figure(found: Figure | None) -> str:
    return figure(f"/files/{found.key}", found.alt_text, found.width, found.height) + "\n" if found else ""
