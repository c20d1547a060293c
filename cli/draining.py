"""An HTTP server that ends what has no end by itself, before it waits for what is under way."""

import socket
from collections.abc import Callable

import uvicorn


class DrainingServer(uvicorn.Server):
    """`drain` is called when it begins to shut down."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], None]) -> None:
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._drain()
        await super().shutdown(sockets)
