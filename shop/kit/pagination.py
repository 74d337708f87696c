"""Keyset pagination: a page is a range of sort values, so rows that come or go elsewhere do not shift it.

Works over any Core statement: a `Keyset` names the sort columns, adds them to the statement, and turns its rows into
a page whose cursors are the sort values of its rows. What the API says about `first` and `last` is not here.
"""

import base64
import binascii
import math
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")
R = TypeVar("R", bound=Mapping[str, Any])

LIMIT: Final = "page_limit"
_CURSOR: Final = "cursor_"
_SORT: Final = "sort_"


PARENT: Final = "parent"
PARENTS: Final = (
    func.unnest(bindparam("parents", type_=ARRAY(Integer)))
    .table_valued(column("id", Integer), name="parents")
    .render_derived()
)


def count_each(statement: Select[Any]) -> Select[Any]:
    """A statement that counts (`total`), run for each of the ids in the parameter `parents`; the id as `parent`."""
    counted = statement.lateral("counted")
    return select(PARENTS.c.id.label(PARENT), counted.c.total).select_from(PARENTS.join(counted, true()))


class InvalidCursor(ValueError):
    """The text is no cursor of this order."""


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order. Nulls come last ascending and first descending, as PostgreSQL sorts them by itself."""

    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    descending: bool = False
    nullable: bool = False


# What the text of a windowed statement depends on: the direction of reading, and which cursor values are null.
Shape = tuple[bool, tuple[bool, ...] | None]


# What belongs to the rows of a page: from what is selected so far and the page to a join of both and its new columns.
Join = Callable[[FromClause, FromClause], tuple[FromClause, Sequence[ColumnElement[Any]]]]


def no_join(source: FromClause, _page: FromClause) -> tuple[FromClause, Sequence[ColumnElement[Any]]]:
    """Nothing more than the page."""
    return source, ()


@dataclass(frozen=True, slots=True)
class Window:
    """The part of an order that is wanted: `size` rows from its start or its end, or next to a cursor's row."""

    size: int
    backward: bool = False
    cursor: tuple[Any, ...] | None = None

    @property
    def shape(self) -> Shape:
        """Statements of the same order and shape have the same text: cache them by it."""
        return self.backward, None if self.cursor is None else tuple(value is None for value in self.cursor)

    @property
    def params(self) -> dict[str, Any]:
        """The values of the parameters that `Keyset.window` adds: one row more than asked tells of a next page."""
        params: dict[str, Any] = {LIMIT: self.size + 1}
        if self.cursor is not None:
            params |= {f"{_CURSOR}{n}": value for n, value in enumerate(self.cursor) if value is not None}
        return params


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of an order, each with the cursor that leads back to it."""

    items: list[T]
    cursors: list[str]
    has_next: bool
    has_previous: bool


class Keyset:
    """An order of rows by one or more columns; together they must tell any two rows apart."""

    def __init__(self, *keys: Key) -> None:
        if not keys or keys[-1].nullable:
            raise ValueError("an order ends with a column that is unique and never null")
        self.keys = keys
        self.names = [f"{_SORT}{n}" for n in range(len(keys))]

    @cached_property
    def columns(self) -> list[ColumnElement[Any]]:
        """The sort values as columns, to be selected after everything else."""
        return [key.column.label(name) for name, key in zip(self.names, self.keys, strict=True)]

    def window(self, statement: Select[Any], shape: Shape) -> Select[Any]:
        """The statement with the sort values as its last columns, cut to the window (see `Window.params`)."""
        backward, nulls = shape
        statement = statement.add_columns(*self.columns)
        if nulls is not None:
            statement = statement.where(self._beyond(nulls, backward=backward))
        order = [key.column.desc() if key.descending is not backward else key.column.asc() for key in self.keys]
        return statement.order_by(*order).limit(bindparam(LIMIT, type_=Integer))

    def window_joined(self, statement: Select[Any], shape: Shape, join: Join) -> Select[Any]:
        """`window`, with what `join` adds to the page: after it is cut, so that only its rows are joined."""
        return self.joined(self.window(statement, shape), shape, join)

    def cut(self, rows: FromClause, shape: Shape) -> Select[Any]:
        """The window of rows that hold the sort values: of several windows put together."""
        return select(*rows.c).order_by(*self._order_of(rows, shape)).limit(bindparam(LIMIT, type_=Integer))

    def joined(self, windowed: Select[Any], shape: Shape, join: Join) -> Select[Any]:
        """A windowed statement with what `join` adds to its rows."""
        page = windowed.subquery("page")
        source, columns = join(page, page)
        return select(*page.c, *columns).select_from(source).order_by(*self._order_of(page, shape))

    def window_each(self, statement: Select[Any], shape: Shape, join: Join = no_join) -> Select[Any]:
        """One window for each of the ids in the parameter `parents`, in one statement; see `pages`.

        The statement refers to `PARENTS.c.id` and correlates it; the parent's id comes after the sort values. `join`
        adds to the pages what `window_joined` adds to one.
        """
        page = self.window(statement, shape).lateral("page")
        source, columns = join(PARENTS.join(page, true()), page)
        return (
            select(*page.c, PARENTS.c.id.label(PARENT), *columns)
            .select_from(source)
            .order_by(PARENTS.c.id, *self._order_of(page, shape))
        )

    def _order_of(self, page: FromClause, shape: Shape) -> list[ColumnElement[Any]]:
        return [
            page.c[column.name].desc() if key.descending is not shape[0] else page.c[column.name].asc()
            for key, column in zip(self.keys, self.columns, strict=True)
        ]

    def _beyond(self, nulls: Sequence[bool], *, backward: bool) -> ColumnElement[bool]:
        descending = {key.descending is not backward for key in self.keys}
        binds = [bindparam(f"{_CURSOR}{n}", type_=key.column.type) for n, key in enumerate(self.keys)]
        nulls_follow = any(key.nullable and key.descending is backward for key in self.keys)
        if len(descending) == 1 and not nulls_follow and not any(nulls):
            # The form that PostgreSQL turns into one range of an index. A null in it is beyond nothing.
            left, right = tuple_(*(key.column for key in self.keys)), tuple_(*binds)
            return left < right if descending.pop() else left > right
        branches: list[ColumnElement[bool]] = []
        same: list[ColumnElement[bool]] = []
        for key, bind, null in zip(self.keys, binds, nulls, strict=True):
            down = key.descending is not backward
            if null:
                # Descending, everything that has a value comes after the nulls; ascending, nothing does.
                if down:
                    branches.append(and_(*same, key.column.is_not(None)))
                same.append(key.column.is_(None))
                continue
            beyond = key.column < bind if down else key.column > bind
            if key.nullable and not down:
                beyond = or_(beyond, key.column.is_(None))
            branches.append(and_(*same, beyond))
            same.append(key.column == bind)
        return or_(*branches)

    def page(self, records: Sequence[R], window: Window) -> Page[R]:
        """The page that the records of a windowed statement are, in the order of the keyset."""
        more = len(records) > window.size
        items = list(records[: window.size])
        if window.backward:
            items.reverse()
        beyond = window.cursor is not None
        return Page(
            items,
            [self.encode(record) for record in items],
            has_next=beyond if window.backward else more,
            has_previous=more if window.backward else beyond,
        )

    def pages(self, records: Iterable[R], window: Window, parents: Iterable[int]) -> dict[int, Page[R]]:
        """The page of each parent, of the records that `window_each` found."""
        found: dict[int, list[R]] = {parent: [] for parent in parents}
        for record in records:
            found[record[PARENT]].append(record)
        return {parent: self.page(group, window) for parent, group in found.items()}

    def encode(self, record: Mapping[str, Any]) -> str:
        """The cursor of a row: its sort values, opaque to clients."""
        values = [record[name] for name in self.names]
        return binascii.b2a_base64(orjson.dumps(values, default=str), newline=False).decode()

    def decode(self, cursor: str) -> tuple[Any, ...]:
        """The sort values inside a cursor of this order. Raises: InvalidCursor."""
        try:
            values = orjson.loads(base64.b64decode(cursor, validate=True))
            if not isinstance(values, list) or len(values) != len(self.keys):
                raise InvalidCursor(cursor)
            return tuple(_value(value, key) for value, key in zip(values, self.keys, strict=True))
        except (binascii.Error, ValueError, OverflowError, InvalidOperation) as error:
            raise InvalidCursor(cursor) from error


def _value(value: Any, key: Key) -> Any:
    """A cursor's value as the column takes it: the driver must never see one that it cannot send."""
    if value is None:
        if not key.nullable:
            raise ValueError("null")
        return None
    return _READERS[key.column.type.python_type](value, key)


