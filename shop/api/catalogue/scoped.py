"""Objects that are seen in a channel: one row becomes one object for each channel in which it was asked for."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy.sql import Executable

from shop.api.channels.scope import Scope
from shop.kit.db.reader import prepare, row_factory

T = TypeVar("T")


class InScopes(Generic[T]):
    """The rows of a statement by their `pk`, as objects of `into`; its objects have the attribute `scope`."""

    def __init__(self, into: type[T], statement: Executable, rows: Sequence[Any]) -> None:
        self._make = row_factory(into, prepare(statement).columns)
        self._rows = {row["pk"]: row for row in rows}
        self._made: dict[tuple[int, int | None], T] = {}

    def get(self, pk: int | None, scope: Scope | None) -> T | None:
        """The object of a row as it is seen in a scope; None where there is no row."""
        row = self._rows.get(pk)
        if pk is None or row is None:
            return None
        channel = scope.channel.id if scope is not None and scope.channel is not None else None
        if (pk, channel) not in self._made:
            made: Any = self._make(row)
            made.scope = scope
            self._made[pk, channel] = made
        return self._made[pk, channel]

    def pick(self, wanted: Iterable[tuple[int | None, Scope | None]]) -> list[T | None]:
        """The objects in the order of their keys."""
        return [self.get(pk, scope) for pk, scope in wanted]


def by_scope(parents: Iterable[T]) -> list[tuple[Scope | None, list[T]]]:
    """The parents (which have the attribute `scope`) by the scope in which they are seen: one, nearly always."""
    parents = list(parents)
    first: Scope | None = getattr(parents[0], "scope", None) if parents else None
    if parents and all(getattr(parent, "scope", None) is first for parent in parents):
        return [(first, parents)]
    groups: dict[Scope | None, list[T]] = {}
    for parent in parents:
        groups.setdefault(getattr(parent, "scope", None), []).append(parent)
    return list(groups.items())
