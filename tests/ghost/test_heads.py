"""What of ours stands in a post's head: our block alone is ever changed."""

import pytest

from jobs.adapters.ghost.head import MAX_HEAD, head_with, slug_asked
from tests.ghost.articles import article

JSON_LD = '{"@type": "Article", "name": "A </script> B"}'


@pytest.mark.parametrize("others", ["", "<style>a{}</style>", '<script type="application/ld+json">{"a": 1}</script>'])
def test_our_block_is_replaced_and_that_of_others_stays(others: str) -> None:
    one = article(slug='größe-"x"', json_ld=JSON_LD)
    first = head_with(others, one)
    assert first
    assert first.startswith(others)
    assert first.count("</script>") == 1 + others.count("</script>")
    assert slug_asked(first, one.marker) == one.slug
    assert head_with(first, one) == first
    assert head_with(f"{first}<style>b{{}}</style>", article(marker=one.marker)) == f"{others}<style>b{{}}</style>"
    assert slug_asked(first, f"{one.marker}0") is None


def test_what_does_not_fit_is_left_out() -> None:
    one = article(json_ld=JSON_LD)
    assert head_with("x" * MAX_HEAD, one) == "x" * MAX_HEAD
    assert head_with(None, article(json_ld="x" * MAX_HEAD)) is None
    assert head_with("", article()) is None
