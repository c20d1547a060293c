"""Pages in a bucket: as in a folder, by requests that are signed and go through the door.

In a service of the tests' own, and with IGNY8_S3_KIT (tests/s3_kit.py) in real ones.
"""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from domain.addresses import AllowedHosts
from domain.destinations import Connection, DestinationError
from jobs.adapters.door import Door
from jobs.adapters.pages import Pages
from jobs.adapters.pages.bucket import bucket_pages
from persistence.terms import IntegrationKind, RemoteEntityKind, RemoteStatus
from tests.jobs.scripted import Scripted, reply
from tests.pages.articles import article, looked_at, picture, put
from tests.s3 import ACCESS_KEY, BUCKET, SECRET_KEY, Refused, Service, s3_service
from tests.s3_kit import KINDS, KIT, running

POST = RemoteEntityKind.POST


@dataclass(frozen=True)
class There:
    """`service`: the tests' own, where it is that. `checks_keys`: moto takes any."""

    endpoint: str
    config: dict[str, Any]
    secret: str
    service: Service | None = None
    checks_keys: bool = True


@pytest.fixture(scope="module", params=["own", *(KINDS if KIT else [])])
def there(request: pytest.FixtureRequest) -> Iterator[There]:
    if request.param == "own":
        with s3_service() as service:
            config = {"region": "eu-central-1", "bucket": BUCKET, "access_key_id": ACCESS_KEY}
            yield There(service.url, {**config, "endpoint": service.url}, SECRET_KEY, service)
        return
    with running(request.param) as found:
        config = {"region": found["region"], "bucket": found["bucket"], "access_key_id": found["access_key"]}
        yield There(
            found["endpoint"],
            {**config, "endpoint": found["endpoint"]},
            found["secret_key"],
            checks_keys=request.param != "moto",
        )


@pytest.fixture
async def client(there: There) -> AsyncIterator[httpx2.AsyncClient]:
    async with Door(AllowedHosts.of(urlsplit(there.endpoint).netloc)).client() as opened:
        yield opened


def pages_of(there: There, client: httpx2.AsyncClient, **config: Any) -> Pages:
    """In a folder of their own, whose name takes writing."""
    known = {**there.config, "prefix": f"blog é+ ~/{secrets.token_hex(4)}", **config}
    return bucket_pages(client, Connection(IntegrationKind.S3, "https://cdn.example", known, there.secret))


async def test_a_page_comes_moves_and_goes(there: There, client: httpx2.AsyncClient) -> None:
    pages, cup = pages_of(there, client), picture()
    one = article("как-варить", media=(cup,), featured=cup.sha256)
    remote = await put(pages, one)

    assert remote.url == "https://cdn.example/%D0%BA%D0%B0%D0%BA-%D0%B2%D0%B0%D1%80%D0%B8%D1%82%D1%8C/"
    assert await pages.place.read(f"как-варить/{cup.file_name}") == await cup.read()
    html = await pages.place.read("как-варить/index.html")
    assert html is not None
    assert b"<h1>Cold brew</h1>" in html
    moved = await put(pages, replace(one, slug="warm-brew"))
    assert moved.published_at == remote.published_at
    assert await pages.place.has("warm-brew/index.html")
    assert not await pages.place.has("как-варить/index.html")
    assert not await pages.place.has(f"как-варить/{cup.file_name}")
    assert (await put(pages, article("warm-brew"))).slug == "warm-brew-2"
    assert await pages.remove(one.marker, POST) is None
    assert await pages.fetch(one.marker, POST) is None
    assert not await pages.place.has("warm-brew/index.html")
    assert await pages.remove(one.marker, POST) is None, "what is gone is gone"


async def test_what_is_not_to_be_shown_is_not_written(there: There, client: httpx2.AsyncClient) -> None:
    pages = pages_of(there, client)
    one = article(status=RemoteStatus.DRAFT)
    assert (await put(pages, one)).status is RemoteStatus.DRAFT
    assert not await pages.place.has("cold-brew/index.html")
    assert (await pages.fetch(one.marker, POST)).status is RemoteStatus.DRAFT  # type: ignore[union-attr]


