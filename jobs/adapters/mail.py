"""Letters by SMTP; without a server they are written into a folder, for who develops."""

import asyncio
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from domain.ports import Mail, Mailer, ProviderError
from persistence.files.disk_space import FULL
from persistence.terms import FailureCause

SECONDS = 30.0
IN_CLEAR = (
    "The mail server offers no STARTTLS, so that the password of IGNY8_SMTP_URL would go in clear: give smtps://, or "
    "add ?insecure=1 where nobody listens on the way."
)
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
    """`url`: smtp://user:password@host:587 or smtps://host:465.

    With smtp:// the connection turns to TLS where that is offered; a password is not sent without, unless the URL ends
    in ?insecure=1, by which certificates go unchecked as well.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.secure, self.host, self.sender = parts.scheme == "smtps", parts.hostname or "", sender
        self.insecure = parts.query == "insecure=1"
        self.port = parts.port or (465 if self.secure else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")

    async def send(self, mail: Mail) -> None:
        try:
            async with self._client() as server:
                await self._secure(server)
                if self.user:
                    await server.login(self.user, self.password)
                await server.send_message(message_of(mail, self.sender), recipients=[mail.to])
        except aiosmtplib.SMTPAuthenticationError as error:
            raise ProviderError(
                "The mail server refuses the login of IGNY8_SMTP_URL.", retryable=False, cause=FailureCause.KEY_REFUSED
            ) from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0]) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise ProviderError(
                f"The mail server cannot take this letter: {error}", retryable=False, cause=FailureCause.REQUEST_REFUSED
            ) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ProviderError(
                f"The mail server does not answer: {error}", retryable=True, cause=FailureCause.UNREACHABLE
            ) from error

    async def greet(self) -> None:
        """As far as a letter's login; aiosmtplib's errors, OSError, or ProviderError where that would go in clear."""
        async with self._client() as server:
            await self._secure(server)

    def _client(self) -> aiosmtplib.SMTP:
        context = ssl.create_default_context()
        if self.insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            timeout=SECONDS,
            use_tls=self.secure,
            start_tls=False,  # in `_secure`, which says what is wrong
            tls_context=context,
        )

    async def _secure(self, server: aiosmtplib.SMTP) -> None:
        if self.secure:
            return
        await server.ehlo()
        if server.supports_extension("starttls"):
            await server.starttls()
        elif self.user and not self.insecure:
            raise ProviderError(IN_CLEAR, retryable=False, cause=FailureCause.KEY_REFUSED)


def _refused(error: aiosmtplib.SMTPResponseException) -> ProviderError:
    """4xx is a matter of time, 5xx of the letter."""
    again = 400 <= error.code < 500
    cause = FailureCause.PROVIDER_FAULT if again else FailureCause.REQUEST_REFUSED
    return ProviderError(f"The mail server said {error.code}: {error.message[:200]}", retryable=again, cause=cause)


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
