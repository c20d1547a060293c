"""Lists of posts and pages: what is asked for, and what is ignored without a word."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.standins.wordpress.posts import SHOWN, Post, Shelf, invalid
from tests.standins.wordpress.users import RefusedError, User, closed

KNOWN = {*SHOWN, "trash", "any", "auto-draft", "inherit"}


def listed(
    shelf: Shelf, type: str, query: Mapping[str, str], user: User | None, keys: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """`keys`: of meta that are filters here."""
    may_edit = user is not None and user.may("edit_posts" if type == "post" else "edit_pages")
    statuses = query.get("status", "publish").split(",")
    if any(status not in KNOWN for status in statuses):
        raise invalid("status", f"status[0] is not one of {', '.join(sorted(KNOWN))}.")
    if statuses != ["publish"] and not may_edit:
        raise invalid("status", "Status is forbidden.")
    if query.get("context") == "edit" and not may_edit:
        said = "Sorry, you are not allowed to edit posts in this post type."
        raise closed(user, "rest_forbidden_context", said)
    wanted = {each for status in statuses for each in (SHOWN if status == "any" else (status,))}
    found = [p for p in shelf.posts.values() if p.type == type and p.status in wanted and _seen(p, user)]
    if "search" in query:
        found = [post for post in found if _matches(post, query["search"])]
    if query.get("include"):
        found = [post for post in found if str(post.id) in query["include"].split(",")]
    if "slug" in query:
        found = [post for post in found if post.slug in query["slug"].split(",")]
    for key in keys:
        if key in query:
            found = [post for post in found if post.meta.get(key) == query[key]]
    return _page(shelf, _ordered(found, query), query, user)


def _seen(post: Post, user: User | None) -> bool:
    if post.status == "publish":
        return True
    return user is not None and (user.may("edit_others_posts") or post.author == user.id)


def _matches(post: Post, search: str) -> bool:
    """Every word of it is a part of a text; one that begins with a hyphen must not be. Tags are stripped first: where
    nothing is left, all is found.
    """
    texts = f"{post.title} {post.excerpt} {post.content}".casefold()
    words = re.sub(r"<[^>]*>", "", search).casefold().split()
    return all((w[1:] not in texts) if w.startswith("-") else (w in texts) for w in words)


def _ordered(found: list[Post], query: Mapping[str, str]) -> list[Post]:
    if query.get("orderby") == "include":
        return sorted(found, key=lambda post: query["include"].split(",").index(str(post.id)))
    by_id = query.get("orderby") == "id"
    return sorted(
        found, key=lambda p: (p.id,) if by_id else (p.date or p.modified, p.id), reverse=query.get("order") != "asc"
    )


def _page(
    shelf: Shelf, found: list[Post], query: Mapping[str, str], user: User | None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    size, number = int(query.get("per_page", 10)), int(query.get("page", 1))
    if not 1 <= size <= 100:
        raise invalid("per_page", "per_page must be between 1 (inclusive) and 100 (inclusive)")
    pages = -(-len(found) // size)
    if found and number > pages:
        said = "The page number requested is larger than the number of pages available."
        raise RefusedError(400, "rest_post_invalid_page_number", said)
    rows = [shelf.row(post, user) for post in found[(number - 1) * size : number * size]]
    if query.get("context") != "edit":
        rows = [{n: v for n, v in row.items() if n not in ("meta",)} | _shown(row) for row in rows]
    return rows, {"x-wp-total": str(len(found)), "x-wp-totalpages": str(pages)}


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Without what only those see who may edit."""
    return {name: {"rendered": row[name]["rendered"]} for name in ("title", "content", "excerpt")}
