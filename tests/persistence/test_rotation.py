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
    site = await owner.site()
    await call(owner, "updateSite", ERRORS, id=site, input={"wpAppPassword": "of WordPress"})
    key = {"integrationType": "OPENAI", "apiKey": "sk-secret-key"}
    await call(owner, "updateAiSettings", ERRORS, input=key)
    assert rotate(place.database_url, Vault([NEW, SECRET])) == {"site": 1, "integration_settings": 1}
    new = Vault([NEW])
    sealed = "select wp_app_password from site where id = %s"
    assert new.open(bytes(one(place, sealed, site[5:]))) == "of WordPress"
    assert new.open(bytes(one(place, "select secret from integration_settings"))) == "sk-secret-key"
    assert rotate(place.database_url, new) == {"site": 1, "integration_settings": 1}
    with pytest.raises(ValueError, match="does not name"):
        rotate(place.database_url, Vault([SECRET]))
    assert new.open(bytes(one(place, sealed, site[5:]))) == "of WordPress"
    sql(place, "update site set wp_app_password = null")
    assert rotate(place.database_url, new)["site"] == 0


def test_every_column_of_bytes_is_sealed_or_a_hash() -> None:
    found = {
        (t.name, c.name) for t in Base.metadata.sorted_tables for c in t.columns if isinstance(c.type, LargeBinary)
    }
    assert found == {*SEALED.items(), *HASHES}
