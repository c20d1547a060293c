"""The ASGI application: settings → database, Redis, schema → routes. The composition root of API processes."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from domain.auth.keys import ApiKeys
from domain.settings import Settings
from domain.tokens import Tokens
from jobs.broker import WAITING, Sender, make_broker
from persistence.errors import FilesAway, NoRoom
from persistence.files.blobs import Blobs
from persistence.files.stores import store_at
from persistence.postgres.database import API_ROLE, Database
from persistence.postgres.session_checks import SessionChecks
from persistence.progress.bus import Bus, Hub
from persistence.progress.rereads import Rereads
from persistence.progress.site_events import SiteEvents
from persistence.redis.client import CancellableRedis
from persistence.redis.export_links import Exports
from persistence.redis.failure_counts import FailureCounts
from persistence.redis.persisted_documents import Documents
from persistence.redis.query_budget import QueryBudgets
from persistence.redis.sign_in_limits import SignInLimits
from persistence.secrets import Vault
from persistence.unit import Units
from schema import build_schema
from schema.context import Services
from schema.http.body_limit import BodyLimit
from schema.http.downloads import download_routes
from schema.http.endpoint import Endpoint
from schema.http.pages import GRAPHIQL, HOME, LETTER, LETTER_HEADERS, LETTER_PATHS
from schema.metrics.prometheus import metrics_route
from schema.metrics.resource_metrics import ResourceMetrics

RARELY = (10_000, 50, 1000)  # a full collection walks what 2,000 sockets hold: half a second in which nobody is served
log = structlog.get_logger()


def create_app(settings: Settings | None = None) -> Starlette:
    """Serves once IGNY8_DATABASE_URL and IGNY8_REDIS_URL answer and the schema is migrated."""
    settings = settings or Settings()
    opened: list[Services] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            opened.append(services)
            gc.collect()
            gc.freeze()  # what is made at start stays: the collector need not walk it again
            gc.set_threshold(*RARELY)
            yield
            opened.clear()

    async def ready(request: Request) -> Response:
        return await readiness(opened[0]) if opened else JSONResponse({"status": "starting"}, 503)

    production = settings.environment == "production"
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    metrics = metrics_route(lambda: opened[0], token, production=production)
    endpoint = Endpoint(build_schema(closed=production), lambda: opened[0], settings.allowed_origins)
    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/graphql", endpoint, methods=["GET", "POST"]),  # first: they are tried in turn
            WebSocketRoute("/graphql", endpoint),
            Route("/", lambda _: HTMLResponse(HOME)),
            Route("/graphiql", lambda _: HTMLResponse(GRAPHIQL)),
            *(Route(f"/{path}", lambda _: HTMLResponse(LETTER, headers=LETTER_HEADERS)) for path in LETTER_PATHS),
            Route("/healthz", lambda _: JSONResponse({"status": "ok"})),
            Route("/readyz", ready),
            Route("/metrics", metrics),
            *download_routes(lambda: opened[0]),
        ],
        middleware=[Middleware(BodyLimit), *cross_origin(settings.allowed_origins)],
    )
    app.state.drain = endpoint.streams.end  # for who runs it: before it waits for requests to be answered
    return app


def cross_origin(allowed: tuple[str, ...]) -> list[Middleware]:
    """Nothing where no page of another origin may ask: a browser takes silence for a no."""
    if not allowed:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(allowed),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "graphql-require-preflight"],
            expose_headers=["x-request-id"],
        )
    ]


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    assert settings.database_url
    assert settings.redis_url
    database = await Database(settings.database_url, API_ROLE, size=settings.database_connections).open()
    redis = CancellableRedis.from_url(settings.redis_url)
    broker = make_broker(settings.redis_url)
    secrets = settings.secrets()
    hub = Hub(redis, Rereads(database), SiteEvents(database))
    units = Units(database, Vault(secrets), Sender(broker, WAITING), Bus(redis).publish)
    session_checks = SessionChecks(database)
    await hub.start()
    try:
        yield Services(
            database=database,
            units=units,
            keys=ApiKeys(units),
            exports=Exports(redis),
            tokens=Tokens(secrets),
            sign_in_limits=SignInLimits(settings.redis_url),
            query_budgets=QueryBudgets(redis, settings.query_budget),
            documents=Documents(redis),
            metrics=ResourceMetrics(database),
            failure_counts=FailureCounts(redis),
            roots=frozenset(settings.roots),
            production=settings.environment == "production",
            hub=hub,
            blobs=Blobs(store_at(settings.files), settings.reserve),
            session_checks=session_checks,
        )
    finally:
        await session_checks.stop()
        await hub.stop()
        await redis.aclose()
        broker.close()
        await database.close()


async def readiness(services: Services) -> Response:
    """503 names what does not answer, or is full, and no more."""
    missing = []
    try:
        async with services.database.pool.connection(timeout=2) as connection:
            await connection.execute("select 1")
    except Exception:  # noqa: BLE001 - whatever it is, the database is not there
        missing.append("database")
    try:
        await services.hub.ping()
    except (RedisError, OSError):
        missing.append("redis")
    try:
        async with asyncio.timeout(2):
            await services.blobs.check_room()
    except NoRoom:
        missing.append("disk")
    except (FilesAway, TimeoutError):
        missing.append("files")
    if missing:
        return JSONResponse({"status": "unavailable", "missing": missing}, 503)
    return JSONResponse({"status": "ready"})
