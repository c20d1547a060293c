"""What documents cost: by document, bounded, and of the work itself rather than of what runs beside it."""

import asyncio
import time

import pytest

from persistence.redis.persisted_documents import id_of
from schema.metrics.document_costs import KEPT, LONGEST, DocumentCosts, Metered


def spin(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def test_processor_time_is_the_operations_own() -> None:
    async def work(each: float) -> str:
        for _ in range(3):
            spin(each)
            await asyncio.sleep(0.001)
        return "done"

    little, much = Metered(work(0.002)), Metered(work(0.02))
    assert await asyncio.gather(little, much) == ["done", "done"]
    assert 0.006 <= little.seconds < 0.03
    assert 0.06 <= much.seconds < 0.2


async def test_errors_and_cancellation_pass_through() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        await Metered(fails())

    cleaned = []

    async def waits() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            cleaned.append(True)
            raise

    async def outer() -> None:
        await Metered(waits())

    task = asyncio.create_task(outer())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == [True]


def test_the_busiest_documents_come_first_and_few_are_kept() -> None:
    meter = DocumentCosts()
    for number in range(KEPT * 2):
        meter.of(f"{{ q{number} }}").add(failed=False, seconds=1, cpu_seconds=number, received=10, sent=20)
    meter.of("x" * (LONGEST + 1)).add(failed=True, seconds=1, cpu_seconds=5000, received=1, sent=1)
    meter.of(None).add(failed=True, seconds=1, cpu_seconds=5000, received=1, sent=1)
    (others, use), (second, _) = meter.most(2)
    assert (others, use.calls, use.failed, second) == ("others", 2, 2, id_of(f"{{ q{KEPT * 2 - 1} }}"))
    assert len(meter.most(10_000)) == KEPT
