"""What each kind of destination is reached by: which settings it takes, and which of them are secret."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.addresses import check_url
from domain.errors import bad_input, camel
from domain.signing import check_secret, new_secret
from domain.texts import check_line
from persistence.files.object_keys import key_of
from persistence.terms import IntegrationKind, WordPressMarkup

MAX_NAME, MAX_SECRET = 500, 500
SYNCED = (IntegrationKind.WORDPRESS, IntegrationKind.GHOST)  # where others than we change what is there
ADMIN_API_KEY = re.compile(r"[0-9a-f]{24}:(?:[0-9a-f]{2}){16,64}")  # the key's id, and its secret in bytes
ADMIN_OF_GHOST = re.compile(r"/ghost(/.*)?$")
REGION, BUCKET = re.compile(r"[a-z0-9-]{1,40}"), re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
ACCESS_KEY = re.compile(r"[!-.0-~]{1,128}")  # printable, and no slash
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is given of a destination. `secret`, in clear, is None where it stays as it is; one that was made here
    is told once.
    """

    url: str | None
    config: dict[str, Any] = field(default_factory=dict)
    secret: str | None = field(default=None, repr=False)
    is_new_secret: bool = False


def wordpress(given: Given, before: Settings | None, *path: str) -> Settings:
    """Its site's address, who publishes, and an application password of theirs."""
    config = dict(before.config) if before else {"markup": WordPressMarkup.BLOCKS.value}
    if "username" in given or not before:
        config["username"] = _needed(given.get("username"), *path, "username")
    if given.get("markup") is not None:
        config["markup"] = WordPressMarkup(given["markup"]).value
    return Settings(_url(given, before, *path), config, _secret(given, "app_password", before, *path))


def ghost(given: Given, before: Settings | None, *path: str) -> Settings:
    """Its site's address, without what leads from there to its admin, and the Admin API key of an integration there."""
    url = ADMIN_OF_GHOST.sub("", _url(given, before, *path))
    key = _secret(given, "admin_api_key", before, *path)
    if key is not None and not ADMIN_API_KEY.fullmatch(key := key.lower()):
        raise bad_input(
            "Give the Admin API key of a custom integration, copied whole: 24 digits, a colon and 64 digits, such as "
            "6b0d…1771:e226…90ac. The Content API key has no colon, and only reads.",
            *path, "adminApiKey",
        )  # fmt: skip
    return Settings(url, {}, key)


def folder(given: Given, before: Settings | None, *path: str) -> Settings:
    """A folder of its own at the server, or within one that the operator has set up, and what readers reach it by."""
    root = check_line(given.get("root"), MAX_NAME, *path, "root") if "root" in given else None
    known = before.config.get("root") if before else root
    if before and "root" in given and root != known:
        raise bad_input("What is published stays where it is; make another integration.", *path, "root")
    url = before.url if before else None
    if "base_url" in given:
        url = None if given["base_url"] is None else check_url(given["base_url"], *path, "baseUrl")
    return Settings(url, {"root": known} if known else {})


def bucket(given: Given, before: Settings | None, *path: str) -> Settings:
    """A bucket of an S3 service, a folder in it, and the key that may write there. Without endpoint it is Amazon's."""
    config: dict[str, Any] = dict(before.config) if before else {"region": "us-east-1"}
    if "endpoint" in given:
        endpoint = given["endpoint"]
        config["endpoint"] = None if endpoint is None else check_url(endpoint, *path, "endpoint")
    for name, form, cure in (
        ("region", REGION, "Give the bucket's region, such as eu-central-1."),
        ("bucket", BUCKET, "Give the bucket's name: 3 to 63 small letters, digits, dots and hyphens."),
        ("access_key_id", ACCESS_KEY, "Give the id of an access key, at most 128 letters and digits."),
    ):
        if name in given or (name not in config):
            config[name] = (given.get(name) or "").strip()
            if not form.fullmatch(config[name]):
                raise bad_input(cure, *path, camel(name))
    if "prefix" in given:
        config["prefix"] = _key((given["prefix"] or "").strip().strip("/"), *path, "prefix")
    url = before.url if before else None
    if "base_url" in given:
        url = None if given["base_url"] is None else check_url(given["base_url"], *path, "baseUrl")
    return Settings(url, config, _secret(given, "secret_access_key", before, *path))


def webhook(given: Given, before: Settings | None, *path: str) -> Settings:
    """The receiver's address, with its query, and the secret that messages are signed with: one is made where none is
    given, and is told once.
    """
    url = before.url if before and "url" not in given else _receiver(given.get("url"), *path, "url")
    if before and "secret" not in given:
        return Settings(url)
    if given.get("secret") is None:
        return Settings(url, secret=new_secret(), is_new_secret=True)
    return Settings(url, secret=check_secret(given["secret"], *path, "secret"))


KINDS: dict[IntegrationKind, Callable[..., Settings]] = {
    IntegrationKind.WORDPRESS: wordpress,
    IntegrationKind.GHOST: ghost,
    IntegrationKind.FOLDER: folder,
    IntegrationKind.S3: bucket,
    IntegrationKind.WEBHOOK: webhook,
}


def _receiver(text: str | None, *field: str) -> str:
    """As `check_url`, but to the letter: what receives may tell addresses apart by a slash or by their query."""
    address, mark, query = (text or "").strip().partition("?")
    if not (query.isascii() and query.isprintable() and " " not in query and len(query) <= MAX_SECRET):
        raise bad_input(f"Give its query percent-encoded, and at most {MAX_SECRET} characters of it.", *field)
    return check_url(address, *field) + ("/" if address.endswith("/") else "") + mark + query


def _key(text: str, *field: str) -> str | None:
    try:
        return key_of(text) if text else None
    except ValueError as error:
        raise bad_input(f"{str(error).rstrip('.')}.", *field) from None


def _url(given: Given, before: Settings | None, *path: str) -> str:
    if "url" not in given and before and before.url:
        return before.url
    return check_url(given.get("url"), *path, "url")


def _secret(given: Given, name: str, before: Settings | None, *path: str) -> str | None:
    if name not in given and before:
        return None
    text = (given.get(name) or "").strip()
    if not 1 <= len(text) <= MAX_SECRET or not text.isprintable():
        raise bad_input(f"Give it, at most {MAX_SECRET} printable characters.", *path, camel(name))
    return text


def _needed(text: str | None, *field: str) -> str:
    line = check_line(text, MAX_NAME, *field)
    if line is None:
        raise bad_input("This is needed.", *field)
    return line
