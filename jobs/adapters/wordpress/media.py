"""Pictures in WordPress's library, each called by the hash of its bytes."""

from collections.abc import Mapping
from typing import Any

from domain.destinations import Media, RemoteMedia
from jobs.adapters.wordpress.api import Api, id_of

ROUTE = "/wp/v2/media"
FIELDS = "id,slug,source_url"


def slug_of(media: Media) -> str:
    """Not of its title: pages share their slugs with pictures, and would get another."""
    return f"sha256-{media.sha256}"


async def find(api: Api, media: Media) -> RemoteMedia | None:
    """By slug, else by file name, which stays when somebody gives it another slug."""
    name = slug_of(media)
    for wanted in ({"slug": name}, {"search": name}):
        params = {**wanted, "context": "edit", "orderby": "id", "order": "asc", "_fields": FIELDS}
        for row in (await api.get(ROUTE, params)).rows:
            if row.get("slug") == name or name in str(row.get("source_url")).rpartition("/")[2]:
                return _remote(row)
    return None


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
