"""One rule for slugs, whatever it is that has one."""

import unicodedata
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accounts.rules import slug_of
from domain.slugs import BYTES, decoded, is_taken, slugify, with_end


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
        ("القهوة في البيت", "القهوة-في-البيت"),
        ("จะ​ทำอย่างไร", "จะทำอย่างไร"),
        ("½ cup, m² of ① space", "1-2-cup-m2-of-1-space"),
        ("Oʻzbek tili", "ozbek-tili"),
        ("q̃ua x̄", "qua-x"),
        ("Cậu bé Đà Nẵng", "cau-be-da-nang"),
        ("  --- ", "untitled"),
        ("☕️ time", "time"),
        ("☕️", "untitled"),
        ("̈", "untitled"),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    assert slugify(title) == slug


@pytest.mark.parametrize(
    ("language", "title", "slug"),
    [
        ("de", "Über uns: Größe, Öl & ÄPFEL", "ueber-uns-groesse-oel-aepfel"),
        ("de-AT", "U\u0308ber Maße", "ueber-masse"),
        ("German (Austria)", "Über", "ueber"),
        ("Deutsch", "Über", "ueber"),
        ("de_CH", "Über", "ueber"),
        ("da", "Rødgrød på Ærø", "roedgroed-paa-aeroe"),
        ("nb-NO", "Blåbær og øl", "blaabaer-og-oel"),
        ("sv", "Så gör du räksmörgås", "sa-gor-du-raksmorgas"),
        ("fi", "Hyvää yötä", "hyvaa-yota"),
        ("is", "Það er æði í Þórsmörk", "thad-er-aedi-i-thorsmork"),
        ("tr", "Iğdır ISPANAK İstanbul şöyle", "igdir-ispanak-istanbul-soyle"),
        ("az", "Gəncə", "gence"),
        ("sr-Latn", "Đorđe", "djordje"),
        ("hr", "Đorđe", "dorde"),
        ("ca", "Col·lecció", "colleccio"),
        ("es", "¿Qué es España?", "que-es-espana"),
        ("hu", "Őszi tükörfúrógép", "oszi-tukorfurogep"),
        ("ru", "Ёлка и йод", "ёлка-и-йод"),
        ("en", "Über", "uber"),
        ("", "Über", "uber"),
        ("xx", "Über", "uber"),
    ],
)
def test_latin_letters_are_spelt_by_language(language: str, title: str, slug: str) -> None:
    assert slugify(title, language=language) == slug


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Как выбрать беговые кроссовки для начинающих бегунов", "как-выбрать-беговые-кроссовки-для"),
        ("Как выбрать беговые кроссовки для спортсменов", "как-выбрать-беговые-кроссовки-для"),
        ("Как высококвалифицированного специалиста", "как-высококвалифицированного"),
        ("美味しいコーヒーの淹れ方を初心者にもわかりやすく説明します", "美味しいコーヒーの淹れ方を初心者にもわかりや"),
        ("ทำ" * 20, "ทำ" * 11),
        ("क्ष" * 10, "क्ष" * 7),
    ],
)
def test_a_long_title_fits_percent_encoded(title: str, slug: str) -> None:
    assert slugify(title) == slug
    assert len(quote(slug)) <= BYTES


SCRIPTS = st.sampled_from("abcdäöß éИйがぎ漢字ह्िनकำกู中한글שلְ-−— 0123456789'’\u200d\ufe0f☕̈́½İI")
TEXTS = st.one_of(st.text(max_size=200), st.text(SCRIPTS, max_size=200))
LANGUAGES = st.sampled_from([None, "de", "da", "tr", "ca"])


@given(TEXTS, LANGUAGES)
@settings(deadline=None)  # the machine may be busy
def test_a_slug_is_a_path_segment(text: str, language: str | None) -> None:
    slug = slugify(text, language=language)

    assert 1 <= len(slug) <= 80
    assert len(quote(slug)) <= BYTES
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert "--" not in slug
    assert not set(slug) & set("/%?#& \t\n\"'<>")
    assert slug == unicodedata.normalize("NFC", slug)
    assert not unicodedata.category(slug[0]).startswith("M")
    assert not is_taken(slug)
    assert slugify(slug, language=language) == slug


@given(TEXTS)
@settings(deadline=None)  # the machine may be busy
def test_a_short_slug_is_the_beginning_of_a_long_one_and_ends_with_a_whole_letter(text: str) -> None:
    long, short = slugify(text, "", 1000), slugify(text, "", 20)

    assert long.startswith(short) or is_taken(long[: len(short)]) or short.startswith("about-")
    if long.startswith(short) and len(short) < len(long):
        assert not unicodedata.category(long[len(short)]).startswith("M")


@given(TEXTS)
@settings(deadline=None)  # the machine may be busy
def test_an_end_is_there_whole(text: str) -> None:
    slug = with_end(slugify(text, most=BYTES), "0a1b2c")

    assert slug.endswith("-0a1b2c")
    assert len(quote(slug)) <= BYTES


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("2026", "about-2026"),
        ("20 - 26", "about-20-26"),
        ("Feed", "about-feed"),
        ("Page 2", "about-page-2"),
        ("page2", "about-page2"),
        ("comment page 3", "about-comment-page-3"),
        ("wp-admin", "about-wp-admin"),
        ("٢٠٢٦", "about-٢٠٢٦"),
        ("Feed the dog", "feed-the-dog"),
        ("2026 in figures", "2026-in-figures"),
        ("Pages", "pages"),
    ],
)
def test_what_sites_keep_to_themselves_does_not_stand_alone(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_a_long_title_is_cut_at_a_word() -> None:
    assert slugify("coffee beans " * 10) == "-".join(["coffee-beans"] * 6)
    assert slugify("x" * 100) == "x" * 80
    assert slugify("a " + "x" * 100) == "a-" + "x" * 78
    assert slugify("one " + "x" * 39 + " " + "y" * 39) == "one-" + "x" * 39


def test_of_what_has_no_letters() -> None:
    assert slugify("☕️", "site") == "site"
    assert slugify("—", "") == ""


@pytest.mark.parametrize(
    ("slug", "read"),
    [
        ("%D0%BA%D0%BE%D1%82", "кот"),
        ("gr%c3%b6%c3%9fe-2", "größe-2"),
        ("50%25-off", "50%-off"),
        ("%ff", "%ff"),
        ("50% off", "50% off"),
    ],
)
def test_out_of_an_address(slug: str, read: str) -> None:
    assert decoded(slug) == read


def test_accounts_follow_the_same_rule() -> None:
    id = UUID(int=1)
    assert slug_of("İstanbul Größe & Co. — don't", id) == "istanbul-grosse-co-dont-00000001"
    assert slug_of("coffee beans " * 10, id) == f"{'-'.join(['coffee-beans'] * 4)}-coffee-00000001"
    assert slug_of("…", id) == "account-00000001"
