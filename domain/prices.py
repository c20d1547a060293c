"""What an operator says that calls of a model cost, in US dollars."""

import re
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
_PRICE = re.compile(rf"(\S{{1,200}}?)\s*=\s*({_NUMBER})(?:/({_NUMBER}))?")


@dataclass(frozen=True, slots=True)
class Price:
    """`into` and `out`: of a million tokens, which are micro-dollars of one. `each`: of a call."""

    into: Decimal = Decimal(0)
    out: Decimal = Decimal(0)
    each: Decimal | None = None


def prices_of(text: str) -> dict[str, Price]:
    """`gpt-7=2/8, flux-2=0.04`: by the model's name, in small letters. ValueError with what is wrong."""
    found: dict[str, Price] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _PRICE.fullmatch(part)
        if match is None:
            raise ValueError(
                f"“{part[:200]}” is no price: write MODEL=IN/OUT, dollars for a million tokens such as gpt-7=2/8, or "
                "MODEL=EACH, dollars for a call such as flux-2=0.04"
            )
        model, first, second = match[1].lower(), Decimal(match[2]), match[3]
        found[model] = Price(each=first) if second is None else Price(first, Decimal(second))
    return found
