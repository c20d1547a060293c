"""Categories and tags."""

from dataclasses import dataclass
from typing import Any

from tests.standins.wordpress.texts import slug_of, term_name
from tests.standins.wordpress.users import RefusedError

DEFAULT = 1


@dataclass(slots=True)
class Term:
    """`name` stands escaped, as the API gives it."""

    id: int
    taxonomy: str
    name: str
    slug: str
    parent: int = 0

    @property
    def row(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "slug": self.slug, "taxonomy": self.taxonomy, "parent": self.parent}


class Terms:
    def __init__(self) -> None:
        self.terms: dict[int, Term] = {DEFAULT: Term(DEFAULT, "category", "Uncategorized", "uncategorized")}

    def of(self, taxonomy: str) -> list[Term]:
        return [term for term in self.terms.values() if term.taxonomy == taxonomy]

    def known(self, taxonomy: str, ids: Any) -> list[int]:
        """Those that there are; others are dropped without a word."""
        if not isinstance(ids, list) or not all(isinstance(id, int) for id in ids):
            raise RefusedError(400, "rest_invalid_param", f"Invalid parameter(s): {taxonomy}")
        return [id for id in ids if id in self.terms and self.terms[id].taxonomy == taxonomy]

    def by_name(self, ids: list[int]) -> list[int]:
        return sorted(ids, key=lambda id: self.terms[id].name.casefold())

    def make(self, taxonomy: str, given: Any, parent: int = 0) -> Term:
        """Names are told apart by case beyond ASCII."""
        name = term_name(str(given or ""))
        if not name:
            raise RefusedError(500, "empty_term_name", "A name is required for this term.")
        if len(name) > 200:
            raise RefusedError(500, "db_insert_error", "Could not insert term into the database.")
        slug = slug_of(str(given))
        for term in self.of(taxonomy):
            if _folded(term.name) == _folded(name) and term.parent == parent:
                said = "A term with the name provided already exists in this taxonomy."
                raise RefusedError(400, "term_exists", said, term_id=term.id)
        taken = {term.slug for term in self.of(taxonomy)}
        free, number = slug, 2
        while free in taken:
            free, number = f"{slug}-{number}", number + 1
        id = max(self.terms) + 1
        self.terms[id] = Term(id, taxonomy, name, free, parent)
        return self.terms[id]

    def search(self, taxonomy: str, text: str) -> list[Term]:
        """By substring of name or slug, letter by letter, in small or large ones of any script, as MySQL compares."""
        wanted = text.lower()
        return [t for t in self.of(taxonomy) if wanted in t.name.lower() or wanted in t.slug]


def _folded(name: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in name)
