"""What calls cost: by the packaged list, our table of pictures, the operator's word; unknown is never free."""

import subprocess
import sys
from decimal import Decimal

import pytest
from pydantic import ValidationError

from domain.prices import Price, prices_of
from domain.settings import Settings
from jobs.adapters.platform import OPENAI_URL
from jobs.adapters.prices import Prices, Tokens
from tests.conftest import ROOT

THOUSANDS = Tokens(10_000, 1_000)
GATEWAY = "https://gateway.example.com/v1"


@pytest.mark.parametrize(
    ("url", "model", "micros"),
    [
        (OPENAI_URL, "gpt-6.1-terra", 15_000),
        (OPENAI_URL, "gpt-6-sol", 30_000),
        (OPENAI_URL, "gpt-6-luna", 1_500),
        (OPENAI_URL, "gpt-5.4-mini", 12_000),
        (OPENAI_URL, "gpt-5.4-mini-2031-12-24", 12_000),
        (OPENAI_URL, "gpt-5.4-mini-20311224", 12_000),
        (OPENAI_URL, " GPT-5.4-mini", 12_000),
        ("https://eu.api.openai.com/v1", "gpt-5.4-mini", 12_000),
        ("https://user:secret@openrouter.ai:443/api/v1", "openai/gpt-5.4-mini", 12_000),
        ("https://acme.openai.azure.com/openai/v1", "gpt-5.4-mini", 12_000),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "models/gemini-2.5-flash", 5_500),
        (OPENAI_URL, "gpt-99", None),
        (OPENAI_URL, "gpt-5.4-mini-of-somebody", None),
        (OPENAI_URL, "", None),
        (GATEWAY, "gpt-5.4-mini", None),
        (GATEWAY, "openai/gpt-5.4-mini", None),
        ("http://127.0.0.1:8091/v1", "gpt-5.4-mini", None),
        ("http://[::1]:8091/v1", "gpt-5.4-mini", None),
    ],
)
def test_texts_cost_what_the_list_says(url: str, model: str, micros: int | None) -> None:
    assert Prices().of_text(url, model, THOUSANDS) == micros


def test_what_was_cached_costs_less_and_a_long_context_more() -> None:
    prices = Prices()
    assert prices.of_text(OPENAI_URL, "gpt-5.4-mini", Tokens(10_000, 1_000, cached=8_000)) == 6_600
    assert prices.of_text(OPENAI_URL, "gpt-6.1-terra", Tokens(1_000_000, 0)) == 2_000_000
    assert prices.of_text(OPENAI_URL, "gpt-5.4-mini", Tokens(10, 0, cached=20)) is None, "more than there is"


def test_a_call_of_which_no_tokens_were_told_is_not_free() -> None:
    prices = Prices({"mine": Price(Decimal(1), Decimal(2))})
    assert prices.of_text(OPENAI_URL, "gpt-5.4-mini", None) is None
    assert prices.of_text(GATEWAY, "mine", None) is None
    assert prices.of_picture(OPENAI_URL, "gpt-image-2", None) is None


def test_pictures_go_by_a_table_of_ours() -> None:
    prices = Prices()
    assert prices.of_picture(OPENAI_URL, "gpt-image-2.5-flare-2026-09-08", Tokens(100, 1_000)) == 30_500
    assert prices.of_picture(OPENAI_URL, "gpt-5.4-mini", THOUSANDS) is None
    assert prices.of_picture(GATEWAY, "gpt-image-2", THOUSANDS) is None


def test_the_operator_knows_better() -> None:
    own = Settings(model_prices="gpt-5.4-mini=1/2.5, Llama-3.3-70b=0/0 ,flux-2=0.04,runware:100@1=0.001").prices
    prices = Prices(own)
    assert prices.of_text(OPENAI_URL, "gpt-5.4-mini-2031-12-24", THOUSANDS) == 12_500
    assert prices.of_text(GATEWAY, "openai/gpt-5.4-mini", THOUSANDS) == 12_500
    assert prices.of_text("http://127.0.0.1:8091/v1", "llama-3.3-70B", THOUSANDS) == 0
    assert prices.of_picture(GATEWAY, "flux-2", None) == 40_000
    assert prices.of_text(OPENAI_URL, "gpt-6-sol", THOUSANDS) == 30_000
    assert own["runware:100@1"] == Price(each=Decimal("0.001"))
    assert prices_of("") == {}


@pytest.mark.parametrize(
    "text", ["gpt-7", "gpt-7=", "gpt-7=2/", "gpt-7=-1/2", "gpt-7=1/2/3", "=1/2", "gpt-7=NaN", "a b=1"]
)
def test_what_is_no_price_is_told(text: str) -> None:
    with pytest.raises(ValidationError, match="is no price: write MODEL=IN/OUT"):
        Settings(model_prices=text)


APART = """
import sys
seen = []
apart = ("socket.", "_thread.", "subprocess.")
sys.addaudithook(lambda event, args: seen.append(event) if event.startswith(apart) else None)
import server
assert "genai_prices" not in sys.modules, "in the memory of API processes"
import jobs.worker
assert "genai_prices" not in sys.modules, "before anybody asks"
before = len(seen)
from jobs.adapters.prices import Prices, Tokens
assert Prices().of_text("https://api.openai.com/v1", "gpt-6-sol", Tokens(1, 1)) == 12
from genai_prices.data_snapshot import get_snapshot
snapshot = get_snapshot()
def kept():
    return len(snapshot._lookup_cache) + len(snapshot._provider_cache) + len(snapshot._provider_misses)
known = kept()
for n in range(500):
    Prices().of_text("https://api.openai.com/v1", f"gpt-6-sol-{n}", Tokens(1, 1))
assert kept() == known, "an endpoint fills the memory"
print(snapshot.from_auto_update, seen[before:])
"""


def test_the_list_is_read_by_workers_alone_and_never_fetched() -> None:
    ended = subprocess.run([sys.executable, "-c", APART], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "False []\n"), ended.stderr
