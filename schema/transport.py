"""GraphQL over HTTP and over WebSocket (graphql-transport-ws alone: the older protocol let callers skip its init)."""

from datetime import timedelta
from typing import Any

import orjson
import strawberry
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import HTTPException
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from schema.context import Context, Services

PREFLIGHT = "graphql-require-preflight"
UNAUTHENTICATED = 4403


class Endpoint(GraphQL[Context, None]):
    """`services` is filled in when the application starts."""

    def __init__(self, schema: strawberry.Schema, services: "Late", allowed_origins: tuple[str, ...]) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=timedelta(seconds=10),
            multipart_uploads_enabled=True,
            allowed_origins=allowed_origins,
        )
        self.services = services

    async def run(self, request: Any, context: Any = None, root_value: Any = None) -> Any:
        """A plain HTML form can send multipart, but not a header of its own."""
        if isinstance(request, Request) and _multipart(request) and PREFLIGHT not in request.headers:
            raise HTTPException(400, f"Send the header {PREFLIGHT}: true with multipart requests.")
        return await super().run(request, context, root_value) if context else await super().run(request)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        context = Context(self.services.value, request)
        context.authorise(request.headers.get("authorization"))
        if isinstance(response, Response):
            response.headers["x-request-id"] = context.request_id
        return context

    async def on_ws_connect(self, context: Context) -> dict[str, object] | None:
        """The token comes with connection_init; a socket without a valid one is closed."""
        payload = context.connection_params if isinstance(context.connection_params, dict) else {}
        context.authorise(payload.get("authorization", payload.get("Authorization")))
        if context.identity is None:
            raise ConnectionRejectionError({"code": "UNAUTHENTICATED"})
        return None

    def encode_json(self, data: object) -> str | bytes:
        return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)

    async def create_websocket_response(self, request: WebSocket, subprotocol: str | None) -> WebSocket:
        request.state.text = True
        return await super().create_websocket_response(request, subprotocol)


class Late:
    """Something that is there once the application has started."""

    value: Services


def _multipart(connection: HTTPConnection) -> bool:
    return connection.headers.get("content-type", "").startswith("multipart/")


async def not_ready(_: Request) -> Response:
    return JSONResponse({"status": "unavailable"}, status_code=503)
