"""A kit's server that is killed, and started again as it was."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


class Felled:
    """Known by its first process, in a process group of its own."""

    def __init__(self, pid: int) -> None:
        of = Path(f"/proc/{pid}")
        self._command = [part.decode() for part in of.joinpath("cmdline").read_bytes().split(b"\0")[:-1]]
        pairs = (part.decode().partition("=") for part in of.joinpath("environ").read_bytes().split(b"\0") if part)
        self._environment = {name: value for name, _, value in pairs}
        self._folder, self._group = of.joinpath("cwd").readlink(), os.getpgid(pid)
        self._process: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._group, signal.SIGKILL)
        if self._process:
            self._process.wait()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environment, cwd=self._folder, start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._group = self._process.pid


@contextmanager
def felled(pids: Sequence[int], program: str) -> Iterator[Felled]:
    """The one of these processes that runs `program`; what was started again ends with the context."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode() for pid in pids}
    pid = next(pid for pid, command in commands.items() if command.endswith(program))
    server = Felled(pid)
    try:
        yield server
    finally:
        server.kill()
