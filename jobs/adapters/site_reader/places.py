"""Which addresses belong to a site, and how each is written one way."""

import posixpath
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

NOT_PAGES = {
    "7z", "aac", "apk", "avi", "avif", "bmp", "bz2", "css", "csv", "dmg", "doc", "docx", "eot", "epub", "exe", "gif",
    "gz", "ico", "iso", "jpeg", "jpg", "js", "json", "m4a", "m4v", "mov", "mp3", "mp4", "mpeg", "msi", "odt", "ogg",
    "ogv", "otf", "pdf", "png", "ppt", "pptx", "rar", "rss", "svg", "tar", "tgz", "tif", "tiff", "ttf", "txt", "wav",
    "webm", "webmanifest", "webp", "woff", "woff2", "xls", "xlsx", "xml", "xz", "zip",
}  # fmt: skip
MOST = 2000  # characters


def address(url: str, base: str = "") -> str | None:
    """Absolute, without its fragment; None for what is no page of the web."""
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None or len(url) > MOST:
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = parts.hostname if port in (None, usual) else f"{parts.hostname}:{port}"
    return urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))


@dataclass(frozen=True, slots=True)
class Scope:
    """A site at an address: the same host, with or without www, at the same port or the other scheme's usual one, and
    below the address's path.
    """

    root: str

    def has(self, url: str) -> bool:
        mine, other = urlsplit(self.root), urlsplit(url)
        below = mine.path.rstrip("/")
        path = other.path.rstrip("/")
        return _host(mine.netloc) == _host(other.netloc) and (path == below or path.startswith(f"{below}/"))

    def is_page(self, url: str) -> bool:
        """Without a query, of which there are endlessly many, and by its name no file."""
        parts = urlsplit(url)
        kind = posixpath.splitext(parts.path)[1][1:].lower()
        return self.has(url) and not parts.query and kind not in NOT_PAGES


def _host(netloc: str) -> str:
    return netloc.lower().removeprefix("www.")
