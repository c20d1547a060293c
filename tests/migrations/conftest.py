"""An empty database for each test."""

from collections.abc import Iterator

import pytest

from cli.embedded import Services
from tests.migrations.support import database


@pytest.fixture
def empty(servers: Services) -> Iterator[str]:
    with database(servers) as url:
        yield url
