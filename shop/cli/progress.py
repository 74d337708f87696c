"""The lines that `shop dev` prints while it starts: what was done, what came of it, how long it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click


class Line:
    """What to say about a step when it is done; nothing where it is `silent`."""

    def __init__(self) -> None:
        self.detail = ""
        self.silent = False


@contextmanager
def step(name: str) -> Iterator[Line]:
    """The block is one step: its name shows while it runs, on a terminal; its line stands when it is done."""
    line = Line()
    terminal = sys.stdout.isatty()
    if terminal:
        click.echo(f"  {name:<10} …", nl=False)
    started = time.monotonic()
    try:
        yield line
    finally:
        if terminal:
            click.echo("\r\x1b[K", nl=False)
    if not line.silent:
        done(name, line.detail, time.monotonic() - started)


def done(name: str, detail: str, seconds: float) -> None:
    """A step's line."""
    click.echo(f"  {name:<10} {detail:<52} {seconds:>5.1f} s")
