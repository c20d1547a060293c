"""Files by their key: whole, in parts, or whether they have changed."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from email.utils import formatdate
from typing import cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from domain.errors import unanswered
from persistence.errors import FilesAway
from persistence.files.blobs import Blob, Blobs, blob_of
from schema.context import Services
from schema.http.byte_ranges import Unsatisfiable, wanted_part

# A key is never given to another file.
FILE_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
}
NOT_KEPT = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
PARTLY = {"range", "if-none-match"}  # headers of who may want less than all
MISSING = "There is no such file."


async def send_file(services: Services, key: str, request: Request) -> Response:
    """Pictures are shown, all else is saved: what a file is, is read from its bytes."""
    try:
        if request.method == "GET" and not PARTLY & set(request.headers):
            return await _all(services.blobs, key)
        found = await services.blobs.find(key)
        if found is None:
            raise FileNotFoundError(key)
        return await _some(services.blobs, found, request)
    except FileNotFoundError:
        return Response(MISSING, 404, NOT_KEPT, "text/plain")
    except FilesAway:
        return Response(unanswered().message, 503, {**NOT_KEPT, "retry-after": "10"}, "text/plain")


async def _all(blobs: Blobs, key: str) -> Response:
    """Asked for once, where it is: what it is, is in its first piece."""
    opened = await blobs.open(key)
    first = await anext(opened.pieces, b"")
    found = blob_of(key, opened.object, first)
    headers = {**_headers(found), "content-length": str(found.size), "accept-ranges": "bytes"}
    return Pieces(_after(first, opened.pieces), 200, headers, found.media_type)


async def _after(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        if first:
            yield first
        async for piece in rest:
            yield piece


async def _some(blobs: Blobs, found: Blob, request: Request) -> Response:
    headers = _headers(found)
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        part = _part(found, headers, request)
    except Unsatisfiable:
        return Response(status_code=416, headers={**NOT_KEPT, "content-range": f"bytes */{found.size}"})
    start, end = part or (0, found.size)
    headers |= {"content-length": str(end - start), "accept-ranges": "bytes"}
    if part:
        headers["content-range"] = f"bytes {start}-{end - 1}/{found.size}"
    status = 206 if part else 200
    if request.method == "HEAD" or start == end:
        return Response(None, status, headers, found.media_type)
    opened = await blobs.open(found.key, start, end)
    return Pieces(opened.pieces, status, headers, found.media_type)


def _headers(found: Blob) -> dict[str, str]:
    shown = found.media_type.startswith("image/")
    return {
        **FILE_HEADERS,
        "etag": f'"{found.key}"',
        "last-modified": formatdate(found.modified, usegmt=True),
        "content-disposition": "inline" if shown else f'attachment; filename="{found.key}"',
    }


def _part(found: Blob, headers: dict[str, str], request: Request) -> tuple[int, int] | None:
    asked, unless = request.headers.get("range"), request.headers.get("if-range")
    if asked is None or unless not in (None, headers["etag"], headers["last-modified"]):
        return None
    return wanted_part(asked, found.size)


class Pieces(StreamingResponse):
    """As they come from where the file is; it is closed with a reader who leaves."""

    async def stream_response(self, send: Send) -> None:
        async with aclosing(cast(AsyncGenerator[bytes, None], self.body_iterator)):
            await super().stream_response(send)
