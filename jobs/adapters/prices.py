"""What calls cost by list price: to show it, not an invoice. What nobody knows the price of is None, never 0.

Texts go by the list that comes with the genai-prices package, as it was when the package was made: nothing is fetched.
Batch, priority and regional calls cost otherwise. Pictures go by a table of ours; whatever the operator says comes
before both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from domain.prices import Price
from jobs.adapters.openai_client import provider_name
from jobs.adapters.platform import OPENAI_URL

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

KEPT = 256  # endpoints choose what they call their models
_DATED = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|20\d{6})$")
_MILLION = Decimal(1_000_000)

# At OpenAI's own address, standard tier: a prompt's tokens in, the picture's out. Collected in November 2026, in part
# from price lists of third parties.
PICTURES = {
    "gpt-image-2.5-flare": Price(Decimal(5), Decimal(30)),
    "gpt-image-2.5-sunburst": Price(Decimal(5), Decimal(30)),
    "gpt-image-2": Price(Decimal(5), Decimal(30)),
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call used; `cached` are among those that went in."""

    into: int = 0
    out: int = 0
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """`own`: the operator's, by the model's name in small letters. A model is looked for without its date as well."""

    own: Mapping[str, Price] = field(default_factory=dict)

    def of_text(self, url: str, model: str, used: Tokens | None) -> int | None:
        """Micro-dollars, to the nearest, of one answer from the endpoint at `url`."""
        provider = _address(url)
        names = _names(model)
        if said := self._said(names):
            return _micros(said, used)
        found = next(filter(None, (_listed(provider, name) for name in names)), None) if used else None
        return _list_price(*found, used) if found and used else None

    def of_picture(self, url: str, model: str, used: Tokens | None) -> int | None:
        """As `of_text`, of one picture."""
        names = _names(model)
        known = PICTURES if provider_name(url) == "openai" else {}
        price = self._said(names) or next((known[name] for name in names if name in known), None)
        return _micros(price, used) if price else None

    def _said(self, names: list[str]) -> Price | None:
        """A gateway's `vendor/model` by either name."""
        every = (*names, *(name.rpartition("/")[2] for name in names))
        return next((self.own[name] for name in every if name in self.own), None)


LISTED = Prices()


def _names(model: str) -> list[str]:
    """As it is called, but for Google's `models/`, and without a date."""
    name = model.strip().lower().removeprefix("models/")
    return list(dict.fromkeys((name, _DATED.sub("", name))))


def _micros(price: Price, used: Tokens | None) -> int | None:
    if price.each is not None:
        return round(price.each * _MILLION)
    return round(used.into * price.into + used.out * price.out) if used else None


def _address(url: str) -> str:
    """Without credentials, port and query; all of OpenAI's regions as one."""
    if provider_name(url) == "openai":
        return OPENAI_URL
    parts = urlsplit(url)
    return f"https://{(parts.hostname or '').lower()}{parts.path}"


@lru_cache(KEPT)
def _listed(url: str, model: str) -> "tuple[Provider, ModelInfo] | None":
    """By the endpoint's address: what a model costs elsewhere is not what it costs here. Asked of the provider, since
    the list's own look-up remembers every name that it was asked for.
    """
    from genai_prices.data_snapshot import get_snapshot  # 11 MB, for who asks

    snapshot = get_snapshot()
    try:
        provider = snapshot.find_provider(None, None, url)
    except LookupError:
        return None
    found = provider.find_model(model, all_providers=snapshot.providers)
    return (provider, found) if found else None


def _list_price(provider: "Provider", model: "ModelInfo", used: Tokens) -> int | None:
    from genai_prices import Usage

    usage = Usage(input_tokens=used.into, output_tokens=used.out, cache_read_tokens=used.cached or None)
    try:
        price = model.calc_price(usage, provider)
    except (ValueError, ArithmeticError):  # numbers that do not go together: the answer is good all the same
        return None
    unknown = price.model_price.input_mtok is None and price.model_price.output_mtok is None
    return None if unknown else round(price.total_price * _MILLION)
