"""The process that groups keywords: one request on standard input, progress and the answer on standard output.

It ends when its standard input does, so that it never outlives the worker that started it.
"""

import json
import os
import sys
import threading
import time
from typing import Any

from jobs.adapters.grouping import VectorGrouper
from persistence.terms import Granularity

SECONDS_BETWEEN = 0.1


def main() -> None:
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        if done == total or time.monotonic() - last > SECONDS_BETWEEN:
            last = time.monotonic()
            _say({"done": done, "total": total})

    groups = VectorGrouper().group(
        request["keywords"],
        strengths=request["strengths"],
        granularity=Granularity(request["granularity"]),
        max_size=request["maxSize"],
        progress=progress,
    )
    _say({"groups": groups})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    while os.read(0, 1024):  # not sys.stdin: its lock would be held when the interpreter ends
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
