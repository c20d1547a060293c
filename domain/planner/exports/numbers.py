"""Numbers as keyword tools and spreadsheets write them; None for what is not a number in its range.

A range (`10K – 100K`) stands for its geometric middle, since tools bucket by powers of ten; a range from 0 for half
its upper bound.
"""

import math
import re

LARGEST = 2_147_483_647
LARGEST_MICROS = 10**15

_LONGEST = 64
_SCALES = {"k": 1e3, "tsd": 1e3, "mil": 1e3, "тыс": 1e3, "m": 1e6, "mio": 1e6, "mln": 1e6, "b": 1e9}
_RANGE = re.compile(r"(?<=[\w.])\s*(?:[‐‒–—−-]|\bto\b|\bbis\b)\s*(?=\d)")
_AMOUNT = re.compile(rf"[<>≤≥~]?\s*(\d[\d.,'’\s]*?(?:e\+?\d{{1,2}})?)\s*({'|'.join(_SCALES)})?\.?\+?", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+(?:[.,]\d+)?(?:[eE]\+?\d{1,2})?")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,'’\s])(?P<more>\d{2,3}(?P=mark))*\d{3}(?:(?!(?P=mark))[.,]\d+)?")
_PLAIN = re.compile(r"\d{1,15}(?:\.\d{1,2})?", re.ASCII)
_PADDED = re.compile(r"(?<![\d.,])0\d")  # a date such as 05-12, not a range
_MONEY = re.compile(r"(?:[A-Z]{1,3}\s?)?[$€£¥₹]?\s*(.+?)\s*(?:[$€£¥₹]|[A-Z]{3})?", re.DOTALL)


def count(text: str) -> int | None:
    """A whole number such as a search volume; a single mark before three digits groups thousands."""
    return _whole(_middle(text, ".,"), LARGEST)


def micros(text: str) -> int | None:
    """Money in millionths; a single comma before three digits groups thousands, a point never does."""
    parts = [_MONEY.fullmatch(part) for part in _RANGE.split(text[:_LONGEST].strip())]
    amount = _middle(" – ".join(part[1] for part in parts if part), ",")
    return None if amount is None else _whole(amount * 1_000_000, LARGEST_MICROS)


def hundredths(text: str) -> int | None:
    """A rank such as 12.34 in hundredths; there is no rank 0."""
    amount = _middle(text, "")
    return None if amount is None else _whole(amount * 100, LARGEST) or None


def percent(text: str) -> int | None:
    """0 to 100, with or without a percent sign."""
    return _whole(_middle(text.strip().removesuffix("%"), ""), 100)


def share(text: str) -> int | None:
    """A fraction of 0 to 1 as 0 to 100."""
    amount = _middle(text, "")
    return percent(text) if amount is None else _whole(amount * 100, 100)


def share_or_percent(text: str) -> int | None:
    """A value of unknown scale: a fraction if it has decimals and is at most 1, otherwise a percentage."""
    amount = _middle(text, "")
    return share(text) if amount is not None and amount <= 1 and ("." in text or "," in text) else percent(text)


def _middle(text: str, thousands: str) -> float | None:
    if _PLAIN.fullmatch(text):  # most are, and need none of what follows
        return float(text)
    if len(text) > _LONGEST:
        return None
    match [_amount(part.strip(), thousands) for part in _RANGE.split(text.strip())]:
        case [float(only)]:
            return only
        case [float(low), float(high)] if low <= high and not _PADDED.search(text):
            return math.sqrt(low * high) if low else high / 2
    return None


def _amount(text: str, thousands: str) -> float | None:
    matched = _AMOUNT.fullmatch(text)
    if not matched:
        return None
    digits, scale = matched[1], _SCALES[matched[2].casefold()] if matched[2] else 1
    decimal, grouped = _DECIMAL.fullmatch(digits), _GROUPED.fullmatch(digits)
    if grouped and not (decimal and (grouped["mark"] not in thousands or matched[2])):
        return float(digits.replace(grouped["mark"], "").replace(",", ".")) * scale
    return float(digits.replace(",", ".")) * scale if decimal else None


def _whole(amount: float | None, largest: int) -> int | None:
    return int(amount + 0.5) if amount is not None and 0 <= amount <= largest else None
