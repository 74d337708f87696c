"""What a clone keeps for itself in its state folder: random secrets, readable by its owner alone.

Only development makes secrets; elsewhere the settings refuse to be without them.
"""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from shop.cli.trouble import Trouble
from shop.kit.settings import Environment, Settings

_PREVIOUS: Final = "jwt-previous-public-keys"


def with_secrets(settings: Settings) -> Settings:
    """The settings with every secret that development needs; those that were not set are made once and kept."""
    if settings.environment is not Environment.DEVELOPMENT:
        return settings
    folder = settings.state_folder
    made: dict[str, SecretStr] = {}
    for name, make in (
        ("secret_key", lambda: secrets.token_urlsafe(48)),
        ("jwt_private_key", new_signing_key),
        ("demo_password", lambda: secrets.token_urlsafe(9)),
    ):
        if getattr(settings, name) is None:
            made[name] = SecretStr(_kept(folder / name.replace("_", "-"), make))
    previous = folder / _PREVIOUS
    if settings.jwt_previous_public_keys is None and previous.exists():
        return settings.model_copy(update={**made, "jwt_previous_public_keys": previous.read_text()})
    return settings.model_copy(update=made)


def keep_signing_key(folder: Path, private_key: str, previous_public_keys: str) -> None:
    """The state folder holds another key to sign tokens with, and those whose tokens are still good."""
    # First what is read: between the two writes nobody's token is refused.
    for name, content in ((_PREVIOUS, previous_public_keys), ("jwt-private-key", private_key)):
        part = folder / f"{name}.{secrets.token_hex(4)}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
        part.replace(folder / name)


def make_folder(folder: Path) -> None:
    """The state folder exists; others may pass through it (the database's user must) but not list it."""
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"Cannot make the folder {folder}: {error.strerror}.",
            cause="It, or an earlier run in it, belongs to another user.",
            remedy="Run as that user, or set SHOP_STATE_FOLDER to a folder of your own.",
        ) from error


@contextmanager
def only_one(folder: Path, address: str) -> Iterator[None]:
    """This process is the only shop of the state folder for the length of the block; a killed one holds nothing.

    Raises: Trouble with the address of the one that runs.
    """
    make_folder(folder)
    with (folder / "dev.lock").open("a+") as lock:
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(
                f"This shop runs already: {lock.read().strip()}",
                cause=f"Another 'shop dev' uses the database and the sandbox in {folder}.",
                remedy="Use that one, stop it, or set SHOP_STATE_FOLDER to start a second shop beside it.",
            ) from None
        lock.truncate(0)
        lock.write(address)
        lock.flush()
        yield


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The file's text; two processes that start at once agree on one."""
    make_folder(path.parent)
    try:
        if not path.exists():
            part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(make())
            try:
                os.link(part, path)
            except FileExistsError:
                pass
            finally:
                part.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise Trouble(
            f"Cannot read or make {path}: {error.strerror}.",
            cause="An earlier run in this clone was another user's.",
            remedy=f"Run as that user, or remove {path}.",
        ) from error


def new_signing_key() -> str:
    """An RSA private key (PEM) that signs tokens."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
