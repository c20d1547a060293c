"""An article as the page that is published, with what search engines and others read in its head."""

import re
from datetime import datetime
from html import escape
from urllib.parse import quote

from domain.destinations import PICTURE, Article
from domain.writer.page import figure, is_language, page
from persistence.terms import FieldVerdict

_PICTURE = re.compile(rf'"{PICTURE}([0-9a-f]{{64}})"')


def rendered(article: Article, slug: str, address: str | None, since: datetime | None) -> bytes:
    """In UTF-8. Its pictures lie beside it. `address`: where readers find the page, if that is known."""
    names = {media.sha256: media.file_name for media in article.media}
    featured = next((media for media in article.media if media.sha256 == article.featured), None)
    return page(
        article.title,
        _PICTURE.sub(lambda found: f'"{names[found[1]]}"' if found[1] in names else '""', article.html),
        title=article.meta_title,
        description=article.meta_description or article.excerpt,
        language=article.language,
        head="\n".join(_head(article, address, featured.file_name if featured else None, since)),
        featured=figure(featured.file_name, featured.alt_text, featured.width, featured.height) if featured else "",
    ).encode()


def address_of(base: str | None, slug: str) -> str | None:
    return f"{base.rstrip('/')}/{quote(slug, safe='')}/" if base else None


def _head(article: Article, address: str | None, picture: str | None, since: datetime | None) -> list[str]:
    said = [
        ("name", "igny8", article.marker),
        ("name", "keywords", article.primary_keyword),
        ("name", "author", article.author),
        ("property", "og:type", "article"),
        ("property", "og:title", article.meta_title or article.title),
        ("property", "og:description", article.meta_description or article.excerpt),
        ("property", "og:url", address),
        ("property", "og:image", f"{address}{picture}" if address and picture else None),
        ("property", "article:published_time", since.isoformat(timespec="seconds") if since else None),
        *(("property", "article:section", name) for name in article.categories),
        *(("property", "article:tag", name) for name in article.tags),
    ]
    lines = [f'<meta {kind}="{name}" content="{escape(text, quote=True)}">' for kind, name, text in said if text]
    if address:
        lines.insert(0, f'<link rel="canonical" href="{escape(address, quote=True)}">')
    if article.json_ld:
        data = article.json_ld.replace("</", "<\\/")
        lines.append(f'<script type="application/ld+json">{data}</script>')
    return lines


def verdicts(article: Article, slug: str) -> dict[str, FieldVerdict]:
    """Of a page that is there: all that the article says something of."""
    sent = FieldVerdict.SENT
    found = {"title": sent, "html": sent, "status": sent}
    found["slug"] = sent if slug == article.slug else FieldVerdict.CHANGED
    for name in ("excerpt", "meta_title", "meta_description", "primary_keyword", "author", "categories", "tags",
                 "featured", "json_ld"):  # fmt: skip
        if getattr(article, name):
            found[name] = sent
    if article.meta_description and article.excerpt:
        found["excerpt"] = FieldVerdict.DROPPED  # a page has one description
    if article.language:
        found["language"] = sent if is_language(article.language) else FieldVerdict.DROPPED
    return found


def withheld(article: Article) -> dict[str, FieldVerdict]:
    """Of what is not shown: of it nothing is written but how it stands."""
    found = dict.fromkeys(("title", "html", "slug"), FieldVerdict.DROPPED)
    return {**found, "status": FieldVerdict.SENT, **({"publish_at": FieldVerdict.SENT} if article.publish_at else {})}
