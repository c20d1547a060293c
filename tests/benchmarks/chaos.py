"""Minutes of faults under background work: `python -m tests.benchmarks.chaos [--minutes M] [--seed S]`.

What is hurt, and how, stands in tests/chaos.py. A seed makes the same faults in the same order; how far the work has
come by each is the machine's. It ends with 1 where a promise was broken.
"""

import argparse
import asyncio
import sys

from tests.chaos import chaos


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accounts", type=int, default=3)
    parser.add_argument(
        "--items", type=int, default=500, help="of each account, in one job: fewer may end before the faults do"
    )
    given = parser.parse_args()
    try:
        asyncio.run(
            chaos(given.seed, accounts=given.accounts, items=given.items, seconds=given.minutes * 60, every=(3, 7))
        )
    except (AssertionError, TimeoutError) as broken:
        print(f"a promise was broken: {str(broken) or 'it did not come to an end'}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
