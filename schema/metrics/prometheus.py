"""What a process has done, and what background work there is, where Prometheus asks for it."""

import secrets
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response

from schema.context import Services
from schema.metrics.work_metrics import work_now

log = structlog.get_logger()


def metrics_route(services: Callable[[], Services], token: str | None, *, production: bool) -> Callable[..., object]:
    """In production a token is needed; nobody learns without one whether there are metrics."""

    async def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        allowed = secrets.compare_digest(given.encode(), token.encode()) if token else not production
        if not allowed:
            return Response("Set IGNY8_METRICS_TOKEN, and send it as Authorization: Bearer ….", 403)
        body = services().metrics.text()
        try:
            body += (await work_now(services().database, services().failure_counts)).text()
        except Exception as error:  # noqa: BLE001 - this process' own numbers are there whatever else is away
            log.warning("work not counted", error=str(error) or type(error).__name__)
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    return metrics
