"""Visits that a government has moved: told by the clock on the wall, stored as an instant."""

import asyncio
from datetime import UTC, datetime, timedelta

from click.testing import CliRunner
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.models import Booking
from shop.booking.queries import of
from shop.booking.queries.timezones import moved_by_zones
from shop.cli import main
from shop.kit import clock
from shop.kit.db import Database, DatabaseUrl
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import packages

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def visits(session: AsyncSession, *times: tuple[datetime, str, datetime, str]) -> list[Booking]:
    """A booking for each: when it is stored, its zone, what was told, its status."""
    service = await clinic.service(session, await make.channel(session))
    practitioner = await clinic.resource(session)
    made = [
        await packages.visit(session, service, practitioner, at, timezone=zone, local_start=told, status=status)
        for at, zone, told, status in times
    ]
    for one in made:
        await session.refresh(one)
    return made


async def test_only_what_the_clock_does_not_show_has_moved(database: Database) -> None:
    def utc(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}+00:00")

    def wall(text: str) -> datetime:
        return datetime.fromisoformat(text)

    async def work(session: AsyncSession) -> None:
        _, _, _, later, moved, _, _ = await visits(
            session,
            (utc("2026-07-01T07:30"), "Europe/Berlin", wall("2026-07-01T09:30"), "CONFIRMED"),
            # Half past two occurs twice: both are right.
            (utc("2026-10-25T00:30"), "Europe/Berlin", wall("2026-10-25T02:30"), "CONFIRMED"),
            (utc("2026-10-25T01:30"), "Europe/Berlin", wall("2026-10-25T02:30"), "CONFIRMED"),
            # As if Berlin had been expected to keep summer time in winter.
            (utc("2026-12-01T07:30"), "Europe/Berlin", wall("2026-12-01T09:30"), "PENDING_APPROVAL"),
            (utc("2026-07-01T09:30"), "Europe/Berlin", wall("2026-07-01T09:30"), "CONFIRMED"),
            # Cancelled, or past.
            (utc("2026-07-02T09:30"), "Europe/Berlin", wall("2026-07-02T09:30"), "EXPIRED"),
            (utc("2026-05-02T09:30"), "Europe/Berlin", wall("2026-05-02T09:30"), "CONFIRMED"),
        )
        found = await moved_by_zones(of(session), NOW)
        assert [one.number for one in found] == [moved.number, later.number]
        assert [one.told_start for one in found] == [utc("2026-07-01T07:30"), utc("2026-12-01T08:30")]

    await database.run(work)


def test_the_command_lists_them(committed_url: DatabaseUrl) -> None:
    def shop() -> tuple[int, str]:
        result = CliRunner().invoke(
            main.shop, ["booking", "check-timezones"], env={"SHOP_DATABASE_URL": str(committed_url)}
        )
        return result.exit_code, result.stdout

    assert shop() == (0, "Every coming visit takes place at the time that was told.\n")

    async def add() -> int:
        database = Database(committed_url)
        day = (clock.now() + timedelta(days=30)).replace(hour=12, minute=0, second=0, microsecond=0)
        (made,) = await database.run(
            lambda session: visits(session, (day, "Asia/Kathmandu", day.replace(tzinfo=None), "CONFIRMED"))
        )
        await database.close()
        return made.number

    number = asyncio.run(add())
    code, listed = shop()
    assert code == 1
    assert listed.startswith(f"Booking {number}: ")
    assert "12:00 was told for Asia/Kathmandu (tzdata 2026.6)" in listed
    assert "it takes place at 17:45" in listed
    assert "06:15 UTC" in listed
