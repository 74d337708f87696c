"""Appointments in the API: looked for, held by a cart, changed by their people; who sees and does what."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions
from shop.booking.actions import Buyer, Sold, Wish
from shop.booking.models import RoleResource
from shop.channels.models import Channel
from shop.kit import clock, ids
from shop.kit.money import Money
from tests import factories as make
from tests.api.client import Api
from tests.api.shopping import document
from tests.factories import booking as clinic

LINE = "id quantity booking { state seats timezone localStart during { start end } practitioner { name } expiresAt }"
CREATE = f"""
mutation Create($input: CheckoutCreateInput!) {{
  checkoutCreate(input: $input) {{
    checkout {{ id stockReservationExpires lines {{ {LINE} metadata {{ key value }} }} }}
    errors {{ field code message }}
  }}
}}
"""
ADD = f"""
mutation Add($id: ID!, $lines: [CheckoutLineInput!]!) {{
  checkoutLinesAdd(id: $id, lines: $lines) {{ checkout {{ lines {{ {LINE} }} }} errors {{ field code }} }}
}}
"""
UPDATE = f"""
mutation Update($id: ID!, $lines: [CheckoutLineUpdateInput!]!) {{
  checkoutLinesUpdate(id: $id, lines: $lines) {{ checkout {{ lines {{ {LINE} }} }} errors {{ field code }} }}
}}
"""
DELETE = """
mutation Delete($id: ID!, $ids: [ID!]!) {
  checkoutLinesDelete(id: $id, linesIds: $ids) { checkout { lines { id } } errors { field code } }
}
"""
STAFF = ("MANAGE_BOOKINGS",)


@dataclass(frozen=True)
class Clinic:
    """A channel with a visit of an hour for 60.00, by one practitioner in Berlin, who works from nine to one."""

    service_id: int
    resource_id: int
    variant: str
    channel_id: int


async def open_clinic(api: Api, **columns: Any) -> Clinic:
    async def work(session: AsyncSession) -> Clinic:
        channel = await make.channel(session, slug="default-channel")
        hands = await clinic.resource(session, timezone="Europe/Berlin", hours=[("09:00", "13:00")])
        made = await clinic.service(session, channel, [hands], **columns)
        return Clinic(made.id, hands.id, ids.encode("ProductVariant", made.variant_id), channel.id)

    return await api.database.run(work)


def in_two_days(hour: int, minute: int = 0) -> datetime:
    day = (clock.now() + timedelta(days=2)).astimezone(UTC)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


async def slots(api: Api, place: Clinic, **more: Any) -> list[dict[str, Any]]:
    begin = in_two_days(0)
    variables = {
        "variantId": place.variant,
        "from": begin.isoformat(),
        "to": (begin + timedelta(days=1)).isoformat(),
        "channel": "default-channel",
        "first": 50,
    }
    reply = await api(document("AvailableSlots"), variables | more)
    return [edge["node"] for edge in reply.data["availableSlots"]["edges"]]


async def cart(api: Api, line: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = (await api(CREATE, {"input": {"channel": "default-channel", "lines": [line]}}, **more)).data[
        "checkoutCreate"
    ]
    assert made["errors"] == []
    checkout: dict[str, Any] = made["checkout"]
    return checkout


async def book(api: Api, place: Clinic, start: datetime, *, user_id: int | None = None, **more: Any) -> uuid.UUID:
    """A booking that somebody has made, without its order."""

    async def work(session: AsyncSession) -> uuid.UUID:
        key, line = uuid.uuid4(), uuid.uuid4()
        await actions.hold_slots(
            session, key, [Wish(line, place.service_id, start)], client=str(key), limit=9, now=clock.now()
        )
        sold = Sold(line, uuid.uuid4(), Money(Decimal(60), "USD"))
        done = await actions.convert(session, key, [sold], Buyer(user_id, "visitor@example.com"), now=clock.now())
        return done.booked[0].booking_id

    return await api.database.run(work)


async def callers(api: Api) -> dict[str, str | None]:
    """A token for each kind of caller."""
    return {
        "anonymous": None,
        "stranger": await api.login("stranger@example.com"),
        "owner": await api.login("owner@example.com"),
        "staff": await api.login("staff@example.com", "MANAGE_ORDERS"),
        "permitted": await api.login("boss@example.com", *STAFF),
    }


async def row(api: Api, sql: str, **params: Any) -> Any:
    async def work(session: AsyncSession) -> Any:
        return tuple((await session.execute(text(sql), params)).one())

    return await api.database.run(work)


async def test_what_is_offered_is_what_a_cart_can_hold(api: Api) -> None:
    place = await open_clinic(api)
    offered = await slots(api, place)
    assert [slot["localStart"][11:] for slot in offered] == [
        "09:00",
        "09:30",
        "10:00",
        "10:30",
        "11:00",
        "11:30",
        "12:00",
    ]
    assert offered[0]["price"] == {"amount": 60, "currency": "USD"}
    assert offered[0]["timezone"] == "Europe/Berlin"
    made = await cart(
        api, {"variantId": place.variant, "quantity": 1, "booking": {"slotToken": offered[2]["token"], "seats": 1}}
    )
    (line,) = made["lines"]
    held = line["booking"]
    assert (held["state"], held["during"]["start"], held["seats"]) == ("HELD", offered[2]["start"], 1)
    assert held["practitioner"] == {"name": offered[2]["practitioner"]["name"]}
    assert made["stockReservationExpires"] == held["expiresAt"]
    assert [slot["localStart"][11:] for slot in await slots(api, place)] == ["09:00", "11:00", "11:30", "12:00"]
    refused = (
        await api(
            CREATE,
            {
                "input": {
                    "channel": "default-channel",
                    "lines": [
                        {"variantId": place.variant, "quantity": 1, "booking": {"slotToken": offered[1]["token"]}}
                    ],
                }
            },
        )
    ).data["checkoutCreate"]
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("slotToken", "INSUFFICIENT_STOCK")]
    assert await row(api, "SELECT count(*) FROM checkout_checkout") == (1,)


async def test_a_line_moves_grows_and_frees_its_time(api: Api) -> None:
    place = await open_clinic(api, capacity=3)
    offered = await slots(api, place)
    made = await cart(api, {"variantId": place.variant, "quantity": 1, "booking": {"slotToken": offered[0]["token"]}})
    key, line = made["id"], made["lines"][0]["id"]
    moved = (
        await api(UPDATE, {"id": key, "lines": [{"lineId": line, "booking": {"slotToken": offered[6]["token"]}}]})
    ).data["checkoutLinesUpdate"]
    assert moved["errors"] == []
    assert moved["checkout"]["lines"][0]["booking"]["during"]["start"] == offered[6]["start"]
    grown = (await api(UPDATE, {"id": key, "lines": [{"lineId": line, "quantity": 3}]})).data["checkoutLinesUpdate"]
    assert grown["errors"] == []
    assert (grown["checkout"]["lines"][0]["quantity"], grown["checkout"]["lines"][0]["booking"]["seats"]) == (3, 3)
    full = (await api(UPDATE, {"id": key, "lines": [{"lineId": line, "quantity": 4}]})).data["checkoutLinesUpdate"]
    assert [(error["field"], error["code"]) for error in full["errors"]] == [("seats", "INSUFFICIENT_STOCK")]
    assert await row(api, "SELECT quantity FROM checkout_line") == (3,)
    # The same variant again is another line, with a time of its own.
    added = (
        await api(
            ADD,
            {
                "id": key,
                "lines": [{"variantId": place.variant, "quantity": 1, "booking": {"start": offered[0]["start"]}}],
            },
        )
    ).data["checkoutLinesAdd"]
    assert added["errors"] == []
    assert [one["booking"]["during"]["start"] for one in added["checkout"]["lines"]] == [
        offered[6]["start"],
        offered[0]["start"],
    ]
    gone = (await api(DELETE, {"id": key, "ids": [line]})).data["checkoutLinesDelete"]
    assert gone["errors"] == []
    assert await row(api, "SELECT count(*), min(state) FROM booking_seat") == (1, "HELD")
    zero = added["checkout"]["lines"][1]["id"]
    assert (await api(UPDATE, {"id": key, "lines": [{"lineId": zero, "quantity": 0}]})).data["checkoutLinesUpdate"][
        "checkout"
    ] == {"lines": []}
    assert await row(api, "SELECT count(*) FROM booking_allocation") == (0,)


async def test_clients_of_saleors_schema_hold_by_metadata(api: Api) -> None:
    place = await open_clinic(api)
    offered = await slots(api, place)
    made = await cart(
        api,
        {
            "variantId": place.variant,
            "quantity": 1,
            "metadata": [{"key": "booking.slot", "value": offered[3]["token"]}],
        },
    )
    assert made["lines"][0]["booking"]["during"]["start"] == offered[3]["start"]
    told = {one["key"]: one["value"] for one in made["lines"][0]["metadata"]}
    assert datetime.fromisoformat(told["booking.start"]) == datetime.fromisoformat(offered[3]["start"])
    forged = (
        await api(
            ADD,
            {
                "id": made["id"],
                "lines": [
                    {
                        "variantId": place.variant,
                        "quantity": 1,
                        "metadata": [{"key": "booking.start", "value": "2030-01-01"}],
                    }
                ],
            },
        )
    ).data["checkoutLinesAdd"]
    assert [(error["field"], error["code"]) for error in forged["errors"]] == [("metadata", "INVALID")]


@pytest.mark.parametrize(
    ("booking", "field", "code"),
    [
        ({}, "slotToken", "GRAPHQL_ERROR"),
        ({"slotToken": "made up"}, "slotToken", "INVALID"),
        ({"slotToken": "x" * 5000}, "slotToken", "INVALID"),
        ({"start": "2020-01-01T10:00:00Z"}, "start", "INVALID"),
        ({"start": "2199-01-01T10:00:00Z"}, "start", "INVALID"),
        ({"start": "SOON", "practitionerId": "UHJvZHVjdDox"}, "practitionerId", "GRAPHQL_ERROR"),
        ({"start": "SOON", "seats": 2}, "seats", "INVALID"),
        ({"start": "ODD"}, "start", "INVALID"),
    ],
)
async def test_what_cannot_be_held_changes_nothing(api: Api, booking: dict[str, Any], field: str, code: str) -> None:
    place = await open_clinic(api)
    starts = {"SOON": in_two_days(10).isoformat(), "ODD": in_two_days(10, 7).isoformat()}
    given = {name: starts.get(value, value) if isinstance(value, str) else value for name, value in booking.items()}
    lines = [{"variantId": place.variant, "quantity": 1, "booking": given}]
    made = (await api(CREATE, {"input": {"channel": "default-channel", "lines": lines}})).data["checkoutCreate"]
    assert [(error["field"], error["code"]) for error in made["errors"]] == [(field, code)]
    assert await row(api, "SELECT count(*) FROM booking_hold") == (0,)


async def test_a_slot_of_another_service_is_none_of_this_variant(api: Api) -> None:
    place = await open_clinic(api)

    async def more(session: AsyncSession) -> str:
        other = await clinic.service(session, await session.get_one(Channel, place.channel_id))
        return ids.encode("ProductVariant", other.variant_id)

    other = await api.database.run(more)
    (token, *_) = [slot["token"] for slot in await slots(api, place)]
    lines = [{"variantId": other, "quantity": 1, "booking": {"slotToken": token}}]
    made = (await api(CREATE, {"input": {"channel": "default-channel", "lines": lines}})).data["checkoutCreate"]
    assert [(error["field"], error["code"]) for error in made["errors"]] == [("slotToken", "INVALID")]


async def test_slots_come_in_pages_and_dates_in_the_visitors_zone(api: Api) -> None:
    place = await open_clinic(api)
    whole = await slots(api, place, timezone="Asia/Tokyo")
    assert [slot["timezone"] for slot in whole] == ["Asia/Tokyo"] * 7
    seen, after = [], None
    for _ in range(4):
        reply = await api(
            document("AvailableSlots"),
            {
                "variantId": place.variant,
                "from": in_two_days(0).isoformat(),
                "to": (in_two_days(0) + timedelta(days=1)).isoformat(),
                "channel": "default-channel",
                "first": 2,
                "after": after,
            },
        )
        page = reply.data["availableSlots"]
        seen += [edge["node"]["start"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [slot["start"] for slot in whole]
    assert page["pageInfo"]["hasNextPage"] is False
    first = in_two_days(0).date()
    dates = (
        await api(
            document("AvailableDates"),
            {"variantId": place.variant, "from": str(first), "to": str(first + timedelta(days=3))},
        )
    ).data["availableDates"]
    assert dates == [str(first + timedelta(days=number)) for number in range(3)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('variantId: "UHJvZHVjdFZhcmlhbnQ6MQ==", serviceId: "x"', "Exactly one of the arguments"),
        ("first: 5", "Exactly one of the arguments"),
        ('variantId: "UHJvZHVjdFZhcmlhbnQ6MQ==", timezone: "Mars/Base"', "no time zone"),
        (
            'variantId: "UHJvZHVjdFZhcmlhbnQ6MQ==", from: "2100-01-01T00:00:00Z", to: "2101-01-01T00:00:00Z"',
            "At most 62",
        ),
        ('variantId: "UHJvZHVjdFZhcmlhbnQ6MQ==", first: 101', "100 records"),
        ('variantId: "UHJvZHVjdFZhcmlhbnQ6MQ==", after: "??"', "cursor is invalid"),
    ],
)
async def test_questions_that_make_no_sense(api: Api, arguments: str, message: str) -> None:
    reply = await api(f"{{ availableSlots({arguments}) {{ edges {{ node {{ start }} }} }} }}")
    assert message in reply.errors[0]["message"]


async def test_one_slot_a_start_with_whoever_is_free(api: Api) -> None:
    place = await open_clinic(api)

    async def more(session: AsyncSession) -> None:
        other = await clinic.resource(session, hours=[("08:00", "12:00")], timezone="Europe/Berlin")
        (role_id,) = (await session.execute(text("SELECT id FROM booking_service_role"))).one()
        session.add(RoleResource(role_id=role_id, resource_id=other.id, kind=other.kind, sort_order=1))

    await api.database.run(more)
    query = """query Slots($variantId: ID!, $from: DateTime, $to: DateTime, $after: String) {
      availableSlots(variantId: $variantId, from: $from, to: $to, groupBy: START, first: 4, after: $after) {
        totalCount edges { node { localStart practitioner { id } } } pageInfo { hasNextPage endCursor }
      }
    }"""
    begin = in_two_days(0)
    variables = {
        "variantId": place.variant,
        "from": begin.isoformat(),
        "to": (begin + timedelta(days=1)).isoformat(),
    }
    seen: list[tuple[str, bool]] = []
    after, more_to_come = None, True
    while more_to_come:
        page = (await api(query, variables | {"after": after})).data["availableSlots"]
        first = ids.encode("Practitioner", place.resource_id)
        seen += [
            (edge["node"]["localStart"][11:], edge["node"]["practitioner"]["id"] == first) for edge in page["edges"]
        ]
        after, more_to_come = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] == 9
    assert seen == [("08:00", False), ("08:30", False)] + [
        (f"{hour:02}:{minute:02}", True) for hour in (9, 10, 11) for minute in (0, 30)
    ] + [("12:00", True)]


async def test_a_thousand_slots_cost_the_statements_of_one(api: Api) -> None:
    place = await open_clinic(api)
    few = await api(
        document("AvailableSlots"),
        {"variantId": place.variant, "channel": "default-channel", "first": 1},
    )
    long = await api(
        document("AvailableSlots"),
        {
            "variantId": place.variant,
            "channel": "default-channel",
            "first": 100,
            "to": (clock.now() + timedelta(days=60)).isoformat(),
        },
    )
    assert len(long.data["availableSlots"]["edges"]) == 100
    assert few.statements == long.statements == 6
    # What was searched is known: neither hours nor what is taken is read again.
    again = await api(
        document("AvailableSlots"), {"variantId": place.variant, "channel": "default-channel", "first": 1}
    )
    assert again.statements == 4
    assert again.data["availableSlots"]["edges"] == few.data["availableSlots"]["edges"]


SEEN = "{ booking(%s) { number status email token attendee serviceName localStart events { type actor } } }"


async def test_who_sees_a_booking(api: Api) -> None:
    place = await open_clinic(api)
    tokens = await callers(api)
    (owner,) = await row(api, "SELECT id FROM account_user WHERE email = 'owner@example.com'")
    booking_id = await book(api, place, in_two_days(9), user_id=owner)
    (secret,) = await row(api, "SELECT token::text FROM booking_booking")
    by_id = SEEN % f'id: "{ids.encode("Booking", booking_id)}"'
    for name, token in tokens.items():
        found = (await api(by_id, token=token)).data["booking"]
        assert (found is not None) is (name in {"owner", "permitted"}), name
    by_token = (await api(SEEN % f'token: "{secret}"')).data["booking"]
    assert by_token["email"] == "visitor@example.com"
    assert by_token["events"] == [{"type": "BOOKED", "actor": "CUSTOMER"}]
    for unknown in (f'token: "{uuid.uuid4()}"', 'token: "nonsense"', 'id: "UHJvZHVjdDox"'):
        assert (await api(SEEN % unknown)).data["booking"] is None
    listed = "{ bookings(first: 10) { totalCount edges { node { number } } } }"
    for name, token in tokens.items():
        reply = await api(listed, token=token)
        assert bool(reply.errors) is (name != "permitted"), name
    mine = "{ me { bookings(first: 5) { edges { node { number email } } } } }"
    assert len((await api(mine, token=tokens["owner"])).data["me"]["bookings"]["edges"]) == 1
    assert (await api(mine, token=tokens["stranger"])).data["me"]["bookings"]["edges"] == []


METADATA = """
mutation Write($id: ID!, $value: String!, $key: String!) {
  updateMetadata(id: $id, input: [{key: $key, value: $value}]) {
    item { metadata { key value } } errors { field code message }
  }
}
"""


async def test_metadata_gives_a_line_its_time_or_tells_the_next(api: Api) -> None:
    place = await open_clinic(api)
    offered = await slots(api, place)
    made = await cart(api, {"variantId": place.variant, "quantity": 1})
    line = made["lines"][0]["id"]
    await book(api, place, datetime.fromisoformat(offered[0]["start"]))

    async def write(value: str, key: str = "booking.slot") -> Any:
        return (await api(METADATA, {"id": line, "key": key, "value": value})).data["updateMetadata"]

    (lost,) = (await write(offered[0]["token"]))["errors"]
    assert (lost["field"], lost["code"]) == ("input", "INVALID")
    assert f"Free next: {offered[2]['start']}" in lost["message"]
    assert await row(api, "SELECT metadata::text FROM checkout_line") == ("{}",)
    held = await write(offered[2]["token"])
    assert held["errors"] == []
    told = {one["key"]: one["value"] for one in held["item"]["metadata"]}
    assert told["booking.start"] == offered[2]["start"]
    assert await row(api, "SELECT count(*), bool_and(separate) FROM checkout_line") == (1, True)
    (forged,) = (await write("2030-01-01", key="booking.start"))["errors"]
    assert (forged["field"], forged["code"]) == ("input", "INVALID")
    (unknown,) = (await write("made up"))["errors"]
    assert unknown["code"] == "INVALID"


async def test_nobody_pays_for_a_visit_without_a_time(api: Api) -> None:
    """What is paid for it would only go back again: it could not become an order."""
    place = await open_clinic(api)
    made = await cart(api, {"variantId": place.variant, "quantity": 1})
    asked = {"id": made["id"], "gateways": []}
    refused = (await api(document("PaymentGatewayInitialize"), asked)).data["paymentGatewayInitialize"]
    (error,) = refused["errors"]
    assert error["field"] == "id"
    assert error["message"].startswith("A time has to be chosen for ")
    slot = {"slotToken": (await slots(api, place))[0]["token"]}
    changed = await api(UPDATE, {"id": made["id"], "lines": [{"lineId": made["lines"][0]["id"], "booking": slot}]})
    assert changed.data["checkoutLinesUpdate"]["errors"] == []
    paid = (await api(document("PaymentGatewayInitialize"), asked)).data["paymentGatewayInitialize"]
    assert paid["errors"] == []
