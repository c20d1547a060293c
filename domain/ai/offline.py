"""What offline makers have in common: what kind of page a keyword asks for, and sentences made of keywords."""

from collections.abc import Sequence

from persistence.terms import ContentStructure, Intent

MAX_TITLE = 300
_QUESTION_STARTS = frozenset(
    "how what why when where which who can does do is are should will "  # noqa: SIM905 - word lists read better so
    "wie was warum wann wo welche welcher welches comment pourquoi quand quel quelle "
    "cómo qué por cuándo cuál come perché quando quale como porque qual hoe wat waarom wanneer".split()
)
_SIGNS = {
    ContentStructure.COMPARISON: {"vs", "versus", "difference", "differences", "compared", "unterschied", "vergleich"},
    ContentStructure.REVIEW: {"review", "reviews"},
    ContentStructure.LISTICLE: {"best", "top", "types", "ideas", "examples", "beste", "besten", "meilleur", "mejores"},
    ContentStructure.LANDING_PAGE: {"buy", "price", "prices", "cheap", "sale", "discount", "kaufen", "comprar"},
    ContentStructure.GUIDE: {"guide", "tutorial", "recipe", "recipes", "instructions", "steps", "anleitung"},
}
_COMPARED = (ContentStructure.COMPARISON, ContentStructure.REVIEW, ContentStructure.LISTICLE)
_DESTINATIONS = frozenset("login www website official signin anmelden".split())  # noqa: SIM905 - reads better so


def distinct(keywords: Sequence[str]) -> list[str]:
    """Without blanks and without what differs only by case, spaces or a question mark; the first spelling stays."""
    found: dict[str, str] = {}
    for keyword in keywords:
        if key := " ".join(keyword.casefold().split()):
            found.setdefault(key.rstrip(" ?") or key, keyword)
    return list(found.values())


def words_of(keyword: str) -> list[str]:
    return [bare for word in keyword.casefold().split() if (bare := word.strip(".,:;!?¿¡\"'()"))]


def is_question(keyword: str) -> bool:
    words = words_of(keyword)
    return keyword.rstrip().endswith(("?", "？", "؟")) or (len(words) > 1 and words[0] in _QUESTION_STARTS)


def structure_of(keyword: str) -> ContentStructure:
    words = set(words_of(keyword))
    for structure, signs in _SIGNS.items():
        if words & signs:
            return structure
    return ContentStructure.GUIDE if is_question(keyword) else ContentStructure.ARTICLE


def intent_of(keyword: str) -> Intent:
    """What a keyword asks for, by the words in it; who asks nothing in particular wants to learn."""
    structure = structure_of(keyword)
    if structure is ContentStructure.LANDING_PAGE:
        return Intent.TRANSACTIONAL
    if set(words_of(keyword)) & _DESTINATIONS:
        return Intent.NAVIGATIONAL
    return Intent.COMMERCIAL if structure in _COMPARED else Intent.INFORMATIONAL


def sentence(text: str) -> str:
    """Single spaces and a capital first letter."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]


def summary(keywords: Sequence[str]) -> str:
    """A sentence that serves as an idea's description and, where there is no better, as a meta description."""
    lead, *others = (" ".join(keyword.split()) for keyword in keywords)
    *most, last = others[:3] or [""]
    if not last:
        return f"{sentence(lead)}: what it is, why it matters and what to do."
    return f"{sentence(lead)}, with answers on {', '.join(most) + ' and ' if most else ''}{last}."
