"""What a content says, here and at a destination, as texts that can be compared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.destinations import Remote, RemoteTerm
from domain.publisher.merging import names_of
from domain.writer.html import clean_html
from domain.writer.stored_body import Written, write
from domain.writer.threads import beside
from persistence.models import Content
from persistence.terms import SyncField

OWN_PICTURE = re.compile(r"sha256-[0-9a-f]{64}")  # in the address of what we brought there, however large it is shown


def ours_of(content: Content, categories: Sequence[str], tags: Sequence[str]) -> dict[SyncField, str]:
    return {
        SyncField.TITLE: content.title,
        SyncField.HTML: content.html_content,
        SyncField.EXCERPT: content.excerpt,
        SyncField.SLUG: content.slug,
        SyncField.META_TITLE: content.meta_title or "",
        SyncField.META_DESCRIPTION: content.meta_description or "",
        SyncField.PRIMARY_KEYWORD: content.primary_keyword or "",
        SyncField.CATEGORIES: names_of(categories),
        SyncField.TAGS: names_of(tags),
    }


@dataclass(frozen=True, slots=True)
class Theirs:
    """What is there: `said` to be compared, `written` the text as it would be kept, made with no transaction open."""

    remote: Remote
    said: Mapping[SyncField, str]
    written: Written | None


async def theirs_of(remote: Remote) -> Theirs:
    """With no transaction open: long texts take long."""
    said = await said_by(remote)
    text = said.get(SyncField.HTML)
    return Theirs(remote, said, None if text is None else await beside(lambda: write(text)[0]))


async def said_by(remote: Remote) -> dict[SyncField, str]:
    """Of what was told. The text as it would be kept here, without the pictures that we put in."""
    told = {
        SyncField.TITLE: remote.title,
        SyncField.EXCERPT: remote.excerpt,
        SyncField.SLUG: remote.slug or None,
        SyncField.META_TITLE: remote.meta_title,
        SyncField.META_DESCRIPTION: remote.meta_description,
        SyncField.PRIMARY_KEYWORD: remote.primary_keyword,
        SyncField.CATEGORIES: _ids(remote.categories),
        SyncField.TAGS: _ids(remote.tags),
    }
    found = {
        field: text if field in LISTS else " ".join(text.split()) for field, text in told.items() if text is not None
    }
    if (html := remote.html) is not None:
        found[SyncField.HTML] = await beside(lambda: own_text(html))
    return found


LISTS = (SyncField.CATEGORIES, SyncField.TAGS)


def _ids(terms: Sequence[RemoteTerm] | None) -> str | None:
    return None if terms is None else names_of([term.id for term in terms])


def own_text(html: str) -> str:
    """Clean, without figures of ours. Takes processor time: with the length, since what is clean is not deep."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(f"<body>{clean_html(html)}").body
    assert tree
    for image in tree.css("img"):
        if OWN_PICTURE.search(image.attributes.get("src") or ""):
            parent = image.parent
            (parent if parent is not None and parent.tag == "figure" else image).decompose()
    for figure in tree.css("figure"):
        if not figure.text().strip() and figure.css_first("img,table") is None:
            figure.decompose()
    return clean_html(tree.inner_html or "").strip()
