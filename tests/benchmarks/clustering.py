"""How good and how fast keyword grouping is: `python -m tests.benchmarks.clustering [--data DIR]`.

DIR (else $IGNY8_BENCH_DATA, else ../shared/data) holds `clinc150-queries.tsv` (label, text) and
`semrush-menopause.csv`. Quality is the adjusted Rand index against the labels: 1 is perfect, 0 is chance.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

LABELLED, LARGE = "clinc150-queries.tsv", "semrush-menopause.csv"
MAX_SIZE = 80

# The product is imported inside the functions: its start belongs to what is measured.


def adjusted_rand_index(truth: ArrayLike, found: ArrayLike) -> float:
    """Agreement of two labellings of the same items about who is together, corrected for chance."""
    _, rows = np.unique(np.asarray(truth), return_inverse=True)
    _, columns = np.unique(np.asarray(found), return_inverse=True)
    both = np.bincount(rows * (columns.max() + 1) + columns)
    together, first, second = _pairs(both), _pairs(np.bincount(rows)), _pairs(np.bincount(columns))
    expected = first * second / _pairs(np.array([len(rows)]))
    highest = (first + second) / 2
    return 1.0 if highest == expected else float((together - expected) / (highest - expected))


def _pairs(counts: NDArray[np.int64]) -> float:
    return float((counts * (counts - 1) // 2).sum())


def labelled(folder: Path) -> tuple[list[str], list[str]]:
    """Labels and texts of the scored queries."""
    lines = (folder / LABELLED).read_text(encoding="utf-8").splitlines()[1:]
    labels, texts = zip(*(line.split("\t", 1) for line in lines), strict=True)
    return list(labels), list(texts)


def baseline(texts: list[str], truth: list[str]) -> tuple[float, float]:
    """The best (index, threshold) of plain average linkage over mean-centred sums of piece vectors."""
    from scipy.cluster.hierarchy import fcluster, linkage

    from jobs.adapters.embeddings import piece_sums, unit

    vectors = unit(piece_sums(texts))
    tree = linkage(unit(vectors - vectors.mean(axis=0)), "average", metric="cosine")
    thresholds = np.arange(0.5, 0.91, 0.01)
    return max((adjusted_rand_index(truth, fcluster(tree, cut, "distance")), float(cut)) for cut in thresholds)


def print_quality(folder: Path) -> None:
    from jobs.adapters.grouping import partition
    from persistence.terms import Granularity

    truth, texts = labelled(folder)
    print(f"{LABELLED}: {len(texts):,} queries, {len(set(truth))} labels")
    for granularity in Granularity:
        labels = partition(texts, granularity)
        score = adjusted_rand_index(truth, labels)
        print(f"  {granularity:<9} ARI {score:.3f}   {len(set(labels.tolist())):>5} groups")
    score, cut = baseline(texts, truth)
    print(f"  baseline  ARI {score:.3f}   plain average linkage at its best threshold, {cut:.2f}")


def measure(folder: Path) -> dict[str, float]:
    """Groups the large file in this process; memory at its peak, in megabytes."""
    from jobs.adapters.grouping import VectorGrouper
    from persistence.terms import Granularity

    with (folder / LARGE).open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["Keyword"], int(row["Volume"] or 0)) for row in csv.DictReader(file)]
    groups = VectorGrouper().group(
        [keyword for keyword, _ in rows],
        strengths=[volume for _, volume in rows],
        granularity=Granularity.BALANCED,
        max_size=MAX_SIZE,
        progress=lambda done, total: None,
    )
    return {
        "keywords": len(rows),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "groups": len(groups),
        "largest": max(map(len, groups)),
        "singles": sum(len(group) == 1 for group in groups) / len(rows),
    }


def print_speed(folder: Path) -> None:
    """Measures in a fresh process, so that nothing is loaded yet and the memory is its own."""
    command = [sys.executable, "-m", "tests.benchmarks.clustering", "--data", str(folder), "--measure"]
    start = time.perf_counter()
    figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    seconds = time.perf_counter() - start
    print(f"{LARGE}: {figures['keywords']:,} keywords, BALANCED, at most {MAX_SIZE} in a group")
    print(f"  {seconds:.1f} s, {figures['megabytes']:.0f} MB peak, interpreter start, imports and model included")
    print(f"  {figures['groups']:,} groups, largest {figures['largest']}, {figures['singles']:.1%} keywords alone")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("IGNY8_BENCH_DATA", "../shared/data")))
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if missing := [name for name in (LABELLED, LARGE) if not (options.data / name).is_file()]:
        print(f"no {' and no '.join(missing)} in {options.data}: give the folder with --data or IGNY8_BENCH_DATA")
        return 2
    if options.measure:
        print(json.dumps(measure(options.data)))
        return 0
    print_quality(options.data)
    print_speed(options.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
