"""Two requests want the same unique thing at once: one has it, the other is told what it would have been told later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from shop.kit.db.reader import Reader
from shop.kit.db.url import DatabaseUrl
from shop.kit.settings import Settings
from tests import factories as make
from tests.api.client import Api
from tests.factories import booking as clinic
from tests.factories import orders

pytestmark = pytest.mark.race

PERMISSIONS = (
    "MANAGE_BOOKINGS",
    "MANAGE_DISCOUNTS",
    "MANAGE_GIFT_CARD",
    "MANAGE_MENUS",
    "MANAGE_ORDERS",
    "MANAGE_PAGES",
    "MANAGE_PAGE_TYPES_AND_ATTRIBUTES",
    "MANAGE_TRANSLATIONS",
)
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
SLUG = [{"field": "slug", "code": "UNIQUE"}]


class Held(Database):
    """Its units write, tell `written`, and commit once `go` is set."""

    written: asyncio.Event
    go: asyncio.Event

    @asynccontextmanager
    async def unit(self, reader: Reader | None = None) -> AsyncIterator[AsyncSession]:
        async with super().unit(reader) as session:
            yield session
            self.written.set()
            await self.go.wait()


class Rivals:
    """Two clients on connections of their own. The first has written what the second is about to write."""

    def __init__(self, api: Api, first: Api, held: Held, token: str) -> None:
        self.api, self.first, self.held, self.token = api, first, held, token

    async def race(self, first: str, second: str | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """The payloads of two mutations, the same one where there is no `second`; they must meet in the database."""
        self.held.written, self.held.go = asyncio.Event(), asyncio.Event()
        winner = asyncio.create_task(self.first(f"mutation {{ {first} }}", token=self.token))
        written = asyncio.create_task(self.held.written.wait())
        await asyncio.wait([winner, written], return_when=asyncio.FIRST_COMPLETED)
        assert not winner.done(), (await winner).body
        loser = asyncio.create_task(self.api(f"mutation {{ {second or first} }}", token=self.token))
        while not loser.done() and not await self._is_waiting():
            await asyncio.sleep(0.005)
        assert not loser.done(), (await loser).body
        self.held.go.set()
        (won,), (lost,) = (await winner).data.values(), (await loser).data.values()
        return won, lost

    async def _is_waiting(self) -> bool:
        async def work(session: AsyncSession) -> bool:
            return bool(await session.scalar(text(WAITING)))

        return await self.api.database.run(work)

    async def ask(self, mutation: str) -> Any:
        """The payload of a mutation that nobody disturbs."""
        (payload,) = (await self.api(f"mutation {{ {mutation} }}", token=self.token)).data.values()
        assert payload["errors"] == [], payload
        return payload


@pytest.fixture
async def rivals(committed_api: Api, committed_url: DatabaseUrl, settings: Settings) -> AsyncIterator[Rivals]:
    # As patient as the other one, on a busy machine.
    held = Held(
        committed_url,
        pool_size=2,
        pool_timeout_seconds=30,
        lock_timeout_seconds=20,
        statement_timeout_seconds=25,
        application_name="rival",
    )
    first = Api(settings, held)
    token = await committed_api.login("staff@example.com", *PERMISSIONS)
    try:
        yield Rivals(committed_api, first, held, token)
    finally:
        await first.close()
        await held.close()


async def test_content(rivals: Rivals) -> None:
    new_menu = 'menuCreate(input: {name: "Main", slug: "main"}) { menu { slug } errors { field code } }'
    assert await rivals.race(new_menu) == (
        {"menu": {"slug": "main"}, "errors": []},
        {"menu": None, "errors": SLUG},
    )
    # Nobody asked for this slug, so that the next free one is as good.
    unnamed = 'menuCreate(input: {name: "Foot"}) { menu { slug } errors { field code } }'
    assert await rivals.race(unnamed) == (
        {"menu": {"slug": "foot"}, "errors": []},
        {"menu": {"slug": "foot-2"}, "errors": []},
    )
    ask = 'menuCreate(input: {name: "%s"}) { menu { id } errors { field } }'
    menus = [(await rivals.ask(ask % name))["menu"]["id"] for name in "ab"]
    rename = 'menuUpdate(id: "%s", input: {slug: "side"}) { menu { slug } errors { field code } }'
    won, lost = await rivals.race(*(rename % id for id in menus))
    assert (won["menu"], lost) == ({"slug": "side"}, {"menu": None, "errors": SLUG})

    new_type = 'pageTypeCreate(input: {name: "Guide", slug: "guide"}) { pageType { id } errors { field code } }'
    won, lost = await rivals.race(new_type)
    assert (won["errors"], lost) == ([], {"pageType": None, "errors": SLUG})
    kind = won["pageType"]["id"]
    given = f'title: "Care", slug: "care", pageType: "{kind}"'
    new_page = f"pageCreate(input: {{{given}}}) {{ page {{ slug }} errors {{ field code }} }}"
    won, lost = await rivals.race(new_page)
    assert (won["page"], lost) == ({"slug": "care"}, {"page": None, "errors": SLUG})
    ask = 'pageCreate(input: {title: "%s", pageType: "%s"}) { page { id } errors { field } }'
    pages = [(await rivals.ask(ask % (name, kind)))["page"]["id"] for name in "ab"]
    rename = 'pageUpdate(id: "%s", input: {slug: "hair"}) { page { slug } errors { field code } }'
    won, lost = await rivals.race(*(rename % id for id in pages))
    assert (won["page"], lost) == ({"slug": "hair"}, {"page": None, "errors": SLUG})


async def test_booking(rivals: Rivals) -> None:
    async def open_clinic(session: AsyncSession) -> tuple[str, str, str]:
        channel = await make.channel(session)
        sold = await make.variant(session, channel)
        one, other = [await clinic.resource(session) for _ in range(2)]
        return (
            ids.encode("ProductVariant", sold.id),
            ids.encode("Practitioner", one.id),
            ids.encode("Practitioner", other.id),
        )

    variant, one, other = await rivals.api.database.run(open_clinic)
    person = 'name: "Example practitioner A", timezone: "UTC"'
    service = f'variantId: "{variant}", input: {{durationMinutes: 30, roles: [["{one}"]]}}'
    cases = [
        (f'practitionerCreate(input: {{{person}, slug: "a"}}) {{ errors {{ field code }} }}', "slug"),
        (f'bookingLocationCreate(input: {{{person}, slug: "a"}}) {{ errors {{ field code }} }}', "slug"),
        ('bookingHolidayCreate(input: {date: "2030-01-01", name: "New year"}) { errors { field code } }', "date"),
        (f"bookableServiceCreate({service}) {{ errors {{ field code }} }}", "variantId"),
    ]
    for document, field in cases:
        assert await rivals.race(document) == (
            {"errors": []},
            {"errors": [{"field": field, "code": "UNIQUE"}]},
        ), document
    unnamed = f"practitionerCreate(input: {{{person}}}) {{ practitioner {{ slug }} errors {{ field }} }}"
    assert await rivals.race(unnamed) == (
        {"practitioner": {"slug": "example-practitioner-a"}, "errors": []},
        {"practitioner": {"slug": "example-practitioner-a-2"}, "errors": []},
    )
    rename = 'practitionerUpdate(id: "%s", input: {slug: "b"}) { errors { field code } }'
    assert await rivals.race(rename % one, rename % other) == ({"errors": []}, {"errors": SLUG})
    ask = 'bookingHolidayCreate(input: {date: "2030-0%d-01", name: "Closed"}) { holiday { id } errors { field } }'
    holidays = [(await rivals.ask(ask % month))["holiday"]["id"] for month in (2, 3)]
    move = 'bookingHolidayUpdate(id: "%s", input: {date: "2030-04-01"}) { errors { field code } }'
    assert await rivals.race(*(move % id for id in holidays)) == (
        {"errors": []},
        {"errors": [{"field": "date", "code": "UNIQUE"}]},
    )
    # Two who save the same hours want the same thing.
    weekly = '{weekly: [{weekday: 1, hours: [{opens: "09:00", closes: "12:00"}]}]}'
    hours = f'practitionerScheduleUpdate(id: "{one}", input: {weekly}) {{ errors {{ field code }} }}'
    assert await rivals.race(hours) == ({"errors": []}, {"errors": []})


async def test_selling(rivals: Rivals) -> None:
    async def place(session: AsyncSession) -> list[str]:
        first = await orders.unpaid_order(session)
        return [first.id, (await orders.unpaid_order(session, of=first.shop)).id]

    placed = await rivals.api.database.run(place)
    name = 'orderUpdate(id: "%s", input: {externalReference: "erp-1"}) { errors { field code } }'
    assert await rivals.race(*(name % id for id in placed)) == (
        {"errors": []},
        {"errors": [{"field": "externalReference", "code": "UNIQUE"}]},
    )
    given = '{balance: {amount: 5, currency: "USD"}, isActive: true, code: "GIFT-2030"}'
    won, lost = await rivals.race(f"giftCardCreate(input: {given}) {{ errors {{ field code }} }}")
    assert (won, [error["field"] for error in lost["errors"]]) == ({"errors": []}, ["code"])
    voucher = 'voucherCreate(input: {name: "Spring", addCodes: ["SPRING"]}) { errors { field code voucherCodes } }'
    assert await rivals.race(voucher) == (
        {"errors": []},
        {"errors": [{"field": "addCodes", "code": "UNIQUE", "voucherCodes": ["SPRING"]}]},
    )
