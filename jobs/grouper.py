"""Grouping in a process of its own: it is minutes of CPU for a large account, and must not hold up the actors."""

import asyncio
import json
import sys

from domain.functions import Progress

LONGEST_LINE = 1 << 27


class ChildGrouper:
    """Implements domain.functions.GrouperProcess; `at_once` children at most."""

    def __init__(self, at_once: int = 1) -> None:
        self._slots = asyncio.Semaphore(at_once)

    async def group(
        self, keywords: list[str], strengths: list[int], granularity: str, max_size: int, progress: Progress
    ) -> list[list[int]]:
        """RuntimeError when the child ends without an answer."""
        request = {"keywords": keywords, "strengths": strengths, "granularity": granularity, "maxSize": max_size}
        async with self._slots:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "jobs.compute",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LONGEST_LINE,
            )  # fmt: skip
            try:
                return await _converse(child, request, progress)
            finally:
                if child.returncode is None:
                    child.kill()
                await child.wait()


async def _converse(
    child: asyncio.subprocess.Process, request: dict[str, object], progress: Progress
) -> list[list[int]]:
    assert child.stdin
    assert child.stdout
    child.stdin.write(json.dumps(request).encode() + b"\n")
    await child.stdin.drain()
    async for line in child.stdout:
        message = json.loads(line)
        if "groups" in message:
            groups: list[list[int]] = message["groups"]
            return groups
        progress("grouping", message["done"], message["total"])
    raise RuntimeError("the grouping process ended without an answer")
