"""Slugs: what a title is called in an address, for everything that has one."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

BYTES = 200  # of the percent-encoded form: destinations cut longer ones, some in the middle of a letter
_SPELT = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ə": "e", "ŋ": "ng",
    "ħ": "h", "ŧ": "t", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ɛ": "e", "ɔ": "o", "ĸ": "k",
}  # fmt: skip
_GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue"}
_DANISH = {"å": "aa", "ä": "ae", "ö": "oe", "ø": "oe"}
_SERBIAN = {"đ": "dj"}
# By the first part of a BCP 47 tag. Others spell all their letters without marks, as Swedish, Finnish and Turkish do.
_BY_LANGUAGE: dict[str, Mapping[str, str]] = {
    **dict.fromkeys(("de", "gsw", "nds"), _GERMAN),
    **dict.fromkeys(("da", "nb", "nn", "no"), _DANISH),
    **dict.fromkeys(("bs", "sh", "sr"), _SERBIAN),
    "ca": {"·": ""},
}
_CALLED = {
    "german": "de", "deutsch": "de", "danish": "da", "dansk": "da", "norwegian": "no", "norsk": "no", "bokmål": "no",
    "nynorsk": "no", "serbian": "sr", "srpski": "sr", "bosnian": "bs", "bosanski": "bs", "catalan": "ca",
    "català": "ca", "ger": "de", "deu": "de", "dan": "da", "nor": "no", "nob": "no", "nno": "no", "srp": "sr",
    "bos": "bs", "cat": "ca",
}  # fmt: skip
_SILENT = "'’ʼʻʾʿ`׳״\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}"
# What sites answer with something else: by themselves, or by numbers of pages.
_RESERVED = {
    "admin", "amp", "api", "archive", "archives", "assets", "atom", "attachment", "author", "category", "comments",
    "content", "date", "definition", "embed", "favicon", "feed", "files", "ghost", "index", "login", "logout",
    "members", "p", "page", "preview", "private", "public", "rdf", "robots", "rss", "rss2", "search", "sitemap", "tag",
    "trackback", "type", "wp-activate", "wp-admin", "wp-comments-post", "wp-content", "wp-cron", "wp-includes",
    "wp-json", "wp-login", "wp-signup", "wp-sitemap", "xmlrpc",
}  # fmt: skip
_TAKEN = re.compile(r"[\d-]+|(?:comment-)?page-?\d+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)  # written without blanks between words: Thai, Lao, Burmese, Khmer, kana, ideographs
_GOES_ON = re.compile("[\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7ff]")  # letters that belong to the one before
_ENCODED = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")


def slugify(text: str, otherwise: str = "untitled", most: int = 80, language: str | None = None) -> str:
    """ASCII where the letters are Latin, by the rules of `language`; Unicode letters where not; NFC.

    At most `most` characters, and 200 bytes percent-encoded. `language` is a BCP 47 tag or a language's name.
    `otherwise` where the text has neither letters nor digits. Never a number or another name that sites keep to
    themselves.
    """
    slug = plain(text, most, language)
    if not slug:
        return otherwise
    return shortened(f"about-{slug}", most) if is_taken(slug) else slug


def plain(text: str, most: int, language: str | None = None) -> str:
    """As `slugify`, also where it is taken; empty where the text has neither letters nor digits."""
    slug = shortened(_whole(text, language), most)
    return slug if any(map(str.isalnum, slug)) else ""


def decoded(slug: str) -> str:
    """As people read it, of one that may have been taken out of an address."""
    if "%" not in slug or not _ENCODED.fullmatch(slug):
        return slug
    try:
        return unquote(slug, errors="strict")
    except UnicodeDecodeError:
        return slug


def is_taken(slug: str) -> bool:
    """Whether sites are likely to answer with something else there."""
    return slug in _RESERVED or _TAKEN.fullmatch(slug) is not None


def with_end(slug: str, end: str) -> str:
    """`end` is ASCII; it is there whole, and what stands before it fits."""
    return f"{shortened(slug, BYTES, BYTES - len(end) - 1)}-{end}"


def shortened(slug: str, most: int, bytes: int = BYTES) -> str:
    """Cut after a whole word; where words are written together, or one alone is too long, after a whole letter."""
    end = _fitting(slug, most, bytes)
    if end == len(slug):
        return slug
    if slug[end] != "-":
        hyphen = slug.rfind("-", 0, end)
        word = slug[hyphen + 1 :].partition("-")[0]
        too_long = hyphen < end // 2 and _fitting(word, most // 2, bytes // 2) < len(word)
        if hyphen > 0 and not (_UNSPACED.match(slug, end) or too_long):
            end = hyphen
    return slug[:end].strip("-")


def _whole(text: str, language: str | None) -> str:
    spelt = {**_SPELT, **_BY_LANGUAGE.get(_tag(language), {})}
    slug = ""
    for letters in (_fold(each, spelt) for each in unicodedata.normalize("NFC", text)):
        marks = letters != "" and unicodedata.category(letters[0]) in ("Mn", "Mc")
        if not (marks and (slug[-1:] in ("", "-") or slug[-1:].isascii())):
            slug += letters
    return re.sub(r"-+", "-", unicodedata.normalize("NFC", slug.lower())).strip("-")


def _tag(language: str | None) -> str:
    words = re.split(r"[-_\s(),/]+", (language or "").strip().casefold())
    return next((_CALLED[word] for word in words if word in _CALLED), words[0])


def _fold(character: str, spelt: Mapping[str, str]) -> str:
    small = character.lower()
    if small in spelt:
        return spelt[small]
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    numeric = unicodedata.category(character) in ("No", "So")
    return "".join(_in_slug(letter) for letter in (plain if plain and (plain.isascii() or numeric) else character))


def _in_slug(letter: str) -> str:
    if letter in _SILENT or unicodedata.category(letter) == "Cf":
        return ""
    return letter if letter.isalnum() or unicodedata.category(letter) in {"Mn", "Mc"} else "-"


def _fitting(slug: str, most: int, bytes: int) -> int:
    """How many characters fit, as whole letters with their marks."""
    end = 0
    for at, letters in _letters(slug):
        bytes -= len(quote(letters, safe=""))
        if at + len(letters) > most or bytes < 0:
            break
        end = at + len(letters)
    return end


def _letters(slug: str) -> Iterator[tuple[int, str]]:
    """Each with where it begins: a letter with its marks, and what is written together with it."""
    start = 0
    for at in range(1, len(slug) + 1):
        if at == len(slug) or not _joined(slug[at - 1], slug[at]):
            yield start, slug[start:at]
            start = at


def _joined(before: str, letter: str) -> bool:
    joins = unicodedata.combining(before) == 9  # a virama: the next consonant is a part of this one
    return joins or unicodedata.category(letter).startswith("M") or _GOES_ON.match(letter) is not None
