"""Uploads: bytes with a name, judged by what is in them."""

import re
from collections.abc import Mapping

from tests.jobs.scripted import Received
from tests.standins.wordpress.posts import Post, Shelf
from tests.standins.wordpress.texts import line, slug_of
from tests.standins.wordpress.users import RefusedError, User, closed

MAGIC = {b"\x89PNG": ("png", "image/png"), b"\xff\xd8\xff": ("jpg", "image/jpeg"), b"GIF8": ("gif", "image/gif")}


def uploaded(shelf: Shelf, received: Received, query: Mapping[str, str], user: User | None) -> Post:
    if user is None or not user.may("upload_files"):
        raise closed(user, "rest_cannot_create", "Sorry, you are not allowed to upload media on this site.")
    if not received.body:
        raise RefusedError(400, "rest_upload_no_data", "No data supplied.")
    disposition = received.headers.get("content-disposition")
    if disposition is None:
        raise RefusedError(400, "rest_upload_no_content_disposition", "No Content-Disposition supplied.")
    named = re.search(r'filename="?([^"]+)"?', disposition)
    if named is None:
        raise RefusedError(400, "rest_upload_invalid_disposition", "Invalid Content-Disposition supplied.")
    extension, mime_type = _kind(received.body)
    stem = named[1].rpartition("/")[2].rpartition(".")[0]
    files = {post.file for post in shelf.posts.values()}
    file, number = f"{stem}.{extension}", 1
    while file in files:
        file, number = f"{stem}-{number}.{extension}", number + 1
    post = shelf.add("attachment", user.id)
    post.status, post.file, post.mime_type, post.data = "inherit", file, mime_type, received.body
    post.title = query.get("title", file.rpartition(".")[0])
    post.alt_text = line(query.get("alt_text", ""))
    post.slug = _free(shelf, post, slug_of(query.get("slug") or post.title))
    return post


def _kind(data: bytes) -> tuple[str, str]:
    for magic, kind in MAGIC.items():
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp", "image/webp"
    raise RefusedError(500, "rest_upload_sideload_error", "Sorry, you are not allowed to upload this file type.")


def _free(shelf: Shelf, post: Post, wanted: str) -> str:
    taken = {p.slug for p in shelf.posts.values() if p.id != post.id}
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
