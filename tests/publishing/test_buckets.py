"""Contents as pages in a bucket, from the API to an S3 service and back."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from persistence.scope import JobScope
from tests.client import Api
from tests.conftest import Place
from tests.files import stored
from tests.jobs.support import account_of, one, sql
from tests.publishing.house import House
from tests.publishing.real import after_test, made, real_house, taken_back
from tests.publishing.test_integrations import UPDATE
from tests.s3 import ACCESS_KEY, BUCKET, SECRET_KEY, Service, s3_service
from tests.schema.articles import image, uuid_of

GIVEN = {"bucket": "pages", "accessKeyId": "AKIA", "secretAccessKey": "its-other-half"}
CHANGE = 'mutation($id: ID!) { updateContent(id: $id, input: {title: "Warm brew"}) { userErrors { message } } }'


@pytest.fixture
def service() -> Iterator[Service]:
    with s3_service() as opened:
        yield opened


@pytest.fixture
async def home(place: Place, owner: Api, service: Service) -> AsyncIterator[House]:
    async with real_house(place, owner, urlsplit(service.url).netloc) as opened:
        yield opened


def there(service: Service) -> dict[str, Any]:
    return {
        "endpoint": service.url, "region": "eu-central-1", "bucket": BUCKET, "prefix": "/blog/",
        "accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET_KEY, "baseUrl": "https://cdn.example/blog/",
    }  # fmt: skip


async def test_a_content_is_published_updated_and_taken_away(home: House, service: Service) -> None:
    given = await made(home, s3=there(service))
    assert given["integration"] | {"id": ""} == {
        "id": "", "kind": "S3", "url": "https://cdn.example/blog", "hasSecret": True, "status": "UNTESTED",
        "config": {"endpoint": service.url, "region": "eu-central-1", "bucket": BUCKET, "prefix": "blog",
                   "access_key_id": ACCESS_KEY},
    }  # fmt: skip
    sealed = one(home.place, "select secret from integration where id = %s", uuid_of(home.integration))
    async with home.desk.units(JobScope(account_of(home.place, home.owner))) as unit:
        assert unit.vault.open(bytes(sealed)) == SECRET_KEY
    assert (await after_test(home))["status"] == "CONNECTED"

    (content,) = await home.contents(title="Cold brew", slug="cold-brew")
    image(home.place, content, key=await stored(home.place, b"\x89PNG\r\n\x1a\nsame"))
    assert (await home.published([content]))["status"] == "SUCCEEDED"
    page = service.objects["blog/cold-brew/index.html"]
    assert (b"<h1>Cold brew</h1>" in page.data, page.media_type) == (True, "text/html; charset=utf-8")
    assert len([key for key in service.objects if key.startswith("blog/cold-brew/sha256-")]) == 1
    assert (await home.read(content))["publishedUrl"] == "https://cdn.example/blog/cold-brew/"
    assert one(home.place, "select bytes from publication where integration_id = %s", uuid_of(home.integration)) == 0

    await home.owner.one(CHANGE, id=content)
    await home.published([content])
    assert b"<h1>Warm brew</h1>" in service.objects["blog/cold-brew/index.html"].data
    assert (await taken_back(home, [content]))["status"] == "SUCCEEDED"
    assert service.objects == {}


async def test_a_service_that_is_away_is_tried_again(home: House, service: Service) -> None:
    await made(home, s3=there(service))
    (content,) = await home.contents()
    service.url, away = "http://127.0.0.1:9", service.url
    await home.owner.one(UPDATE, id=home.integration, input={"s3": {"endpoint": service.url}})
    await home.publish([content])
    await home.tried()
    assert one(home.place, "select status from job_item where subject_id = %s", uuid_of(content)) == "FAILED"
    error = (await home.read(content))["publications"]["nodes"][0]["error"]
    assert "IGNY8_ALLOWED_HOSTS" in error, "another port is not let in"

    await home.owner.one(UPDATE, id=home.integration, input={"s3": {"endpoint": away}})
    assert (await home.published([content]))["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"bucket": "B"}, "bucket"), ({"bucket": None}, "bucket"), ({"bucket": "a/b"}, "bucket"),
        ({"region": "Europe!"}, "region"), ({"accessKeyId": "a/b"}, "accessKeyId"),
        ({"accessKeyId": ""}, "accessKeyId"),
        ({"secretAccessKey": ""}, "secretAccessKey"), ({"endpoint": "s3://x"}, "endpoint"),
        ({"prefix": "a//b"}, "prefix"), ({"prefix": "../up"}, "prefix"), ({"baseUrl": "cdn.example"}, "baseUrl"),
    ],
)  # fmt: skip
async def test_bad_settings_are_named(home: House, given: dict[str, Any], field: str) -> None:
    found = await made(home, s3={**GIVEN, **given})
    assert [(e["code"], e["field"]) for e in found["userErrors"]] == [("BAD_INPUT", ["input", "s3", field])]
    assert sql(home.place, "select 1 from integration where kind = 'S3' and site_id = %s", uuid_of(home.site)) == []


async def test_what_is_not_given_is_amazons_and_stays(home: House) -> None:
    first = await made(home, s3=GIVEN)
    assert first["integration"]["config"] == {"region": "us-east-1", "bucket": "pages", "access_key_id": "AKIA"}
    sealed = one(home.place, "select secret from integration where id = %s", uuid_of(home.integration))
    given = {"s3": {"prefix": "blog", "baseUrl": "https://x.y"}}
    changed = await home.owner.one(UPDATE, id=home.integration, input=given)
    assert changed["integration"]["config"] == {
        "region": "us-east-1", "bucket": "pages", "access_key_id": "AKIA", "prefix": "blog",
    }  # fmt: skip
    assert changed["integration"]["url"] == "https://x.y"
    assert one(home.place, "select secret from integration where id = %s", uuid_of(home.integration)) == sealed
