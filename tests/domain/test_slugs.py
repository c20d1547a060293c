"""One rule for slugs, whatever it is that has one."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.rules import slug_of
from domain.slugs import slugify


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("How to Clean a French Press?", "how-to-clean-a-french-press"),
        ("Café für Größe & Co. — don't", "cafe-fur-grosse-co-dont"),
        ("İstanbul Łódź", "istanbul-lodz"),
        ("100% arabica / robusta", "100-arabica-robusta"),
        ("Кофе дома: с чего начать", "кофе-дома-с-чего-начать"),
        ("がぎ コーヒー", "がぎ-コーヒー"),
        ("हिन्दी कॉफ़ी", "हिन्दी-कॉफ़ी"),
        ("  --- ", "untitled"),
        ("☕️ time", "time"),
        ("☕️", "untitled"),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    assert slugify(title) == slug


@given(st.text(max_size=200))
def test_a_slug_is_a_path_segment(text: str) -> None:
    slug = slugify(text)

    assert 1 <= len(slug) <= 80
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert not set(slug) & set("/%?#& \t\n\"'<>")


def test_a_long_title_is_cut_at_a_word() -> None:
    assert slugify("coffee beans " * 10) == "-".join(["coffee-beans"] * 6)
    assert slugify("x" * 100) == "x" * 80


def test_of_what_has_no_letters() -> None:
    assert slugify("☕️", "site") == "site"
    assert slugify("—", "") == ""


def test_accounts_follow_the_same_rule() -> None:
    id = UUID(int=1)
    assert slug_of("İstanbul Größe & Co. — don't", id) == "istanbul-grosse-co-dont-00000001"
    assert slug_of("coffee beans " * 10, id) == f"{'-'.join(['coffee-beans'] * 4)}-coffee-00000001"
    assert slug_of("…", id) == "account-00000001"
