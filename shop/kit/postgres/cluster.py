"""One cluster per clone, shared by every process that wants it: started by the first, stopped by the last.

Two advisory file locks keep the order. `start.lock` is held exclusively while anyone starts or stops the server;
`users.lock` is held shared by every user for as long as it uses the server, and the one that gets it exclusively
was the last. Locks die with their process: a killed user leaves the server running and the next start attaches.
"""

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from shop.kit.postgres.binaries import Binaries, find
from shop.kit.postgres.failure import PostgresFailure
from shop.kit.postgres.home import SUPERUSER, Home, locate, wipe

ADDRESS = "127.0.0.1"
READY_SECONDS = 30.0
# Backends that outlive a killed postmaster keep its shared memory until they notice.
ORPHANS_SECONDS = 10.0
_RETRY = ("shared memory", "lock file", "could not bind", "Address already in use", "could not create any TCP")
# Below the range that systems hand out to outgoing connections, so that nobody else is likely to sit there.
_FIRST_PORT, _PORTS = 20_000, 10_000

_SERVER_SETTINGS = {
    "listen_addresses": ADDRESS,
    "unix_socket_directories": "",  # a clone's path is easily longer than the 107 bytes a socket may have
    "max_connections": "150",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    # Commits reach the system's memory, not the disk: nothing is lost when any process is killed, the demo may be
    # when the power is cut. Waiting for the disk is most of a commit and nearly all of dropping a test's database.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # A refused statement is its client's to log; here it would only repeat what it was refused with.
    "log_min_messages": "log",
}


