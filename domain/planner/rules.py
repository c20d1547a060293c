"""Bounds of planning work."""

from domain.errors import bad_input

MAX_KEYWORD_IDS = 10_000
DEFAULT_CLUSTER_SIZE, MAX_CLUSTER_SIZE = 80, 500
DEFAULT_IDEAS, MAX_IDEAS = 3, 10
MAX_SUBJECTS = 500
NAMES_AT_ONCE, INTENTS_AT_ONCE = 20, 50  # that one question is about
MAX_REQUEST_BYTES, MAX_REQUEST_ROWS = 20_000_000, 50_000
MAX_FILE_BYTES = 100_000_000


def check_cluster_size(size: int | None) -> int:
    if size is None:
        return DEFAULT_CLUSTER_SIZE
    if not 1 <= size <= MAX_CLUSTER_SIZE:
        raise bad_input(f"maxClusterSize must be from 1 to {MAX_CLUSTER_SIZE}.", "input", "maxClusterSize")
    return size


def check_idea_count(count: int | None) -> int:
    if count is None:
        return DEFAULT_IDEAS
    if not 1 <= count <= MAX_IDEAS:
        raise bad_input(f"count must be from 1 to {MAX_IDEAS}.", "input", "count")
    return count


def check_subjects(number: int, field: str, most: int = MAX_SUBJECTS) -> None:
    if not 1 <= number <= most:
        raise bad_input(f"Give from 1 to {most} ids.", "input", field)


def cluster_name(keyword: str) -> str:
    """Named after its strongest keyword."""
    return keyword[:1].upper() + keyword[1:]
