"""What a document may be, before anything of it is executed."""

from collections.abc import Iterator
from contextlib import suppress
from secrets import token_hex

from graphql import GraphQLError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.extensions.base_extension import SchemaExtension

from persistence.terms import ErrorCode
from schema.execution.document_size import SizeRule

MAX_TOKENS = 4000
CACHED_DOCUMENTS, CACHED_CHARACTERS = 256, 10_000  # a parsed document takes up to 400 bytes a token


class Size(AddValidationRules):
    """The rule is one class for all requests: a class of each request's own would never hit the validation cache."""

    def __init__(self) -> None:
        super().__init__([SizeRule])


class Tokens(MaxTokensLimiter):
    def __init__(self) -> None:
        super().__init__(max_token_count=MAX_TOKENS)


class Parsed(ParserCache):
    def __init__(self) -> None:
        super().__init__(maxsize=CACHED_DOCUMENTS)

    def on_parse(self) -> Iterator[None]:
        """What cannot be parsed is left to Strawberry: an error raised here would pass by the one that masks errors."""
        execution = self.execution_context
        if execution.query and cacheable(execution.query):
            with suppress(GraphQLError):
                execution.graphql_document = self.cached_parse_document(execution.query, **execution.parse_options)
        yield


class Validated(ValidationCache):
    def __init__(self) -> None:
        super().__init__(maxsize=CACHED_DOCUMENTS)

    def on_validate(self) -> Iterator[None]:
        if cacheable(self.execution_context.query or ""):
            yield from super().on_validate()
        else:
            yield


def cacheable(query: str) -> bool:
    """Clients choose their documents, and a string literal in one may hold megabytes."""
    return len(query) <= CACHED_CHARACTERS


LIMITS: list[type[SchemaExtension]] = [Size, Tokens, Parsed, Validated]

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
