"""Reading a site that says nothing but its pages: robots.txt, sitemaps, and links where there are none."""

from jobs.adapters.site_reader.reader import WebReader

__all__ = ["WebReader"]
