"""What work costs, in credits. The price of what was asked for is held, the price of what was made is charged."""

KEYWORDS_PER_CREDIT = 200
CREDITS_PER_IDEAS = 2
WORDS_PER_CREDIT = 100
CREDITS_PER_IMAGE = 3


def clustering_price(keywords: int) -> int:
    """Every 200 keywords or part of them."""
    return -(-keywords // KEYWORDS_PER_CREDIT)


def names_price(clusters: int) -> int:
    """One question names up to 20 clusters."""
    return 1 if clusters else 0


def intents_price(keywords: int) -> int:
    """One question classifies up to 50 keywords."""
    return 1 if keywords else 0


def ideas_price(ideas: int) -> int:
    """Of one cluster, however many ideas it gets."""
    return CREDITS_PER_IDEAS if ideas else 0


def article_price(words: int) -> int:
    """Every 100 words or part of them."""
    return -(-words // WORDS_PER_CREDIT)


def image_prompts_price(images: int) -> int:
    """Of one article, however many images are described."""
    return 1 if images else 0


def images_price(images: int) -> int:
    return CREDITS_PER_IMAGE * images
