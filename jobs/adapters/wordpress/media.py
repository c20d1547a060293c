"""Pictures in WordPress's library, each called by the hash of its bytes."""

from collections.abc import Mapping
from typing import Any

from domain.destinations import Media, RemoteMedia
from jobs.adapters.wordpress.api import Api, id_of
from jobs.adapters.wordpress.failures import RefusedError

ROUTE = "/wp/v2/media"
FIELDS = "id,slug,source_url"
MADE = f"{FIELDS},alt_text,missing_image_sizes"  # whether all of it was


def slug_of(media: Media) -> str:
    """Not of its title: pages share their slugs with pictures, and would get another."""
    return f"sha256-{media.sha256}"


async def find(api: Api, media: Media) -> RemoteMedia | None:
    """By slug, else by file name, which stays when somebody gives it another slug."""
    name = slug_of(media)
    for wanted in ({"slug": name}, {"search": name}):
        params = {**wanted, "context": "edit", "orderby": "id", "order": "asc", "_fields": MADE}
        for row in (await api.get(ROUTE, params)).rows:
            file = row.get("source_url")
            if isinstance(file, str) and file and (row.get("slug") == name or name in file.rpartition("/")[2]):
                await _complete(api, row, media)
                return _remote(row)
    return None


async def _complete(api: Api, there: Mapping[str, Any], media: Media) -> None:
    """A server that ended in the midst of an upload, as small ones do over large pictures, has left the rest undone.

    WordPress has a way of its own to make the smaller sizes; without them the picture is shown as it is.
    """
    path = f"{ROUTE}/{id_of(there)}"
    if media.alt_text and not there.get("alt_text"):
        await api.post(path, {"title": media.title, "alt_text": media.alt_text}, {"_fields": FIELDS})
    if there.get("missing_image_sizes"):
        try:
            await api.post(f"{path}/post-process", {"action": "create-image-subsizes"}, {"_fields": FIELDS})
        except RefusedError as error:
            if error.retryable:
                raise


async def upload(api: Api, media: Media) -> RemoteMedia:
    """Its bytes with title and alt text in one request."""
    params = {"title": media.title, "alt_text": media.alt_text, "slug": slug_of(media), "_fields": FIELDS}
    headers = {
        "content-type": media.mime_type,
        "content-disposition": f'attachment; filename="{media.file_name}"',
    }
    return _remote((await api.call("POST", ROUTE, params, await media.read(), headers)).made)


def _remote(fields: Mapping[str, Any]) -> RemoteMedia:
    return RemoteMedia(id_of(fields), str(fields.get("source_url") or ""))
