"""The sample that the demo imports."""

import csv
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "cli" / "sample.csv"


def test_the_sample_has_the_variety_of_a_real_export() -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert list(rows[0]) == [
        "Keyword",
        "Intent",
        "Volume",
        "Keyword Difficulty",
        "CPC (USD)",
        "Competitive Density",
        "SERP Features",
    ]
    assert 350 <= len(rows) <= 450
    assert len({row["Keyword"] for row in rows}) == len(rows)
    assert all(any("," in row[column] for row in rows) for column in ("Intent", "Volume", "SERP Features"))
    assert all(any(not row[column] for row in rows) for column in ("Intent", "Volume", "Keyword Difficulty"))
