"""`igny8` as an operator calls it: as a process of its own, or in this one, which saves the second that one takes."""

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from cli.main import main
from tests.conftest import ROOT

Told = subprocess.CompletedProcess[str]
BARE = {name: value for name, value in os.environ.items() if not name.startswith("IGNY8_")}


def environment(**settings: object) -> dict[str, str]:
    return {
        **BARE,
        "PYTHONPATH": str(ROOT),
        **{f"IGNY8_{name.upper()}": str(value) for name, value in settings.items()},
    }


def igny8(*arguments: str, env: dict[str, str], cwd: Path = ROOT, timeout: float = 60) -> Told:
    command = [sys.executable, "-m", "cli", *arguments]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False, timeout=timeout)


def igny8_here(*arguments: str, env: dict[str, str]) -> Told:
    """For what is said of arguments, settings and rows; that a command runs as a process is for another test.

    It logs as the tests do. Not for commands that go on, nor where a loop runs: it runs its own.
    """
    out, err = StringIO(), StringIO()
    with (
        patch.dict(os.environ, env, clear=True),
        patch.object(sys, "argv", ["igny8", *arguments]),
        patch("cli.logs.configure_logging"),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = _ended()
        if isinstance(code, str):  # as the interpreter does
            print(code, file=sys.stderr)
    return Told(arguments, 1 if isinstance(code, str) else code, out.getvalue(), err.getvalue())


def _ended() -> int | str:
    try:
        main()
    except SystemExit as end:
        return end.code or 0
    return 0
