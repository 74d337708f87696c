"""Instants on a visitor's own clock, and the zone that clock is in."""

from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from starlette.requests import Request

# Set by the script from the browser's own settings; a visitor without it names the zone in the address.
_ZONE_COOKIE: Final = "shop_zone"


def zone_of(request: Request) -> str | None:
    """The visitor's time zone: the one in the address, else their browser's; None when neither is known."""
    named = request.query_params.get("zone") or unquote(request.cookies.get(_ZONE_COOKIE, ""))
    return named if named in _zones() else None


def on_clock(moment: str, zone: str) -> datetime:
    """The instant as that zone's clock shows it."""
    return datetime.fromisoformat(moment).astimezone(rules(zone))


def spoken(moment: str, zone: str) -> str:
    """Day and time in words: `Tuesday 3 March 2026, 09:00`."""
    local = on_clock(moment, zone)
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M}"


@cache
def _zones() -> frozenset[str]:
    # The same edition of the rules as the API's, not the machine's.
    return frozenset((resources.files("tzdata") / "zones").read_text(encoding="utf-8").split())


@cache
def rules(zone: str) -> ZoneInfo:
    """The zone's rules."""
    with (resources.files("tzdata") / "zoneinfo").joinpath(*zone.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=zone)


def place(zone: str) -> str:
    """A zone as people say it: `America/New_York` is New York."""
    return zone.rpartition("/")[2].replace("_", " ")
