"""One clock, the database's: what is written or compared with a time that is kept is asked of it (`Unit.now`)."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("cli", "domain", "jobs", "persistence", "schema")
OWN = re.compile(r"datetime\.(?:now|utcnow|today)\(|\btime\.time\(\)|(?<![\w.])time\(\)")
WHY = {
    "domain/tokens.py": "access tokens are made and read by API processes",
    "domain/auth/keys.py": "the end of a key, as tokens have theirs",
    "schema/context.py": "the end of an access token",
    "persistence/progress/rereads.py": "the end of an access token",
    "persistence/progress/site_events.py": "the end of an access token",
    "persistence/redis/export_links.py": "says when Redis forgets a link",
    "schema/metrics/resource_metrics.py": "says when this process began",
    "persistence/files/paid_answers.py": "the age of a file",
    "persistence/files/blobs.py": "the age of a file",
    "jobs/adapters/failures.py": "an answer that does not say by which clock",
    "jobs/adapters/pages/bucket.py": "S3 services compare it with a clock of their own",
    "jobs/adapters/pages/leftovers.py": "the age of a file",
    "jobs/adapters/webhook/destination.py": "receivers compare it with a clock of their own",
    "jobs/adapters/ghost/tokens.py": "Ghost compares it with a clock of its own",
}


def test_nobody_looks_at_a_clock_of_their_own() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    looking = {str(path.relative_to(ROOT)) for path in files if OWN.search(path.read_text())}
    assert len(files) > 200
    assert looking - WHY.keys() == set(), "ask Unit.now, or compare in SQL"
    assert WHY.keys() - looking == set(), "reasons without a cause"
