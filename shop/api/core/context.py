"""What a request knows: who calls, the database, the time. Every resolver finds it as `info.context`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar, cast

import strawberry
from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Executable

from shop.idempotency.actions import Attempt
from shop.kit.db import BorrowedUnits, Database, Reader, Units
from shop.kit.settings import Settings

T = TypeVar("T")
M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `problem` says why a token was refused: it is raised by the first field that needs the user."""

    user_id: int | None = None
    email: str | None = None
    is_staff: bool = False
    permissions: frozenset[str] = frozenset()
    problem: GraphQLError | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether a user is known."""
        return self.user_id is not None

    def may(self, *permissions: str) -> bool:
        """Whether the caller is staff and holds one of the permissions."""
        return self.is_staff and not self.permissions.isdisjoint(permissions)


ANONYMOUS: Final = Caller()


@dataclass(slots=True)
class Context:
    """One request. Reads go through `fetch` and `rows`; inside a mutation's unit of work `session` is its session."""

    database: Database
    settings: Settings
    reader: Reader
    caller: Caller
    now: datetime
    # Where the visitor reaches us, without a slash at the end.
    base_url: str
    client_address: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    # True once a resolver read something that belongs to the caller: the reply must not be cached.
    is_private: bool = False
    # The first moment at which the same reply would be another, as far as resolvers know of one.
    until: datetime | None = None
    # The request's Idempotency-Key: what the mutation stores is marked as done with it.
    attempt: Attempt | None = None
    _session: AsyncSession | None = None
    _memory: dict[object, Any] = field(default_factory=dict)

    @property
    def session(self) -> AsyncSession:
        """The session of the mutation's unit of work. Raises: RuntimeError outside of one."""
        if self._session is None:
            raise RuntimeError("no unit of work: declare the field with @mutation")
        return self._session

    @property
    def units(self) -> Units:
        """What a flow opens its units with. Not `database`: the request may hold a connection already."""
        return BorrowedUnits(self.database, self.reader)

    def enter(self, session: AsyncSession | None) -> None:
        """The unit of work that the mutation's field opened (None: it has ended). What was read before is forgotten."""
        self._session = session
        self._memory.clear()

    def lasts_until(self, moment: datetime) -> None:
        """What was read is true until then only, even if nothing changes in the database."""
        if self.until is None or moment < self.until:
            self.until = moment

    async def fetch(self, into: type[T], statement: Executable, /, **params: Any) -> list[T]:
        """The rows of a statement as objects of a strawberry type: columns and fields match by name."""
        return await self.reader.fetch(into, statement, **params)

    async def rows(self, statement: Executable, /, **params: Any) -> list[Any]:
        """The rows of a statement as driver records."""
        return await self.reader.rows(statement, **params)

    def remember(self, make: Callable[[], M]) -> M:
        """One object of a kind per request, made on first use; for what several fields share (the channel, rates)."""
        if make not in self._memory:
            self._memory[make] = make()
        return cast("M", self._memory[make])


Info = strawberry.Info[Context, None]
