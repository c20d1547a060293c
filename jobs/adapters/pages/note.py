"""What is remembered beside the pages of one content: how it stands, and which files are its own.

It lies where everybody may read who knows the content's marker, and says nothing that its page does not say.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from persistence.terms import RemoteStatus

NOTES, CLAIMS = ".igny8/contents", ".igny8/slugs"


@dataclass(frozen=True, slots=True)
class Note:
    """`asked`: the slug that `slug` was found for. `places`: of each slug where files of the content may be their
    names; written before they are, so that none is ever forgotten.
    """

    marker: str
    status: RemoteStatus = RemoteStatus.DRAFT
    slug: str | None = None
    asked: str | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_json(self) -> bytes:
        said = {
            "marker": self.marker, "status": self.status.value, "slug": self.slug, "asked": self.asked,
            "publishedAt": _text(self.published_at), "modifiedAt": _text(self.modified_at),
            "places": {slug: list(names) for slug, names in self.places.items()},
        }  # fmt: skip
        return json.dumps(said, ensure_ascii=False).encode()

    @classmethod
    def of(cls, marker: str, data: bytes) -> "Note | None":
        """None for what somebody has spoilt."""
        try:
            said: dict[str, Any] = json.loads(data)
            if not all(map(_is_name, [*said["places"], *chain(*said["places"].values())])):
                return None
            return cls(
                marker=marker, status=RemoteStatus(said["status"]), slug=said["slug"], asked=said["asked"],
                published_at=_time(said["publishedAt"]), modified_at=_time(said["modifiedAt"]),
                places={slug: tuple(names) for slug, names in said["places"].items()},
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


def _is_name(name: object) -> bool:
    return isinstance(name, str) and "/" not in name and not name.startswith(".") and name.isprintable() and name != ""


def note_key(marker: str) -> str:
    return f"{NOTES}/{marker}.json"


def claim_key(slug: str) -> str:
    return f"{CLAIMS}/{slug}"


def _text(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
