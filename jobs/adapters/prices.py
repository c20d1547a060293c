"""List prices of well-known OpenAI models, to show what calls cost. Not an invoice.

Dollars per million tokens are micro-dollars per token. Collected in November 2026 for the standard tier, in part from
price lists of third parties: compare with the vendor's own before relying on them. Cached, batch, priority and
regional calls cost otherwise, so figures err upwards for cached prompts.
"""

import re

_PRICES = {
    "gpt-6-luna": (0.10, 0.50),
    "gpt-5.5": (5.00, 30.00),
    "gpt-5.4": (2.50, 15.00),
    "gpt-5.4-mini": (0.75, 4.50),
    "gpt-5.2": (1.75, 14.00),
    "gpt-5.1": (1.25, 10.00),
    "gpt-5": (1.25, 10.00),
    "gpt-5-mini": (0.25, 2.00),
    "gpt-5-nano": (0.05, 0.40),
    "gpt-4.1": (2.00, 8.00),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4o": (2.50, 10.00),
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-image-2.5-flare": (5.00, 30.00),
    "gpt-image-2.5-sunburst": (5.00, 30.00),
    "gpt-image-2": (5.00, 30.00),
}
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def cost_micros(provider: str, model: str | None, input_tokens: int, output_tokens: int) -> int:
    """Micro-dollars, to the nearest; 0 for unknown models and for other providers, whose prices are their own."""
    if provider != "openai" or not model:
        return 0
    into, out = _PRICES.get(_DATED.sub("", model), (0.0, 0.0))
    return round(input_tokens * into + output_tokens * out)
