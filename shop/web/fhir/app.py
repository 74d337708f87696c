"""The addresses below `/fhir`, for staff with MANAGE_BOOKINGS and a bearer token. Searches are bounded in time."""

import re
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shop.api.accounts.auth import Authenticator
from shop.booking import availability
from shop.booking.availability import Occupied
from shop.booking.queries import books, taken
from shop.booking.queries.calendars import Days
from shop.booking.queries.fhir import (
    APPOINTMENT_BY_ID,
    APPOINTMENTS,
    APPOINTMENTS_COUNT,
    LED_SERVICES,
    PRACTITIONER_BY_ID,
    PRACTITIONERS,
    PRACTITIONERS_COUNT,
    Appointment,
)
from shop.kit import clock
from shop.kit.db import Database, Reader
from shop.kit.settings import Settings
from shop.web.fhir.resources import Resource, appointment, bundle, busy_slot, free_slot, outcome, schedule

PERMISSION: Final = "MANAGE_BOOKINGS"
_LONGEST: Final = timedelta(days=62)
_USUAL: Final = timedelta(days=7)
_MOST: Final = 1000
_BOUND: Final = re.compile(r"(ge|gt|le|lt)(.+)")
_HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_AFTER: Final = "_after"
Answer = Callable[[Request, Reader], Awaitable[Resource]]
# An entry and its place in the order of its search.
Found = tuple[str, Resource]


class _RefusedError(Exception):
    """Why there is no resource: FHIR's issue type, words, HTTP's status."""

    def __init__(self, code: str, text: str, status: int) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


