"""`shop migrate`: the tables are as this version of the product needs them."""

import os
import subprocess
import sys
from pathlib import Path

import click
from pydantic import SecretStr

import shop
from shop.cli.database import note, ready_settings
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings


@click.command()
@click.argument("revision", default="head")
def command(revision: str) -> None:
    """Bring the database's tables to REVISION (default: the newest).

    Safe to run again, and while others run it: one process migrates at a time. To go back one step, name '-1'
    after two dashes: shop migrate -- -1
    """
    with ready_settings(note) as settings:
        done = migrate(settings, revision)
    click.echo(done or "The tables are up to date.")


def migrate(settings: Settings, revision: str = "head") -> str:
    """The tables are at the revision; returns one line for each step that was made.

    Runs in a child process: Alembic and every model would otherwise stay in a serving process's memory.
    Raises: Trouble with the database's own words.
    """
    assert settings.database_url is not None
    child = subprocess.run(
        [sys.executable, "-P", "-m", "shop.cli.migrations", revision],
        env=child_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode != 0:
        lines = [line for line in child.stderr.strip().splitlines() if line.strip()]
        raise Trouble(
            "The migration failed; the step that failed has changed nothing.",
            cause="\n".join(lines[-8:]),
            remedy="Mend what it says, then run 'shop migrate' again: steps already made stay made.",
        )
    return child.stdout.strip()


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment for a process of ours that must see the same settings; secrets never go into arguments."""
    environment = os.environ | {
        f"SHOP_{name.upper()}": _text(value)
        for name, value in settings
        if value is not None and (name in settings.model_fields_set or name in _COMPLETED)
    }
    # A child must find the product where this process found it, whatever its working folder is.
    root = str(Path(shop.__file__).resolve().parent.parent)
    return environment | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}


_COMPLETED = ("database_url", "secret_key", "jwt_private_key", "demo_password", "public_url")


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
