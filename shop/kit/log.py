"""Structured logs: one configuration for every process, readable on a terminal, JSON elsewhere.

What is told of an error is where it happened and the first line it says: never the values of variables, nor the lines
in which databases and validators quote what they were given. A log is read by more people than the shop's database.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, TextIO

import structlog

from shop.kit.settings import Settings

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
# Of a deep recursion the last calls tell enough; so does the first line of a message, and the latest of its causes.
_MOST_CALLS: Final = 30
_MOST_CHARACTERS: Final = 500
_MOST_ERRORS: Final = 8


def configure(settings: Settings) -> None:
    """Our events and those of the libraries go to standard error in one form."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    renderer: Any = _console() if console else structlog.processors.JSONRenderer()
    formatted = [] if console else [structlog.processors.ExceptionRenderer(_of)]
    level = _LEVELS[settings.log_level]
    structlog.configure(
        processors=[*_SHARED, structlog.processors.StackInfoRenderer(), *formatted, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *formatted,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # The libraries' own stories are for debugging; their warnings are for everybody.
    root.setLevel(logging.DEBUG if settings.log_level == "debug" else logging.WARNING)


def configure_without_settings() -> None:
    """Events of a process that has no settings yet, or never will, are told as plainly. Later `configure` wins."""
    structlog.configure(processors=[*_SHARED, structlog.processors.StackInfoRenderer(), _console()])


def brief(error: BaseException) -> str:
    """The error's kind and the first line of what it says, which for one of the database is without its values."""
    first = str(error).partition("\n")[0].strip()[:_MOST_CHARACTERS]
    name = type(error).__qualname__
    module = type(error).__module__
    kind = name if module == "builtins" else f"{module}.{name}"
    return f"{kind}: {first}" if first else kind


def story(error: BaseException) -> str:
    """Where the error happened and what caused it, the cause first, within bounds."""
    told = []
    for one in reversed(list(_chain(error))):
        calls = "".join(traceback.format_tb(one.__traceback__, limit=-_MOST_CALLS))
        told.append(f"{calls and 'Traceback (most recent call last):'}\n{calls}{brief(one)}".lstrip())
    return "\n\n".join(told)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the members of groups too; each once, the latest ones."""
    seen: dict[int, BaseException] = {}
    waiting = [error]
    while waiting and len(seen) < _MOST_ERRORS:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen[id(one)] = one
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        before = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        if before is not None:
            waiting.append(before)


def _of(exc_info: _ExcInfo) -> str:
    return story(exc_info[1])


def _console() -> structlog.dev.ConsoleRenderer:
    def write(to: TextIO, exc_info: _ExcInfo) -> None:
        to.write("\n" + _of(exc_info))

    # Not the pretty form: it prints the values of all variables, passwords among them, and takes minutes over a deep
    # recursion.
    return structlog.dev.ConsoleRenderer(exception_formatter=write)


_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
