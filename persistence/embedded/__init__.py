"""Real PostgreSQL and Redis from wheels, for development, the demo and tests: no root, no Docker, no network.

A guardian process runs both servers for one data folder as long as any command holds them; commands share them.
"""

from persistence.embedded.errors import EmbeddedError, EmbeddedMissing
from persistence.embedded.holder import Services, embedded
from persistence.embedded.status import describe

__all__ = ["EmbeddedError", "EmbeddedMissing", "Services", "describe", "embedded"]
