"""Reads on the driver's own connection: a Core statement is compiled once, its rows come as driver records.

One reader serves one request on one connection, one statement after the other, without a transaction; a unit of work
of the same request borrows the connection, so that nobody who holds one waits for a second.
"""

import asyncio
import time
import weakref
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, TypeVar, cast

import asyncpg
import orjson
from sqlalchemy import ARRAY, Float, Numeric
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import greenlet_spawn

from shop.kit.db import statements

T = TypeVar("T")
Convert = Callable[[Any], Any]
# PostgreSQL's numbers of its types float8 and numeric.
_NUMBERS = ((Float, 701), (Numeric, 1700))
# What a statement fails with when its connection goes: sockets, the driver, a server that shuts down or was killed.
_BROKEN = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)

_dialect: Dialect = asyncpg_dialect.dialect(  # type: ignore[no-untyped-call]
    json_serializer=lambda value: orjson.dumps(value).decode()
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as the driver takes it: its text, the names of `$1…` in order, their conversions and defaults."""

    sql: str
    names: tuple[str, ...]
    conversions: tuple[tuple[int, Convert], ...]
    defaults: dict[str, Any]
    required: frozenset[str]
    columns: tuple[str, ...]

    def arguments(self, params: dict[str, Any]) -> list[Any]:
        """The positional values. Raises: TypeError for a name that the statement does not have, or lacks."""
        # Most statements are given everything that they have.
        values = params if params.keys() == self.defaults.keys() else self._completed(params)
        result = [values[name] for name in self.names]
        for index, convert in self.conversions:
            result[index] = convert(result[index])
        return result

    def _completed(self, params: dict[str, Any]) -> dict[str, Any]:
        if not self.required <= params.keys():
            raise TypeError(f"the statement needs the parameter {', '.join(sorted(self.required - params.keys()))}")
        values = self.defaults | params
        if len(values) > len(self.defaults):
            unknown = params.keys() - self.defaults.keys()
            raise TypeError(f"the statement has no parameter {', '.join(sorted(unknown))}")
        return values


# By identity, for as long as the statement lives: comparing statements by value costs more than compiling them.
_prepared: dict[int, tuple[weakref.ref[Executable], Prepared]] = {}


def prepare(statement: Executable) -> Prepared:
    """The statement compiled for the driver, once per statement object."""
    entry = _prepared.get(id(statement))
    if entry is not None and entry[0]() is statement:
        return entry[1]
    compiled = statement.compile(dialect=_dialect)  # type: ignore[attr-defined]
    assert isinstance(compiled, SQLCompiler)
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise TypeError("use `= ANY(:array)` instead of an expanding IN: the text must not depend on the values")
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise TypeError("a default made in Python is not sent: give the value, or let the server make it")
    names = tuple(compiled.positiontup or ())
    processors = compiled._bind_processors  # noqa: SLF001 - SQLAlchemy applies it in the cursor path that we skip
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    conversions = [
        (index, cast("Convert", processors[name]))
        for index, name in enumerate(names)
        if name in processors and not _is_plain_array(binds[name].type)
    ]
    columns = tuple(entry.keyname for entry in compiled._result_columns)  # noqa: SLF001
    for column in compiled._result_columns:  # noqa: SLF001
        # SQLAlchemy asks for the wire's type of numbers; the driver gives Decimal for NUMERIC and float for FLOAT.
        # An array is a list already; what matters is its items.
        kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
        wire = next((number for type_, number in _NUMBERS if isinstance(kind, type_)), None)
        if kind._cached_result_processor(_dialect, wire) is not None:  # noqa: SLF001
            raise TypeError(
                f"column {column.keyname}: {column.type!r} needs a conversion, which the driver does not make"
            )
    prepared = Prepared(
        sql=compiled.string,
        names=names,
        conversions=tuple(conversions),
        defaults={name: None if bind.required else bind.effective_value for name, bind in binds.items()},
        required=frozenset(name for name, bind in binds.items() if bind.required),
        columns=columns,
    )
    key = id(statement)
    _prepared[key] = (weakref.ref(statement, lambda _: _prepared.pop(key, None)), prepared)
    return prepared


def _is_plain_array(kind: TypeEngine[Any]) -> bool:
    """An array of items that the driver takes as they are: SQLAlchemy would only copy the list."""
    return isinstance(kind, ARRAY) and kind.item_type._cached_bind_processor(_dialect) is None  # noqa: SLF001


_factories: dict[tuple[type, tuple[str, ...]], Callable[[Sequence[Any]], Any]] = {}


def row_factory(into: type[T], columns: tuple[str, ...]) -> Callable[[Sequence[Any]], T]:
    """A generated function from a row to an object of `into`, whose attributes are the columns, by name.

    It skips `__init__`: three to eight times faster, and checked here once instead of for every row. Raises: TypeError
    when a field of the class has neither a column nor a default, or a column has no field.
    """
    factory = _factories.get((into, columns))
    if factory is not None:
        return factory
    assert is_dataclass(into)
    # Computed fields of the API's types are no values.
    known = {field.name: field for field in fields(into) if field.init}
    unknown = [name for name in columns if name not in known]
    missing = [
        name
        for name, field in known.items()
        if name not in columns and field.default is MISSING and field.default_factory is MISSING
    ]
    if unknown or missing:
        raise TypeError(f"{into.__name__}: columns without a field {unknown}, fields without a column {missing}")
    made = {
        f"_make_{name}": field.default_factory
        for name, field in known.items()
        if name not in columns and field.default_factory is not MISSING
    }
    values = [(name, f"row[{index}]") for index, name in enumerate(columns)]
    values += [(name.removeprefix("_make_"), f"{name}()") for name in made]
    # A frozen class refuses plain assignment, as it would in its own `__init__`.
    frozen = into.__dataclass_params__.frozen  # type: ignore[attr-defined]
    form = "    put(self, {0!r}, {1})" if frozen else "    self.{0} = {1}"
    lines = ["def make(row):", "    self = new(cls)", *(form.format(*value) for value in values), "    return self"]
    scope: dict[str, Any] = {"cls": into, "new": object.__new__, "put": object.__setattr__, **made}
    exec("\n".join(lines), scope)  # noqa: S102 - the text is made of field names alone
    made_factory: Callable[[Sequence[Any]], T] = scope["make"]
    _factories[(into, columns)] = made_factory
    return made_factory


async def run_prepared(connection: Any, prepared: Prepared, arguments: list[Any]) -> list[Any]:
    """The records that a driver's connection answers with; counted as a statement."""
    started = time.perf_counter()
    try:
        result: list[Any] = await connection.fetch(prepared.sql, *arguments)
    finally:
        log = statements.current()
        if log is not None:
            log.add(prepared.sql, time.perf_counter() - started)
    return result


class Reader:
    """Reads of one request. Not a transaction: each statement sees what is committed when it starts.

    Where the connection breaks in the middle of a statement, the statement is sent once more on another one.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._proxy: PoolProxiedConnection | None = None
        self._connection: Any = None
        self._is_lent = False
        # The texts of what was read: who keeps an answer asks them what it follows from.
        self.sent: set[str] = set()
        # Plain graphql-core runs siblings at once; the driver allows one statement at a time.
        self._lock = asyncio.Lock()

    async def _connect(self) -> Any:
        self._proxy = await self._engine.raw_connection()
        self._connection = self._proxy.driver_connection
        return self._connection

    async def rows(self, statement: Executable, /, **params: Any) -> list[Any]:
        """The driver's records of a Core statement, in the order of the statement."""
        prepared = prepare(statement)
        arguments = prepared.arguments(params)
        self.sent.add(prepared.sql)
        async with self._lock:
            if self._is_lent:
                # The unit's own reads: what goes wrong is the unit's to handle, and ends it.
                return await run_prepared(self._connection, prepared, arguments)
            try:
                return await self._read(prepared, arguments)
            except _BROKEN:
                if self._connection is None or not self._connection.is_closed():
                    raise
                await self._discard()
            return await self._read(prepared, arguments)

    async def _read(self, prepared: Prepared, arguments: list[Any]) -> list[Any]:
        connection = self._connection or await self._connect()
        try:
            return await run_prepared(connection, prepared, arguments)
        except TimeoutError:
            # Nobody knows what the server will still send on it: it must not serve the next request.
            await self._discard()
            raise

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[AsyncConnection]:
        """The reader's connection, for one unit of work; what is read meanwhile is read inside of the unit."""
        if self._connection is None or self._connection.is_closed():
            await self._discard()
            await self._connect()
        proxied = Connection(self._engine.sync_engine, connection=self._proxy)
        self._is_lent = True
        try:
            yield AsyncConnection(self._engine, sync_connection=proxied)
        finally:
            self._is_lent = False
            if self._connection.is_closed():
                await self._discard()

    async def fetch(self, into: type[T], statement: Executable, /, **params: Any) -> list[T]:
        """The rows as objects of `into`: columns and fields match by name (see `row_factory`)."""
        rows = await self.rows(statement, **params)
        make = row_factory(into, prepare(statement).columns)
        return [make(row) for row in rows]

    async def _discard(self) -> None:
        proxy, self._proxy, self._connection = self._proxy, None, None
        # The unit, or SQLAlchemy in it, may have given it up already.
        if proxy is not None and proxy.is_valid:
            await greenlet_spawn(proxy.invalidate)

    async def close(self) -> None:
        """The connection, if one was taken, is back in the pool."""
        proxy, self._proxy, self._connection = self._proxy, None, None
        if proxy is not None:
            # Without a greenlet, which would cost as much as all else that is done here: nothing is said to the server.
            # In AUTOCOMMIT there is nothing to roll back, and the pool has a place for what was taken from it.
            proxy.close()
