"""Users, their roles, and how they sign in."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

AUTHOR = {"read", "edit_posts", "publish_posts", "edit_published_posts", "delete_posts", "upload_files"}
EDITOR = AUTHOR | {
    "edit_others_posts", "delete_others_posts", "read_private_posts", "edit_pages", "publish_pages",
    "edit_others_pages", "manage_categories", "unfiltered_html",
}  # fmt: skip
ROLES = {
    "administrator": EDITOR | {"list_users", "manage_options"},
    "editor": EDITOR,
    "author": AUTHOR,
    "contributor": {"read", "edit_posts", "delete_posts"},
    "subscriber": {"read"},
}


@dataclass(frozen=True, slots=True)
class User:
    id: int
    username: str
    name: str
    role: str
    app_password: str

    def may(self, what: str) -> bool:
        return what in ROLES[self.role]

    def takes(self, password: str) -> bool:
        """With its blanks or without."""
        return password.replace(" ", "") == self.app_password.replace(" ", "")

    @property
    def row(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "username": self.username,
            "name": self.name,
            "slug": self.username,
            "roles": [self.role],
            "capabilities": dict.fromkeys(sorted(ROLES[self.role]), True) | {self.role: True},
        }


class RefusedError(Exception):
    """An answer that is an error of WordPress's."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.data = status, code, message, data

    @property
    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "data": {"status": self.status, **self.data}}


def closed(user: User | None, code: str, message: str) -> RefusedError:
    """401 for nobody, 403 for somebody who may not."""
    return RefusedError(403 if user else 401, code, message)


def who_asks(users: Mapping[str, User], authorization: str | None) -> User | None:
    """None for nobody, and for somebody with a wrong password: WordPress lets both see what is public."""
    kind, _, encoded = (authorization or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    user = users.get(name)
    return user if user and user.takes(password) else None
