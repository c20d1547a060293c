"""Contents as pages of files: in a folder, or in a bucket."""

from jobs.adapters.pages.destination import Pages

__all__ = ["Pages"]
