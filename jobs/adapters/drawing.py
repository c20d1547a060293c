"""Pictures without network, key or model."""

import asyncio

from domain.ports import CallReport, ImageRequest, Picture
from jobs.adapters.landscape import landscape

LEAST, MOST = 64, 2048
_FREE = CallReport(provider="offline", model="drawing-1", cost_micros=0)


class OfflineImages:
    """The same title, prompt and size always give the same picture, as WEBP of at most 300 kB."""

    async def draw(self, request: ImageRequest) -> tuple[Picture, CallReport]:
        """Width and height as asked for, within 64 to 2048; in a thread, so that the event loop goes on."""
        width, height = (min(max(side, LEAST), MOST) for side in (request.width, request.height))
        data = await asyncio.to_thread(landscape, request.title, request.prompt, width, height)
        return Picture(data, "image/webp", width, height), _FREE
