"""The two pages that a browser gets: a home page, and GraphiQL."""

from pathlib import Path

import strawberry.static

HERE = Path(__file__).parent
HOME = (HERE / "home.html").read_text()
# Strawberry's page asks the address it is shown at; ours is beside the endpoint.
_asks_itself = 'window.location.href.split("?")[0]'
_page = Path(next(iter(strawberry.static.__path__)), "graphiql.html").read_text()
assert _asks_itself in _page
GRAPHIQL = (
    _page.replace(_asks_itself, 'new URL("/graphql", window.location.href).href')
    .replace("{{ SUBSCRIPTION_ENABLED }}", "true")
    .replace("Strawberry GraphiQL", "IGNY8 GraphiQL")
)
