"""One transaction: begun and ended on the driver's own connection, with a session over the same connection.

SQLAlchemy's session costs about 0.4 ms of CPU for each statement, the driver 0.15. Most units are a handful of Core
statements whose text never changes: `send` gives them to the driver as a `Reader` does its reads, and the session,
which is made but not begun, stays for what is rare or needs the ORM. Both speak on one connection and so inside one
transaction, in the order in which they are called. The engine is in AUTOCOMMIT for this: SQLAlchemy sends no BEGIN,
COMMIT or ROLLBACK of its own.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql import Executable

from shop.kit.db.reader import prepare, run_prepared

_DRIVER: Final = "driver_connection"


async def send(session: AsyncSession, statement: Executable, /, **params: Any) -> list[Any]:
    """The driver's records of a Core statement, sent inside the session's transaction.

    The statement is compiled once, for as long as it lives: make it when the module is imported, with `bindparam`s.
    As everywhere in a unit, nothing is flushed by itself. Errors are the driver's own (`sqlstate` reads both kinds).
    Raises: TypeError for a parameter that the statement does not have, or lacks.
    """
    driver = session.info.get(_DRIVER)
    if driver is None:
        raise RuntimeError("the session is not one of a unit of work")
    if session.in_nested_transaction():
        # The session sends a savepoint with the first statement behind it, and this one it does not see.
        await session.connection()
    prepared = prepare(statement)
    return await run_prepared(driver, prepared, prepared.arguments(params))


def new_values(model: type[DeclarativeBase], names: Iterable[str]) -> dict[str, BindParameter[Any]]:
    """For `.values(…)` of an INSERT or UPDATE that is compiled once: a parameter `new_NAME` for each attribute."""
    return {name: bindparam(f"new_{name}", type_=getattr(model, name).type) for name in names}


@asynccontextmanager
async def transaction(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    """A session whose transaction commits at the end of the block; a savepoint where the driver is in one already.

    After an error nothing of it remains. A connection of which nobody knows what it will still say (cancelled, timed
    out, broken in the middle) is closed, so that it never reaches the pool.
    """
    assert connection.sync_connection is not None
    driver: Any = connection.sync_connection.connection.driver_connection
    own = driver.transaction()
    session = AsyncSession(connection, expire_on_commit=False, autoflush=False, info={_DRIVER: driver})
    try:
        await own.start()
        yield session
        # Begun by the first use of it; most units never do.
        if session.in_transaction():
            await session.commit()
        await own.commit()
    except BaseException as error:
        is_known = isinstance(error, Exception) and not isinstance(error, TimeoutError)
        is_clean = False
        try:
            # The error that ended the unit is the one to tell, not one of tidying up.
            with suppress(Exception):
                if session.in_transaction():
                    await session.close()
                if is_known and driver.is_in_transaction():
                    await own.rollback()
                is_clean = is_known and not driver.is_closed()
        finally:
            if not is_clean:
                await connection.invalidate()
        raise
    finally:
        # What was read stays readable, but belongs to no session any more.
        session.expunge_all()
