"""`shop`: the list of commands. Each lives in a module of its own, imported only when it is called."""

import importlib
from typing import Any

import click

from shop import __version__
from shop.cli.trouble import explained

COMMANDS = {
    "apply": "shop.cli.apply",
    "booking": "shop.cli.booking",
    "content": "shop.cli.content",
    "dev": "shop.cli.dev",
    "doctor": "shop.cli.doctor.command",
    "export": "shop.cli.exporting",
    "giftcard": "shop.cli.giftcard",
    "import": "shop.cli.importing",
    "keys": "shop.cli.keys",
    "migrate": "shop.cli.migrate",
    "promotion": "shop.cli.promotion",
    "reset": "shop.cli.reset",
    "schema": "shop.cli.schema",
    "seed": "shop.cli.seed",
    "serve": "shop.cli.serve",
    "stripe": "shop.cli.stripe",
    "user": "shop.cli.user",
    "voucher": "shop.cli.voucher",
    "worker": "shop.cli.worker",
}


class Commands(click.Group):
    """Imports a command when it is named: `shop --help` must not wait for the GraphQL schema to be built."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        importlib.import_module("shop.kit.log").configure_without_settings()
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what a person can mend is told in words."""
        with explained():
            return super().invoke(ctx)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(version)s")
def shop() -> None:
    """Headless e-commerce and booking backend that speaks Saleor's GraphQL API."""


def main() -> None:
    """The command that the arguments name has run."""
    shop(prog_name="shop")
