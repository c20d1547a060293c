"""Letters by SMTP; without a server they are written into a folder, for who develops."""

import asyncio
import smtplib
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from ssl import create_default_context
from urllib.parse import unquote, urlsplit

import structlog

from domain.ports import Mail, Mailer, ProviderError
from persistence.room import FULL
from persistence.terms import FailureCause

SECONDS = 30.0
log = structlog.get_logger()


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """The same Message-ID for the same letter."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"], message["Message-ID"] = formatdate(), f"<{mail.key}@igny8>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


class SmtpMailer:
    """`url`: smtp://user:password@host:587 (STARTTLS where it is offered) or smtps://host:465."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.secure, self.host, self.sender = parts.scheme == "smtps", parts.hostname or "", sender
        self.port = parts.port or (465 if self.secure else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")

    async def send(self, mail: Mail) -> None:
        try:
            await asyncio.to_thread(self._send, message_of(mail, self.sender))
        except smtplib.SMTPAuthenticationError as error:
            raise ProviderError(
                "The mail server refuses the login of IGNY8_SMTP_URL.", retryable=False, cause=FailureCause.KEY_REFUSED
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(error, *next(iter(error.recipients.values()))) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error, error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise ProviderError(
                f"The mail server does not answer: {error}", retryable=True, cause=FailureCause.UNREACHABLE
            ) from error

    def _send(self, message: EmailMessage) -> None:
        with self._connected() as server:
            if not self.secure and server.ehlo() and server.has_extn("starttls"):
                server.starttls(context=create_default_context())
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message, to_addrs=[str(message["To"])])

    def _connected(self) -> smtplib.SMTP:
        if self.secure:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS)


def _refused(error: Exception, code: int, said: bytes | str) -> ProviderError:
    """4xx is a matter of time, 5xx of the letter."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    again = 400 <= code < 500
    cause = FailureCause.PROVIDER_FAULT if again else FailureCause.REQUEST_REFUSED
    return ProviderError(f"The mail server said {code}: {text[:200]}", retryable=again, cause=cause)


class OutboxMailer:
    """One .eml a letter, for its owner alone. `told`: its link goes into the log, for who develops."""

    def __init__(self, folder: Path, sender: str, *, told: bool = False) -> None:
        self.folder, self.sender, self.told = folder, sender, told

    async def send(self, mail: Mail) -> None:
        try:
            path = await asyncio.to_thread(self._write, mail)
        except OSError as error:
            cause = FailureCause.NO_ROOM if error.errno in FULL else FailureCause.UNREACHABLE
            raise ProviderError(f"It cannot be written: {error.strerror}.", retryable=True, cause=cause) from error
        links = [line for line in mail.text.splitlines() if line.startswith(("http://", "https://"))]
        log.info("letter written", file=str(path), **({"link": links[0]} if self.told and links else {}))

    def _write(self, mail: Mail) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{mail.key}.eml"
        path.touch(0o600)
        path.write_bytes(message_of(mail, self.sender).as_bytes())
        return path


def mailer_of(smtp_url: str | None, folder: Path, sender: str, *, told: bool = False) -> Mailer:
    return SmtpMailer(smtp_url, sender) if smtp_url else OutboxMailer(folder, sender, told=told)
