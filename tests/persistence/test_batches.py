"""What many send at once."""

import asyncio

from persistence.redis.batches import Batches


async def test_who_is_cancelled_while_sending_leaves_it_to_the_next() -> None:
    sent: list[int] = []
    gate = asyncio.Event()

    async def send(batch: list[int]) -> None:
        await gate.wait()
        sent.extend(batch)

    batches = Batches(send)
    first = asyncio.create_task(batches([1]))
    await asyncio.sleep(0)
    second, third = asyncio.create_task(batches([2])), asyncio.create_task(batches([3]))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    await asyncio.gather(second, third)
    assert sent == [1, 2, 3]
