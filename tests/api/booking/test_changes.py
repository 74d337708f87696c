"""Moving, cancelling and attending in the API: who may, what is refused, and how far the money is."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions
from shop.booking.tokens import quote_id
from shop.channels.models import Channel
from shop.checkout.actions import NewLine, add_lines, add_promo_code
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.actions.slots import Slot
from shop.checkout.rules import SYSTEM
from shop.kit import clock, ids
from tests import factories as make
from tests.api.booking.test_bookings import STAFF, book, callers, cart, in_two_days, open_clinic, row, slots
from tests.api.client import Api
from tests.api.shopping import document
from tests.factories import booking as clinic

CHANGES = ("bookingConfirm", "bookingDecline", "bookingCheckIn", "bookingComplete", "bookingMarkNoShow")


def change(name: str, booking_id: uuid.UUID) -> str:
    key = ids.encode("Booking", booking_id)
    return f'mutation {{ {name}(id: "{key}") {{ booking {{ status version }} errors {{ field code }} }} }}'


async def token_of(api: Api) -> str:
    (found,) = await row(api, "SELECT token::text FROM booking_booking ORDER BY created_at DESC LIMIT 1")
    return str(found)


async def test_a_guest_moves_a_booking_to_an_offered_slot(api: Api) -> None:
    place = await open_clinic(api)
    offered = await slots(api, place)
    await book(api, place, in_two_days(9))
    token = await token_of(api)
    free = [slot for slot in offered if slot["localStart"][11:] in {"09:00", "12:00"}]
    reply = await api(document("BookingReschedule"), {"token": token, "slotToken": free[-1]["token"]})
    moved = reply.data["bookingReschedule"]
    assert moved["errors"] == []
    assert (moved["booking"]["status"], moved["booking"]["start"]) == ("CONFIRMED", free[-1]["start"])
    details = (await api(document("BookingDetails"), {"token": token})).data["booking"]
    assert [event["type"] for event in details["events"]] == ["BOOKED", "RESCHEDULED"]
    for given, field, code in (
        ({"slotToken": "made up"}, "slotToken", "INVALID"),
        ({"start": (in_two_days(9) + timedelta(minutes=7)).isoformat()}, "start", "OUTSIDE_AVAILABILITY"),
        ({"start": "2199-01-01T09:00:00Z"}, "start", "HORIZON"),
        ({"start": "2020-01-01T09:00:00Z"}, "start", "LEAD_TIME"),
        ({}, "start", "GRAPHQL_ERROR"),
    ):
        arguments = ", ".join(f'{name}: "{value}"' for name, value in given.items())
        query = f'mutation {{ bookingReschedule(token: "{token}" {arguments}) {{ errors {{ field code }} }} }}'
        errors = (await api(query)).data["bookingReschedule"]["errors"]
        assert errors == [{"field": field, "code": code}], given
    assert await row(api, "SELECT version FROM booking_booking") == (2,)


async def test_somebody_elses_slot_cannot_be_moved_into(api: Api) -> None:
    place = await open_clinic(api)
    offered = await slots(api, place)
    await book(api, place, in_two_days(9))
    await book(api, place, in_two_days(10))
    token = await token_of(api)
    taken = next(slot for slot in offered if slot["start"] == in_two_days(9).isoformat())
    reply = await api(document("BookingReschedule"), {"token": token, "slotToken": taken["token"]})
    errors = reply.data["bookingReschedule"]["errors"]
    assert [(error["field"], error["code"]) for error in errors] == [("slotToken", "SLOT_UNAVAILABLE")]


async def test_cancelling_needs_the_quote_where_not_all_goes_back(api: Api) -> None:
    place = await open_clinic(api)
    await book(api, place, in_two_days(9))
    token = await token_of(api)
    quote = (await api(document("BookingCancellationQuote"), {"token": token})).data["bookingCancellationQuote"]
    # Nothing was paid for a booking without an order.
    assert quote["paid"] == quote["refund"] == {"amount": 0, "currency": "USD"}
    assert quote["returnsSession"] is None
    secret = api.settings.secret_key
    assert secret is not None
    for forged in ("made up", quote_id(secret.get_secret_value(), uuid.uuid4(), 1, Decimal(0))):
        reply = await api(document("BookingCancel"), {"token": token, "quoteId": forged})
        assert [error["code"] for error in reply.data["bookingCancel"]["errors"]] == ["POLICY_CHANGED"]
    assert await row(api, "SELECT status FROM booking_booking") == ("CONFIRMED",)
    done = (await api(document("BookingCancel"), {"token": token, "quoteId": quote["id"]})).data["bookingCancel"]
    assert done["errors"] == []
    assert done["booking"]["status"] == "CANCELLED"
    assert done["booking"]["refund"] == {"amount": {"amount": 0, "currency": "USD"}, "status": "NONE"}
    again = (await api(document("BookingCancel"), {"token": token})).data["bookingCancel"]
    assert [(error["field"], error["code"]) for error in again["errors"]] == [("id", "INVALID_STATE")]
    assert await row(api, "SELECT count(*) FROM booking_allocation") == (0,)


async def test_what_went_back_to_a_gift_card_is_told(api: Api) -> None:
    place = await open_clinic(api)
    start = in_two_days(9)

    async def order(session: AsyncSession) -> None:
        channel = await session.get_one(Channel, place.channel_id)
        somewhere = make.postal_address(country="US")
        made = await make.checkout(session, channel, email="visitor@example.com", billing_address=somewhere)
        line = NewLine(ids.decode_int(place.variant, "ProductVariant"), 1, slot=Slot(start, place.service_id))
        await add_lines(session, made.id, [line], actor=SYSTEM, now=clock.now())
        card = await make.gift_card(session, "100.00")
        await add_promo_code(session, made.id, card.code, actor=SYSTEM, now=clock.now())
        await complete(session, made.id, Completion(SYSTEM), now=clock.now())

    await api.database.run(order)
    (paid,) = await row(api, "SELECT charged_amount FROM payment_transaction")
    assert await row(api, "SELECT current_amount FROM giftcard_card") == (100 - paid,)
    done = (await api(document("BookingCancel"), {"token": await token_of(api)})).data["bookingCancel"]
    assert done["errors"] == []
    assert done["booking"]["refund"] == {"amount": {"amount": float(paid), "currency": "USD"}, "status": "SUCCESS"}
    assert await row(api, "SELECT current_amount FROM giftcard_card") == (100,)


@pytest.mark.parametrize("name", ["bookingReschedule", "bookingCancel"])
async def test_nobody_changes_what_they_may_not_see(api: Api, name: str) -> None:
    place = await open_clinic(api)
    tokens = await callers(api)
    (owner,) = await row(api, "SELECT id FROM account_user WHERE email = 'owner@example.com'")
    booking_id = await book(api, place, in_two_days(9), user_id=owner)
    key = ids.encode("Booking", booking_id)
    more = f', start: "{in_two_days(10).isoformat()}"' if name == "bookingReschedule" else ""
    query = "mutation { %s(%s%s) { booking { status } errors { field code } } }"
    for caller in ("anonymous", "stranger", "staff"):
        payload = (await api(query % (name, f'id: "{key}"', more), token=tokens[caller])).data[name]
        assert payload == {"booking": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}, caller
    for unknown, field, code in (
        (f'token: "{uuid.uuid4()}"', "token", "NOT_FOUND"),
        ('token: "x"', "token", "NOT_FOUND"),
        ('id: "UHJvZHVjdDox"', "id", "GRAPHQL_ERROR"),
        (f'id: "{key}", token: "x"', "id", "GRAPHQL_ERROR"),
    ):
        payload = (await api(query % (name, unknown, more))).data[name]
        assert payload == {"booking": None, "errors": [{"field": field, "code": code}]}, unknown
    assert await row(api, "SELECT version FROM booking_booking") == (1,)
    for caller in ("owner", "permitted"):
        payload = (await api(query % (name, f'id: "{key}"', more), token=tokens[caller])).data[name]
        assert payload["errors"] == ([] if caller == "owner" or name == "bookingReschedule" else payload["errors"])
    assert await row(api, "SELECT actor FROM booking_event WHERE booking_version = 2") == ("CUSTOMER",)


@pytest.mark.parametrize("name", CHANGES)
async def test_only_staff_with_the_permission_works_with_bookings(api: Api, name: str) -> None:
    place = await open_clinic(api, confirmation="STAFF")
    booking_id = await book(api, place, in_two_days(9))
    for caller, token in (await callers(api)).items():
        if caller == "permitted":
            continue
        reply = await api(change(name, booking_id), token=token)
        assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied", caller
    assert await row(api, "SELECT status, version FROM booking_booking") == ("PENDING_APPROVAL", 1)


async def test_a_visit_from_agreement_to_its_end(api: Api) -> None:
    place = await open_clinic(api, confirmation="STAFF")
    staff = await api.login("boss@example.com", *STAFF)
    booking_id = await book(api, place, in_two_days(9))

    async def send(name: str) -> Any:
        return (await api(change(name, booking_id), token=staff)).data[name]

    assert (await send("bookingCheckIn"))["errors"] == [{"field": "id", "code": "INVALID_STATE"}]
    assert (await send("bookingConfirm"))["booking"] == {"status": "CONFIRMED", "version": 2}
    assert (await send("bookingConfirm"))["errors"] == [{"field": "id", "code": "INVALID_STATE"}]
    assert (await send("bookingMarkNoShow"))["errors"] == [{"field": "id", "code": "INVALID_STATE"}]
    assert (await send("bookingCheckIn"))["booking"] == {"status": "CHECKED_IN", "version": 3}
    assert (await send("bookingComplete"))["booking"] == {"status": "COMPLETED", "version": 4}
    declined = await book(api, place, in_two_days(10))
    reply = await api(change("bookingDecline", declined), token=staff)
    assert reply.data["bookingDecline"]["booking"] == {"status": "DECLINED", "version": 2}
    unknown = await api(change("bookingConfirm", uuid.uuid4()), token=staff)
    assert unknown.data["bookingConfirm"]["errors"] == [{"field": "id", "code": "NOT_FOUND"}]


async def test_a_cart_holds_its_slot_for_longer(api: Api) -> None:
    place = await open_clinic(api)
    offered = await slots(api, place)
    made = await cart(api, {"variantId": place.variant, "quantity": 1, "booking": {"slotToken": offered[0]["token"]}})
    line = made["lines"][0]["id"]
    extended = (await api(document("BookingHoldExtend"), {"lineId": line})).data["bookingHoldExtend"]
    assert extended["errors"] == []
    assert extended["booking"]["state"] == "HELD"
    assert extended["booking"]["expiresAt"] > made["lines"][0]["booking"]["expiresAt"]
    problems = "query Line($id: ID!) { checkout(id: $id) { problems { __typename } } }"
    assert (await api(problems, {"id": made["id"]})).data["checkout"]["problems"] == []
    await row(api, "UPDATE booking_hold SET expires_at = now() - interval '1 minute' RETURNING 1")
    late = (await api(document("BookingHoldExtend"), {"lineId": line})).data["bookingHoldExtend"]
    assert [error["code"] for error in late["errors"]] == ["HOLD_EXPIRED"]
    for unknown, code in ((ids.encode("CheckoutLine", uuid.uuid4()), "NOT_FOUND"), ("x", "GRAPHQL_ERROR")):
        refused = (await api(document("BookingHoldExtend"), {"lineId": unknown})).data["bookingHoldExtend"]
        assert [(error["field"], error["code"]) for error in refused["errors"]] == [("lineId", code)]
    reason = (
        "problems { ... on CheckoutLineProblemInsufficientStock { availableQuantity line { id booking { state } } } }"
    )
    shown = await api(
        f"query Line($id: ID!) {{ checkout(id: $id) {{ {reason} lines {{ booking {{ state }} {reason} }} }} }}",
        {"id": made["id"]},
    )
    # Saleor's clients know this problem; who knows of times reads more.
    problem = {"availableQuantity": 0, "line": {"id": line, "booking": {"state": "LOST"}}}
    assert shown.data["checkout"] == {
        "problems": [problem],
        "lines": [{"booking": {"state": "LOST"}, "problems": [problem]}],
    }


async def mark(api: Api, booking_id: uuid.UUID, stage: str) -> None:
    async def work(session: AsyncSession) -> None:
        booking = await actions.locked(session, booking_id)
        await actions.mark_disputed(session, booking, stage, now=clock.now())

    await api.database.run(work)


async def test_who_sees_that_a_payment_is_disputed(api: Api) -> None:
    place = await open_clinic(api)
    tokens = await callers(api)
    await book(api, place, in_two_days(9))
    disputed = await book(api, place, in_two_days(10))
    await mark(api, disputed, "OPEN")
    token = await token_of(api)
    (number,) = await row(api, "SELECT number::text FROM booking_booking WHERE dispute = 'OPEN'")
    listed = "{ bookings(first: 5, disputes: [%s]) { totalCount edges { node { number dispute } } } }"
    for stage, expected in (("OPEN, LOST", [{"node": {"number": number, "dispute": "OPEN"}}]), ("WON", [])):
        found = (await api(listed % stage, token=tokens["permitted"])).data["bookings"]
        assert (found["totalCount"], found["edges"]) == (len(expected), expected)
    seen = (await api(f'{{ booking(token: "{token}") {{ dispute status events {{ type actor }} }} }}')).data["booking"]
    assert seen["status"] == "CONFIRMED"
    (shown,) = await row(api, f"SELECT dispute FROM booking_booking WHERE token = '{token}'")
    assert seen["dispute"] == shown
    key = ids.encode("Booking", disputed)
    events = f'{{ booking(id: "{key}") {{ dispute events {{ type actor }} }} }}'
    assert (await api(events, token=tokens["permitted"])).data["booking"] == {
        "dispute": "OPEN",
        "events": [{"type": "BOOKED", "actor": "CUSTOMER"}, {"type": "DISPUTE_OPENED", "actor": "SYSTEM"}],
    }


async def test_nobody_came_and_what_that_costs(api: Api) -> None:
    policy = await api.database.run(lambda session: clinic.cancellation_policy(session, no_show="50"))
    place = await open_clinic(api, policy_id=policy.id)
    staff = await api.login("boss@example.com", *STAFF)
    booking_id = await book(api, place, in_two_days(9))
    await row(
        api,
        "UPDATE booking_booking SET during = tstzrange(lower(during) - interval '3 days', upper(during) - "
        "interval '3 days') RETURNING 1",
    )
    query = (
        f'mutation {{ bookingMarkNoShow(id: "{ids.encode("Booking", booking_id)}") {{ booking {{ status refund '
        "{ amount { amount } status } } kept { amount currency } owed { amount currency } errors { field code } } }"
    )
    payload = (await api(query, token=staff)).data["bookingMarkNoShow"]
    # A booking without an order: nothing was paid, so that nothing is kept.
    assert payload == {
        "booking": {"status": "NO_SHOW", "refund": {"amount": {"amount": 0}, "status": "NONE"}},
        "kept": {"amount": 0, "currency": "USD"},
        "owed": {"amount": 30, "currency": "USD"},
        "errors": [],
    }
    again = (await api(query, token=staff)).data["bookingMarkNoShow"]
    assert (again["kept"], again["errors"]) == (None, [{"field": "id", "code": "INVALID_STATE"}])


async def test_a_request_is_withdrawn_before_staff_has_answered(api: Api) -> None:
    policy = await api.database.run(lambda session: clinic.cancellation_policy(session, (60, "0")))
    place = await open_clinic(api, confirmation="STAFF", policy_id=policy.id)
    await book(api, place, in_two_days(9))
    token = await token_of(api)
    start = in_two_days(10).isoformat()
    move = f'mutation {{ bookingReschedule(token: "{token}", start: "{start}") {{ errors {{ field code }} }} }}'
    assert (await api(move)).data["bookingReschedule"]["errors"] == [{"field": "id", "code": "INVALID_STATE"}]
    done = (await api(document("BookingCancel"), {"token": token})).data["bookingCancel"]
    assert (done["errors"], done["booking"]["status"]) == ([], "CANCELLED")
    assert await row(api, "SELECT cancelled_by FROM booking_booking") == ("CUSTOMER",)
    assert await row(api, "SELECT count(*) FROM booking_allocation") == (0,)
