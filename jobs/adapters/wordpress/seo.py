"""Titles, descriptions and keyphrases for search engines, by what a site offers and never by a plugin's name alone."""

from collections.abc import Mapping
from typing import Any

from domain.destinations import Article, DestinationError
from jobs.adapters.wordpress.api import Api
from jobs.adapters.wordpress.site import OWN_KEY, RANK_MATH, YOAST, Site
from persistence.terms import FieldVerdict, RemoteEntityKind

FIELDS = ("meta_title", "meta_description", "primary_keyword")
KEYS: Mapping[str, Mapping[str, str]] = {
    YOAST: dict(zip(FIELDS, ("_yoast_wpseo_title", "_yoast_wpseo_metadesc", "_yoast_wpseo_focuskw"), strict=True)),
    RANK_MATH: dict(zip(FIELDS, ("rank_math_title", "rank_math_description", "rank_math_focus_keyword"), strict=True)),
}


def keys(site: Site, entity: RemoteEntityKind) -> dict[str, list[str]]:
    """Which keys of wp/v2 each field is written to: those of the plugins that run, or of any where none does."""
    offered = site.meta.get(entity, ())
    plugins = [name for name in KEYS if name in site.plugins] or list(KEYS)
    return {field: [KEYS[name][field] for name in plugins if KEYS[name][field] in offered] for field in FIELDS}


def needs_route(site: Site, entity: RemoteEntityKind) -> bool:
    """Rank Math takes by a route of its own what wp/v2 does not offer."""
    return RANK_MATH in site.plugins and KEYS[RANK_MATH]["meta_title"] not in site.meta.get(entity, ())


def meta(site: Site, article: Article) -> dict[str, str]:
    """What goes along with an article; what it has none of is emptied."""
    to = keys(site, article.entity)
    sent = {key: _value(article, field) for field in FIELDS if field not in article.keep for key in to[field]}
    return own_meta(site, article) | sent


def own_meta(site: Site, article: Article) -> dict[str, str]:
    return {OWN_KEY: article.marker} if OWN_KEY in site.meta.get(article.entity, ()) else {}


async def send_by_route(api: Api, remote_id: str, article: Article) -> bool:
    """False where Rank Math refuses it; what may pass is raised."""
    values = {key: _value(article, field) for field, key in KEYS[RANK_MATH].items() if field not in article.keep}
    body = {"objectType": "post", "objectID": int(remote_id), "meta": values, "content": ""}
    try:
        await api.post(f"/{RANK_MATH}/updateMeta", body)
    except DestinationError as error:
        if error.retryable:
            raise
        return False
    return True


def verdicts(
    site: Site, article: Article, sent: Mapping[str, str], there: Mapping[str, Any], *, by_route: bool
) -> dict[str, FieldVerdict]:
    """`there`: the meta that was read back."""
    found = {}
    for field, to in keys(site, article.entity).items():
        written = [key for key in to if key in sent]
        if any(there.get(key) == sent[key] for key in written) or by_route:
            found[field] = FieldVerdict.SENT
        elif any(there.get(key) for key in written):
            found[field] = FieldVerdict.CHANGED
        else:
            found[field] = FieldVerdict.DROPPED if _value(article, field) else FieldVerdict.KEPT
    return found


def told(site: Site, entity: RemoteEntityKind, meta: Mapping[str, Any]) -> dict[str, str | None]:
    """None where the site does not tell."""
    found: dict[str, str | None] = {}
    for field, to in keys(site, entity).items():
        values = [str(meta[key] or "") for key in to if key in meta]
        found[field] = next(filter(None, values), "") if values else None
    return found


def _value(article: Article, field: str) -> str:
    return getattr(article, field) or ""
