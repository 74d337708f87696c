"""Appointments for people's own calendars: private feeds, and one booking by its token. The address is the secret."""

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shop.booking.actions import feeds
from shop.kit import clock
from shop.kit.db import Database

_HEADERS: Final = {
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
}


class Calendars:
    """The routes over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def routes(self) -> list[Route]:
        """`/calendars/{token}.ics` and `/bookings/{token}/appointment.ics`."""
        return [
            Route("/calendars/{token}.ics", self.feed),
            Route("/bookings/{token:uuid}/appointment.ics", self.appointment),
        ]

    async def feed(self, request: Request) -> Response:
        """All appointments of a practitioner or a visitor."""
        token: str = request.path_params["token"]
        now = clock.now()
        return _answer(await self.database.run(lambda session: feeds.read_feed(session, token, now=now)), "calendar")

    async def appointment(self, request: Request) -> Response:
        """One booking, to be put into a calendar by hand."""
        token = request.path_params["token"]
        return _answer(await self.database.run(lambda session: feeds.appointment(session, token)), "appointment")


def _answer(text: str | None, name: str) -> Response:
    if text is None:
        return PlainTextResponse("Not Found", 404, headers=_HEADERS)
    headers = _HEADERS | {"content-disposition": f'attachment; filename="{name}.ics"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)
