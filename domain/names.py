"""How a kind of thing is called in sentences and in the names of mutations: one of it, and many."""

import re

# Where the name of a class is not what people say, or no rule of English makes the plural of it.
SAID = {
    "AiCall": "AI call",
    "AiProvider": "AI provider",
    "AiSettings": "AI settings",
    "ApiKey": "API key",
    "CreditUsageLog": "use of credits",
    "ContentRevision": "revision",
    "SiteAccess": "site access",
    "ContentAttributeMap": "attribute of a content",
    "ContentClusterMap": "cluster of a content",
    "ContentTaxonomyMap": "taxonomy of a content",
}
MANY = {
    "AI settings": "AI settings",
    "site access": "site accesses",
    "use of credits": "uses of credits",
    "attribute of a content": "attributes of contents",
    "cluster of a content": "clusters of contents",
    "taxonomy of a content": "taxonomies of contents",
}


def one(kind: str) -> str:
    """`AuthorProfile` as "author profile"."""
    return SAID.get(kind) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()


def many(kind: str) -> str:
    """`Taxonomy` as "taxonomies"."""
    name = one(kind)
    return MANY.get(name) or plural(name)


def plural(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|ch|sh)$", word) else f"{word}s"


def counted(number: int, word: str) -> str:
    """`1 keyword`, `2,000 keywords`."""
    return f"{number:,} {word if number == 1 else plural(word)}"


def with_article(kind: str) -> str:
    """`ApiKey` as "an API key"; what is called by a plural alone, without one."""
    name = one(kind)
    if name == many(kind):
        return name
    return f"{'an' if name[0] in 'aeioAEIO' else 'a'} {name}"


def mutation(verb: str, kind: str, *, several: bool = False) -> str:
    """`deleteTaxonomies` of "delete" and `Taxonomy`."""
    words = (many(kind) if several else one(kind)).split()
    return verb + "".join(f"{word[0].upper()}{word[1:]}" for word in words)
