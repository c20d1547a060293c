"""Secrets at rest: Fernet under keys derived from the application's secret; the first key encrypts, all decrypt."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Vault:
    """`secrets`: newest first; older ones stay until `rotate` has been run over all rows."""

    def __init__(self, secrets: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derive(secret)) for secret in secrets])

    def seal(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Raises ValueError when no key fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise ValueError("sealed under a key that is not configured") from error

    def rotate(self, sealed: bytes) -> bytes:
        return self._fernet.rotate(sealed)


def _derive(secret: str) -> bytes:
    key = HKDF(SHA256(), length=32, salt=None, info=b"igny8 secrets at rest").derive(secret.encode())
    return base64.urlsafe_b64encode(key)
