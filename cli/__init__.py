"""The `igny8` command."""

from cli.commands import app


def main() -> None:
    app()
