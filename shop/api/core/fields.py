"""The ways to declare a field, typed for mypy: `computed` on objects, `query` on the root."""

from collections.abc import Callable
from typing import Any

import strawberry


def computed(
    *, description: str, name: str | None = None, deprecation_reason: str | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """A cheap field without the database: a sync method of the object, without `info`; the engine calls it inline."""
    return _declare(description, name, deprecation_reason)


def query(
    *, description: str, name: str | None = None, deprecation_reason: str | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """A root query: an async method `(self, info: Info, …)`. What lies below it is read by batch fields."""
    return _declare(description, name, deprecation_reason)


def _declare(description: str, name: str | None, deprecation_reason: str | None) -> Callable[[Callable[..., Any]], Any]:
    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(resolver, description=description, name=name, deprecation_reason=deprecation_reason)

    return decorate