async def test_somebody_elses_page_is_left_alone(there: There, client: httpx2.AsyncClient) -> None:
    pages = pages_of(there, client)
    await pages.place.write("cold-brew/index.html", b"theirs", "text/html")

    remote = await put(pages, article())
    assert remote.slug == "cold-brew-2"
    await pages.remove(remote.id, POST)
    assert await pages.place.read("cold-brew/index.html") == b"theirs"


async def test_pictures_are_there_before_the_page_that_shows_them(there: There, client: httpx2.AsyncClient) -> None:
    if not (service := there.service):
        pytest.skip("a real service does not tell in which order it was asked")
    service.objects.clear()
    pages, cup = pages_of(there, client, prefix=None), picture()
    await put(pages, article(media=(cup,), featured=cup.sha256))

    kept = [(key, service.objects[key].media_type) for key in service.objects if not key.startswith(".igny8")]
    assert kept == [(f"cold-brew/{cup.file_name}", "image/png"), ("cold-brew/index.html", "text/html; charset=utf-8")]


async def test_a_test_looks_at_every_stage(there: There, client: httpx2.AsyncClient) -> None:
    found = await looked_at(pages_of(there, client))
    assert [(stage.stage.value, stage.ok) for stage in found.stages] == [
        (name, True) for name in ("ADDRESS", "TLS", "API", "CREDENTIALS", "CAPABILITIES")
    ]
    if there.checks_keys:
        failed = (await looked_at(pages_of(there, client, access_key_id="nobodys"))).stages[-1]
        assert (failed.stage.value, failed.found) == ("CREDENTIALS", "The service does not take the key.")
    failed = (await looked_at(pages_of(there, client, bucket="nowhere"))).stages[-1]
    assert (failed.stage.value, failed.found) == ("CREDENTIALS", "There is no bucket nowhere.")


async def test_an_address_inside_is_refused(there: There) -> None:
    async with Door(AllowedHosts()).client() as closed:
        pages = pages_of(there, closed)
        (stage,) = (await looked_at(pages)).stages
        assert (stage.stage.value, stage.ok, "IGNY8_ALLOWED_HOSTS" in stage.cure) == ("ADDRESS", False, True)
        with pytest.raises(DestinationError) as refused:
            await put(pages, article())
        assert (refused.value.code, refused.value.retryable) == ("address_refused", False)


@pytest.mark.parametrize(
    ("status", "code", "retryable", "word"),
    [
        (503, "SlowDown", True, "not at work"), (500, "InternalError", True, "not at work"),
        (403, "AccessDenied", False, "may not"), (403, "SignatureDoesNotMatch", False, "take the key"),
        (301, "PermanentRedirect", False, "elsewhere"), (400, "AuthorizationHeaderMalformed", False, "elsewhere"),
        (403, "RequestTimeTooSkewed", False, "clock"), (400, "EntityTooLarge", False, "did not take it"),
    ],
)  # fmt: skip
async def test_what_a_service_refuses_is_told(
    there: There, client: httpx2.AsyncClient, status: int, code: str, retryable: bool, word: str
) -> None:
    if not (service := there.service):
        pytest.skip("a real service has no faults on demand")
    service.fault = Refused(status, code)
    try:
        with pytest.raises(DestinationError) as refused:
            await put(pages_of(there, client), article())
    finally:
        service.fault = None
    assert (refused.value.retryable, refused.value.code) == (retryable, f"{status} {code}")
    assert word in refused.value.said
    assert not refused.value.maybe_done


async def test_what_is_no_s3_service_is_told() -> None:
    async with Scripted(otherwise=reply(200, {"hello": "world"})) as server:
        port = urlsplit(server.url).port
        config = {"region": "r", "bucket": "abc", "access_key_id": "k", "endpoint": f"http://127.0.0.1:{port}"}
        async with Door(AllowedHosts.of(f"127.0.0.1:{port}")).client() as opened:
            pages = bucket_pages(opened, Connection(IntegrationKind.S3, None, config, "s"))
            failed = (await looked_at(pages)).stages[-1]
    assert (failed.stage.value, "no S3 service" in failed.found) == ("API", True)
