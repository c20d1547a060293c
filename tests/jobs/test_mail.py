"""Letters by SMTP, to a mail server that listens."""

from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from cli.ports import free_port
from domain.mail.letters import one_line
from domain.ports import Mail, ProviderError
from jobs.adapters.mail import SmtpMailer

MAIL = Mail("one", "ann@example.com", "Grüße", "Ein Link:\n\nhttps://example.com/?token=" + "x" * 900 + "\n")


class Mailbox(MessageHandler):
    """Keeps what it is sent; of some addresses it wants nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Message] = []

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


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port("127.0.0.1", 0),
        auth_require_tls=False,
        authenticator=lambda server, session, envelope, mechanism, login: AuthResult(
            success=login.password == b"good", handled=False
        ),
    )
    controller.start()
    yield controller.port
    controller.stop()


async def test_a_letter_arrives_as_it_was_written(mailbox: Mailbox, port: int) -> None:
    mailer = SmtpMailer(f"smtp://me:good@127.0.0.1:{port}", "IGNY8 <igny8@example.com>")
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
    mailer = SmtpMailer(f"smtp://me:{password}@127.0.0.1:{port}", "igny8@example.com")
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
