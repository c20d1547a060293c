"""Where the demo publishes to: a folder of pages beside the server, or somebody's WordPress."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from cli.demo.answers import Json

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Destination(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> Json:
        """As createIntegration takes them."""
        ...

    def address(self, account: str, integration: str, publication: Json) -> str:
        """Where the page is found."""
        ...


@dataclass(frozen=True, slots=True)
class PagesFolder:
    """`published`: where this server keeps pages of all accounts."""

    published: Path
    name: str = "Pages"

    @property
    def settings(self) -> Json:
        return {"folder": {}}

    def address(self, account: str, integration: str, publication: Json) -> str:
        inside = Path(_uuid(account), _uuid(integration), publication["slug"], "index.html")
        return (self.published.absolute() / inside).as_uri()


@dataclass(frozen=True, slots=True)
class WordPress:
    url: str
    user: str
    app_password: str = field(repr=False)
    name: str = "WordPress"

    @property
    def settings(self) -> Json:
        return {"wordPress": {"url": self.url, "username": self.user, "appPassword": self.app_password}}

    def address(self, account: str, integration: str, publication: Json) -> str:
        return str(publication["url"])


def allowed_too(url: str, allowed: str) -> str:
    """`allowed`, and the address's host where it is this machine: IGNY8_ALLOWED_HOSTS of the demo's own worker."""
    try:
        parts = urlsplit(url)
        host, here = parts.netloc.rpartition("@")[2], parts.hostname in LOOPBACK
    except ValueError:  # the API says what is wrong with it
        return allowed
    return ",".join(filter(None, (allowed, host))) if here else allowed


def destination_of(
    published: Path, wordpress: str | None, user: str | None, app_password: str | None, refuse: Callable[[str], None]
) -> Destination:
    """`refuse` is told what is missing."""
    if wordpress and user and app_password:
        return WordPress(wordpress, user, app_password)
    if wordpress or user or app_password:
        refuse("--wordpress URL takes --user and --app-password, and these take it")
    return PagesFolder(published)


def _uuid(id: str) -> str:
    return id.partition("_")[2]
