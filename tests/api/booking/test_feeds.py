"""Private calendar feeds: who may make one, what stands in it, and that a revoked one answers nothing."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette

from shop.accounts.models import User
from shop.kit import clock, ids
from shop.web.calendars import Calendars
from tests import factories as make
from tests.api.client import Api
from tests.database import OneConnectionDatabase
from tests.factories import booking, packages

CREATE = "mutation Create($id: ID) { calendarFeedCreate(practitionerId: $id) { url errors { field code } } }"
REVOKE = "mutation Revoke($id: ID) { calendarFeedsRevoke(practitionerId: $id) { revoked errors { field code } } }"


@pytest.fixture
async def web(database: OneConnectionDatabase) -> AsyncIterator[httpx.AsyncClient]:
    """The addresses that calendars read."""
    app = Starlette(routes=Calendars(database).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as client:
        yield client


async def clinic(api: Api, email: str = "practitioner@example.com") -> str:
    """The practitioner with that account has two visits of visitor@example.com; the practitioner's global ID."""

    async def work(session: AsyncSession) -> str:
        async def user(mail: str) -> User:
            found = await session.execute(text("SELECT id FROM account_user WHERE email = :mail"), {"mail": mail})
            key = found.scalar_one_or_none()
            return await make.user(session, email=mail) if key is None else await session.get_one(User, key)

        channel = await make.channel(session)
        service = await booking.service(session, channel)
        practitioner = await booking.resource(session, user_id=(await user(email)).id)
        other = await booking.resource(session)
        visitor = await user("visitor@example.com")
        soon = clock.now().replace(microsecond=0) + timedelta(days=2)
        for at, who, status in (
            (soon, practitioner, "CONFIRMED"),
            (soon + timedelta(days=1), other, "CONFIRMED"),
            (soon - timedelta(days=120), practitioner, "COMPLETED"),
            (soon + timedelta(days=2), practitioner, "PENDING_PAYMENT"),
        ):
            await packages.visit(session, service, who, at, user=visitor, status=status)
        cancelled = soon + timedelta(days=3)
        await packages.visit(
            session, service, practitioner, cancelled, user=visitor, status="CANCELLED", cancelled_by="STAFF"
        )
        return ids.encode("Practitioner", practitioner.id)

    return await api.database.run(work)


def events(response: httpx.Response) -> list[Any]:
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["cache-control"] == "private, no-store"
    assert "visitor@example.com" not in response.text
    return Calendar.from_ical(response.text).walk("VEVENT")


async def test_a_practitioner_s_feed_until_it_is_revoked(api: Api, web: httpx.AsyncClient) -> None:
    token = await api.login("practitioner@example.com")
    id = await clinic(api)
    first, second = [(await api(CREATE, {"id": id}, token=token)).data["calendarFeedCreate"]["url"] for _ in range(2)]
    assert first != second
    assert len(first.rpartition("/")[2].removesuffix(".ics")) >= 43
    confirmed, cancelled = events(await web.get(first))
    assert (confirmed["STATUS"], cancelled["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert confirmed["DTSTART"].dt > datetime.now(UTC)

    async def kept(session: AsyncSession) -> list[Any]:
        rows = await session.execute(text("SELECT token_hash, last_read_at FROM booking_calendar_feed ORDER BY id"))
        return list(rows)

    read, unread = await api.database.run(kept)
    assert first.rpartition("/")[2].removesuffix(".ics") not in read.token_hash
    assert read.last_read_at is not None
    assert unread.last_read_at is None
    # Somebody's own feeds are others.
    await api(CREATE, token=token)
    revoked = (await api(REVOKE, {"id": id}, token=token)).data["calendarFeedsRevoke"]
    assert revoked == {"revoked": 2, "errors": []}
    for url in (first, second):
        answer = await web.get(url)
        assert (answer.status_code, answer.text) == (404, "Not Found")


async def test_a_visitor_s_feed_has_the_visits_of_all_practitioners(api: Api, web: httpx.AsyncClient) -> None:
    await clinic(api)
    token = await api.login("visitor@example.com")
    url = (await api(CREATE, token=token)).data["calendarFeedCreate"]["url"]
    assert [event["STATUS"] for event in events(await web.get(url))] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    other = (await api(CREATE, token=await api.login("other@example.com"))).data["calendarFeedCreate"]["url"]
    assert events(await web.get(other)) == []


@pytest.mark.parametrize(
    ("caller", "permissions", "outcome"),
    [
        (None, (), "PermissionDenied"),
        ("practitioner@example.com", (), None),
        ("other@example.com", (), "NOT_FOUND"),
        ("clerk@example.com", ("MANAGE_PRODUCTS",), "NOT_FOUND"),
        ("chief@example.com", ("MANAGE_BOOKINGS",), None),
    ],
)
async def test_who_may_have_a_practitioner_s_feed(
    api: Api, caller: str | None, permissions: tuple[str, ...], outcome: str | None
) -> None:
    id = await clinic(api)
    token = await api.login(caller, *permissions) if caller else None
    for document, name in ((CREATE, "calendarFeedCreate"), (REVOKE, "calendarFeedsRevoke")):
        reply = await api(document, {"id": id}, token=token)
        if outcome == "PermissionDenied":
            assert reply.partial == {name: None}
            assert reply.errors[0]["extensions"]["exception"]["code"] == outcome
        else:
            expected = [] if outcome is None else [{"field": "practitionerId", "code": outcome}]
            assert reply.data[name]["errors"] == expected

    async def count(session: AsyncSession) -> Any:
        return (await session.execute(text("SELECT count(*) FROM booking_calendar_feed"))).scalar_one()

    assert await api.database.run(count) == (1 if outcome is None else 0)


async def test_an_id_of_something_else_is_refused(api: Api) -> None:
    token = await api.login("chief@example.com", "MANAGE_BOOKINGS")
    for id, code in ((ids.encode("Product", 1), "GRAPHQL_ERROR"), (ids.encode("Practitioner", 10**6), "NOT_FOUND")):
        reply = await api(CREATE, {"id": id}, token=token)
        assert reply.data["calendarFeedCreate"] == {"url": None, "errors": [{"field": "practitionerId", "code": code}]}


async def test_one_appointment_by_its_booking_s_token(api: Api, web: httpx.AsyncClient) -> None:
    await clinic(api)

    async def booking(session: AsyncSession) -> Any:
        return (await session.execute(text("SELECT token, ical_uid FROM booking_booking LIMIT 1"))).one()

    row = await api.database.run(booking)
    (event,) = events(await web.get(f"/bookings/{row.token}/appointment.ics"))
    assert event["UID"] == row.ical_uid


@pytest.mark.parametrize(
    "path",
    [
        "/calendars/x.ics",
        "/calendars/%00.ics",
        "/calendars/%ff%fe.ics",
        f"/calendars/{'x' * 4000}.ics",
        "/bookings/00000000-0000-4000-8000-000000000000/appointment.ics",
        "/bookings/1/appointment.ics",
    ],
)
async def test_addresses_of_nothing(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.get(path)).status_code == 404
