"""The calendar of the shop in memory: one practitioner in Berlin, three times on each of three days."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Fields = dict[str, Any]

PERSON: Fields = {"id": "P1", "name": "Example practitioner A", "timezone": "Europe/Berlin"}
OTHER: Fields = {"id": "P2", "name": "Example practitioner B", "timezone": "America/New_York"}
VISIT = "course-of-3-consultations-1"
TOKEN = "7a1c2f5e-0000-4000-8000-000000000001"
PLACE = "key-of-the-place"
_SLOT = "slot-%Y%m%dT%H%M"


def slot(start: datetime) -> str:
    """The token of a start."""
    return start.astimezone(UTC).strftime(_SLOT)


def visit_at(start: datetime) -> Fields:
    """A confirmed booking."""
    known: Fields = {
        "id": "B1",
        "number": "1001",
        "status": "CONFIRMED",
        "serviceName": "First consultation",
        "seats": 1,
    }
    known |= {"serviceId": "S1", "timezone": "Europe/Berlin", "practitioner": PERSON, "refund": None, "token": TOKEN}
    known |= {"intakeQuestions": [], "intakeAnsweredAt": None}
    known |= {"start": start.isoformat(), "end": (start + timedelta(minutes=50)).isoformat(), "localStart": ""}
    terms = {"tiers": [{"minNoticeMinutes": 2880, "percent": 100.0}], "fee": None, "noShowPercent": 100.0}
    return known | {"price": {"amount": 120.0, "currency": "USD"}, "cancellationTerms": terms, "events": []}


class Visits:
    """What can be booked, what is held, and one booking."""

    def __init__(self) -> None:
        self.services: dict[str, Fields] = {}
        self.holds: dict[str, Fields] = {}
        self.taken: set[str] = set()
        # At nine, ten and eleven in Berlin, from the day after tomorrow on.
        first = datetime.now(ZoneInfo("Europe/Berlin")).replace(hour=9, minute=0, second=0, microsecond=0)
        self.starts = [first + timedelta(days=day, hours=hour) for day in (2, 3, 20) for hour in range(3)]
        self.visit: Fields | None = None
        self.quote: Fields = {"id": "Q1", "paid": 120.0, "refund": 120.0}
        self.packages: list[Fields] = []
        # Who waits: what was asked for, and what is offered under the key below.
        self.wishes: list[Fields] = []
        self.place: Fields | None = None
        self.answers: dict[str, list[str]] = {}

    def sell_times(self, *people: Fields, capacity: int = 1) -> None:
        """The course is bookable from now on."""
        known = {"id": "S1", "durationMinutes": 50, "capacity": capacity, "locationKind": "IN_PERSON"}
        self.services[VISIT] = known | {"practitioners": list(people) or [PERSON]}

    def availableDates(self, info: Any, timezone: str, **rest: Any) -> list[str]:  # noqa: N802 - the schema's name
        return sorted({str(start.astimezone(ZoneInfo(timezone)).date()) for start in self._free()})

    def availableSlots(self, info: Any, timezone: str, **rest: Any) -> Fields:  # noqa: N802
        since, until = (datetime.fromisoformat(rest[name]) for name in ("from", "to"))
        nodes = [
            {
                "token": slot(start),
                "start": start.astimezone(UTC).isoformat(),
                "end": (start + timedelta(minutes=50)).astimezone(UTC).isoformat(),
                "localStart": start.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M"),
                "timezone": timezone,
                "seatsAvailable": 4,
                "practitioner": PERSON,
                "price": None,
            }
            for start in self._free()
            if since <= start < until
        ]
        return {"edges": [{"node": node} for node in nodes], "pageInfo": {"hasNextPage": False, "endCursor": None}}

    def _free(self) -> list[datetime]:
        return [start for start in self.starts if slot(start) not in self.taken]

    def hold(self, wanted: Fields) -> Fields:
        """The slot, kept for a quarter of an hour."""
        start = datetime.strptime(wanted["slotToken"], _SLOT).replace(tzinfo=UTC)
        during = {"start": start.isoformat(), "end": (start + timedelta(minutes=50)).isoformat()}
        until = (datetime.now(UTC) + timedelta(minutes=15)).isoformat()
        return {
            "during": during,
            "timezone": "Europe/Berlin",
            "expiresAt": until,
            "state": "HELD",
            "practitioner": PERSON,
        }

    def booked(self, lines: list[Fields]) -> list[Fields]:
        """What an order made of the held times."""
        held = [line["booking"] for line in lines if line["booking"]]
        return [visit_at(datetime.fromisoformat(one["during"]["start"])) for one in held]

    def bookingHoldExtend(self, info: Any, lineId: str) -> Fields:  # noqa: N802, N803
        if lineId not in self.holds:
            return _refused("lineId", "It cannot be held any longer.", "INVALID_STATE")
        return {"booking": self.holds[lineId] | {"expiresAtLatest": self.holds[lineId]["expiresAt"]}, "errors": []}

    def booking(self, info: Any, token: str) -> Fields | None:
        return self.visit if token == TOKEN else None

    def bookingCancellationQuote(self, info: Any, token: str) -> Fields:  # noqa: N802
        sums = {name: {"amount": self.quote[name], "currency": "USD"} for name in ("paid", "refund")}
        return {"id": self.quote["id"], "returnsSession": self.quote.get("returnsSession")} | sums

    def bookingCancel(self, info: Any, token: str, quoteId: str) -> Fields:  # noqa: N802, N803
        assert self.visit is not None
        if quoteId != self.quote["id"]:
            return _refused("quoteId", "The refund has changed since. Please look again.", "POLICY_CHANGED")
        refund = {"amount": {"amount": self.quote["refund"], "currency": "USD"}, "status": "PENDING"}
        self.visit |= {"status": "CANCELLED", "refund": refund}
        return {"booking": self.visit, "errors": []}

    def bookingReschedule(self, info: Any, token: str, slotToken: str) -> Fields:  # noqa: N802, N803
        if slotToken in self.taken:
            return _refused("slotToken", "This time is not available any more.", "SLOT_UNAVAILABLE")
        self.visit = visit_at(datetime.strptime(slotToken, _SLOT).replace(tzinfo=UTC))
        return {"booking": self.visit, "errors": []}

    def bookingIntakeSubmit(self, info: Any, token: str, answers: list[Fields]) -> Fields:  # noqa: N802
        assert self.visit is not None
        self.answers = {one["key"]: one["values"] for one in answers}
        missing = [
            {"field": one["key"], "message": "An answer is needed.", "code": "REQUIRED"}
            for one in self.visit["intakeQuestions"]
            if one["isRequired"] and not any(self.answers.get(one["key"], ()))
        ]
        if not missing:
            self.visit |= {"intakeAnsweredAt": datetime.now(UTC).isoformat()}
        return {"submitted": not missing, "errors": missing}

    def waitlistJoin(self, info: Any, email: str | None = None, **wish: Any) -> Fields:  # noqa: N802
        if email == "nobody":
            return {"entry": None, "errors": _refused("email", "This is no e-mail address.", "INVALID")["errors"]}
        self.wishes.append(wish | {"email": email})
        return {"entry": {"id": "W1", "state": "WAITING"}, "errors": []}

    def waitlistEntry(self, info: Any, token: str) -> Fields | None:  # noqa: N802
        return self.place if token == PLACE else None

    def offer(self, state: str = "OFFERED") -> None:
        """The first time is offered to who waits."""
        start, until = self.starts[0], datetime.now(UTC) + timedelta(minutes=90)
        is_offered = state == "OFFERED"
        self.place = {
            "id": "W1",
            "state": state,
            "seats": 1,
            "service": {"name": "First consultation"},
            "offeredStart": start.isoformat() if is_offered else None,
            "offeredUntil": until.isoformat() if is_offered else None,
            "offeredTimezone": "Europe/Berlin" if is_offered else None,
        }

    def waitlistLeave(self, info: Any, token: str) -> Fields:  # noqa: N802
        assert self.place is not None
        if self.place["state"] not in {"WAITING", "OFFERED"}:
            return {"entry": None, "errors": _refused("id", "That is over.", "INVALID_STATE")["errors"]}
        self.offer("LEFT")
        return {"entry": self.place, "errors": []}

    def own_bookings(self, info: Any, first: int, after: str | None = None) -> Fields:
        nodes = [{"node": self.visit}] if self.visit else []
        return {"edges": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}

    def own_packages(self, info: Any, first: int) -> Fields:
        return {"edges": [{"node": {"awaitsPayment": False} | package} for package in self.packages]}


def _refused(field: str, message: str, code: str) -> Fields:
    return {"booking": None, "errors": [{"field": field, "message": message, "code": code}]}
