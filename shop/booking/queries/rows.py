"""What a request's reader and an action's session have in common."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Executable

from shop.kit.db import send


class Rows(Protocol):
    """Runs a statement and returns its rows: a request's reader, or `of(session)`."""

    async def __call__(self, statement: Executable, /, **params: Any) -> Sequence[Any]:
        """The rows, in the statement's order."""
        ...


def of(session: AsyncSession) -> Rows:
    """Reads inside the session's transaction."""
    return partial(send, session)
