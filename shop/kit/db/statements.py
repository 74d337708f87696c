"""Counts the SQL statements of whatever runs: a request, a job, a test.

A statement is each SQL text sent, payload reads and job inserts included; BEGIN, COMMIT and SAVEPOINT are not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class StatementLog:
    """How many statements ran and how long they took; `texts` is filled only where a test asks for it."""

    count: int = 0
    seconds: float = 0.0
    keep_texts: bool = False
    texts: list[str] = field(default_factory=list)

    def add(self, text: str, seconds: float = 0.0) -> None:
        """One more statement."""
        self.count += 1
        self.seconds += seconds
        if self.keep_texts:
            self.texts.append(text)


_current: ContextVar[StatementLog | None] = ContextVar("statement_log", default=None)


def current() -> StatementLog | None:
    """The log of the request, job or test that runs now, if any."""
    return _current.get()


@contextmanager
def counting(*, keep_texts: bool = False) -> Iterator[StatementLog]:
    """Counts the statements of the block; the block's log replaces an outer one."""
    log = StatementLog(keep_texts=keep_texts)
    token = _current.set(log)
    try:
        yield log
    finally:
        _current.reset(token)
