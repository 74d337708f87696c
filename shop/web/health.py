"""`/health`: the process lives. `/ready`: it can serve, since the database answers and its migrations are there."""

from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shop.kit.db import Database
from shop.kit.resources import migrations_folder

_VERSION = text("SELECT version_num FROM alembic_version")
_NO_STORE = {"Cache-Control": "no-store"}


def migrations(folder: Path) -> dict[str, str]:
    """Each revision with the one that it follows, read from the files: importing Alembic costs memory here."""
    found: dict[str, str] = {}
    for file in folder.glob("versions/*.py"):
        values: dict[str, str] = {}
        for line in file.read_text().splitlines():
            name, equals, value = line.partition(" = ")
            if equals and name in {"revision", "down_revision"}:
                values[name] = value.strip().strip("\"'")
        if "revision" in values:
            found[values["revision"]] = values.get("down_revision", "")
    return found


def newest_migration(folder: Path) -> str:
    """The revision that no other follows. Raises: RuntimeError unless there is exactly one."""
    found = migrations(folder)
    heads = found.keys() - found.values()
    if len(heads) != 1:
        raise RuntimeError(f"the migrations have {len(heads)} ends instead of one: {', '.join(sorted(heads))}")
    return heads.pop()


async def live(request: Request) -> Response:
    """200 as long as the event loop turns."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


class Ready:
    """200 when the database answers and has the tables that this code needs; 503 with the reason otherwise."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.expected = newest_migration(migrations_folder())
        self.older = {None, *migrations(migrations_folder())} - {self.expected}

    async def check(self) -> dict[str, Any]:
        """Each check with `ok` or what is wrong."""
        try:
            async with self.database.engine.connect() as connection:
                version = (await connection.execute(_VERSION)).scalar_one_or_none()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            # The driver's text can name hosts and users: it goes to the log, not to whoever asks.
            if "alembic_version" in str(error):
                return {"database": "ok", "migrations": "none: run `shop migrate`"}
            return {"database": "no answer"}
        # A revision that this code does not know is newer: the next release has migrated before it replaces this one,
        # and migrations are made so that the old code goes on working.
        if version in self.older:
            return {"database": "ok", "migrations": f"at {version}, needs {self.expected}: run `shop migrate`"}
        return {"database": "ok", "migrations": "ok"}

    async def __call__(self, request: Request) -> Response:
        """The route."""
        checks = await self.check()
        ready = all(value == "ok" for value in checks.values()) and "migrations" in checks
        body = {"status": "ready" if ready else "not ready", **checks}
        headers = _NO_STORE if ready else {**_NO_STORE, "Retry-After": "2"}
        return JSONResponse(body, status_code=200 if ready else 503, headers=headers)
