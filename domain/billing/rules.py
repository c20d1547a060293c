"""What work costs, in credits."""

KEYWORDS_PER_CREDIT = 200
CREDITS_PER_IDEAS = 2
CREDITS_PER_ARTICLE = 10


def clustering_price(keywords: int) -> int:
    """Every 200 keywords or part of them."""
    return -(-keywords // KEYWORDS_PER_CREDIT)
