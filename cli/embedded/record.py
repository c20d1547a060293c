"""What a guardian writes down for holders, for `describe`, and for its successor."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.embedded.places import Place


@dataclass(frozen=True, slots=True)
class Record:
    """`control` is the socket of the guardian. After a crash the record stays: the pids may be others' by then."""

    control: str
    guardian: int
    postgres: int
    redis: int
    postgres_version: str
    redis_version: str


def write(place: Place, record: Record) -> None:
    unfinished = place.record.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(record)))
    os.replace(unfinished, place.record)


def read(place: Place) -> Record | None:
    """None if there is no record, or one of another version of this module."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Record(**json.loads(place.record.read_text()))
    return None


def control(folder: Path) -> Path:
    """The control socket in a guardian's socket folder."""
    return folder / "control"
