"""Real PostgreSQL and Redis from wheels, for development, the demo and tests: no root, no Docker, no network.

A guardian process runs both servers for one data folder as long as any command holds them; commands share them.
"""

from cli.embedded.errors import EmbeddedError, EmbeddedMissing
from cli.embedded.holder import Services, embedded
from cli.embedded.status import describe

__all__ = ["EmbeddedError", "EmbeddedMissing", "Services", "describe", "embedded"]
