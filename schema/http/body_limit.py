"""How large the body of a request may be."""

from secrets import token_hex

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from persistence.terms import ErrorCode

MAX_JSON_BYTES = 24_000_000  # importKeywordsText carries up to 20 MB of rows
MAX_MULTIPART_BYTES = 101_000_000


class TooLarge(Exception):
    """The body goes beyond what was allowed."""


class BodyLimit:
    """Refuses a body that is too large: by its Content-Length, and by counting where there is none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])  # names are lower-case
        multipart = headers.get(b"content-type", b"").startswith(b"multipart/")
        most = MAX_MULTIPART_BYTES if multipart else MAX_JSON_BYTES
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most:
            await _refuse(most)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise TooLarge
            return message

        try:
            await self.app(scope, counted, send)
        except TooLarge:
            await _refuse(most)(scope, receive, send)


def _refuse(most: int) -> JSONResponse:
    message, request_id = f"The request is larger than {most // 1_000_000} MB.", token_hex(16)
    extensions = {"code": ErrorCode.BAD_INPUT.value, "requestId": request_id}
    return JSONResponse({"errors": [{"message": message, "extensions": extensions}]}, 413, {"x-request-id": request_id})
