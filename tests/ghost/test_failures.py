"""What goes wrong on the way to a Ghost site, told so that nothing is made twice and everybody knows what to do."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.addresses import AllowedHosts
from domain.destinations import Connection, DestinationError, Placed
from jobs.adapters.door import Door
from jobs.adapters.ghost import Ghost
from persistence.terms import IntegrationKind, RemoteEntityKind, RemoteStatus, TaxonomyType
from tests.ghost.articles import article, picture
from tests.ghost.sites import There
from tests.jobs.scripted import Answer, Received, garbage, hang_up, huge, reply, silence

HTML = {"content-type": "text/html"}
Call = Callable[[Ghost], Awaitable[Any]]


def lost(then: Answer) -> Answer:
    """Done, and the answer never comes."""

    async def answer(received: Received, writer: asyncio.StreamWriter) -> None:
        class Nowhere:
            def write(self, data: bytes) -> None: ...

        await then(received, Nowhere())  # type: ignore[arg-type]
        writer.transport.abort()

    return answer


def make(ghost: Ghost) -> Awaitable[Any]:
    return ghost.create(article())


def look(ghost: Ghost) -> Awaitable[Any]:
    return ghost.fetch("0" * 24, RemoteEntityKind.POST)


def bring(ghost: Ghost) -> Awaitable[Any]:
    return ghost.upload(picture())


async def failure(there: There, call: Call, *answers: Answer, **options: Any) -> DestinationError:
    assert there.server
    there.server.play(*answers)
    async with Door(AllowedHosts.of("127.0.0.1")).client(**options) as client:
        with pytest.raises(DestinationError) as failed:
            await call(Ghost(client, Connection(IntegrationKind.GHOST, there.url, {}, there.key)))
    error = failed.value
    assert there.key.split(":")[1] not in f"{error.reason} {error.said} {error.cure} {error.code} {error!r}"
    assert error.cure
    assert error.reason.isprintable()
    return error


@pytest.mark.parametrize("call", [make, bring])
@pytest.mark.parametrize(
    ("answer", "options"),
    [
        (hang_up(), {}),
        (garbage(), {}),
        (silence(), {"seconds": 0.2}),
        (huge(), {"max_bytes": 1_000}),
        (huge(packed=True), {}),
        (reply(201, b"<html>done</html>", HTML), {}),
        (reply(201, b"[]"), {}),
        *((reply(status, b"<html></html>", HTML), {}) for status in (500, 502, 504)),
    ],
)
async def test_what_may_have_been_made_is_said_to(
    memory: There, call: Call, answer: Answer, options: dict[str, Any]
) -> None:
    error = await failure(memory, call, answer, **options)

    assert (error.maybe_done, error.retryable) == (True, True)


@pytest.mark.parametrize("call", [make, bring, look])
@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        (reply(429, b"", {"retry-after": "7"}), "429", True),
        (reply(503, b"<html>Maintenance</html>", HTML | {"retry-after": "7"}), "503", True),
        (reply(301, b"", {"location": "https://x.example/ghost/api/admin/posts/"}), "301", False),
        (reply(403, b"<html>Attention required</html>", HTML), "403", False),
        (reply(401, b"<html>Password</html>", HTML), "401", False),
        (reply(413, b""), "413", False),
        (reply(422, {"errors": [{"message": "No\n\x1b[1m", "context": "x" * 9_000, "type": "ValidationError"}]}),
         "422 ValidationError", False),
        (reply(400, {"errors": "?"}), "400", False),
        (reply(406, {"errors": [{"message": "m", "code": "UPDATE_CLIENT"}]}), "406 UPDATE_CLIENT", False),
    ],
)  # fmt: skip
async def test_what_was_refused_was_not_made(
    memory: There, call: Call, answer: Answer, code: str, retryable: bool
) -> None:
    error = await failure(memory, call, answer)

    assert (error.maybe_done, error.code, error.retryable) == (False, code, retryable)
    assert error.retry_after == (7 if retryable else None)
    assert len(error.reason) < 500


@pytest.mark.parametrize("answer", [hang_up(), reply(500, b""), reply(504, b""), reply(200, b"x", HTML)])
async def test_what_only_looks_or_can_be_repeated_is_never_said_to_have_made_something(
    memory: There, answer: Answer
) -> None:
    assert not (await failure(memory, look, answer)).maybe_done


async def test_what_a_proxy_does_not_know_is_not_gone(memory: There) -> None:
    """Else it would be made anew, and be there twice when Ghost is back."""
    away = reply(404, b"<html>404 page not found</html>", HTML)
    entity = RemoteEntityKind.POST
    calls: list[Call] = [
        look, lambda ghost: ghost.remove("0" * 24, entity), lambda ghost: ghost.put("0" * 24, article(), Placed()),
    ]  # fmt: skip
    for call in calls:
        error = await failure(memory, call, away)
        assert (error.code, error.retryable, error.maybe_done) == ("not_ghost", True, False)


async def test_a_picture_that_cannot_be_looked_for_is_none(memory: There) -> None:
    async with memory.ghost(capabilities={"site": "http://10.0.0.1"}) as ghost:
        assert await ghost.find_media(picture()) is None
    error = await failure(memory, lambda ghost: ghost.find_media(picture()), hang_up())
    assert (error.retryable, error.maybe_done) == (True, False)


async def test_who_cannot_be_reached_has_made_nothing(memory: There) -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    ways = [
        (Door(AllowedHosts.of("127.0.0.1")), "http://127.0.0.1:9", "unreachable", True),
        (Door(AllowedHosts(), nowhere), "https://nowhere.example", "unreachable", True),
        (Door(AllowedHosts()), memory.url, "address_refused", False),
    ]
    for door, url, code, retryable in ways:
        async with door.client() as client:
            with pytest.raises(DestinationError) as failed:
                await make(Ghost(client, Connection(IntegrationKind.GHOST, url, {}, memory.key)))
        error = failed.value
        assert (error.code, error.retryable, error.maybe_done) == (code, retryable, False)


async def test_a_lost_answer_is_found(memory: There) -> None:
    assert memory.server
    assert memory.site
    one, cup = article(), picture()
    async with memory.ghost() as ghost:
        memory.server.play(lost(memory.site))
        with pytest.raises(DestinationError) as failed:
            await ghost.create(one)
        assert failed.value.maybe_done
        found = await ghost.find(one.marker, one.entity)
        assert found
        assert list(memory.site.posts) == [found.id]

        memory.server.play(lost(memory.site))
        with pytest.raises(DestinationError):
            await ghost.upload(cup)
        there = await ghost.find_media(cup)
        assert there
        assert [there.url] == [memory.url + path for path in memory.site.images]


@pytest.mark.parametrize(
    ("key", "skew", "code", "said"),
    [
        (lambda key: f"{'0' * 24}:{key[25:]}", 0, "401 UNKNOWN_ADMIN_API_KEY", "does not know"),
        (lambda key: f"{key[:25]}{'ab' * 32}", 0, "401 INVALID_JWT", "second half"),
        (lambda key: key, 20 * 60, "401 INVALID_JWT", "its clock is 20 minutes ahead of ours"),
        (lambda key: key[:24], 0, "key_malformed", "id:secret"),
        (lambda key: f"{key[:25]}xyz", 0, "key_malformed", "id:secret"),
        (lambda key: "", 0, "key_malformed", "id:secret"),
    ],
)
async def test_a_key_that_is_not_taken_is_told_with_its_cure(
    memory: There, key: Callable[[str], str], skew: float, code: str, said: str
) -> None:
    assert memory.site
    memory.site.skew = skew
    async with memory.ghost(key(memory.key)) as ghost:
        with pytest.raises(DestinationError) as failed:
            await ghost.create(article())
    error = failed.value
    assert (error.code, error.retryable, error.maybe_done) == (code, False, False)
    assert said in error.said
    assert memory.site.posts == {}


async def test_each_request_is_signed_anew_for_five_minutes(memory: There) -> None:
    assert memory.server
    async with memory.ghost() as ghost:
        await ghost.term(TaxonomyType.TAG, "Tea")
    tokens = [request.headers["authorization"].removeprefix("Ghost ") for request in memory.server.requests]
    assert len(tokens) == 2
    for token in tokens:
        header, claims = (json.loads(urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
        assert (header["alg"], header["kid"]) == ("HS256", memory.key[:24])
        assert (claims["aud"], claims["exp"] - claims["iat"]) == ("/admin/", 300)


@pytest.mark.parametrize(("times", "retried"), [(1, True), (2, False)])
async def test_who_is_at_work_there_is_waited_for(memory: There, times: int, retried: bool) -> None:
    assert memory.site
    one = article(status=RemoteStatus.PUBLISHED)
    async with memory.ghost() as ghost:
        made = await ghost.create(one)
        await ghost.put(made.id, one, Placed())
        for call in (lambda: ghost.put(made.id, one, Placed()), lambda: ghost.remove(made.id, one.entity)):
            memory.site.meanwhile = [{"updated_at": f"2020-01-0{n + 1}T00:00:00.000Z"} for n in range(times)]
            if retried:
                assert await call()
                continue
            with pytest.raises(DestinationError) as failed:
                await call()
            assert (failed.value.code, failed.value.retryable) == ("409 UPDATE_COLLISION", True)


async def test_a_copy_of_a_post_is_not_taken_for_it(memory: There) -> None:
    """Ghost copies tags with a post."""
    assert memory.site
    one = article()
    async with memory.ghost() as ghost:
        made = await ghost.create(one)
        copy = dict(memory.site.posts[made.id], id="f" * 24, created_at="2999-01-01T00:00:00.000Z")
        memory.site.posts["f" * 24] = copy
        found = await ghost.find(one.marker, one.entity)
    assert found
    assert found.id == made.id
