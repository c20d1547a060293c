"""The GraphQL endpoint: over HTTP, with subscriptions as event streams, and over WebSocket."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import timedelta
from secrets import token_hex
from types import MappingProxyType
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket
from strawberry import UNSET
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from domain.errors import no_room
from persistence.errors import NoRoom
from persistence.files.disk_space import writing
from persistence.terms import ErrorCode
from schema.context import Context, Services
from schema.errors import why_not_run
from schema.execution.known_plans import KnownPlans
from schema.execution.planned_schema import PlannedSchema
from schema.http.event_streams import Events, EventStream, Streams, results
from schema.http.multipart import of_form
from schema.http.negotiation import EVENTS, JSON, refused, status_of, wanted
from schema.http.persisted_documents import Unknown, keep, named
from schema.http.requests import DOCUMENT, Malformed, Parts, checked, of_parameters, read_json
from schema.http.websockets import Socket, TextFrames
from schema.metrics.document_costs import Metered
from schema.metrics.operation_record import OperationRecord

PREFLIGHT = "graphql-require-preflight"
KINDS = (JSON, "multipart/form-data")


class Full(HTTPException):
    """There is no room for the files that come with the request."""


CODES = {Unknown: ErrorCode.NOT_FOUND, Full: ErrorCode.UNAVAILABLE}


class Endpoint(GraphQL[Context, None]):
    """`services` gives what the application has opened at its start."""

    websocket_adapter_class = TextFrames
    graphql_transport_ws_handler_class = Socket
    stream_transport_classes_by_protocol = MappingProxyType({GRAPHQL_SSE_PROTOCOL: Events})

    def __init__(
        self, schema: PlannedSchema, services: Callable[[], Services], allowed_origins: tuple[str, ...]
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL],
            connection_init_wait_timeout=timedelta(seconds=10),
            multipart_uploads_enabled=True,
            allowed_origins=allowed_origins,
        )
        self.services, self.streams = services, Streams()
        self.known_plans = KnownPlans(schema._schema, schema.planner)

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        if not isinstance(request, Request):
            return await super().run(request, context, root_value)
        try:
            return await self._recorded(request)
        except HTTPException as refusal:
            return _refusal(refusal, _plainly(request))
        except NoRoom:
            return _refusal(Full(503, no_room().message), _plainly(request))
        except ClientDisconnect:
            return Response(status_code=400)  # in the midst of its request: nobody reads this
        finally:
            await request.close()  # uploaded files: nobody else closes them, and each may hold 100 MB of disk

    async def _recorded(self, request: Request) -> Any:
        """A plain HTML form can send multipart, but not a header of its own."""
        if _multipart(request) and PREFLIGHT not in request.headers:
            raise HTTPException(400, f"Send the header {PREFLIGHT}: true with multipart requests.")
        record = OperationRecord(self.services().metrics)
        metered = Metered(self._answer(request, record))
        with writing():  # files that are received
            answer = await metered
        if not isinstance(answer, EventStream):
            record.ended(answer, len(await request.body()) if _posts_json(request) else 0, metered.seconds)
        return answer

    async def _answer(self, request: Request, record: OperationRecord) -> Any:
        """By a plan that is known, or else by the engine."""
        context = await self._context(request)
        context.record = record
        kind = wanted(request.headers.get("accept"))
        known = None
        if _posts_json(request) and kind != EVENTS:
            asked = _asked(await request.body())
            known = await self.known_plans.answer(asked, context) if asked else None
        if known:
            answer = _response(await self.process_result(request, known), kind)
            record.failed = bool(known.errors)
        else:
            answer = await super().run(request, context)
        answer.headers["x-request-id"] = context.request_id
        return answer

    def should_render_graphql_ide(self, request: Any) -> bool:
        """Never, and so a GET that names its document need not ask for JSON."""
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> Any:
        if request.method == "POST" and _kind(request.content_type) not in KINDS:
            raise Malformed(f"The Content-Type must be {' or, with files, '.join(KINDS)}.")
        return await super().parse_http_body(request)

    def parse_json(self, data: str | bytes) -> Any:
        return _named(checked(read_json(data, "The body")))

    def parse_query_params(self, params: Any) -> dict[str, Any]:
        return _named(of_parameters(params))

    async def parse_multipart(self, request: AsyncHTTPRequestAdapter) -> dict[str, Any]:
        return _named(await of_form(request))

    async def execute_operation(self, **given: Any) -> Any:  # type: ignore[override]  # called by keywords
        """A document that is named is found, one that comes with its name is kept for the next time."""
        data, context = given["request_data"], given["context"]
        id = data.extensions.pop(DOCUMENT, None) if data.extensions else None
        if id is not None:
            data.query = await named(context, id, data.query)
        context.record.document = data.query
        result = await self._executed(**given)
        if isinstance(result, ExecutionResult):
            context.record.failed = bool(result.errors)
            if id is not None and not result.errors and context.identity:
                await keep(context, id, data.query, result.extensions or {})
        return result

    async def _executed(self, **given: Any) -> ExecutionResult | AsyncGenerator[ExecutionResult]:
        """The one result of an operation, or the results of a subscription."""
        try:
            return await self.execute_single(**given)  # lists of operations were refused before
        except HTTPException as refusal:
            reason = refusal.__cause__
            if getattr(reason, "operation_type", None) is not OperationType.SUBSCRIPTION:
                raise Malformed(why_not_run(reason) or refusal.reason) from None
        data: GraphQLRequestData = given["request_data"]
        context: Context = given["context"]
        if data.protocol != Events.protocol:
            raise HTTPException(
                406, f"Subscribe with the header Accept: {EVENTS}, or over a WebSocket at this address."
            )
        source: Any = await self.schema.subscribe(
            data.query, data.variables, context, None, data.operation_name, data.extensions
        )
        return results(context, self.streams, source)

    def decode_json(self, data: str | bytes) -> object:
        """Of a WebSocket's frames."""
        return orjson.loads(data)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        response = await super().get_sub_response(request)
        response.media_type = wanted(request.headers.get("accept"))
        return response

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """Of a WebSocket: a request has its own from the beginning."""
        return await self._context(request)

    async def _context(self, request: Request | WebSocket) -> Context:
        context = Context(self.services(), request)
        await context.admit(request.headers.get("authorization"))
        return context

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        answer = await super().process_result(request, result)
        if refused(result):
            del answer["data"]
        return answer

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        assert isinstance(response_data, dict), "batches are refused"
        return _response(response_data, sub_response.media_type or JSON)

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], Any],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        return EventStream(
            stream(), {"vary": "Accept", **headers}, streams=self.streams, metrics=self.services().metrics
        )

    async def on_ws_connect(self, context: Context) -> dict[str, object] | None:
        """The token comes with connection_init; a socket without a valid one is closed."""
        payload = context.connection_params if isinstance(context.connection_params, dict) else {}
        await context.admit(payload.get("authorization", payload.get("Authorization")))
        if context.identity is None:
            raise ConnectionRejectionError({"code": "UNAUTHENTICATED"})
        return None

    def encode_json(self, data: object) -> str | bytes:
        return _encoded(data)


