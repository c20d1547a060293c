"""Who asks, in which scope, and what answers; for HTTP and for a WebSocket's connection_init alike."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from secrets import token_hex

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.types import Info as StrawberryInfo

from domain.access import PERMISSIONS, Permission
from domain.auth.client import Client
from domain.auth.keys import ApiKeys
from domain.auth.service import Auth
from domain.errors import DomainError, session_ended
from domain.tokens import API_KEY_PREFIX, Identity, Tokens
from persistence.files.blobs import Blobs
from persistence.postgres.database import Database
from persistence.postgres.session_checks import SessionChecks
from persistence.progress.bus import Hub
from persistence.redis.export_links import Exports
from persistence.redis.failure_counts import FailureCounts
from persistence.redis.persisted_documents import Documents
from persistence.redis.query_budget import QueryBudgets
from persistence.redis.sign_in_limits import SignInLimits
from persistence.scope import Named, SessionScope
from persistence.terms import ErrorCode
from persistence.unit import Unit, Units
from schema.execution.operation import begun
from schema.metrics.operation_record import OperationRecord
from schema.metrics.resource_metrics import ResourceMetrics

SESSION_OVER, GOODBYE_SECONDS = 4403, 60.0


@dataclass(frozen=True, slots=True)
class Services:
    """What the API process is made of; server.py puts it together."""

    database: Database
    units: Units
    tokens: Tokens
    sign_in_limits: SignInLimits
    query_budgets: QueryBudgets
    documents: Documents
    metrics: ResourceMetrics
    failure_counts: FailureCounts
    hub: Hub
    keys: ApiKeys
    exports: Exports
    blobs: Blobs
    session_checks: SessionChecks
    production: bool = False
    roots: frozenset[str] = frozenset()  # where pages may be published beside our own folder, by name

    @property
    def auth(self) -> Auth:
        return Auth(self.units, self.tokens, self.sign_in_limits, self.production)


@dataclass(slots=True)
class Context:
    """One HTTP request, or one WebSocket with all its operations."""

    services: Services
    connection: HTTPConnection
    request_id: str = field(default_factory=lambda: token_hex(16))
    identity: Identity | None = None
    denied: bool = False  # a token was sent, and is not valid
    connection_params: object = None  # what connection_init carried
    record: OperationRecord | None = None  # of what comes over HTTP

    def authorise(self, header: object) -> None:
        """Takes `Bearer …`, from the Authorization header or the connection_init payload."""
        if header is None:
            return
        kind, _, token = str(header).partition(" ")
        self.identity = self.services.tokens.read(token.strip()) if kind.lower() == "bearer" else None
        self.denied = self.identity is None

    async def admit(self, header: object) -> None:
        """As `authorise`, of API keys too."""
        _, _, token = str(header or "").partition(" ")
        if token.strip().startswith(API_KEY_PREFIX):
            self.identity = await self.services.keys.read(token.strip())
            self.denied = self.identity is None
        else:
            self.authorise(header)

    @property
    def caller(self) -> Identity:
        """Raises UNAUTHENTICATED; a WebSocket may outlive its token."""
        if self.identity is None:
            if self.denied:
                raise DomainError(ErrorCode.UNAUTHENTICATED, "The access token is not valid. Refresh or sign in again.")
            raise DomainError(
                ErrorCode.UNAUTHENTICATED, "Sign in: send the header Authorization: Bearer <accessToken>."
            )
        if self.identity.expires_at < time.time():
            raise session_ended()
        return self.identity

    @property
    def permissions(self) -> frozenset[Permission]:
        held, own = PERMISSIONS[self.caller.role], self.caller.permissions
        return held if own is None else held & own

    def scope(self, *, write: bool = False) -> SessionScope:
        who, named = self.caller, self.named if write else ()
        return SessionScope(who.session_id, who.user_id, who.account_id, who.role, write, self.request_id, named)

    @property
    def named(self) -> Named:
        """What the operation is about to do something about."""
        operation = begun()
        return operation.named.rows if operation else ()

    def write(self) -> AbstractAsyncContextManager[Unit]:
        return self.services.units(self.scope(write=True))

    @property
    def ip(self) -> str:
        return self.connection.client.host if self.connection.client else ""

    @property
    def user_agent(self) -> str:
        return self.connection.headers.get("user-agent", "")[:400]

    @property
    def client(self) -> Client:
        return Client(self.ip, self.user_agent)

    @property
    def websocket(self) -> WebSocket | None:
        return self.connection if isinstance(self.connection, WebSocket) else None

    async def close_socket(self) -> None:
        """Of one whose session has ended: nobody reads anything more on it."""
        if self.websocket:
            with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self.websocket.close(SESSION_OVER, "The session has ended")


Info = StrawberryInfo[Context, None]
