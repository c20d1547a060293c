"""Filters of Ghost's lists."""


def quoted(text: str) -> str:
    """As a text in one; what has a backslash cannot stand there."""
    escaped = text.replace("'", "\\'").replace('"', '\\"')
    return f"'{escaped}'"
