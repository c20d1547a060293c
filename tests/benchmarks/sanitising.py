"""Texts that take an article's sanitiser longest: processor time for 100 kB of each, beside an ordinary article.

`python -m tests.benchmarks.sanitising --kilobytes 100`
"""

import argparse
import random
import time
from collections.abc import Callable

from domain.writer.article import Article
from domain.writer.html import clean_html
from domain.writer.tags import TAGS

BOUND = 60.0  # milliseconds for 100 kB
PARAGRAPH = "<h2>Grind</h2><p>A <strong>fine</strong> grind, see <a href='/grind'>this</a>. " + "Some words more. " * 30
SIGNS = ("&", "&a", "&a;", "&lt;", "&copy", "<", "</", "<!--", "\N{POUND SIGN}", "\N{NO-BREAK SPACE}", '"', "\n")


def repeated(piece: str, size: int, before: str = "") -> str:
    return before + piece * ((size - len(before)) // len(piece))


def texts(size: int) -> dict[str, str]:
    made = {"an article": repeated(PARAGRAPH, size)}
    made |= {f"many {sign!r}": repeated(sign, size) for sign in SIGNS}
    made |= {f"open <{tag}>": repeated(f"<{tag}>", size) for tag in sorted(TAGS)}
    made |= {f"in a table: <{tag}>": repeated(f"<{tag}>", size, "<table>") for tag in ("tr", "td", "b", "colgroup")}
    made["paragraphs 250 deep"] = repeated("<p>x", size, "<div>" * 250)
    made["paragraphs in marks"] = repeated("<p>x", size, "<b><i><u><s><em><code><small><strong>")
    made["links"] = repeated("<a href=/>", size)
    made["pictures"] = repeated("<img src=https://a>", size)
    made["links that say what they are"] = repeated("<a href=#a rel='ugc sponsored nofollow'>", size)
    made["places"] = "".join(f"<h2 id=a{n}><a href=#a{n}>" for n in range(size // 24))
    made["ruby text"] = repeated("<ruby>a<rtc><rt>", size)
    made["readings"] = repeated("<rt>", size, "<ruby>")
    made["attributes"] = "<a " + " ".join(f"a{n}" for n in range(size // 7)) + ">"
    made["crossing"] = repeated("<b>" * 100 + "<i>" * 8 + "</b>" * 100, size)
    return made | {f"at random, {seed}": at_random(seed, size) for seed in range(20)}


def at_random(seed: int, size: int) -> str:
    """Few kinds of tags each, so that they meet often."""
    chosen = random.Random(seed)
    kinds = chosen.sample(sorted(TAGS), 4)
    pieces = [f"<{'/' * chosen.randint(0, 1)}{chosen.choice(kinds)}>" for _ in range(size // 4)]
    return "".join(pieces)[:size]


def milliseconds(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(3):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return min(spent) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kilobytes", type=int, default=100)
    size = parser.parse_args().kilobytes * 1000
    found = {name: milliseconds(lambda text=text: clean_html(text)) for name, text in texts(size).items()}  # type: ignore[misc]
    for name, spent in sorted(found.items(), key=lambda each: -each[1])[:15]:
        print(f"{name:24} {spent:7.1f} ms")
    article = clean_html(texts(size)["an article"])
    print(
        f"{'an article':24} {found['an article']:7.1f} ms, its words {milliseconds(lambda: Article(article).text):.1f}"
    )
    if max(found.values()) > BOUND * size / 100_000:
        raise SystemExit(f"more than {BOUND * size / 100_000:.0f} ms")


if __name__ == "__main__":
    main()
