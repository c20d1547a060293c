"""WordPress as a destination: articles over its REST API, signed in with an application password.

Every answer is taken as what WordPress says that it has now: it changes slugs, dates, names and terms without a word,
and drops what it does not know. What became of each field is told, never assumed.
"""

from jobs.adapters.wordpress.body import Body
from jobs.adapters.wordpress.destination import WordPress

__all__ = ["Body", "WordPress"]
