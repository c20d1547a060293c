"""The client of Redis: who is cancelled while it asks does not go on."""

import asyncio
from typing import Any

from redis.asyncio import Redis


class CancellableRedis(Redis):
    """redis-py sends under asyncio.wait_for, which before Python 3.12 drops a cancellation that comes in the moment in
    which the command was sent: a subscription that its client has completed would wait for its next value for ever.
    """

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        task = asyncio.current_task()
        asked = task.cancelling() if task else 0
        answer = await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        if task and task.cancelling() > asked:
            raise asyncio.CancelledError
        return answer
