"""Letters by SMTP, to a mail server that listens."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from cli.ports import free_port
from domain.mail.letters import one_line, shown
from domain.ports import Mail, ProviderError
from domain.settings import Settings
from domain.texts import has_address, unlinked
from jobs.adapters.mail import SmtpMailer

MAIL = Mail("one", "ann@example.com", "Grüße", "Ein Link:\n\nhttps://example.com/?token=" + "x" * 900 + "\n")


class Mailbox(MessageHandler):
    """Keeps what it is sent; of some addresses it wants nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Message] = []
        self.logins: list[bool] = []  # whether each came by TLS

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address.startswith("busy"):
            return "451 come back later"
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Message) -> None:
        self.kept.append(message)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@contextmanager
def listening(mailbox: Mailbox, tls_context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a mail server that knows a password; `tls_context`: for STARTTLS, which it offers then."""

    def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
        mailbox.logins.append(session.ssl is not None)
        return AuthResult(success=login.password == b"good", handled=False)

    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port("127.0.0.1", 0),
        auth_require_tls=False,
        authenticator=knows,
        tls_context=tls_context,
    )
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    with listening(mailbox) as port:
        yield port


@pytest.fixture
def certified(mailbox: Mailbox, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of one with STARTTLS, and the certificate that it shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    shown, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
    shown.write_bytes(certificate.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(shown, secret)
    with listening(mailbox, context) as port:
        yield port, shown


async def test_a_password_goes_in_clear_to_nobody_who_did_not_say_so(mailbox: Mailbox, port: int) -> None:
    url = f"smtp://me:good@127.0.0.1:{port}"
    with pytest.raises(ProviderError, match="STARTTLS") as raised:
        await SmtpMailer(url, "igny8@example.com").send(MAIL)
    assert (raised.value.retryable, mailbox.logins, mailbox.kept) == (False, [], [])
    await SmtpMailer(f"{url}?insecure=1", "igny8@example.com").send(MAIL)
    await SmtpMailer(f"smtp://127.0.0.1:{port}", "igny8@example.com").send(MAIL)
    assert (mailbox.logins, len(mailbox.kept)) == ([False], 2)


async def test_a_password_goes_by_starttls_to_who_shows_a_good_certificate(
    mailbox: Mailbox, certified: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, certificate = certified
    url = f"smtp://me:good@127.0.0.1:{port}"
    with pytest.raises(ProviderError) as raised:
        await SmtpMailer(url, "igny8@example.com").send(MAIL)
    assert (raised.value.retryable, mailbox.logins) == (True, [])
    await SmtpMailer(f"{url}?insecure=1", "igny8@example.com").send(MAIL)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await SmtpMailer(url, "igny8@example.com").send(MAIL)
    assert (mailbox.logins, len(mailbox.kept)) == ([True, True], 2)


@pytest.mark.parametrize(
    "url", ["mail.example.com", "smtp://", "smtp://a:b@h:port", "smtp://h?insecure=yes", "smtp://h/x"]
)
def test_what_is_no_mail_server_is_said_at_the_start(url: str) -> None:
    with pytest.raises(ValidationError, match="must be like smtp://") as raised:
        Settings(smtp_url=url)  # type: ignore[arg-type]
    assert raised.value.error_count() == 1


async def test_a_letter_arrives_as_it_was_written(mailbox: Mailbox, port: int) -> None:
    mailer = SmtpMailer(f"smtp://me:good@127.0.0.1:{port}?insecure=1", "IGNY8 <igny8@example.com>")
    await mailer.send(MAIL)
    await mailer.send(MAIL)
    first, second = mailbox.kept
    assert (first["To"], first["From"]) == ("ann@example.com", "IGNY8 <igny8@example.com>")
    assert first["Message-ID"] == second["Message-ID"] == "<one@igny8>"
    body = first.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().replace("\r\n", "\n") == MAIL.text


@pytest.mark.parametrize(
    ("to", "password", "retryable", "reason"),
    [
        ("busy@example.com", "good", True, "451"),
        ("nobody@example.com", "good", False, "550"),
        ("ann@example.com", "bad", False, "login"),
    ],
)
async def test_a_refusal_says_whether_to_try_again(
    port: int, to: str, password: str, retryable: bool, reason: str
) -> None:
    mailer = SmtpMailer(f"smtp://me:{password}@127.0.0.1:{port}?insecure=1", "igny8@example.com")
    with pytest.raises(ProviderError) as raised:
        await mailer.send(Mail("one", to, "s", "t"))
    assert raised.value.retryable is retryable
    assert reason in raised.value.reason


async def test_a_server_that_is_away_is_tried_again() -> None:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{free_port('127.0.0.1', 0)}", "igny8@example.com")
    with pytest.raises(ProviderError) as raised:
        await mailer.send(MAIL)
    assert raised.value.retryable


def test_what_people_wrote_begins_no_header() -> None:
    assert one_line("Acme\r\nBcc: everybody@example.com") == "Acme Bcc: everybody@example.com"
    assert len(one_line("x" * 1000)) == 100


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Win now: https://evil.example/a?b", "Win now: https: evil. example a?b"),
        ("WWW.evil", "WWW. evil"),
        ("evil\uff0eexample", "evil. example"),
        ("evil\u3002example", "evil. example"),
        ("evil\u2024example", "evil. example"),
        ("\uff45vil.example", "evil. example"),
        ("mail me@evil.example", "mail me at evil. example"),
        ("10.0.0.1", "10. 0. 0. 1"),
    ],
)
def test_what_people_wrote_becomes_no_link(written: str, sent: str) -> None:
    assert has_address(written)
    assert unlinked(written) == sent
    assert not has_address(sent)


@pytest.mark.parametrize(
    "name",
    ["Acme Inc.", "St. John & Söhne", "A.B. Cole", "v2.0 Labs", "50% off/on", "No.1", "Größe: XL", "24/7", "@home"],
)
def test_names_are_left_as_they_are(name: str) -> None:
    assert unlinked(name) == name


def test_a_letter_shows_addresses_that_are_plain() -> None:
    assert shown("ann.o'neil+x@mail.example.com") == "ann.o'neil+x@mail.example.com"
    assert not has_address(shown("evil.example/now?x@example.com"))
