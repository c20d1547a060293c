"""The stand-in held against a real WordPress, answer by answer. `make test-wordpress` has one."""

import httpx2
import pytest

from tests.standins.wordpress import WordPressSite
from tests.wordpress.exchanges import EXCHANGES, Asker
from tests.wordpress.places import KIT, MISSING, Kits, place_of


@pytest.mark.skipif(not KIT, reason=MISSING)
@pytest.mark.parametrize("companion", [False, True], ids=["stock", "with companion"])
async def test_the_stand_in_answers_as_wordpress_does(empty_kits: Kits, companion: bool) -> None:
    real = await empty_kits.of(companion)
    differences = []
    async with WordPressSite(companion=companion) as site, httpx2.AsyncClient(trust_env=False) as client:
        ours, theirs = Asker(client, place_of(site)), Asker(client, real)
        for number, exchange in enumerate(EXCHANGES):
            answers = await ours.ask(exchange), await theirs.ask(exchange)
            if answers[0] != answers[1]:
                what = {k: tuple(a.get(k) for a in answers) for k in answers[1] if answers[0].get(k) != answers[1][k]}
                differences.append(f"{number} {exchange.method} {exchange.path} {exchange.who}: {what}")
    assert not differences, "\n" + "\n".join(differences)
