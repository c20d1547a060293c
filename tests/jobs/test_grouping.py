"""Grouping keywords by word vectors: topics, limits, odd input, order, repeatability."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import islice, permutations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from domain.ports import KeywordGrouper
from jobs.adapters.embeddings import text_vectors, unit, words
from jobs.adapters.grouping import VectorGrouper, partition
from jobs.adapters.grouping.linkage import average_linkage
from jobs.adapters.grouping.points import points
from persistence.terms import Granularity

TOPICS = {
    "running shoes": [
        "best running shoes",
        "running shoes for flat feet",
        "trail running shoes",
        "cheap running shoes",
    ],
    "coffee": ["espresso machine", "best coffee machine", "coffee machine with grinder", "espresso coffee maker"],
    "tax": ["income tax calculator", "how to file income tax", "income tax brackets", "income tax refund"],
    "dog": ["puppy training tips", "dog training classes", "how to train a puppy", "dog obedience training"],
}
KEYWORDS = [keyword for topic in TOPICS.values() for keyword in topic]
ODD = [
    "",
    "   ",
    "?!",
    "!!",
    "🏃👟",
    "🧘",
    "跑步鞋",
    "кроссовки для бега",
    "चलने के जूते",
    "أحذية",
    "zxqvbnm",
    "\x00",
    "\u200b",
]


def grouped(
    keywords: Sequence[str],
    strengths: Sequence[int] | None = None,
    granularity: Granularity = Granularity.BALANCED,
    max_size: int = 80,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[list[int]]:
    grouper: KeywordGrouper = VectorGrouper()
    return grouper.group(
        keywords,
        strengths=[0] * len(keywords) if strengths is None else strengths,
        granularity=granularity,
        max_size=max_size,
        progress=progress,
    )


def places(groups: list[list[int]]) -> list[int]:
    return sorted(place for group in groups for place in group)


def near_identical(count: int) -> list[str]:
    return [f"running shoes size {number}" for number in range(count)]


def test_keywords_of_one_topic_end_up_together_and_topics_apart() -> None:
    groups = grouped(KEYWORDS)

    assert sorted(sorted(KEYWORDS[place] for place in group) for group in groups) == sorted(
        map(sorted, TOPICS.values())
    )


@pytest.mark.parametrize("granularity", Granularity)
@pytest.mark.parametrize("keywords", [KEYWORDS, ODD, KEYWORDS * 7 + ODD, ["one"], ["", ""], []])
def test_every_keyword_is_placed_once_and_no_group_is_empty(keywords: list[str], granularity: Granularity) -> None:
    groups = grouped(keywords, granularity=granularity, max_size=5)

    assert places(groups) == list(range(len(keywords)))
    assert all(1 <= len(group) <= 5 for group in groups)


@pytest.mark.parametrize("max_size", [1, 7, 80])
@pytest.mark.parametrize("keywords", [near_identical(500), ["running shoes"] * 500, ["a b", "b a"] * 250])
def test_no_group_exceeds_max_size_however_alike_its_keywords(keywords: list[str], max_size: int) -> None:
    groups = grouped(keywords, max_size=max_size)

    assert places(groups) == list(range(500))
    assert max(map(len, groups)) <= max_size
    assert len(groups) <= 2 * -(-500 // max_size)


def test_groups_and_their_keywords_come_strongest_first() -> None:
    strengths = [(place * 37) % 101 for place in range(len(KEYWORDS))]

    groups = grouped(KEYWORDS, strengths)

    sums = [sum(strengths[place] for place in group) for group in groups]
    assert sums == sorted(sums, reverse=True)
    for group in groups:
        assert [strengths[place] for place in group] == sorted((strengths[place] for place in group), reverse=True)


def test_strengths_do_not_change_who_is_together() -> None:
    weak, strong = grouped(KEYWORDS), grouped(KEYWORDS, list(range(len(KEYWORDS))))

    assert {frozenset(group) for group in weak} == {frozenset(group) for group in strong}


def test_same_keywords_give_same_groups() -> None:
    keywords = KEYWORDS + near_identical(200) + ODD

    assert grouped(keywords) == grouped(keywords)


def test_spelling_variants_are_one_keyword_in_effect() -> None:
    keywords = ["Trail-Running Shoes", "shoes trail running?", "ｔｒａｉｌ running shoes", *KEYWORDS]

    labels = partition(keywords, Granularity.FINE)

    assert len(set(labels[:3])) == 1


def test_unknown_texts_stay_apart_and_equal_ones_together() -> None:
    labels = partition(["", "running shoes", " ", "income tax"], Granularity.BROAD)

    assert labels[0] == labels[2]
    assert len(set(labels)) == 3


def test_finer_granularity_gives_at_least_as_many_groups() -> None:
    keywords = KEYWORDS + near_identical(30) + ODD

    fine, balanced, broad = (
        len(set(partition(keywords, level))) for level in (Granularity.FINE, Granularity.BALANCED, Granularity.BROAD)
    )

    assert fine >= balanced >= broad
    assert fine > broad


def test_two_phrasings_of_one_question_are_together_even_alone() -> None:
    assert len(grouped(["symptoms of flu", "flu symptoms"])) == 1
    assert len(grouped(["flu symptoms", "mortgage rates"])) == 2


@pytest.mark.parametrize("keywords", [KEYWORDS, near_identical(500), ["one"], []])
def test_progress_never_falls_and_ends_complete(keywords: list[str]) -> None:
    calls: list[tuple[int, int]] = []

    grouped(keywords, progress=lambda done, total: calls.append((done, total)))

    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    assert {total for _, total in calls} == {len(keywords)}
    assert calls[-1] == (len(keywords), len(keywords))


@pytest.mark.parametrize(("strengths", "max_size"), [([1], 80), ([1] * len(KEYWORDS), 0)])
def test_impossible_requests_are_refused(strengths: list[int], max_size: int) -> None:
    with pytest.raises(ValueError, match="max_size"):
        grouped(KEYWORDS, strengths, max_size=max_size)


@pytest.mark.parametrize("threshold", [0.3, 0.7, 0.95, 2.0])
def test_average_linkage_agrees_with_the_textbook_one(threshold: float) -> None:
    vectors = unit(np.random.default_rng(7).normal(size=(300, 8)).astype(np.float32))

    labels = average_linkage(vectors, np.ones(300, dtype=np.int64), threshold=threshold)

    expected = fcluster(linkage(vectors, "average", metric="cosine"), threshold, "distance")
    assert len(set(labels)) == len(set(expected)) == len(set(zip(labels, expected, strict=True)))


def test_average_linkage_ends_when_all_points_are_equally_far() -> None:
    vectors = np.eye(60, dtype=np.float32)

    labels = average_linkage(vectors, np.ones(60, dtype=np.int64), threshold=1.0, max_size=7)

    assert np.bincount(labels).max() <= 7
    assert len(set(labels)) < 60


def test_thousands_of_keywords_with_equal_vectors_are_few_points() -> None:
    keywords = ["".join(digits) for digits in islice(permutations("12345678"), 4000)]

    assert len(points(keywords).sizes) < 10
    assert places(grouped(keywords)) == list(range(4000))


def test_importing_is_quiet_and_leaves_logging_alone() -> None:
    code = "import logging, jobs.adapters.grouping as g; g.partition(['a'], 'FINE'); assert not logging.root.handlers"

    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Post-menopause  weight gain?", ["post", "menopause", "weight", "gain"]),
        ("c++ vs c#", ["c++", "vs", "c#"]),
        ("women's shoes", ["women's", "shoes"]),
        ("?!", ["?!"]),
        ("", [""]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_vectors_have_length_one_or_are_zero() -> None:
    vectors = text_vectors([["running", "shoes"], [""], ["running"]])

    assert (vectors**2).sum(axis=1) == pytest.approx([1, 0, 1], abs=1e-5)
