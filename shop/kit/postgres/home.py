"""The folder that holds one clone's cluster: its data, its password, its locks, and programs copied for its user."""

import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shop.kit.postgres.account import Account
from shop.kit.postgres.failure import PostgresFailure

SYSTEM_FOLDER = Path("/var/lib/shop-dev")
SUPERUSER = "shop"


@dataclass(frozen=True)
class Home:
    """The paths of one cluster; which folder it is depends on what the server's user can enter."""

    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def password_file(self) -> Path:
        return self.folder / "password"

    @property
    def major(self) -> int | None:
        """The version that made the data folder, or None before there is one."""
        try:
            return int((self.data / "PG_VERSION").read_text().strip())
        except FileNotFoundError:
            return None

    def password(self) -> str:
        return self.password_file.read_text().strip()

    def write_password(self) -> str:
        """A new random password stands in a file that only the caller can read."""
        password = secrets.token_urlsafe(24)
        part = self.password_file.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password + "\n")
        part.rename(self.password_file)
        return password


def locate(folder: Path, override: Path | None, say: Callable[[str], None]) -> Home:
    """The cluster's home: `folder`, or a folder per clone below /var/lib where the server's user cannot enter it.

    No mode of an existing parent is changed. An override is taken as it is.
    Raises: PostgresFailure where a folder outside the clone belongs to someone else.
    """
    account = Account.current()
    if override is not None:
        _claim(override)
        return Home(override.resolve(), account)
    _make(folder)
    folder = folder.resolve()
    if not account.dropped or account.can_enter(folder):
        return Home(folder, account)
    _claim(SYSTEM_FOLDER)
    elsewhere = SYSTEM_FOLDER / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    _claim(elsewhere)
    home = Home(elsewhere, account)
    if home.major is None:
        say(f"user {account.name} cannot enter {folder}: the database lives in {elsewhere}")
    return home


def _make(folder: Path) -> None:
    """The folder exists; where it is new, others may pass through it but not list it."""
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise PostgresFailure(
            f"Cannot make {folder}: {error.strerror}.",
            cause="The clone, or an earlier run in it, belongs to another user.",
            remedy="Run as that user, or set SHOP_STATE_FOLDER to a folder of your own.",
        ) from error


def _claim(folder: Path) -> None:
    """The folder exists and is the caller's alone to change; a link or a stranger's folder is refused."""
    _make(folder)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise PostgresFailure(
            f"{folder} must be a real folder that belongs to you and that nobody else can write to.",
            cause="Someone else made it, it is a link, or its mode is too wide.",
            remedy="Set SHOP_PG_HOME to another folder, or correct this one.",
        )


def wipe(home: Home) -> None:
    """Nothing of the cluster is left but the empty folder's lock; the server must be stopped."""
    for path in home.folder.iterdir():
        if path.name == "start.lock":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
