"""What the SDL says: every part of it has a line of its own, in whole words, and only a few words share one."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import GraphQLEnumType

from domain import names
from persistence import models as rows
from persistence.models.base import Base
from schema import build_schema
from schema.graph import descriptions as describing
from schema.graph.glossary import WORDS

Line = tuple[str, str, str | None]  # where it stands, the word, what it says
SNAPSHOT = Path(__file__).parents[1] / "schema.graphql"
# Words of Relay, of filters and of the house, whose meaning is the same on every type.
SHARED = {
    *("id", "node", "nodes", "edges", "cursor", "pageInfo", "hasNextPage", "hasPreviousPage", "startCursor"),
    *("endCursor", "totalCount", "filter", "and", "or", "not", "eq", "in", "notIn", "gt", "gte", "lt", "lte"),
    *("direction", "createdAt", "updatedAt", "expectedVersion", "idempotencyKey", "input", "userErrors"),
}


def lines() -> Iterator[Line]:
    """Of fields, arguments, input fields and enum values."""
    for name, kind in build_schema()._schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{value}", value, said.description) for value, said in kind.values.items())
        for field, declared in getattr(kind, "fields", {}).items():
            yield f"{name}.{field}", field, declared.description
            for argument, taken in getattr(declared, "args", {}).items():
                yield f"{name}.{field}({argument})", argument, taken.description


def meant(word: str) -> str:
    """KEYWORDS_COUNT orders by keywordsCount, and clusterId is the id of cluster."""
    return re.sub(r"(?<=[a-z])Ids?$", "", word).replace("_", "").lower()


@pytest.fixture(scope="module")
def said() -> list[Line]:
    return list(lines())


def test_everything_is_described(said: list[Line]) -> None:
    assert [place for place, _, line in said if not line] == []
    kinds = build_schema()._schema.type_map
    assert [name for name, kind in kinds.items() if not name.startswith("__") and not kind.description] == []


def test_different_words_say_different_things(said: list[Line]) -> None:
    words, places = defaultdict(set), defaultdict(list)
    for place, word, line in said:
        if word not in WORDS or line != WORDS[word]:
            words[line].add(meant(word))
            places[line].append(place)
    assert {line: places[line] for line, found in words.items() if len(found) > 1} == {}


def test_a_line_says_more_than_the_name(said: list[Line]) -> None:
    for place, word, line in said:
        assert re.sub(r"\W", "", line or "").lower() != meant(word), place
        assert (line or "").endswith((".", "…")), place


def test_the_glossary_holds_the_words_that_mean_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(WORDS) == SHARED
    monkeypatch.setattr(describing, "WORDS", {})
    assert {word for _, word, line in lines() if not line} <= SHARED


def test_nouns_are_made_by_the_rules_of_english() -> None:
    text = SNAPSHOT.read_text()
    assert re.findall(r"\b[A-Za-z]+[^aeiou\W]ys\b|\w+ss[s]\b|\w+statuss\b", text) == []
    assert re.findall(r"\b[Aa] (?:[aio]|e[^u])\w*", text, re.IGNORECASE) == []
    assert (names.many("Taxonomy"), names.many("JobStatus"), names.many("Day")) == (
        "taxonomies",
        "job statuses",
        "days",
    )
    assert (names.counted(1, "keyword"), names.counted(2000, "taxonomy")) == ("1 keyword", "2,000 taxonomies")
    assert (names.with_article("ApiKey"), names.with_article("User")) == ("an API key", "a user")


@pytest.mark.parametrize("row", [
    rows.Keyword, rows.Cluster, rows.Idea, rows.Task, rows.Content, rows.Taxonomy, rows.Image,
    rows.AuthorProfile, rows.Strategy, rows.Sector,
])  # fmt: skip
def test_what_is_on_record_is_named_as_its_mutation(row: type[Base]) -> None:
    """What domain.crud records of these rows; of few kinds several are made or changed at once."""
    mutations = build_schema()._schema.mutation_type
    assert mutations
    known, kind = set(mutations.fields), row.__name__
    assert {names.mutation("create", kind), names.mutation("update", kind)} <= known
    assert names.mutation("delete", kind, several=True) in known
    in_bulk = {name for name in known if name.startswith("bulkUpdate")}
    if row in (rows.Keyword, rows.Cluster, rows.Idea, rows.Task, rows.Content):
        assert names.mutation("bulkUpdate", kind, several=True) in in_bulk
