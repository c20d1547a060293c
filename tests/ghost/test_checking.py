"""A connection to a Ghost site tried stage by stage: what is found, and the cure of what is wrong."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domain.addresses import AllowedHosts
from domain.destinations import Connected, Connection
from jobs.adapters.door import Door, Resolve, resolve
from jobs.adapters.ghost import Ghost
from persistence.terms import CheckStage, IntegrationKind
from tests.ghost.sites import There
from tests.jobs.scripted import Answer, Scripted, reply, silence

HTML = {"content-type": "text/html"}


async def test_every_stage_of_a_good_connection_passes_and_leaves_nothing(there: There) -> None:
    told: list[tuple[str, int, int]] = []
    async with there.ghost() as ghost:
        found = await ghost.check(lambda *what: told.append(what))

    assert [(stage.stage, stage.ok, stage.cure) for stage in found.stages] == [
        (stage, True, "") for stage in CheckStage
    ]
    assert all(stage.found and stage.ms >= 0 for stage in found.stages)
    assert found.capabilities["version"].startswith("6.")
    assert (found.capabilities["site"], found.capabilities["authors"]) == (there.url, True)
    assert (told[-1][1:], len(told)) == ((8, 8), 8)
    if there.site:
        assert (there.site.posts, there.site.images, there.site.tags) == ({}, {}, [])


async def test_pictures_are_looked_for_where_readers_come_to(memory: There) -> None:
    async with memory.ghost(capabilities={"site": "http://127.0.0.1:9"}) as ghost:
        assert ghost._public == "http://127.0.0.1:9"


async def checked(url: str, key: str, door: Door | None = None, **options: float) -> Connected:
    async with (door or Door(AllowedHosts.of("127.0.0.1"))).client(**options) as client:  # type: ignore[arg-type]
        return await Ghost(client, Connection(IntegrationKind.GHOST, url, {}, key)).check(lambda *_: None)


def failed_at(found: Connected, stage: CheckStage) -> str:
    """All passed up to there, and nothing comes after; what was found and the cure."""
    stages = list(CheckStage)
    assert [each.stage for each in found.stages] == stages[: stages.index(stage) + 1]
    assert [each.ok for each in found.stages] == [True] * stages.index(stage) + [False]
    assert found.capabilities == {}
    assert found.stages[-1].cure
    return f"{found.stages[-1].found} {found.stages[-1].cure}"


async def test_an_address_that_leads_nowhere_or_inside_ends_at_once(memory: There) -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async def inside(host: str, port: int) -> list[str]:
        return ["10.0.0.1"]

    asked: list[tuple[Resolve, str]] = [(nowhere, "not known"), (inside, "IGNY8_ALLOWED_HOSTS"), (resolve, "")]
    for way, said in asked:
        url = memory.url if way is resolve else "https://x.example"
        assert said in failed_at(await checked(url, memory.key, Door(AllowedHosts(), way)), CheckStage.ADDRESS)


async def test_who_does_not_listen_or_has_no_good_certificate_is_told(memory: There, tmp_path: Path) -> None:
    found = await checked("http://127.0.0.1:9", memory.key)
    assert "whether the site runs" in failed_at(found, CheckStage.TLS)
    async with encrypted(tmp_path) as url:
        assert "certificate" in failed_at(await checked(url, memory.key), CheckStage.TLS)


@asynccontextmanager
async def encrypted(folder: Path) -> AsyncIterator[str]:
    """A server whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "server.pem"
    file.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply(200, b"<html>A blog</html>", HTML), "not Ghost"),
        (reply(404, b"<html>404</html>", HTML), "not Ghost"),
        (reply(200, {"name": "WordPress"}), "not Ghost"),
        (reply(200, {"site": {"version": "4.48", "url": "https://x.example/"}}), "Ghost 5"),
        (reply(301, b"", {"location": "https://admin.example/blog/ghost/api/admin/site/"}),
         "Give https://admin.example/blog as the address"),
        (reply(308, b"", {"location": "https://x.example"}), "Give https://x.example as the address"),
        (reply(302, b"", {"location": "/private/?r=%2F"}), "/private"),
        (reply(503, b"<html>Maintenance</html>", HTML), "Try again later"),
    ],
)  # fmt: skip
async def test_what_is_not_ghost_is_told_from_what_is_elsewhere_or_away(
    memory: There, answer: Answer, said: str
) -> None:
    async with Scripted(otherwise=answer) as server:
        found = await checked(server.url.removesuffix("/v1"), memory.key)
    assert said in failed_at(found, CheckStage.API)


async def test_what_never_answers_is_told(memory: There) -> None:
    async with Scripted(otherwise=silence()) as server:
        found = await checked(server.url.removesuffix("/v1"), memory.key, seconds=0.2)
    assert "Try again later" in failed_at(found, CheckStage.API)


@pytest.mark.parametrize(
    ("key", "stage", "said"),
    [
        ("c09ece0fc55911467b802ce54a", CheckStage.SIGN_IN, "custom integration"),
        ("", CheckStage.SIGN_IN, "custom integration"),
        (f"{'0' * 24}:{'ab' * 32}", CheckStage.CREDENTIALS, "does not know"),
    ],
)
async def test_a_key_is_looked_at_before_it_is_tried(there: There, key: str, stage: CheckStage, said: str) -> None:
    assert said in failed_at(await checked(there.url, key), stage)


async def test_a_wrong_secret_and_a_wrong_clock_are_told_apart(there: There) -> None:
    wrong = f"{there.key[:25]}{'ab' * 32}"
    assert "second half" in failed_at(await checked(there.url, wrong), CheckStage.CREDENTIALS)
    if there.site:
        there.site.skew = 3600
        said = failed_at(await checked(there.url, there.key), CheckStage.CREDENTIALS)
        assert "60 minutes ahead" in said
        assert "time server" in said


async def test_what_the_key_may_not_do_is_told(memory: There) -> None:
    site = memory.site
    assert site
    for kinds, stage in (("posts", "CREDENTIALS"), ("pages", "CAPABILITIES"), ("tags", "CAPABILITIES"),
                         ("images", "MEDIA")):  # fmt: skip
        site.denied = {kinds}
        assert kinds in failed_at(await checked(memory.url, memory.key), CheckStage(stage))
    site.denied = {"users"}
    found = await checked(memory.url, memory.key)
    assert found.ok
    assert found.capabilities["authors"] is False
    site.denied = set()
    for role, ok in (("Contributor", False), ("Author", True), ("Owner", True)):
        site.role = role
        found = await checked(memory.url, memory.key)
        assert (found.ok, found.capabilities.get("role")) == (ok, role if ok else None)