class Fhir:
    """The routes over one database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.database = database
        self.authenticator = Authenticator(settings)
        self.base_url = settings.public_url or ""

    def routes(self) -> list[Route]:
        """Schedule, Slot and Appointment: searches, and reads by id where there is one."""
        return [
            Route("/fhir/Schedule", self._answering(self._schedules)),
            Route("/fhir/Schedule/{id}", self._answering(self._schedule)),
            Route("/fhir/Slot", self._answering(self._slots)),
            Route("/fhir/Appointment", self._answering(self._appointments)),
            Route("/fhir/Appointment/{id}", self._answering(self._appointment)),
        ]

    def _answering(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            reader = self.database.reader()
            try:
                await self._require_staff(request, reader)
                return _response(await answer(request, reader))
            except _RefusedError as refused:
                return _response(outcome(refused.code, refused.text), refused.status)
            finally:
                await reader.close()

        return respond

    async def _require_staff(self, request: Request, reader: Reader) -> None:
        caller = await self.authenticator.caller(reader, request.headers)
        if caller.problem is not None or not caller.is_authenticated:
            raise _RefusedError("login", "Send the access token of a member of staff.", 401)
        if not caller.may(PERMISSION):
            raise _RefusedError("forbidden", f"This needs {PERMISSION}.", 403)

    def _bundle(self, search: "_Search", found: Sequence[Found], total: int) -> Resource:
        """The page of what was found, of which one more than fits says that there is another page."""
        shown = found[: search.count]
        links = {"self": self._link(search, search.after)}
        if len(found) > search.count > 0:
            links["next"] = self._link(search, shown[-1][0])
        return bundle(self.base_url, [resource for _, resource in shown], total=total, links=links)

    def _link(self, search: "_Search", after: str | None) -> str:
        place = [] if after is None else [(_AFTER, after)]
        query = urlencode([*search.parameters, ("_count", str(search.count)), *place])
        return f"{self.base_url}/fhir/{search.kind}?{query}"

    async def _schedules(self, request: Request, reader: Reader) -> Resource:
        search = _Search.of(request, "Schedule", [])
        place, key = search.behind(_small, _small)
        rows = await reader.rows(PRACTITIONERS, after_place=place, after_id=key, limit=search.count + 1)
        total = (await reader.rows(PRACTITIONERS_COUNT))[0][0]
        found = [(f"{row[3]}~{row[0]}", schedule(row[0], row[1], is_active=row[2])) for row in rows]
        return self._bundle(search, found, total)

    async def _schedule(self, request: Request, reader: Reader) -> Resource:
        rows = await reader.rows(PRACTITIONER_BY_ID, id=_number(request.path_params["id"]))
        if not rows:
            raise _RefusedError("not-found", "There is no such schedule.", 404)
        return schedule(rows[0][0], rows[0][1], is_active=rows[0][2])

    async def _slots(self, request: Request, reader: Reader) -> Resource:
        resource_id = _reference(request, "schedule", "Schedule")
        if resource_id is None or not await reader.rows(PRACTITIONER_BY_ID, id=resource_id):
            raise _RefusedError("required", "Say whose: schedule=Schedule/ID.", 400)
        since, until = _period(request, "start")
        search = _Search.of(request, "Slot", [("schedule", f"Schedule/{resource_id}"), *_bounds("start", since, until)])
        behind = search.behind(str, str)
        now = clock.now()
        found = [row[0] for row in await reader.rows(LED_SERVICES, id=resource_id)]
        known = await books(reader.rows, found, Days.around(since, until))
        needed = {resource_id}.union(*(book.resource_ids for book in known.values()))
        day = timedelta(days=8)
        occupied = Occupied(await taken(reader.rows, needed, since - day, until + day, now=now))
        made = [
            busy_slot(resource_id, start, end)
            for start, end in occupied.busy(resource_id)
            if start < until and since < end
        ]
        for book in known.values():
            for calendar in book.lead:
                if calendar.resource_id == resource_id:
                    offered = availability.slots(book, calendar, occupied, since, until, now=now)
                    made += [free_slot(slot, book.service.name) for slot in offered]
        places = sorted((((one["start"], one["id"]), one) for one in made), key=lambda place: place[0])
        found = [(f"{start}~{id}", one) for (start, id), one in places if behind[0] is None or (start, id) > behind]
        return self._bundle(search, found, len(made))

    async def _appointments(self, request: Request, reader: Reader) -> Resource:
        since, until = _period(request, "date")
        resource_id = _reference(request, "actor", "Practitioner")
        whose = [] if resource_id is None else [("actor", f"Practitioner/{resource_id}")]
        search = _Search.of(request, "Appointment", [*whose, *_bounds("date", since, until)])
        start, key = search.behind(_moment, uuid.UUID)
        wanted = {"since": since, "until": until, "id": resource_id}
        rows = await reader.rows(APPOINTMENTS, **wanted, after_start=start, after_key=key, limit=search.count + 1)
        total = (await reader.rows(APPOINTMENTS_COUNT, **wanted))[0][0]
        visits = [Appointment(*row) for row in rows]
        found = [(f"{one.start.isoformat()}~{one.id}", appointment(one)) for one in visits]
        return self._bundle(search, found, total)

    async def _appointment(self, request: Request, reader: Reader) -> Resource:
        try:
            key = uuid.UUID(request.path_params["id"])
        except ValueError:
            raise _RefusedError("not-found", "There is no such appointment.", 404) from None
        rows = await reader.rows(APPOINTMENT_BY_ID, key=key)
        if not rows:
            raise _RefusedError("not-found", "There is no such appointment.", 404)
        return appointment(Appointment(*rows[0]))


A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class _Search:
    """A search: what it asks for, written out so that its pages belong together, and which page of how many it wants.

    `after`: the place of the last entry of the page before, in our own words. Source: FHIR R5, search, 3.2.1.7.
    """

    kind: str
    parameters: list[tuple[str, str]]
    count: int
    after: str | None

    @classmethod
    def of(cls, request: Request, kind: str, parameters: list[tuple[str, str]]) -> "_Search":
        """The search of a request. Raises: _RefusedError for a `_count` that is no number."""
        given = request.query_params.get("_count")
        if given is not None and not (given.isascii() and given.isdigit()):
            raise _RefusedError("value", "Write _count=100; a page holds 1000 entries at most.", 400)
        count = _MOST if given is None else min(int(given[:9]), _MOST)
        return cls(kind, parameters, count, request.query_params.get(_AFTER))

    def behind(self, first: Callable[[str], A], second: Callable[[str], B]) -> tuple[A, B] | tuple[None, None]:
        """The place behind which the page begins. Raises: _RefusedError for one that no page of ours ended with."""
        if self.after is None:
            return None, None
        one, _, other = self.after.partition("~")
        try:
            return first(one), second(other)
        except ValueError:
            raise _RefusedError("value", "Follow the link to the next page as it is.", 400) from None


def _small(text: str) -> int:
    if len(text) > 9:
        raise ValueError(text)
    return int(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _bounds(name: str, since: datetime, until: datetime) -> list[tuple[str, str]]:
    return [(name, f"ge{since.isoformat()}"), (name, f"lt{until.isoformat()}")]


def _response(resource: Resource, status: int = 200) -> Response:
    return Response(orjson.dumps(resource), status, _HEADERS, "application/fhir+json")


def _number(text: str) -> int:
    """A key; one that no row has for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _reference(request: Request, name: str, kind: str) -> int | None:
    """The key in `name=Kind/ID`, or None without the parameter."""
    given = request.query_params.get(name)
    return None if given is None else _number(given.removeprefix(f"{kind}/"))


def _period(request: Request, name: str) -> tuple[datetime, datetime]:
    """From `ge…` (now, if not given) until before `lt…` (a week later), two months at most."""
    bounds: dict[str, datetime] = {}
    for text in request.query_params.getlist(name):
        match = _BOUND.fullmatch(text)
        try:
            moment = datetime.fromisoformat(match[2].replace(" ", "+")) if match else None
        except ValueError:
            moment = None
        if match is None or moment is None:
            raise _RefusedError("value", f"Write {name}=ge2026-06-01 and {name}=lt2026-06-08T12:00:00Z.", 400)
        bounds["since" if match[1].startswith("g") else "until"] = (
            moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        )
    since = bounds.get("since") or clock.now()
    until = bounds.get("until") or since + _USUAL
    if not since <= until <= since + _LONGEST:
        raise _RefusedError("value", f"Ask for {_LONGEST.days} days at most.", 400)
    return since, until
