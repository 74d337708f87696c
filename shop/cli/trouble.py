"""What a command says when it cannot go on: what happened, the likely cause, and the command that mends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from pydantic import ValidationError

from shop.kit.errors import ShopError
from shop.kit.postgres import PostgresFailure


class Trouble(click.ClickException):
    """Ends the command with exit code 1 and at most three sentences on the error stream."""

    exit_code = 1

    def __init__(self, message: str, *, cause: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.cause = cause
        self.remedy = remedy

    def show(self, file: IO[Any] | None = None) -> None:
        """The sentences, each on lines of its own."""
        click.echo(f"\nError: {self.message}", err=True)
        if self.cause:
            click.echo(f"Cause: {self.cause}", err=True)
        if self.remedy:
            click.echo(f"Mend:  {self.remedy}", err=True)


@contextmanager
def explained() -> Iterator[None]:
    """Errors that a person can mend leave the block as Trouble; a defect of the product keeps its traceback."""
    try:
        yield
    except PostgresFailure as failure:
        raise Trouble(failure.message, cause=failure.cause, remedy=failure.remedy) from failure
    except ShopError as error:
        raise Trouble(error.message) from error
    except ValidationError as error:
        if error.title != "Settings":
            raise
        lines = []
        for problem in error.errors(include_url=False, include_input=False):
            name = f"SHOP_{problem['loc'][0]!s}".upper() + ": " if problem["loc"] else ""
            lines.append(f"{name}{problem['msg'].removeprefix('Value error, ')}")
        raise Trouble(
            "The settings are not usable.",
            cause="; ".join(lines),
            remedy="Correct them in the environment or in .env; docs/settings.md explains each.",
        ) from error
