"""Work on long texts, which takes processor time: beside the event loop, and before a transaction is opened."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_THREADS = ThreadPoolExecutor(2, "texts")  # few: they share the interpreter with the loop, which answers everybody else


async def beside(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
