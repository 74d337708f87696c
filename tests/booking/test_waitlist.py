"""Who waits for a time: the queue, offers as holds, and rivals for the freed time."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.booking import actions
from shop.booking.actions import Wish, waitlist
from shop.booking.actions.waitlist import Waiting
from shop.booking.errors import EntryNotFound, InvalidState, ServiceNotFound, SlotUnavailable
from shop.booking.events import BookingChanged, HoldReleased
from shop.booking.flows.waitlist import offer_next
from shop.booking.models import Service
from shop.booking.queries import of
from shop.booking.queries.holds import holds_of_purchase
from shop.booking.queries.waitlist import entry_by_id
from shop.channels.models import Channel
from shop.checkout.actions.waitlist import accept_offer
from shop.checkout.queries import priced
from shop.checkout.rules import SYSTEM
from shop.kit.db import Database
from shop.kit.errors import Invalid
from shop.kit.settings import Settings
from tests import factories as make
from tests.factories import booking as clinic

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
DAY = datetime(2027, 3, 2, tzinfo=UTC)
NINE = DAY + timedelta(hours=9)
HOUR = timedelta(hours=1)


async def narrow(session: AsyncSession, channel: Channel, **more: Any) -> Service:
    """An hour with one practitioner who is there from nine to ten: one time a day."""
    practitioner = await clinic.resource(session, hours=(("09:00", "10:00"),))
    return await clinic.service(session, channel, [practitioner], **more)


async def waits(session: AsyncSession, service: Service, channel: Channel, user: User, **more: Any) -> uuid.UUID:
    given = {"since": DAY, "until": DAY + timedelta(days=1)} | more
    wish = Waiting(service.id, channel.id, **given)
    return await waitlist.join(session, wish, user_id=user.id, email=user.email, now=NOW)


async def take(session: AsyncSession, service_id: int, start: datetime = NINE, *, now: datetime = NOW) -> uuid.UUID:
    key = uuid.uuid4()
    await actions.hold_slots(session, key, [Wish(uuid.uuid4(), service_id, start)], client=str(key), limit=5, now=now)
    return key


async def state(session: AsyncSession, entry_id: uuid.UUID) -> str:
    found = await entry_by_id(of(session), entry_id)
    assert found is not None
    return found.state


async def jobs(session: AsyncSession) -> list[dict[str, Any]]:
    rows = await session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'booking.offer'"))
    return [row.args for row in rows]


async def test_freed_time_is_offered_to_the_first_who_waits(database: Database, settings: Settings) -> None:
    async def fill(session: AsyncSession) -> tuple[int, uuid.UUID, list[uuid.UUID]]:
        channel = await make.channel(session)
        service = await narrow(session, channel)
        rival = await take(session, service.id)
        entries = [await waits(session, service, channel, await make.user(session)) for _ in range(2)]
        return service.id, rival, entries

    service_id, rival, (first, second) = await database.run(fill)
    await offer_next(database, settings, service_id, NOW)

    async def nothing_yet(session: AsyncSession) -> None:
        assert [await state(session, one) for one in (first, second)] == ["WAITING", "WAITING"]
        await actions.release(session, await holds_of_purchase(of(session), rival))

    await database.run(nothing_yet)
    await offer_next(database, settings, service_id, NOW)

    async def offered(session: AsyncSession) -> None:
        assert [await state(session, one) for one in (first, second)] == ["OFFERED", "WAITING"]
        (hold,) = await holds_of_purchase(of(session), first)
        assert (hold.start, hold.line_id, hold.waitlist_entry_id) == (NINE, None, first)
        assert hold.expires_at == hold.expires_at_latest == NOW + timedelta(minutes=90)
        # Nobody else gets it.
        with pytest.raises(SlotUnavailable):
            await take(session, service_id)
        ((recipient, body),) = await session.execute(text("SELECT recipient, text FROM mail_message"))
        found = await entry_by_id(of(session), first)
        assert found is not None
        assert recipient == found.email
        assert "Tuesday, 02 March 2027, 09:00 (UTC)" in body
        assert "until 09:30 o'clock" in body

    await database.run(offered)
    later = NOW + timedelta(minutes=90)
    await database.run(lambda session: actions.expire(session, first, now=later))
    await offer_next(database, settings, service_id, later)

    async def next_one(session: AsyncSession) -> None:
        assert [await state(session, one) for one in (first, second)] == ["EXPIRED", "OFFERED"]

    await database.run(next_one)


async def test_an_offer_is_taken_into_a_cart(database: Database, settings: Settings) -> None:
    async def fill(session: AsyncSession) -> tuple[int, uuid.UUID, int, uuid.UUID, int]:
        channel = await make.channel(session)
        service = await narrow(session, channel)
        user, other = await make.user(session), await make.user(session)
        cart = await make.checkout(session, channel, user=user)
        entry = await waits(session, service, channel, user)
        return service.id, entry, user.id, cart.id, other.id

    service_id, entry, user_id, cart_id, other_id = await database.run(fill)
    await offer_next(database, settings, service_id, NOW)

    async def accept(session: AsyncSession) -> None:
        with pytest.raises(EntryNotFound):
            await accept_offer(session, entry, cart_id, actor=SYSTEM, user_id=other_id, now=NOW)
        await accept_offer(session, entry, cart_id, actor=SYSTEM, user_id=user_id, now=NOW)
        (line,) = (await priced(of(session), [cart_id], now=NOW))[cart_id].lines
        (hold,) = await holds_of_purchase(of(session), cart_id)
        assert (hold.line_id, hold.start, hold.state) == (line.id, NINE, "ACTIVE")
        assert await holds_of_purchase(of(session), entry) == []
        assert await state(session, entry) == "ACCEPTED"
        with pytest.raises(InvalidState):
            await accept_offer(session, entry, cart_id, actor=SYSTEM, user_id=user_id, now=NOW)

    await database.run(accept)


async def test_who_leaves_frees_what_was_offered(database: Database, settings: Settings) -> None:
    async def fill(session: AsyncSession) -> tuple[int, uuid.UUID, int]:
        channel = await make.channel(session)
        service = await narrow(session, channel)
        user = await make.user(session)
        return service.id, await waits(session, service, channel, user), user.id

    service_id, entry, user_id = await database.run(fill)
    await offer_next(database, settings, service_id, NOW)

    async def leave(session: AsyncSession) -> None:
        assert await state(session, entry) == "OFFERED"
        with pytest.raises(EntryNotFound):
            await waitlist.leave(session, entry, user_id=user_id + 1)
        await waitlist.leave(session, entry, user_id=user_id)
        assert await state(session, entry) == "LEFT"
        await take(session, service_id)
        with pytest.raises(InvalidState):
            await waitlist.leave(session, entry, user_id=user_id)

    await database.run(leave)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"since": NOW - 2 * HOUR, "until": NOW}, "to"),
        ({"until": DAY}, "to"),
        ({"until": DAY + timedelta(days=93)}, "to"),
        ({"seats": 2}, "seats"),
        ({"seats": 0}, "seats"),
        ({"resource_id": 2_000_000}, "practitionerId"),
    ],
)
async def test_nobody_waits_for_what_cannot_be(database: Database, change: dict[str, Any], field: str) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        service = await narrow(session, channel)
        with pytest.raises(Invalid) as caught:
            await waits(session, service, channel, await make.user(session), **change)
        assert caught.value.field == field
        assert await jobs(session) == []
        service.is_active = False
        await session.flush()
        with pytest.raises(ServiceNotFound):
            await waits(session, service, channel, await make.user(session))

    await database.run(work)


async def test_who_asks_twice_waits_once(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        service = await narrow(session, channel)
        user = await make.user(session)
        assert await waits(session, service, channel, user) == await waits(session, service, channel, user)
        assert await jobs(session) == [{"service_id": service.id}]
        for number in range(1, 20):
            await waits(session, service, channel, user, since=DAY + number * timedelta(minutes=1))
        with pytest.raises(Invalid, match="more than 20"):
            await waits(session, service, channel, user, since=DAY + timedelta(hours=1))

    await database.run(work)


async def test_freed_time_asks_only_where_somebody_waits(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        quiet, wanted = await narrow(session, channel), await narrow(session, channel)
        await waits(session, wanted, channel, await make.user(session))
        await session.execute(text("DELETE FROM procrastinate_jobs"))
        await waitlist.time_is_free(session, HoldReleased(quiet.id, 1))
        await waitlist.time_is_free(session, BookingChanged(uuid.uuid4(), 1, "CONFIRMED"))
        assert await jobs(session) == []
        await waitlist.time_is_free(session, HoldReleased(wanted.id, 1))
        await waitlist.time_is_free(session, HoldReleased(wanted.id, 1))
        assert await jobs(session) == [{"service_id": wanted.id}]

    await database.run(work)


@pytest.mark.race
async def test_an_offer_meets_a_stranger(
    committed: Database, settings: Settings, rounds: Callable[[int, int], int]
) -> None:
    """One offer and one stranger for each day's only time; one of them gets it."""
    count = rounds(5, 200)

    async def fill(session: AsyncSession) -> tuple[int, list[uuid.UUID]]:
        channel = await make.channel(session)
        service = await narrow(session, channel, horizon_days=365)
        user = await make.user(session)
        entries = []
        for number in range(count):
            day = DAY + timedelta(days=number)
            wish = Waiting(service.id, channel.id, day, day + timedelta(days=1))
            email = f"waits-{number}@example.com"
            entries.append(await waitlist.join(session, wish, user_id=user.id, email=email, now=NOW))
            if number % 10 == 9:
                await session.execute(text("UPDATE booking_waitlist_entry SET user_id = NULL"))
        return service.id, entries

    service_id, entries = await committed.run(fill)
    for number, entry in enumerate(entries):
        start = NINE + timedelta(days=number)

        async def offer(session: AsyncSession, entry: uuid.UUID = entry) -> bool:
            return await waitlist.offer(session, entry, link=lambda _: None, now=NOW)

        async def stranger(session: AsyncSession, start: datetime = start) -> bool:
            await take(session, service_id, start)
            return True

        results = await asyncio.gather(committed.run(offer), committed.run(stranger), return_exceptions=True)
        assert [isinstance(one, SlotUnavailable) or one is False for one in results].count(True) == 1, results

    async def held(session: AsyncSession) -> tuple[int, int]:
        row = (
            await session.execute(
                text("SELECT count(*) AS taken, count(DISTINCT hold_id) AS holds FROM booking_allocation")
            )
        ).one()
        return row.taken, row.holds

    assert await committed.run(held) == (count, count)
