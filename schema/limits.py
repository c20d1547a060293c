"""What a document may be, before anything of it is executed."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, ParserCache, QueryDepthLimiter, ValidationCache
from strawberry.extensions.base_extension import SchemaExtension

MAX_DEPTH, MAX_ALIASES, MAX_TOKENS = 16, 100, 4000
CACHED_DOCUMENTS = 1000


class Depth(QueryDepthLimiter):
    def __init__(self) -> None:
        super().__init__(max_depth=MAX_DEPTH)


class Aliases(MaxAliasesLimiter):
    def __init__(self) -> None:
        super().__init__(max_alias_count=MAX_ALIASES)


class Tokens(MaxTokensLimiter):
    def __init__(self) -> None:
        super().__init__(max_token_count=MAX_TOKENS)


class Parsed(ParserCache):
    def __init__(self) -> None:
        super().__init__(maxsize=CACHED_DOCUMENTS)


class Validated(ValidationCache):
    def __init__(self) -> None:
        super().__init__(maxsize=CACHED_DOCUMENTS)


LIMITS: list[type[SchemaExtension]] = [Depth, Aliases, Tokens, Parsed, Validated]

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
        headers = Headers(scope=scope)
        multipart = headers.get("content-type", "").startswith("multipart/")
        most = MAX_MULTIPART_BYTES if multipart else MAX_JSON_BYTES
        length = headers.get("content-length", "0")
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
    message = f"The request is larger than {most // 1_000_000} MB."
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": "BAD_INPUT"}}]}, 413)
