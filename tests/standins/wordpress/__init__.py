"""A WordPress for tests: a real HTTP server that answers as WordPress 6.1 to 7.1 do, with what goes wrong on the way.

`tests/wordpress/test_likeness.py` holds it against a real one, answer by answer.
"""

from tests.standins.wordpress.breaks import Break, after_it_was_done, once
from tests.standins.wordpress.server import WordPressSite
from tests.standins.wordpress.users import User

__all__ = ["Break", "User", "WordPressSite", "after_it_was_done", "once"]
