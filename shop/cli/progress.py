"""How commands show that they work: the lines of `shop dev`, one a step, and a bar for one long step."""

import sys
import time
from collections.abc import Callable, Iterator
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


@contextmanager
def bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """The block is one long step: it calls with how much is done of how much. Only a terminal shows it."""
    with click.progressbar(length=1, label=name, file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:

        def tell(done: int, total: int) -> None:
            shown.length = max(total, 1)
            shown.update(done - shown.pos)

        yield tell
