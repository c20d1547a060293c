"""Making, changing and trashing posts: who may, and what is refused."""

from collections.abc import Mapping
from typing import Any

from tests.standins.wordpress.posts import Post, Shelf, invalid
from tests.standins.wordpress.terms import Terms
from tests.standins.wordpress.users import RefusedError, User, closed

STATUSES = ("publish", "future", "draft", "pending", "private")
TEXTS = ("title", "content", "excerpt")


def created(
    shelf: Shelf, terms: Terms, users: Mapping[str, User], type: str, fields: Mapping[str, Any], user: User | None
) -> Post:
    if "id" in fields:
        raise RefusedError(400, "rest_post_exists", "Cannot create existing post.")
    if user is None or not user.may("edit_posts" if type == "post" else "edit_pages"):
        raise closed(user, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
    _check(shelf, users, fields, user, user.id, type)
    if not any(str(fields.get(name) or "").strip() for name in TEXTS):
        raise RefusedError(400, "empty_content", "Content, title, and excerpt are empty.")
    post = shelf.add(type, user.id)
    shelf.change(post, {"status": "draft", **fields}, user)
    _sort(terms, post, fields)
    return post


def updated(
    shelf: Shelf, terms: Terms, users: Mapping[str, User], post: Post, fields: Mapping[str, Any], user: User | None
) -> None:
    others = "edit_others_posts" if post.type == "post" else "edit_others_pages"
    own = user is not None and post.author == user.id and user.may("edit_posts")
    if user is None or not (own or user.may(others)):
        raise closed(user, "rest_cannot_edit", "Sorry, you are not allowed to edit this post.")
    _check(shelf, users, fields, user, post.author, post.type)
    shelf.change(post, fields, user)
    _sort(terms, post, fields)


def trashed(shelf: Shelf, post: Post, user: User | None, *, force: bool) -> None:
    others = "delete_others_posts"
    if user is None or not (user.may(others) or (post.author == user.id and user.may("delete_posts"))):
        raise closed(user, "rest_cannot_delete", "Sorry, you are not allowed to delete this post.")
    if force:
        del shelf.posts[post.id]
    elif post.status == "trash":
        raise RefusedError(410, "rest_already_trashed", "The post has already been deleted.")
    else:
        shelf.trash(post)


def _check(
    shelf: Shelf, users: Mapping[str, User], fields: Mapping[str, Any], user: User, author: int, type: str
) -> None:
    status = fields.get("status", "draft")
    if status not in STATUSES:
        raise invalid("status", f"status is not one of {', '.join(STATUSES)}.")
    if not isinstance(fields.get("meta", {}), Mapping):
        raise invalid("meta", "meta is not of type object.")
    wanted = fields.get("author", author)
    if wanted != user.id and wanted != author and not user.may("edit_others_posts"):
        raise closed(user, "rest_cannot_edit_others", "Sorry, you are not allowed to update posts as this user.")
    if wanted not in {each.id for each in users.values()}:
        raise RefusedError(400, "rest_invalid_author", "Invalid author ID.")
    if status in ("publish", "future") and not user.may("publish_posts" if type == "post" else "publish_pages"):
        raise closed(user, "rest_cannot_publish", "Sorry, you are not allowed to publish posts in this post type.")


def _sort(terms: Terms, post: Post, fields: Mapping[str, Any]) -> None:
    if post.type == "post":
        if "categories" in fields:
            post.categories = terms.known("category", fields["categories"])
        if "tags" in fields:
            post.tags = terms.known("post_tag", fields["tags"])
