"""Starting, watching and ending one server process."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cli.embedded.errors import EmbeddedError
from cli.embedded.places import Place

POLL = 0.02  # seconds
PR_SET_PDEATHSIG = 1
Steps = tuple[tuple[signal.Signals, float], ...]  # signals to send, and the seconds to wait after each


# For glibc: memory given back to the kernel after a long answer is faulted in again, page by page, by the next.
MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "67108864",
    "MALLOC_TOP_PAD_": "4194304",
}


def environment() -> dict[str, str]:
    """What the servers see of the caller's environment: no PG* variables, no locale, no secrets."""
    kept = {
        name: os.environ[name] for name in ("LD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH") if name in os.environ
    }
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **MALLOC, **kept}


def launch(
    command: list[str], place: Place, folder: Path, log: Path, *, death: signal.Signals, stdin: bytes = b""
) -> subprocess.Popen[bytes]:
    """Start a server in `folder` as the place's user; `death` is what it receives if this process is killed."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=folder, env=environment(), stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            user=place.uid, group=place.gid, extra_groups=place.extra_groups, preexec_fn=tie_to_parent(death),
        )  # fmt: skip
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(stdin)
    return process


def tie_to_parent(death: signal.Signals) -> Callable[[], None] | None:
    """Runs in the child after the change of user, which would reset it. Without Linux the next start cleans up."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(death))
        if os.getppid() != parent:  # the parent died before the line above
            os.kill(os.getpid(), signal.SIGKILL)

    return tie


def wait_ready(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, seconds: float) -> None:
    """Return once `ready()`; EmbeddedError with the end of the log if the process ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise EmbeddedError(f"{log.stem} ended with code {process.returncode}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{log.stem} was not ready after {seconds:.0f} s:\n{tail(log)}")
        time.sleep(POLL)


def end(process: subprocess.Popen[bytes], steps: Steps) -> None:
    """Signal the process, ever more firmly, until it is gone."""
    for number, seconds in steps:
        if process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


def end_leftovers(folder: Path, program: str, recorded: int | None, steps: Steps) -> None:
    """End servers of `folder` that outlived an earlier guardian. EmbeddedError if they cannot be ended."""
    for number, seconds in steps:
        pids = leftovers(folder, program, recorded)
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while leftovers(folder, program, recorded) and time.monotonic() < deadline:
            time.sleep(POLL)
    if pids := leftovers(folder, program, recorded):
        raise EmbeddedError(f"processes {pids} still use {folder} and could not be ended")


def leftovers(folder: Path, program: str, recorded: int | None) -> list[int]:
    """Processes of `program` that work in `folder`. Both are checked: a shell may stand in it, a pid may be reused."""
    if sys.platform == "linux":
        pids = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
        return [pid for pid in pids if _works_in(pid, folder, program)]
    return [recorded] if recorded and str(folder) in _command_line(recorded) else []


def _works_in(pid: int, folder: Path, program: str) -> bool:
    with contextlib.suppress(OSError):
        try:
            executable = os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
            return os.path.basename(executable) == program and os.readlink(f"/proc/{pid}/cwd") == str(folder)
        except PermissionError:  # another user's process; root in a container may lack the right to look into it
            first, *others = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            return os.path.basename(first) == os.fsencode(program) and os.fsencode(folder) in others
    return False


def _command_line(pid: int) -> str:
    command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - a fixed command


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, or a note that there are none."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return "(no log)"
