"""How a process learns what all of them changed: it looks, once for everybody who waits, before it uses what it keeps.

The look is one small statement on a connection of its own. It is not a message that may be late or lost: whoever looked
knows of every transaction that was committed when the look began (docs/decisions/0018).
"""

import asyncio
import re
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import structlog

from shop.changes.actions import KEPT
from shop.changes.queries import FOLLOWED, LOOK, READABLE
from shop.kit.db import Database
from shop.kit.db.reader import prepare, run_prepared
from shop.kit.log import brief

# Half of what is kept: the clock is the database's.
_LONGEST_PAUSE_SECONDS: Final = KEPT.total_seconds() / 2
# A look that takes longer saves nothing; and a database that is away is asked by those who need it, not by those who
# hope to save a reading: their answer must not come later for it.
_LONGEST_LOOK_SECONDS: Final = 1.0
_REST_SECONDS: Final = 2.0
# Everything is in the past of whoever has seen nothing yet; what he keeps is nothing.
_NOTHING_SEEN: Final = "1:1:"
_WORD: Final = re.compile(r"\w+")
# Their answer depends on more than rows: on the moment, on chance, on what a function does inside.
_UNSTEADY: Final = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|random|gen_random_uuid|nextval|currval)\s*\("
    r"|\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\bLOCALTIME",
    re.IGNORECASE,
)
_log = structlog.get_logger(__name__)


def _topics(rows: Iterable[Any]) -> dict[str, str]:
    topics: dict[str, str] = {}
    for table, told in rows:
        match told[:-1]:
            case [column, topic]:
                topics |= {table: table, column: topic}
            case [topic]:
                topics[table] = topic
            case _:
                topics[table] = table
    return topics


class Changes:
    """What one process knows of changes in one database. A stamp is the number of a look: higher is later."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self._rests_until = float("-inf")
        self._lock = asyncio.Lock()
        self._begun = 0
        self._snapshot = _NOTHING_SEEN
        self._at = 0.0
        # By table, and by column that is told of apart: the topic by which changes are told.
        self._topics: dict[str, str] = {}
        self._readable: frozenset[str] = frozenset()
        # By topic, the stamp of the look that told of its last change.
        self._changed: dict[str, int] = {}
        # What is older than this look may have missed changes.
        self._oldest = 0
        self._topics_of = lru_cache(maxsize=4096)(self._find_topics)

    async def look(self) -> int | None:
        """The stamp of a look that began after this call; None where the database did not answer.

        A look that was under way already may have missed what the caller knows of; those who wait for the next one
        share it.
        """
        begun = self._begun
        async with self._lock:
            if self._begun > begun:
                return None if self._connection is None else self._begun
            if self._connection is None and time.monotonic() < self._rests_until:
                return None
            self._begun += 1
            try:
                async with asyncio.timeout(_LONGEST_LOOK_SECONDS):
                    await self._ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing kept may be used
                _log.warning("changes.no_answer", error=brief(error))
                self._lose()
                return None
            except BaseException:
                # Given up by the visitor in the middle of the answer: nobody can use this connection again.
                self._lose()
                raise
            return self._begun

    @property
    def stamp(self) -> int:
        """The stamp of the last look."""
        return self._begun

    def is_fresh(self, topics: frozenset[str], stamp: int) -> bool:
        """Whether nothing of the topics has changed since the look of that stamp, as far as the last look tells."""
        if stamp < self._oldest:
            return False
        changed = self._changed
        return all(changed.get(topic, 0) <= stamp for topic in topics)

    def topics(self, statement: str) -> frozenset[str] | None:
        """What tells of changes of all that the statement may read: a topic is the name of a table, or one that
        several tables share. None if changes of one of them, or of the statement's answer, are not told.
        """
        return self._topics_of(statement)

    def _find_topics(self, statement: str) -> frozenset[str] | None:
        if not self._readable or _UNSTEADY.search(statement):
            return None
        # Any word that is a table's name counts: too many only costs a reading too much.
        words = frozenset(_WORD.findall(statement))
        topics = self._topics
        if not self._readable & words <= topics.keys():
            return None
        return frozenset(topics[word] for word in words & topics.keys())

    async def close(self) -> None:
        """The connection is closed."""
        async with self._lock:
            if self._connection is not None:
                await self._connection.close()
            self._connection = None

    async def _ask(self) -> None:
        if self._connection is not None and self._connection.is_closed():
            self._lose()
        if self._connection is None:
            await self._connect()
        prepared = prepare(LOOK)
        [row] = await run_prepared(self._connection, prepared, prepared.arguments({"seen": self._snapshot}))
        if row["at"] - self._at > _LONGEST_PAUSE_SECONDS:
            # Changes of the meantime may have been swept away.
            self._oldest = self._begun
        self._snapshot, self._at = row["snapshot"], row["at"]
        for topic in row["changed"]:
            self._changed[topic] = self._begun

    async def _connect(self) -> None:
        self._connection = connection = await self._database.connect()
        self._topics = _topics(await connection.fetch(FOLLOWED.text))
        self._readable = frozenset(row["relname"] for row in await connection.fetch(READABLE.text))
        self._topics_of.cache_clear()

    def _lose(self) -> None:
        """The connection is not used again, nor is anything kept until now: who knows what server answers next."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
        self._rests_until = time.monotonic() + _REST_SECONDS
        self._snapshot, self._at = _NOTHING_SEEN, 0.0
        self._oldest = self._begun + 1