def _encoded(data: object) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


def _response(answer: GraphQLHTTPResponse, kind: str) -> Response:
    """An answer in the media type that its client wants."""
    content, headers = _encoded(answer), {"vary": "Accept"}
    if kind == EVENTS:
        events = Events()
        text = events.encode_next(answer, lambda data: _encoded(data).decode()) + events.encode_complete()
        content = text.encode()
        headers |= {name.lower(): value for name, value in events.headers.items()}
    return Response(content, status_of(answer, kind), headers, f"{kind}; charset=utf-8")


def _asked(body: bytes) -> Parts | None:
    """None of what is no request: the engine's way refuses it."""
    try:
        return checked(read_json(body, "The body"))
    except Malformed:
        return None


def _plainly(request: Request) -> str:
    """The media type of what is refused before there is a stream."""
    kind = wanted(request.headers.get("accept"))
    return JSON if kind == EVENTS else kind


def _refusal(refused: HTTPException, media_type: str) -> JSONResponse:
    """A request that is no GraphQL request, in the form of all other errors."""
    request_id = token_hex(16)
    code = CODES.get(type(refused), ErrorCode.BAD_INPUT)
    extensions = {"code": code.value, "requestId": request_id}
    body = {"errors": [{"message": refused.reason, "extensions": extensions}]}
    headers = {
        "x-request-id": request_id,
        "vary": "Accept",
        **({"allow": "GET, POST"} if refused.status_code == 405 else {}),
    }
    return JSONResponse(body, refused.status_code, headers, f"{media_type}; charset=utf-8")


def _named(asked: Parts) -> Parts:
    """`documentId` travels with the extensions to where the operation is executed."""
    if DOCUMENT in asked:
        asked["extensions"] = {**(asked.get("extensions") or {}), DOCUMENT: asked.pop(DOCUMENT)}
    return asked


def _kind(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip()


def _posts_json(request: Request) -> bool:
    return request.method == "POST" and _kind(request.headers.get("content-type")) == JSON


def _multipart(connection: HTTPConnection) -> bool:
    return connection.headers.get("content-type", "").startswith("multipart/")
