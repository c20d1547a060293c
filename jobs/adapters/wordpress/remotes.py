"""What WordPress says that it has, as a Remote."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import unquote

from domain.destinations import Remote, RemoteTerm
from jobs.adapters.wordpress import seo
from jobs.adapters.wordpress.api import id_of
from jobs.adapters.wordpress.reading import html_of
from jobs.adapters.wordpress.site import OWN_KEY, Site
from persistence.terms import RemoteEntityKind, RemoteStatus

MARKER = re.compile(r"(?<![\w-])igny8-[0-9a-f]{24}(?![\w-])")
STATUSES = {
    "draft": RemoteStatus.DRAFT,
    "future": RemoteStatus.SCHEDULED,
    "publish": RemoteStatus.PUBLISHED,
    "trash": RemoteStatus.TRASHED,
}


def remote_of(
    fields: Mapping[str, Any],
    site: Site,
    entity: RemoteEntityKind,
    marker: str | None = None,
    names: Mapping[int, str] | None = None,
) -> Remote:
    """`marker`: told only where it is there, as a whole word; without one, whichever of ours is there. `names`: of
    terms. What is pending, private or of a kind of its own is a draft: it is not shown.
    """
    content, status = _raw(fields, "content"), status_of(fields)
    shown = status is RemoteStatus.PUBLISHED
    meta = fields.get("meta")
    kept = meta if isinstance(meta, dict) else {}
    return Remote(
        id=id_of(fields), status=status, url=str(fields.get("link")) if shown else None,
        slug=unquote(str(fields.get("slug") or "")) or None, marker=_marker(content or "", kept, marker),
        title=_plain(_raw(fields, "title")), content=content, html=None if content is None else html_of(content),
        published_at=moment(fields.get("date_gmt")) if shown or status is RemoteStatus.SCHEDULED else None,
        modified_at=moment(fields.get("modified_gmt")), excerpt=_plain(_raw(fields, "excerpt")),
        categories=_terms(fields.get("categories"), names or {}), tags=_terms(fields.get("tags"), names or {}),
        featured=_featured(fields.get("featured_media")), **seo.told(site, entity, kept),  # type: ignore[arg-type]
    )  # fmt: skip


def status_of(fields: Mapping[str, Any]) -> RemoteStatus:
    return STATUSES.get(str(fields.get("status")), RemoteStatus.DRAFT)


def _marker(content: str, meta: Mapping[str, Any], wanted: str | None) -> str | None:
    own = meta.get(OWN_KEY)
    if wanted is None:
        found = MARKER.search(content)
        return found[0] if found else str(own) if own else None
    whole = re.search(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])", content)
    return wanted if own == wanted or whole else None


def _raw(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    raw = value.get("raw") if isinstance(value, dict) else None
    return raw if isinstance(raw, str) else None


def _plain(text: str | None) -> str | None:
    """Of those without unfiltered_html it stands there escaped."""
    return None if text is None else unescape(text)


def _terms(ids: Any, names: Mapping[int, str]) -> tuple[RemoteTerm, ...] | None:
    """None of pages, which have none."""
    if not isinstance(ids, list):
        return None
    return tuple(RemoteTerm(str(id), names.get(id, "")) for id in ids if isinstance(id, int))


def _featured(id: Any) -> str | None:
    """Empty for none."""
    return (str(id) if id else "") if isinstance(id, int) else None


def moment(text: Any) -> datetime | None:
    """None for what is no date, such as one of zeros."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
