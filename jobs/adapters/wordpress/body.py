"""An article's body as it is sent."""

from collections.abc import Mapping
from typing import Protocol

from domain.destinations import RemoteMedia


class Body(Protocol):
    """Writes an article's HTML as WordPress keeps it, with `marker` where a person who edits it leaves it alone.

    `media` is by hash; pictures that are not in it are left out.
    """

    def __call__(self, html: str, media: Mapping[str, RemoteMedia], marker: str, /) -> str: ...
