"""What WordPress makes of texts: slugs, names, and HTML of those who may not write all of it."""

import re
import unicodedata
from html import escape
from urllib.parse import quote, unquote

MAX_SLUG = 200


def slug_of(text: str) -> str:
    """As sanitize_title does, to 200 bytes of its percent-encoded form."""
    text = re.sub(r"<[^>]*>", "", unquote(text))
    folded = "".join(_fold(letter) for letter in text).lower()
    encoded = "".join(c if c.isascii() else quote(c).lower() for c in folded)
    encoded = re.sub(r"[^a-z0-9%_\s.-]", "", encoded.replace(".", "-"))
    slug = re.sub(r"-+", "-", re.sub(r"\s+", "-", encoded)).strip("-")
    return _whole(slug[:MAX_SLUG]).rstrip("-")


def _fold(letter: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return {"ß": "s", "’": "", "“": "", "”": ""}.get(letter, plain if plain.isascii() else letter)


def _whole(slug: str) -> str:
    """Without half a letter at its end."""
    while slug:
        try:
            unquote(slug, errors="strict")
        except UnicodeDecodeError:
            slug = slug.rpartition("%")[0]
            continue
        return re.sub(r"%[0-9a-f]?$", "", slug)
    return slug


def line(text: str) -> str:
    """As sanitize_text_field does."""
    return " ".join(re.sub(r"<[^>]*>", "", text).split())


def term_name(text: str) -> str:
    return escape(line(text), quote=False)


def all_html(text: str) -> str:
    """Of those with unfiltered_html: links to other windows get rel="noopener"."""

    def link(found: re.Match[str]) -> str:
        tag = found[0]
        if "target=" not in tag:
            return tag
        rel = re.search(r'rel="([^"]*)"', tag)
        if rel is None:
            return f'{tag[:-1]} rel="noopener">'
        return tag if "noopener" in rel[1] else tag.replace(rel[0], f'rel="{rel[1]} noopener"')

    return re.sub(r"<a\s[^>]*>", link, text)


def some_html(text: str) -> str:
    """Of the others: no scripts, frames and handlers, whose text stays."""
    text = re.sub(r"</?(script|iframe|style|form|input)\b[^>]*>", "", text, flags=re.IGNORECASE)
    text = re.sub(r'\son\w+="[^"]*"', "", text)
    return all_html(re.sub(r"&(?![a-z]+;|#\d+;)", "&amp;", text))
