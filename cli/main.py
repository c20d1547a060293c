"""The `igny8` command."""

import sys

from cli.commands import app
from cli.failures import explained


def main() -> None:
    """What an operator can put right is told in a line; anything else is a fault, with its traceback."""
    try:
        app()
    except Exception as error:
        message = explained(error)
        if message is None:
            raise
        sys.exit(f"igny8: {message}")
