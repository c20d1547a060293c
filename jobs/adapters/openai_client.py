"""The HTTP client under the OpenAI library: what leaves is listed, what comes back is bounded.

The library (3.x) talks through httpx2 and, left alone, follows redirects, reads organisation, project and extra
headers from the environment and takes bodies of any size.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from jobs.adapters.bounded import Bounded, is_plain

CONNECT_SECONDS = 10.0

_LEAVES = frozenset(
    {"accept", "connection", "content-length", "content-type", "host", "transfer-encoding", "x-stainless-raw-response"}
)
"""The last is how the library remembers, on the request, that the raw response was asked for."""


class BodyRefusedError(Exception):
    """The body is larger than was agreed, or packed, so that its size is not known before it is unpacked."""


def client_for(api_key: str | None, base_url: str, *, max_bytes: int) -> openai.AsyncOpenAI:
    """A client without retries. It belongs to the event loop that uses it first; close it there.

    The key is kept from the library and set on each request to `base_url`, the only address that is ever called.
    """

    async def only_ours(request: httpx2.Request) -> None:
        for name in [name for name in request.headers if name.lower() not in _LEAVES]:
            del request.headers[name]
        request.headers["accept-encoding"] = "identity"
        request.headers["user-agent"] = "igny8"
        if api_key:
            request.headers["authorization"] = f"Bearer {api_key}"

    async def bounded(response: httpx2.Response) -> None:
        if not is_plain(response):
            raise BodyRefusedError("packed")
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = Bounded(response.stream, max_bytes, lambda: BodyRefusedError("too large"))

    hooks: dict[str, list[Callable[..., Any]]] = {"request": [only_ours], "response": [bounded]}
    http = openai.DefaultAsyncHttpxClient(follow_redirects=False, event_hooks=hooks)
    return openai.AsyncOpenAI(api_key="not-here", base_url=base_url, max_retries=0, http_client=http)


def patience(seconds: float) -> openai.Timeout:
    """Time-outs of one request, in seconds. None of them ends a drip of bytes: wrap calls in asyncio.timeout too."""
    seconds = max(seconds, 0.001)
    return openai.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


def provider_name(base_url: str) -> str:
    """`openai`, or the host that stands in for it, without port and credentials."""
    host = (urlsplit(base_url).hostname or "unknown").lower()
    return "openai" if host == "api.openai.com" or host.endswith(".api.openai.com") else host
