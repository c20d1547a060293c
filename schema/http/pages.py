"""The pages that a browser gets: a home page, GraphiQL, and where the links of letters lead."""

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
LETTER = (HERE / "letter.html").read_text()
LETTER_PATHS = ("accept-invitation", "verify-email", "reset-password", "change-email")
LETTER_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
