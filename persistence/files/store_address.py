"""Where files are kept, as an operator writes it: a folder, or a bucket of an S3 service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from persistence.files.object_keys import key_of

SHAPE = "must be like s3://bucket/prefix?region=eu-central-1&endpoint=https://host:port or file:///path"


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Bucket:
    """`endpoint` is for services other than Amazon's; keys begin with `prefix`, which may be empty."""

    name: str
    prefix: str = ""
    region: str | None = None
    endpoint: str | None = None

    def __str__(self) -> str:
        place = f"s3://{self.name}/{self.prefix}".rstrip("/")
        return f"{place} at {self.endpoint}" if self.endpoint else place


Address = Folder | Bucket


def address_of(url: str) -> Address:
    """ValueError for anything else; it never shows the URL, which might hold a password."""
    try:
        parts = urlsplit(url)
        alone = parts.username is None and parts.password is None and parts.port is None and not parts.fragment
    except ValueError:
        alone = False
    if not alone:
        raise ValueError(SHAPE)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/") and not given:
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc and given.keys() <= {"region", "endpoint"}:
        return _bucket(parts.netloc, unquote(parts.path).removeprefix("/").removesuffix("/"), given)
    raise ValueError(SHAPE)


def _bucket(name: str, prefix: str, given: Mapping[str, str]) -> Bucket:
    endpoint = given.get("endpoint", "").rstrip("/") or None
    if endpoint is not None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError("the endpoint must be like https://host:port; keys are taken from AWS_ACCESS_KEY_ID")
    return Bucket(name, key_of(prefix) if prefix else "", given.get("region") or None, endpoint)
