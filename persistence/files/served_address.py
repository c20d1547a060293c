"""Where the API of a data folder was last served: for the links of letters, where nobody says what reaches it."""

import os
from pathlib import Path

FILE, USUAL = "served", "http://127.0.0.1:8000"


def note(data: Path, host: str, port: int) -> None:
    """Of a process that listens on all addresses, this machine's own."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - it is asked about
    data.mkdir(parents=True, exist_ok=True)
    new = data / f"{FILE}.{os.getpid()}"
    new.write_text(f"http://{f'[{own}]' if ':' in own else own}:{port}")
    new.replace(data / FILE)


def noted(data: Path) -> str:
    try:
        return (data / FILE).read_text().strip() or USUAL
    except OSError:
        return USUAL
