"""Ghost as a destination, by its Admin API and the key of a custom integration."""

from jobs.adapters.ghost.destination import Ghost

__all__ = ["Ghost"]