def _integer(value: Any, key: Key) -> int:
    bits = 63 if isinstance(key.column.type, BigInteger) else 31
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**bits) <= value < 2**bits:
        raise ValueError("no integer of this column")
    return value


def _boolean(value: Any, _: Key) -> bool:
    # Cursors made before the column was sorted as it is hold 0 or 1.
    if value not in {0, 1}:
        raise ValueError("no boolean")
    return bool(value)


def _float(value: Any, key: Key) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no finite number")
    return float(value)


def _decimal(value: Any, key: Key) -> Decimal:
    number = Decimal(_text(value, key))
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError("no amount")
    return number


def _instant(value: Any, key: Key) -> datetime:
    instant = datetime.fromisoformat(_text(value, key))
    if instant.tzinfo is None:
        raise ValueError("no offset")
    return instant.astimezone(UTC)


def _text(value: Any, key: Key) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("no text")
    # A lone surrogate cannot be sent to the database.
    value.encode()
    return value


def _uuid(value: Any, key: Key) -> uuid.UUID:
    return uuid.UUID(_text(value, key))


_READERS: Final[dict[type, Callable[[Any, Key], Any]]] = {
    int: _integer,
    bool: _boolean,
    float: _float,
    Decimal: _decimal,
    datetime: _instant,
    str: _text,
    uuid.UUID: _uuid,
}
