"""The jobs that exist: each slice's `jobs.py` declares its own, the worker imports them all."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from shop.kit.db import Database
from shop.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job may use."""

    database: Database
    settings: Settings


Handler = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work.

    `cron` (six fields, seconds last) makes it run by the clock, once however many workers there are; `at_start` makes
    it run whenever a worker starts, since nobody knows what happened before.
    """

    name: str
    handler: Handler
    attempts: int
    cron: str | None
    at_start: bool


_jobs: Final[dict[str, Job]] = {}


def job(
    name: str, *, attempts: int = 12, cron: str | None = None, at_start: bool = False
) -> Callable[[Handler], Handler]:
    """Declares a job: an async function of the context and its named arguments, all of them plain JSON.

    A failed attempt is repeated after 1, 2, 4 … seconds, an hour at most; after the last the job stays in the queue's
    table as failed, where `shop doctor` finds it.
    """

    def declare(handler: Handler) -> Handler:
        if not inspect.iscoroutinefunction(handler):
            raise TypeError(f"job {name}: an async function is needed")
        if name in _jobs:
            raise ValueError(f"job {name} is declared twice")
        _jobs[name] = Job(name, handler, attempts, cron, at_start)
        return handler

    return declare


def jobs() -> Mapping[str, Job]:
    """All declared jobs by name."""
    return MappingProxyType(_jobs)


def arguments_of(declared: Job) -> frozenset[str]:
    """The names of the arguments that the job takes."""
    parameters: Mapping[str, Any] = inspect.signature(declared.handler).parameters
    return frozenset(name for name, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY)
