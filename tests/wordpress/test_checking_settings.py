"""The connection test at a real WordPress whose settings or plugins are in the way. `make test-wordpress` has one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.destinations import Placed
from persistence.terms import CheckStage
from tests.wordpress.opening import article, opened
from tests.wordpress.places import KIT, MISSING, Kits, Place

pytestmark = pytest.mark.skipif(not KIT, reason=MISSING)
OFF = "add_filter( 'wp_is_application_passwords_available{}', '__return_false' );"
REFUSES = """
add_filter( 'rest_authentication_errors', function ( $result ) {
	return is_user_logged_in() ? $result : new WP_Error( 'rest_login_required', 'Sign in.', array( 'status' => 401 ) );
} );
"""
SHUTS = """
if ( false !== strpos( $_SERVER['REQUEST_URI'], 'wp-json' ) || isset( $_GET['rest_route'] ) ) {
	header( 'HTTP/1.1 403 Forbidden' ); echo '<html><title>Blocked by a firewall</title></html>'; exit;
}
"""


@contextmanager
def running(place: Place, name: str, php: str) -> Iterator[None]:
    """A plugin, while the context is open."""
    assert place.files
    plugin = place.files / f"wp-content/mu-plugins/{name}.php"
    plugin.write_text(f"<?php\n{php}\n")
    try:
        yield
    finally:
        plugin.unlink()


@pytest.mark.parametrize(
    ("name", "php", "stage"),
    [
        ("off", OFF.format(""), CheckStage.SIGN_IN),
        ("user", OFF.format("_for_user"), CheckStage.CREDENTIALS),
        ("shut", SHUTS, CheckStage.API),
    ],
)
async def test_what_is_in_the_way_is_named(kits: Kits, name: str, php: str, stage: CheckStage) -> None:
    place = await kits.of(companion=False)
    with running(place, name, php):
        async with opened(place) as there:
            connected = await there.wordpress.check(lambda *_: None)
    last = connected.stages[-1]
    assert (connected.ok, last.ok, last.stage) == (False, False, stage)
    assert last.cure


@pytest.mark.parametrize(
    ("name", "php"),
    [("plain", "add_filter( 'pre_option_permalink_structure', '__return_empty_string' );"), ("closed", REFUSES)],
)
async def test_what_is_not_in_the_way_is_worked_with(kits: Kits, name: str, php: str) -> None:
    """Plain permalinks; an API for those who are signed in alone."""
    place = await kits.of(companion=False)
    with running(place, name, php):
        async with opened(place) as there:
            connected = await there.wordpress.check(lambda *_: None)
            assert connected.ok, connected.stages[-1]
            wanted = article()
            made = await there.wordpress.create(wanted)
            remote = await there.wordpress.put(made.id, wanted, Placed())
            found = await there.wordpress.find(wanted.marker, wanted.entity)
    assert remote.url
    assert found
    assert found.id == made.id
