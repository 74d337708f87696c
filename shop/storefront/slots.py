"""Choosing a time: a calendar of the days on which something is free, and the starts of one of them, on the visitor's
own clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request

from shop.storefront import clocks, weeks
from shop.storefront.api import nodes
from shop.storefront.shopfront import shopfront

_DAYS_AHEAD: Final = 60
_TIMES_SHOWN: Final = 100
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """A practitioner to choose, as a link."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Start:
    """A free start. `elsewhere` is the practitioner's own time, where their clock shows another one."""

    token: str
    moment: str
    label: str
    who: str | None
    elsewhere: str | None
    seats: int


@dataclass(frozen=True, slots=True)
class Picker:
    """What there is to choose from."""

    zone: str
    practitioners: tuple[Choice, ...]
    # None where nothing is free.
    calendar: weeks.Calendar | None
    day: date | None
    starts: tuple[Start, ...]
    # What the links to other days repeat, and what the form that names another zone has to keep.
    repeated: Mapping[str, str]
    kept: Mapping[str, str]

    @property
    def day_name(self) -> str:
        """The chosen day in words."""
        return weeks.spoken(self.day) if self.day else ""

    def url(self, day: date) -> str:
        """The same page with the times of another day."""
        return _link(self.repeated, day=str(day))


async def picker(
    request: Request,
    what: Mapping[str, str],
    practitioners: Sequence[Mapping[str, Any]],
    kept: Mapping[str, str],
    now: datetime,
) -> Picker:
    """The days and the starts of the day that the address names, else of the first one.

    Shapes: `what` is a `variantId` or a `serviceId`; `kept` are parameters that every link repeats.
    """
    api = shopfront(request).api
    # Nobody knows the visitor's own zone: the practitioner's then.
    zone: str = clocks.zone_of(request) or (practitioners[0]["timezone"] if practitioners else "UTC")
    who = request.query_params.get("with", "")
    known = {person["id"] for person in practitioners}
    wanted = [who] if who in known else None
    today = now.astimezone(clocks.rules(zone)).date()
    shared: dict[str, Any] = {**what, "practitionerIds": wanted, "timezone": zone}
    found = await api.query(
        request, "AvailableDates", **shared, **{"from": str(today), "to": str(today + _DAYS_AHEAD * _DAY)}
    )
    free = [date.fromisoformat(text) for text in found["availableDates"]]
    kept = {**kept, **({"with": who} if wanted else {}), **({"zone": zone} if "zone" in request.query_params else {})}
    day = _day(request.query_params.get("day"), free)
    starts: tuple[Start, ...] = ()
    if day is not None:
        listed = await api.query(
            request,
            "AvailableSlots",
            **shared,
            **{"from": _midnight(day, zone), "to": _midnight(day + _DAY, zone)},
            first=_TIMES_SHOWN,
            groupBy="START",
        )
        starts = tuple(_start(node) for node in nodes(listed["availableSlots"]))
    anybody = {key: value for key, value in kept.items() if key != "with"}
    people = (
        Choice("Anybody", _link(anybody), wanted is None),
        *(Choice(one["name"], _link(anybody, **{"with": one["id"]}), wanted == [one["id"]]) for one in practitioners),
    )
    return Picker(
        zone=zone,
        practitioners=people if len(practitioners) > 1 else (),
        calendar=weeks.around(day, free, today) if day else None,
        day=day,
        starts=starts,
        repeated=kept,
        kept={key: value for key, value in kept.items() if key != "zone"},
    )


def _day(text: str | None, free: Sequence[date]) -> date | None:
    """The day that was asked for, else the first one after it, else the first at all."""
    if not free:
        return None
    try:
        wanted = date.fromisoformat(text or "")
    except ValueError:
        return free[0]
    return next((day for day in free if day >= wanted), free[0])


def _midnight(day: date, zone: str) -> str:
    return datetime.combine(day, time(), clocks.rules(zone)).astimezone(UTC).isoformat()


def _start(node: Mapping[str, Any]) -> Start:
    person = node["practitioner"]
    elsewhere = None
    if person is not None and person["timezone"] != node["timezone"]:
        local = clocks.on_clock(node["start"], person["timezone"])
        if local.replace(tzinfo=None) != datetime.fromisoformat(node["localStart"]):
            elsewhere = f"{local:%H:%M} in {clocks.place(person['timezone'])}"
    return Start(
        token=node["token"],
        moment=node["start"],
        label=node["localStart"][11:16],
        who=person["name"] if person else None,
        elsewhere=elsewhere,
        seats=node["seatsAvailable"],
    )


def _link(kept: Mapping[str, str], **more: str) -> str:
    return f"?{urlencode({**kept, **more})}#times"
