"""What a lower slice tells the ones above it: plain calls, in the same transaction, in the order `wiring` lists.

Events are for telling, never for asking: an answer that is needed is a call downwards.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

E = TypeVar("E", bound="Event")


class Event:
    """Base of all events; each is a frozen dataclass in its slice's `events.py`, carrying keys, not rows."""


Handler = Callable[[AsyncSession, E], Awaitable[None]]
_handlers: dict[type[Event], tuple[Handler[Any], ...]] = {}


def listen(event: type[E], *handlers: Handler[E]) -> None:
    """These handlers, in this order, are all that hear the event; called by `wiring` alone, once a process."""
    _handlers[event] = handlers


async def publish(session: AsyncSession, event: Event) -> None:
    """Every handler has run in this transaction. An error of one fails the whole unit."""
    for handler in _handlers.get(type(event), ()):
        await handler(session, event)
