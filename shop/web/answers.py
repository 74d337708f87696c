"""Answers that are the same for every visitor, kept as bytes for as long as nothing that they were read from changes.

They are never late: before one is used the process looks for changes (`shop.changes`), of whatever process. What is
kept follows from the request alone: a query without credentials, whose statements read followed tables only, and
neither the caller nor a moment that will not come again.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from sys import getsizeof
from typing import Any, Final

import orjson
from sqlalchemy.sql import Executable
from starlette.datastructures import Headers

from shop.booking.queries.holds import NEXT_HOLD_OVER
from shop.catalogue.queries import NEXT_COLLECTION
from shop.changes.looking import Changes
from shop.content.queries import NEXT_PAGE
from shop.kit import clock
from shop.kit.db import Reader
from shop.pricing.queries import NEXT_PRODUCT
from shop.stock.queries import NEXT_FREED

# By topic: which rows a statement finds changes by itself when one of these moments comes. One row with `at`, or NULL.
_MOMENTS: Final[dict[str, Executable]] = {
    "booking_time": NEXT_HOLD_OVER,
    "content_page": NEXT_PAGE,
    "catalogue_collection_listing": NEXT_COLLECTION,
    "pricing_product_listing": NEXT_PRODUCT,
    "stock_left": NEXT_FREED,
}
_CREDENTIALS: Final = ("authorization", "authorization-bearer")
# Of an entry beside what it names: the key, the places in the tables, the object.
_BYTES_PER_ENTRY: Final = 500
# At most, of a text in memory.
_BYTES_PER_CHARACTER: Final = 4
# An operation whose answer could not be kept is not tried again for so many requests: mostly it never can.
_PAUSE: Final = 20
_MOST_PAUSES: Final = 4096
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, what tells of its changes, after which look, and until when it is true if nothing changes."""

    body: bytes
    operation: str
    topics: frozenset[str]
    stamp: int
    until: datetime

    @property
    def size(self) -> int:
        """The room it takes in bytes. The operation's name is the client's, and as long as the client likes."""
        return len(self.body) + len(self.operation) * _BYTES_PER_CHARACTER + getsizeof(self.topics) + _BYTES_PER_ENTRY


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer to one request is kept, or would be: of what was true at that moment, after that look."""

    key: bytes
    operation: int
    stamp: int
    at: datetime
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class _Moment:
    """What comes next after a moment, in tables that are as they were at that look."""

    stamp: int
    after: datetime
    next: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether the same comes next after this moment too."""
        return self.after <= moment and (self.next is None or moment < self.next)


class Answers:
    """The answers of one process, the least recently used forgotten first."""

    def __init__(self, changes: Changes, max_bytes: int) -> None:
        self.changes = changes
        self.max_bytes = max_bytes
        self.bytes = 0
        self.hits = 0
        self.misses = 0
        self._answers: OrderedDict[bytes, Answer] = OrderedDict()
        self._pauses: dict[int, int] = {}
        self._moments: dict[str, _Moment] = {}

    def __len__(self) -> int:
        return len(self._answers)

    async def place(
        self,
        headers: Headers,
        base_url: str,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        *,
        looked: int | None = None,
    ) -> Place | None:
        """The place of a query, with its answer if that is still true; None where none may be kept.

        `looked`: the stamp of a look that this request has made already.
        """
        if any(name in headers for name in _CREDENTIALS):
            return None
        operation = hash((query, operation_name))
        pause = self._pauses.get(operation, 0)
        if pause:
            self._pauses[operation] = pause - 1
            return None
        try:
            asked = orjson.dumps([base_url, operation_name, query, variables], option=orjson.OPT_SORT_KEYS)
        except TypeError:
            return None
        stamp = await self.changes.look() if looked is None else looked
        if stamp is None:
            return None
        key = blake2b(asked, digest_size=20).digest()
        now = clock.now()
        answer = self._answers.get(key)
        if answer is not None:
            if self.changes.is_fresh(answer.topics, answer.stamp) and now < answer.until:
                self._answers.move_to_end(key)
                self.hits += 1
                return Place(key, operation, stamp, now, answer)
            self._forget(key)
        self.misses += 1
        return Place(key, operation, stamp, now, None)

    async def keep(
        self, place: Place, body: bytes, operation: str, reader: Reader, *, until: datetime | None = None
    ) -> None:
        """The answer is kept, if everything that was read for it tells when it changes.

        `until`: a moment that the answer itself depends on. Raises: what reading the next moments raises.
        """
        topics = self._topics(reader.sent)
        if topics is None:
            self.pass_over(place)
            return
        # Days begin at midnight, in UTC as everywhere in the database.
        ends = (place.at + _DAY).replace(hour=0, minute=0, second=0, microsecond=0)
        moments = [await self._moment(topic, reader, place.at) for topic in _MOMENTS if topic in topics]
        ends = min(moment for moment in (ends, until, *moments) if moment is not None)
        answer = Answer(body, operation, topics, place.stamp, ends)
        # What is too large, or true for this moment alone, may be neither with other variables.
        if answer.size > self.max_bytes // 8 or ends <= place.at:
            return
        self._forget(place.key)
        self._answers[place.key] = answer
        self.bytes += answer.size
        while self.bytes > self.max_bytes:
            self._forget(next(iter(self._answers)))

    def pass_over(self, place: Place) -> None:
        """The answer cannot be kept: requests for this operation do not look for changes for a while."""
        if len(self._pauses) >= _MOST_PAUSES:
            self._pauses.clear()
        self._pauses[place.operation] = _PAUSE

    def _topics(self, statements: Iterable[str]) -> frozenset[str] | None:
        found: set[str] = set()
        for statement in statements:
            topics = self.changes.topics(statement)
            if topics is None:
                return None
            found |= topics
        return frozenset(found)

    async def _moment(self, topic: str, reader: Reader, after: datetime) -> datetime | None:
        """The first moment after that one at which other rows are shown; read once a change."""
        known = self._moments.get(topic)
        if known is not None and known.holds(after) and self.changes.is_fresh(frozenset({topic}), known.stamp):
            return known.next
        stamp = self.changes.stamp
        [row] = await reader.rows(_MOMENTS[topic], now=after)
        self._moments[topic] = _Moment(stamp, after, row["at"])
        moment: datetime | None = row["at"]
        return moment

    def _forget(self, key: bytes) -> None:
        gone = self._answers.pop(key, None)
        if gone is not None:
            self.bytes -= gone.size
