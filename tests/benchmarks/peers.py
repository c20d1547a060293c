"""Peers that are none of our requirements: installed into a temporary folder on first use, and found there later."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

STATE = Path(os.environ.get("IGNY8_BENCH_PEERS", Path(tempfile.gettempdir()) / "igny8-bench-peers"))


def python_with(*packages: str) -> Path | None:
    """The Python of a venv that has the packages; None when they cannot be had, which is said."""
    folder = STATE / "celery"
    commands = [
        [sys.executable, "-m", "venv", str(folder)],
        [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
    ]
    return folder / "bin/python" if _installed(folder, commands, packages) else None


def node_with(*packages: str) -> Path | None:
    """A folder whose node_modules has the packages; None when they cannot be had, which is said."""
    folder = STATE / "node"
    options = ["--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder)]
    return folder if _installed(folder, [["npm", "install", *options, *packages]], packages) else None


def _installed(folder: Path, commands: list[list[str]], packages: tuple[str, ...]) -> bool:
    done = folder / "installed"
    if done.exists() and done.read_text() == " ".join(packages):
        return True
    print(f"installing {', '.join(packages)} into {folder}, once", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        print(f"{packages[0]} is left out: it cannot be installed ({reason})")
        return False
    done.write_text(" ".join(packages))
    return True
