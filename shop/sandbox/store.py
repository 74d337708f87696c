"""The sandbox's memory: one SQLite file, written before every answer, so that it outlives a killed process.

Objects are kept as the JSON the API returns; top-level keys that start with an underscore are the sandbox's own notes
and never leave it. Nothing here knows what a payment is.
"""

import json
import secrets
import sqlite3
import string
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from shop.sandbox.errors import ApiError, not_found

Json = dict[str, Any]

# How long a start waits for a process that is just ending to give up the file.
BUSY_SECONDS = 5.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL,
  due REAL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE INDEX IF NOT EXISTS object_due ON object (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_payment_intent ON object (json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS object_charge ON object (json_extract(body, '$.charge'));
CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, fingerprint TEXT NOT NULL, created REAL NOT NULL,
  status INTEGER, request_id TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, type TEXT NOT NULL, endpoint TEXT NOT NULL,
  state TEXT NOT NULL, next_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, signature TEXT NOT NULL,
  held_by INTEGER, created REAL NOT NULL, last_status INTEGER, last_error TEXT);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (next_at) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS fault (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, remaining INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_TABLES = ("object", "answer", "delivery", "fault", "note")
_ALPHABET = string.ascii_letters + string.digits
# A path in a JSON document that a list may be filtered by; names come from code, never from a request.
_IDENTIFIER = frozenset(string.ascii_lowercase + "_")


def random_id(prefix: str, length: int = 24) -> str:
    """A fresh id in Stripe's form. Its randomness makes it safe as the key of a page."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def public(obj: Mapping[str, Any]) -> Json:
    """The object without the sandbox's own notes."""
    return {key: value for key, value in obj.items() if not key.startswith("_")}


class Unit:
    """One transaction over the store, and the clock it sees. Made by `Store.unit` alone."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.offset_seconds = float(self.note("clock_offset_seconds") or 0)
        self.time = time.time() + self.offset_seconds

    @property
    def now(self) -> int:
        """The sandbox's clock in whole Unix seconds; it may be ahead of the machine's."""
        return int(self.time)

    def note(self, name: str) -> str | None:
        """A value kept for the sandbox itself."""
        row = self.db.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_note(self, name: str, value: str) -> None:
        """The value is kept under that name."""
        self.db.execute("INSERT OR REPLACE INTO note (name, value) VALUES (?, ?)", (name, value))

    def add(self, obj: Json, kind: str, due: float | None = None) -> Json:
        """The object is stored as the newest of its kind and returned."""
        self.db.execute(
            "INSERT INTO object (id, kind, created, due, body) VALUES (?, ?, ?, ?, ?)",
            (obj["id"], kind, obj["created"], due, json.dumps(obj)),
        )
        return obj

    def save(self, obj: Json) -> Json:
        """The stored object has this content."""
        self.db.execute("UPDATE object SET body = ? WHERE id = ?", (json.dumps(obj), obj["id"]))
        return obj

    def set_due(self, key: str, due: float | None) -> None:
        """The clock changes the object at that time, or never. Units: Unix seconds of the sandbox's clock."""
        self.db.execute("UPDATE object SET due = ? WHERE id = ?", (due, key))

    def remove(self, key: str) -> None:
        """The object is gone."""
        self.db.execute("DELETE FROM object WHERE id = ?", (key,))

    def find(self, kind: str, key: str) -> Json | None:
        """The object of that kind and id, with the sandbox's notes."""
        row = self.db.execute("SELECT body FROM object WHERE id = ? AND kind = ?", (key, kind)).fetchone()
        return None if row is None else json.loads(row[0])

    def get(self, kind: str, key: str, param: str = "id") -> Json:
        """As `find`. Raises: ApiError (404 for a path's id, 400 for a parameter) when it does not exist."""
        obj = self.find(kind, key)
        if obj is None:
            noun = "checkout.session" if kind == "checkout.session" else kind
            error = not_found(noun, key, param)
            if param != "id":
                error.status = 400
            raise error
        return obj

    def by_id(self, key: str) -> Json | None:
        """The object with that id, whatever its kind."""
        row = self.db.execute("SELECT body FROM object WHERE id = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def where(self, kind: str, **equal: Any) -> list[Json]:
        """All objects of a kind whose fields have these values, oldest first."""
        sql, values = _conditions(kind, equal)
        rows = self.db.execute(f"SELECT body FROM object WHERE {sql} ORDER BY seq", values)  # noqa: S608 - see _conditions
        return [json.loads(row[0]) for row in rows]

    def page(
        self,
        kind: str,
        equal: Mapping[str, Any],
        *,
        limit: int,
        created: Mapping[str, int],
        starting_after: str | None,
        ending_before: str | None,
    ) -> tuple[list[Json], bool]:
        """One page of a kind, newest first, and whether there is more in the direction of reading."""
        sql, values = _conditions(kind, equal)
        for operator, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
            if operator in created:
                sql += f" AND created {sign} ?"
                values.append(created[operator])
        order = "DESC"
        if starting_after is not None:
            sql += " AND seq < ?"
            values.append(self._seq(kind, starting_after, "starting_after"))
        elif ending_before is not None:
            sql += " AND seq > ?"
            values.append(self._seq(kind, ending_before, "ending_before"))
            order = "ASC"
        query = f"SELECT body FROM object WHERE {sql} ORDER BY seq {order} LIMIT ?"  # noqa: S608 - see _conditions
        rows = [json.loads(row[0]) for row in self.db.execute(query, [*values, limit + 1])]
        found = rows[:limit]
        return (found if order == "DESC" else found[::-1]), len(rows) > limit

    def due(self) -> list[Json]:
        """The objects that the clock should have changed by now, the earliest first, each with its `_kind`."""
        rows = self.db.execute(
            "SELECT kind, body FROM object WHERE due IS NOT NULL AND due <= ? ORDER BY due, seq", (self.time,)
        )
        return [{**json.loads(body), "_kind": kind} for kind, body in rows]

    def _seq(self, kind: str, key: str, param: str) -> int:
        row = self.db.execute("SELECT seq FROM object WHERE id = ? AND kind = ?", (key, kind)).fetchone()
        if row is None:
            raise ApiError(400, f"No such {kind}: '{key}'", code="resource_missing", param=param)
        return int(row[0])


def _conditions(kind: str, equal: Mapping[str, Any]) -> tuple[str, list[Any]]:
    sql, values = "kind = ?", [kind]
    for name, value in equal.items():
        if not set(name) <= _IDENTIFIER:
            raise ValueError(f"not a field name: {name}")
        if isinstance(value, tuple):
            sql += f" AND json_extract(body, '$.{name}') IN ({', '.join('?' * len(value))})"
            values.extend(value)
        elif value is not None:
            sql += f" AND json_extract(body, '$.{name}') = ?"
            values.append(value)
    return sql, values


class Store:
    """The state file. One process at a time: a second one would deliver every webhook twice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        self._db: sqlite3.Connection | None = None

    def open(self) -> None:
        """The file exists with all its tables and belongs to this process.

        Answers that a killed process never finished are forgotten, so that their callers may try again.
        Raises: RuntimeError when another process holds the file.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # The lock below keeps to one user of the connection at a time, whichever thread runs the event loop.
        db = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)
        try:
            # EXCLUSIVE is taken at the first write and dropped by the system when the process dies, even by kill -9.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.execute("DELETE FROM answer WHERE status IS NULL")
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            db.close()
            raise RuntimeError(f"The sandbox's state file {self._path} is in use or unreadable: {error}.") from error
        self._path.chmod(0o600)
        self._db = db

    def close(self) -> None:
        """The file is free for another process. Closing twice does nothing."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """A transaction: committed when the block ends, undone when it raises.

        Locks: one writer at a time. An `ApiError` that keeps its changes commits them and goes on to the caller.
        """
        with self._lock:
            if self._db is None:
                raise RuntimeError("The sandbox's store is not open.")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield Unit(self._db)
            except BaseException as error:
                keeps = isinstance(error, ApiError) and error.keeps_changes
                self._db.execute("COMMIT" if keeps else "ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def reset(self) -> None:
        """Everything is forgotten: objects, stored answers, deliveries, faults and the clock's lead."""
        with self.unit() as unit:
            for table in _TABLES:
                unit.db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