class Cluster:
    """A running server that this process uses until `stop()`; also a context manager."""

    def __init__(self, home: Home, users_lock: int, port: int, *, attached: bool) -> None:
        self.home = home
        self.port = port
        self.attached = attached
        self._users_lock: int | None = users_lock
        self._password = home.password()

    def url(self, database: str = "shop") -> str:
        """The address of a database, with the superuser's password in it."""
        return f"postgresql://{SUPERUSER}:{quote(self._password)}@{ADDRESS}:{self.port}/{quote(database)}"

    def create_database(self, name: str) -> bool:
        """The database exists; true where this call made it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return False
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                return True
            return False

    def stop(self) -> bool:
        """This process uses the server no longer; it is shut down where nobody else does. True where it was."""
        if self._users_lock is None:
            return False
        users, self._users_lock = self._users_lock, None
        with _locked(self.home):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            else:
                _stop(self.home)
                return True
            finally:
                os.close(users)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(folder: Path, *, home: Path | None = None, say: Callable[[str], None] = lambda _: None) -> Cluster:
    """The clone's cluster runs and answers; made on first use, attached to where it runs already.

    `folder` is the clone's place for it (`.shop/postgres`), `home` overrides that; `say` hears, the first
    time, where things are that are not in it.
    Locks: start.lock exclusively during the call, users.lock shared from here to `stop()`.
    Raises: PostgresFailure.
    """
    place = locate(folder, home, say)
    with _locked(place):
        users = _open_lock(place, "users.lock")
        try:
            fcntl.flock(users, fcntl.LOCK_SH)
            running = _running_port(place, READY_SECONDS)
            if running is not None:
                return Cluster(place, users, running, attached=True)
            binaries = find(place.account, place.folder, major=place.major)
            if place.major is None:
                if binaries.folder.is_relative_to(place.folder):
                    say(f"user {place.account.name} cannot reach the installed programs: copied to {binaries.folder}")
                _initialise(place, binaries)
            port = _start(place, binaries)
            return Cluster(place, users, port, attached=False)
        except BaseException:
            os.close(users)
            raise


def remove(folder: Path, *, home: Path | None = None) -> Path:
    """The clone's cluster and all its data are gone; returns where they were.

    Raises: PostgresFailure where another process still uses it.
    """
    place = locate(folder, home, lambda _: None)
    with _locked(place):
        users = _open_lock(place, "users.lock")
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _running_port(place, READY_SECONDS) is not None:
                _stop(place)
            wipe(place)
        except BlockingIOError:
            raise PostgresFailure(
                "The database is in use, so nothing was removed.",
                cause="'make run' or the tests are running in this clone.",
                remedy="Stop them (Ctrl-C), then try again.",
            ) from None
        finally:
            os.close(users)
    return place.folder


def _open_lock(home: Home, name: str) -> int:
    try:
        return os.open(home.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PostgresFailure(
            f"Cannot open {home.folder / name}: {error.strerror}.",
            cause="An earlier run in this clone was another user's.",
            remedy="Run as that user, or set SHOP_PG_HOME to a folder of your own.",
        ) from error


@contextlib.contextmanager
def _locked(home: Home) -> Iterator[None]:
    lock = _open_lock(home, "start.lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _initialise(home: Home, binaries: Binaries) -> None:
    """The data folder exists whole; it is made beside its place, so that a killed run leaves none half made."""
    part = home.folder / "data.part"
    secret = home.folder / "password.initdb"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    home.account.give(part)
    secret.unlink(missing_ok=True)
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(home.write_password() + "\n")
    home.account.give(secret)
    try:
        made = home.account.run(
            [
                binaries.program("initdb"),
                f"--pgdata={part}",
                f"--username={SUPERUSER}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",  # a power cut in these two seconds costs a second first start
                "--no-instructions",
            ],
            timeout_seconds=120,
        )
    finally:
        secret.unlink()
    if made.returncode != 0:
        raise PostgresFailure(
            f"PostgreSQL could not make its data folder in {home.folder}.",
            cause=(made.stderr or made.stdout).strip(),
            remedy="Free some disk space or mend what it says, then run the same command again.",
        )
    part.rename(home.data)


def _start(home: Home, binaries: Binaries) -> int:
    """The server runs and answers on the returned port."""
    settings = dict(_SERVER_SETTINGS)
    if binaries.major >= 18:
        settings["io_method"] = "sync"  # the default keeps three more processes for disks this cluster never waits on
    deadline = time.monotonic() + ORPHANS_SECONDS
    after = 0
    while True:
        port = _free_port(home, after)
        _drop_stale_pid(home)
        _trim_log(home)
        options = shlex.join(
            part for pair in (settings | {"port": str(port)}).items() for part in ("-c", "=".join(pair))
        )
        arguments: list[str | Path] = [binaries.program("pg_ctl"), "start", "-w", "-s"]
        arguments += ["-t", str(int(READY_SECONDS)), "-D", home.data, "-l", home.log, "-o", options]
        before = home.log.stat().st_size if home.log.exists() else 0
        done = home.account.run(arguments, timeout_seconds=READY_SECONDS + 10)
        if done.returncode == 0:
            return port
        log = _log_since(home, before)
        if time.monotonic() > deadline or not any(mark in log for mark in _RETRY):
            raise PostgresFailure(
                f"PostgreSQL did not start in {home.data}.",
                cause=log.strip() or done.stderr.strip(),
                remedy="The lines above are its own; 'shop reset --yes' starts afresh with an empty database.",
            )
        if "bind" in log or "TCP" in log:
            after = port
        time.sleep(0.2)


def _stop(home: Home) -> None:
    if _postmaster(home) is None:
        return
    binaries = find(home.account, home.folder, major=home.major)
    arguments: list[str | Path] = [binaries.program("pg_ctl"), "stop", "-m", "fast", "-w", "-s", "-D", home.data]
    done = home.account.run([*arguments, "-t", "30"], timeout_seconds=40)
    if done.returncode != 0 and _postmaster(home) is not None:
        raise PostgresFailure(
            f"PostgreSQL did not stop within 30 seconds in {home.data}.",
            cause=done.stderr.strip(),
            remedy="It is left running; the next start attaches to it.",
        )


def _running_port(home: Home, patience_seconds: float) -> int | None:
    """The port on which this home's own server answers, or None where it does not run.

    A server that is starting, recovering or stopping is waited for.
    """
    deadline = time.monotonic() + patience_seconds
    while (found := _postmaster(home)) is not None:
        _, port = found
        if port is not None and _answers(port):
            return port
        if time.monotonic() > deadline:
            raise PostgresFailure(
                f"PostgreSQL (process {found[0]}) in {home.data} has not answered for {patience_seconds:.0f} s.",
                cause=_log_since(home, 0)[-2000:].strip(),
                remedy=f"Look at {home.log}; end that process with 'kill -INT {found[0]}' and try again.",
            )
        time.sleep(0.05)
    return None


def _postmaster(home: Home) -> tuple[int, int | None] | None:
    """Process id and port of this home's live server. The pid file alone proves nothing: it outlives kill -9."""
    try:
        lines = (home.data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    if not _is_server(pid, home):
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else None
    return pid, port


def _is_server(pid: int, home: Home) -> bool:
    """Whether the process is a postmaster on this data folder and not a stranger that got the number since."""
    command = _command(pid, home)
    if "postgres" not in command:
        return False
    if str(home.data) in command:
        return True
    try:  # a clone that was renamed while its server ran; root without ptrace rights may not look
        return Path(f"/proc/{pid}/cwd").samefile(home.data)
    except OSError:
        return False


def _command(pid: int, home: Home) -> str:
    """The process's command line, empty where it does not run (or only waits to be reaped)."""
    if not Path("/proc/self").exists():
        return home.account.run(["/bin/ps", "-o", "command=", "-p", str(pid)]).stdout
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _answers(port: int) -> bool:
    """Whether a server accepts connections on the port: it asks for a password, which a starting one does not."""
    try:
        # No password is sent: the authentication request is answer enough, and is what pg_isready looks for.
        with socket.create_connection((ADDRESS, port), timeout=2) as connection:
            user = f"user\0{SUPERUSER}\0database\0postgres\0\0".encode()
            connection.sendall((8 + len(user)).to_bytes(4, "big") + (196_608).to_bytes(4, "big") + user)
            return connection.recv(1) == b"R"
    except OSError:
        return False


def _drop_stale_pid(home: Home) -> None:
    """No pid file names a stranger's process, which would make PostgreSQL refuse to start for ever."""
    path = home.data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        command = _command(int(path.read_text().splitlines()[0]), home)
        if command and "postgres" not in command:
            path.unlink()


def _free_port(home: Home, after: int) -> int:
    """A port of this clone's own, the same at every start while it is free; beyond `after` where that one failed."""
    wanted = _FIRST_PORT + int(hashlib.sha256(str(home.folder).encode()).hexdigest(), 16) % _PORTS
    for port in range(max(wanted, after + 1), _FIRST_PORT + _PORTS + 1000):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As the server itself binds: connections still closing after a stop do not occupy the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((ADDRESS, port))
                return port
    raise PostgresFailure("No free port was found for PostgreSQL.", remedy="Close some of the programs that listen.")


def _trim_log(home: Home) -> None:
    with contextlib.suppress(FileNotFoundError):
        if home.log.stat().st_size > 1_000_000:
            os.truncate(home.log, 0)


def _log_since(home: Home, position: int) -> str:
    try:
        with home.log.open("rb") as file:
            file.seek(position)
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
