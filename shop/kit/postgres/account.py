"""The operating system's user that PostgreSQL runs as, and running a program as that user.

PostgreSQL refuses to run as root, so root hands it to `postgres` or `nobody`. What that user can reach is asked by
trying, never computed from modes: access lists, mounts and private homes are the kernel's to judge.
"""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shop.kit.postgres.failure import PostgresFailure

# A fresh environment: PGPORT, PGDATA or a German message catalogue of the caller must not reach the server.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """Whom PostgreSQL runs as; `dropped` is true where that is not the caller."""

    name: str
    uid: int
    gid: int
    dropped: bool

    @classmethod
    def current(cls) -> "Account":
        """The caller, or for root the first of `postgres` and `nobody` that this machine has."""
        if os.geteuid() != 0:
            return cls(str(os.geteuid()), os.geteuid(), os.getegid(), dropped=False)
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(name, entry.pw_uid, entry.pw_gid, dropped=True)
        raise PostgresFailure(
            "PostgreSQL refuses to run as root, and this machine has neither a user 'postgres' nor 'nobody'.",
            remedy="Run as an ordinary user, or set SHOP_DATABASE_URL to a PostgreSQL 15 or newer.",
        )

    def run(self, arguments: Sequence[str | Path], *, timeout_seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """The program has run as this user, from `/` and with files private to it; its exit code is not judged.

        Raises: OSError where the user may not even execute it.
        """
        return subprocess.run(  # noqa: S603 - the arguments are this room's own
            [str(argument) for argument in arguments],
            cwd="/",
            env=ENVIRONMENT,
            umask=0o077,
            user=self.uid if self.dropped else None,
            group=self.gid if self.dropped else None,
            extra_groups=[] if self.dropped else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            check=False,
        )

    def can_run(self, program: Path) -> bool:
        """Whether this user gets a version out of the program: reachable, executable, its libraries found."""
        try:
            return self.run([program, "-V"]).returncode == 0
        except OSError:
            return False

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can make the (existing) folder its working directory."""
        return self.run(["/bin/sh", "-c", 'cd "$0"', folder]).returncode == 0

    def give(self, path: Path) -> None:
        """The path belongs to this user."""
        if self.dropped:
            os.chown(path, self.uid, self.gid)
