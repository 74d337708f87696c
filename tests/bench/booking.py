"""Lists of slots through the endpoint: one practitioner's month with 50 appointments, and anybody's of a thousand.

Known: no calendar has changed since the list was asked before. Unknown: every calendar has.
"""

import uuid
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.hold import hold_slots
from shop.booking.actions.taking import Wish
from shop.kit import clock
from shop.kit.db.statements import counting
from shop.kit.ids import encode
from tests import factories as make
from tests.bench.measure import Results, Way, medians
from tests.bench.shop import Shop, body_of
from tests.factories import booking

PEOPLE: Final = 1_000
GOAL_ONE: Final = 10.0
GOAL_KNOWN: Final = 50.0
GOAL_UNKNOWN: Final = 700.0
GOAL_HOLD: Final = 8
_DAYS: Final = 30
_DAY: Final = timedelta(days=1)

_ASKED: Final = {
    "availableSlots": """query ($service: ID!, $from: DateTime!, $to: DateTime!) {
      availableSlots(serviceId: $service, from: $from, to: $to, groupBy: START, first: 100) {
        edges { node { token start practitioner { name } } }
      }
    }""",
    "availableDates": """query ($service: ID!, $from: Date!, $to: Date!) {
      availableDates(serviceId: $service, from: $from, to: $to)
    }""",
}
_MORE_PEOPLE: Final = text(
    "WITH made AS (INSERT INTO booking_resource (kind, name, slug, timezone) SELECT 'PRACTITIONER', 'Example ' || n, "
    "'bench-' || n, 'UTC' FROM generate_series(2, :people) n RETURNING id, kind), hours AS (INSERT INTO "
    "booking_weekly_window (resource_id, weekday, opens, closes) SELECT id, day, '09:00', '17:00' FROM made, "
    "generate_series(1, 7) day) INSERT INTO booking_role_resource (role_id, resource_id, kind, sort_order) "
    "SELECT role.id, made.id, made.kind, 1 FROM made, booking_service_role role WHERE role.service_id = :service"
)
# Two on each of 25 days, of another calendar: they need no orders.
_APPOINTMENTS: Final = text(
    "INSERT INTO booking_allocation (resource_id, during, kind, external_uid) SELECT filled.resource_id, "
    "tstzrange(start, start + interval '1 hour'), 'EXTERNAL', 'bench' FROM booking_role_resource filled "
    "JOIN booking_service_role role ON role.id = filled.role_id CROSS JOIN generate_series(0, 49) n CROSS JOIN LATERAL "
    "(SELECT CAST(:first AS timestamptz) + n / 2 * interval '1 day' + n % 2 * interval '3 hours') at (start) "
    "WHERE role.service_id = :service"
)
_CHANGED: Final = text("UPDATE booking_resource SET calendar_version = calendar_version + 1")


async def slots(shop: Shop, results: Results, rounds: int) -> None:
    """A visitor's two lists, and the statements of a hold."""
    for people, unknown in ((1, GOAL_ONE), (PEOPLE, GOAL_UNKNOWN)):
        service_id = await shop.database.run(partial(_open, people=people))
        for field, query in _ASKED.items():
            run = partial(shop.send, _body(field, query, service_id))
            ways = {
                "unknown": Way(run, before=partial(shop.database.run, _change)),
                "known": Way(run, before=run),
            }
            found = await medians(ways, rounds)
            whose = f"{field}, {people} practitioner{'s' * (people > 1)} × {_DAYS} days"
            results.add(f"{whose}, unknown", found["unknown"], unknown, unit="ms")
            results.add(f"{whose}, known", found["known"], min(unknown, GOAL_KNOWN), unit="ms")
    results.add("statements per hold", await shop.database.run(_statements_of_a_hold), GOAL_HOLD)


def _body(field: str, query: str, service_id: int) -> bytes:
    first = clock.now().date() + _DAY
    dates = [first.isoformat(), (first + _DAYS * _DAY).isoformat()]
    if field == "availableSlots":
        dates = [f"{day}T00:00:00+00:00" for day in dates]
    return body_of(query, {"service": encode("BookableService", service_id), "from": dates[0], "to": dates[1]})


async def _open(session: AsyncSession, *, people: int) -> int:
    service = await booking.service(session, await make.channel(session))
    await session.execute(_MORE_PEOPLE, {"people": people, "service": service.id})
    first = datetime.combine(clock.now().date() + 2 * _DAY, time(10), UTC)
    await session.execute(_APPOINTMENTS, {"first": first, "service": service.id})
    return service.id


async def _change(session: AsyncSession) -> None:
    await session.execute(_CHANGED)


async def _statements_of_a_hold(session: AsyncSession) -> int:
    service = await booking.service(session, await make.channel(session))
    start = datetime.combine(clock.now().date() + _DAY, time(9), UTC)
    wish = Wish(uuid.uuid4(), service.id, start, None, 1)
    with counting() as log:
        await hold_slots(session, uuid.uuid4(), [wish], client="bench", limit=1, now=clock.now())
    return log.count
