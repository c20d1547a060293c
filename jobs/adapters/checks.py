"""A connection tried stage by stage, up to the first that fails."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from domain.destinations import Checked, Connected, DestinationError
from persistence.terms import CheckStage

Step = tuple[CheckStage, Callable[[], Awaitable[str]]]  # what it looks at, and what is found; DestinationError fails
ON_THE_WAY = {"address_refused": CheckStage.ADDRESS, "not_known": CheckStage.ADDRESS, "tls": CheckStage.TLS,
              "unreachable": CheckStage.TLS}  # fmt: skip


async def checked(
    steps: Sequence[Step], progress: Callable[[str, int, int], None], capabilities: Mapping[str, Any]
) -> Connected:
    """A failure on the way to a destination is told at its own stage, whichever step ran into it."""
    stages: list[Checked] = []
    for stage, step in steps:
        began = time.monotonic()
        try:
            found, cure, failed_at = await step(), "", None
        except DestinationError as error:
            found, cure, failed_at = error.said, error.cure, ON_THE_WAY.get(error.code, stage)
        ms = round((time.monotonic() - began) * 1000)
        stages.append(Checked(failed_at or stage, failed_at is None, ms, found, cure))
        progress(stage.value.lower().replace("_", " "), len(stages), len(steps))
        if failed_at:
            return Connected(stages)
    return Connected(stages, capabilities)
