"""One account with many kinds of rows, for all tests of a module."""

from collections.abc import AsyncIterator

import pytest

from tests.client import Api
from tests.conftest import Place
from tests.graph.world import World, make_world


@pytest.fixture(scope="module")
async def world(url: str, place: Place) -> AsyncIterator[World]:
    async with Api(url) as owner, Api(url) as editor, Api(url) as stranger:
        yield await make_world(url, place, owner, editor, stranger)
