"""Secrets at rest are sealed under the newest key, in place, while both are known."""

import pytest
from sqlalchemy import LargeBinary

from persistence.models import Base
from persistence.postgres.secret_rotation import SEALED, rotate
from persistence.secrets import Vault
from tests.client import Api
from tests.conftest import SECRET, Place
from tests.jobs.support import one, sql
from tests.schema.editing import ERRORS, call

NEW = "another secret that is long enough too"
HASHES = {("refresh_token", "token_hash"), ("api_key", "token_hash"), ("idempotency_key", "input_hash")}


async def test_all_secrets_are_sealed_under_the_newest_key(owner: Api, place: Place) -> None:
    there = {"url": "https://example.com", "username": "ada", "appPassword": "of WordPress"}
    given = {"siteId": await owner.site(), "name": "Blog", "wordPress": there}
    await call(owner, "createIntegration", ERRORS, input=given)
    key = {"integrationType": "OPENAI", "apiKey": "sk-secret-key"}
    await call(owner, "updateAiSettings", ERRORS, input=key)
    assert rotate(place.database_url, Vault([NEW, SECRET])) == {"integration": 1, "integration_settings": 1}
    new = Vault([NEW])
    sealed = "select secret from integration"
    assert new.open(bytes(one(place, sealed))) == "of WordPress"
    assert new.open(bytes(one(place, "select secret from integration_settings"))) == "sk-secret-key"
    assert rotate(place.database_url, new) == {"integration": 1, "integration_settings": 1}
    with pytest.raises(ValueError, match="does not name"):
        rotate(place.database_url, Vault([SECRET]))
    assert new.open(bytes(one(place, sealed))) == "of WordPress"
    sql(place, "update integration set secret = null")
    assert rotate(place.database_url, new)["integration"] == 0


def test_every_column_of_bytes_is_sealed_or_a_hash() -> None:
    found = {
        (t.name, c.name) for t in Base.metadata.sorted_tables for c in t.columns if isinstance(c.type, LargeBinary)
    }
    assert found == {*SEALED.items(), *HASHES}
