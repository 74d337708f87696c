"""Parcels over the API: what leaves and comes back, what staff are told, and who may."""

import uuid
from functools import partial
from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.factories.orders import Placed, unpaid_order
from tests.factories.payments import Desk

FULFILL = """
mutation ($order: ID, $input: OrderFulfillInput!) {
  orderFulfill(order: $order, input: $input) {
    errors { field message code orderLines warehouse }
    orderErrors { code }
    fulfillments {
      id fulfillmentOrder status statusDisplay trackingNumber created metadata { key }
      lines { id quantity orderLine { id quantityFulfilled quantityToFulfill } }
    }
    order { id status statusDisplay fulfillments { id } }
  }
}
"""
CANCEL = """
mutation ($id: ID!, $warehouse: ID) {
  orderFulfillmentCancel(id: $id, input: {warehouseId: $warehouse}) {
    errors { field code }
    fulfillment { id status }
    order { status lines { quantityFulfilled } }
  }
}
"""
TRACK = """
mutation ($id: ID!, $input: FulfillmentUpdateTrackingInput!) {
  orderFulfillmentUpdateTracking(id: $id, input: $input) {
    errors { field code }
    fulfillment { trackingNumber }
    order { id }
  }
}
"""
HISTORY = """
query ($id: ID!) {
  order(id: $id) {
    events {
      type message quantity composedId orderNumber email emailType user { email }
      fulfilledItems { quantity orderLine { id } }
    }
  }
}
"""


def parcel(placed: Placed, *quantities: int, **more: Any) -> dict[str, Any]:
    """The input that sends so many of each line out of the warehouse."""
    lines = [
        {"orderLineId": line, "stocks": [{"quantity": quantity, "warehouse": placed.warehouse}]}
        for line, quantity in zip(placed.lines, quantities, strict=False)
    ]
    return {"order": placed.id, "input": {"lines": lines, **more}}


async def stands(desk: Desk, placed: Placed) -> list[tuple[int, int, int]]:
    """Stock, promises and fulfilled units of each line."""
    return await desk.rows(
        """SELECT s.quantity, s.quantity_allocated, l.quantity_fulfilled FROM order_line l
        JOIN stock_stock s ON s.variant_id = l.variant_id WHERE l.order_id = :id ORDER BY l.sort_order""",
        id=placed.key,
    )


@pytest.fixture
async def clerk(api: Api) -> str:
    """Somebody who manages orders."""
    return await api.login("clerk@example.com", "MANAGE_ORDERS")


async def test_goods_leave_in_two_parcels(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(lambda session: unpaid_order(session, quantities=(2, 3)))
    assert await stands(desk, placed) == [(10, 2, 0), (10, 3, 0)]
    part = (await api(FULFILL, parcel(placed, 1, 3, trackingNumber=" T-1 "), token=clerk)).data["orderFulfill"]
    assert (part["errors"], part["orderErrors"]) == ([], [])
    (first,) = part["fulfillments"]
    assert (first["fulfillmentOrder"], first["status"], first["statusDisplay"]) == (1, "FULFILLED", "Fulfilled")
    assert first["trackingNumber"] == "T-1"
    assert [(line["quantity"], line["orderLine"]["id"]) for line in first["lines"]] == [
        (1, placed.lines[0]),
        (3, placed.lines[1]),
    ]
    assert [line["orderLine"]["quantityToFulfill"] for line in first["lines"]] == [1, 0]
    assert part["order"]["status"] == "PARTIALLY_FULFILLED"
    assert await stands(desk, placed) == [(9, 1, 1), (7, 0, 3)]

    rest = (await api(FULFILL, parcel(placed, 1, 0), token=clerk)).data["orderFulfill"]
    assert rest["errors"] == []
    assert [(one["fulfillmentOrder"], len(one["lines"])) for one in rest["fulfillments"]] == [(2, 1)]
    assert rest["order"]["status"] == "FULFILLED"
    assert [one["id"] for one in rest["order"]["fulfillments"]] == [first["id"], rest["fulfillments"][0]["id"]]
    assert await stands(desk, placed) == [(8, 0, 2), (7, 0, 3)]
    assert await desk.broken_invariants() == []

    nothing = (await api(FULFILL, parcel(placed, 1), token=clerk)).data["orderFulfill"]
    assert [(error["field"], error["code"]) for error in nothing["errors"]] == [("order", "INVALID")]


async def test_the_history_tells_of_a_parcel_and_the_buyer_is_told(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    await api(FULFILL, parcel(placed, 2, trackingNumber="T-1"), token=clerk)
    events = (await api(HISTORY, {"id": placed.id}, token=clerk)).data["order"]["events"]
    number = await desk.scalar("SELECT number FROM order_order")
    assert [event["type"] for event in events] == [
        "PLACED",
        "EMAIL_SENT",
        "FULFILLMENT_FULFILLED_ITEMS",
        "TRACKING_UPDATED",
        "EMAIL_SENT",
    ]
    assert events[2]["composedId"] == f"{number}-1"
    assert events[2]["fulfilledItems"] == [{"quantity": 2, "orderLine": {"id": placed.lines[0]}}]
    assert events[2]["user"] == {"email": "clerk@example.com"}
    assert events[3]["message"] == "T-1"
    assert (events[4]["email"], events[4]["emailType"]) == ("buyer@example.com", "FULFILLMENT_CONFIRMATION")
    assert {event["orderNumber"] for event in events} == {str(number)}
    ((subject, text),) = await desk.rows("SELECT subject, text FROM mail_message WHERE dedupe_key LIKE 'order-fulf%'")
    assert subject == f"Your order {number} at Shop is on its way"
    assert "2 × " in text
    assert "Tracking number: T-1" in text


async def test_who_does_not_wish_a_mail_sends_none(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    await api(FULFILL, parcel(placed, 1, notifyCustomer=False), token=clerk)
    assert await desk.scalar("SELECT count(*) FROM mail_message WHERE dedupe_key LIKE 'order-fulf%'") == 0
    assert await desk.scalar("SELECT count(*) FROM order_fulfillment") == 1


async def test_goods_leave_several_warehouses_in_a_parcel_each(api: Api, desk: Desk, clerk: str) -> None:
    async def fill(session: Any) -> tuple[Placed, uuid.UUID]:
        placed = await unpaid_order(session, quantities=(3,))
        other = await make.warehouse(session, placed.shop.channel, slug="other")
        return placed, other.id

    placed, other = await desk.database.run(fill)
    await desk.rows(
        """INSERT INTO stock_stock (variant_id, warehouse_id, quantity)
        SELECT variant_id, CAST(:other AS uuid), 1 FROM order_line RETURNING 1""",
        other=str(other),
    )
    elsewhere = ids.encode("Warehouse", other)
    stocks = [{"quantity": 1, "warehouse": elsewhere}, {"quantity": 2, "warehouse": placed.warehouse}]
    given = {"order": placed.id, "input": {"lines": [{"orderLineId": placed.lines[0], "stocks": stocks}]}}
    made = (await api(FULFILL, given, token=clerk)).data["orderFulfill"]
    assert [[line["quantity"] for line in one["lines"]] for one in made["fulfillments"]] == [[1], [2]]
    rows = await desk.rows(
        """SELECT s.quantity, s.quantity_allocated FROM stock_stock s JOIN order_line USING (variant_id)
        ORDER BY s.quantity"""
    )
    assert rows == [(0, 0), (8, 0)]
    assert await desk.scalar("SELECT count(*) FROM stock_allocation") == 0
    assert await desk.broken_invariants() == []


async def test_goods_that_nobody_counts_leave_without_stock(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(lambda session: unpaid_order(session, tracked=False))
    made = (await api(FULFILL, parcel(placed, 2), token=clerk)).data["orderFulfill"]
    assert made["order"]["status"] == "FULFILLED"
    back = {"id": made["fulfillments"][0]["id"], "warehouse": placed.warehouse}
    called_back = (await api(CANCEL, back, token=clerk)).data["orderFulfillmentCancel"]
    assert (called_back["errors"], called_back["order"]["status"]) == ([], "UNFULFILLED")
    assert await desk.scalar("SELECT count(*) FROM stock_stock s JOIN order_line l USING (variant_id)") == 0


async def test_a_warehouse_keeps_what_it_promised_to_others(api: Api, desk: Desk, clerk: str) -> None:
    async def fill(session: Any) -> tuple[Placed, uuid.UUID]:
        placed = await unpaid_order(session, quantities=(2,), stock=2)
        other = await make.warehouse(session, placed.shop.channel, slug="other")
        return placed, other.id

    placed, other = await desk.database.run(fill)
    elsewhere = ids.encode("Warehouse", other)
    line = {"orderLineId": placed.lines[0], "stocks": [{"quantity": 2, "warehouse": elsewhere}]}
    refused = (await api(FULFILL, {"order": placed.id, "input": {"lines": [line]}}, token=clerk)).data["orderFulfill"]
    assert [(e["field"], e["code"], e["orderLines"], e["warehouse"]) for e in refused["errors"]] == [
        ("stocks", "INSUFFICIENT_STOCK", [placed.lines[0]], elsewhere)
    ]
    assert refused["fulfillments"] is None
    assert await stands(desk, placed) == [(2, 2, 0)]
    beyond = {"order": placed.id, "input": {"lines": [line], "allowStockToBeExceeded": True}}
    made = (await api(FULFILL, beyond, token=clerk)).data["orderFulfill"]
    assert (made["errors"], made["order"]["status"]) == ([], "FULFILLED")
    assert await stands(desk, placed) == [(2, 0, 2)]
    assert await desk.broken_invariants() == []


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"quantity": 3}, "orderLineId", "FULFILL_ORDER_LINE"),
        ({"quantity": 0}, "lines", "ZERO_QUANTITY"),
        ({"quantity": -1}, "quantity", "INVALID_QUANTITY"),
        ({"twice": True}, "warehouse", "DUPLICATED_INPUT_ITEM"),
        ({"line": ids.encode("OrderLine", uuid.UUID(int=7))}, "orderLineId", "NOT_FOUND"),
        ({"line": "abc"}, "orderLineId", "GRAPHQL_ERROR"),
        ({"line": None}, "orderLineId", "REQUIRED"),
        ({"warehouse": ids.encode("Warehouse", uuid.UUID(int=7))}, "warehouse", "NOT_FOUND"),
        ({"warehouse": ids.encode("Order", uuid.UUID(int=7))}, "warehouse", "GRAPHQL_ERROR"),
        ({"order": ids.encode("Order", uuid.UUID(int=7))}, "order", "NOT_FOUND"),
        ({"order": None}, "order", "REQUIRED"),
        ({"tracking": "x" * 256}, "trackingNumber", "INVALID"),
    ],
)
async def test_what_cannot_leave(
    api: Api, desk: Desk, clerk: str, change: dict[str, Any], field: str, code: str
) -> None:
    placed = await desk.database.run(unpaid_order)
    stock = {"quantity": change.get("quantity", 1), "warehouse": change.get("warehouse", placed.warehouse)}
    line = {"orderLineId": change.get("line", placed.lines[0]), "stocks": [stock] * (2 if "twice" in change else 1)}
    given = {"lines": [line], "trackingNumber": change.get("tracking")}
    reply = await api(FULFILL, {"order": change.get("order", placed.id), "input": given}, token=clerk)
    (error,) = reply.data["orderFulfill"]["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert await stands(desk, placed) == [(10, 2, 0)]
    assert await desk.scalar("SELECT count(*) FROM order_fulfillment") == 0


async def test_an_order_that_is_held_or_over_or_unpaid_where_that_counts_stays(
    api: Api, desk: Desk, clerk: str
) -> None:
    placed = await desk.database.run(lambda session: unpaid_order(session, confirmed=False))

    async def code() -> str:
        (error,) = (await api(FULFILL, parcel(placed, 1), token=clerk)).data["orderFulfill"]["errors"]
        assert error["field"] == "order"
        return str(error["code"])

    assert await code() == "INVALID"
    await desk.rows("UPDATE order_order SET status = 'CANCELED' RETURNING 1")
    assert await code() == "INVALID"
    await desk.rows("UPDATE order_order SET status = 'UNFULFILLED' RETURNING 1")
    await desk.rows("UPDATE site_settings SET fulfillment_allow_unpaid = false RETURNING 1")
    assert await code() == "CANNOT_FULFILL_UNPAID_ORDER"
    await desk.rows("UPDATE order_order SET status = 'DRAFT' RETURNING 1")
    assert await code() == "NOT_FOUND"
    assert await desk.scalar("SELECT count(*) FROM order_fulfillment") == 0


async def test_a_parcel_is_called_back(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    made = (await api(FULFILL, parcel(placed, 2), token=clerk)).data["orderFulfill"]
    back = {"id": made["fulfillments"][0]["id"], "warehouse": placed.warehouse}
    nowhere = (await api(CANCEL, {"id": back["id"]}, token=clerk)).data["orderFulfillmentCancel"]
    assert nowhere["errors"] == [{"field": "warehouseId", "code": "REQUIRED"}]
    unknown = ids.encode("Warehouse", uuid.UUID(int=7))
    wrong = (await api(CANCEL, back | {"warehouse": unknown}, token=clerk)).data["orderFulfillmentCancel"]
    assert wrong["errors"] == [{"field": "warehouseId", "code": "NOT_FOUND"}]
    assert await stands(desk, placed) == [(8, 0, 2)]

    done = (await api(CANCEL, back, token=clerk)).data["orderFulfillmentCancel"]
    assert done == {
        "errors": [],
        "fulfillment": {"id": back["id"], "status": "CANCELED"},
        "order": {"status": "UNFULFILLED", "lines": [{"quantityFulfilled": 0}]},
    }
    assert await stands(desk, placed) == [(10, 2, 0)]
    assert await desk.broken_invariants() == []
    events = (await api(HISTORY, {"id": placed.id}, token=clerk)).data["order"]["events"]
    assert [(event["type"], event["quantity"]) for event in events[-2:]] == [
        ("FULFILLMENT_CANCELED", None),
        ("FULFILLMENT_RESTOCKED_ITEMS", 2),
    ]
    again = (await api(CANCEL, back, token=clerk)).data["orderFulfillmentCancel"]
    assert again["errors"] == [{"field": "fulfillment", "code": "CANNOT_CANCEL_FULFILLMENT"}]
    missing = {"id": ids.encode("Fulfillment", 2_000_000_000), "warehouse": placed.warehouse}
    assert (await api(CANCEL, missing, token=clerk)).data["orderFulfillmentCancel"]["errors"] == [
        {"field": "id", "code": "NOT_FOUND"}
    ]


async def test_a_parcel_gets_another_number(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    made = (await api(FULFILL, parcel(placed, 2, notifyCustomer=False), token=clerk)).data["orderFulfill"]
    id = made["fulfillments"][0]["id"]
    quiet = await api(TRACK, {"id": id, "input": {"trackingNumber": "T-2"}}, token=clerk)
    assert quiet.data["orderFulfillmentUpdateTracking"] == {
        "errors": [],
        "fulfillment": {"trackingNumber": "T-2"},
        "order": {"id": placed.id},
    }
    assert await desk.scalar("SELECT count(*) FROM mail_message WHERE dedupe_key LIKE 'order-tracking%'") == 0
    await api(TRACK, {"id": id, "input": {"trackingNumber": "T-3", "notifyCustomer": True}}, token=clerk)
    assert "T-3" in await desk.scalar("SELECT text FROM mail_message WHERE dedupe_key LIKE 'order-tracking%'")
    unknown = {"id": ids.encode("Fulfillment", 2_000_000_000), "input": {"trackingNumber": "T"}}
    assert (await api(TRACK, unknown, token=clerk)).data["orderFulfillmentUpdateTracking"]["errors"] == [
        {"field": "id", "code": "NOT_FOUND"}
    ]


@pytest.mark.parametrize("caller", ["anonymous", "owner", "stranger", "staff", "payments"])
async def test_parcels_are_for_who_manages_orders(api: Api, desk: Desk, caller: str) -> None:
    async def fill(session: Any) -> Placed:
        return await unpaid_order(session, user=await make.user(session, email="owner@example.com"))

    placed = await desk.database.run(fill)
    token = None
    if caller == "payments":
        token = await api.login("payments@example.com", "HANDLE_PAYMENTS")
    elif caller != "anonymous":
        token = await api.login(f"{caller}@example.com", is_staff=caller == "staff")
    id = ids.encode("Fulfillment", 1)
    for document, given in (
        (FULFILL, parcel(placed, 1)),
        (CANCEL, {"id": id, "warehouse": placed.warehouse}),
        (TRACK, {"id": id, "input": {"trackingNumber": "T"}}),
    ):
        reply = await api(document, given, token=token)
        (error,) = reply.errors
        assert error["extensions"]["exception"]["code"] == "PermissionDenied"
        assert "MANAGE_ORDERS" in error["message"]
    assert await stands(desk, placed) == [(10, 2, 0)]


async def test_a_parcel_of_many_lines_costs_no_more_statements(api: Api, desk: Desk, clerk: str) -> None:
    read = "query ($id: ID!) { order(id: $id) { fulfillments { lines { orderLine { id } } } } }"
    counts = []
    for lines in (1, 8):
        placed = await desk.database.run(partial(unpaid_order, quantities=(1,) * lines))
        reply = await api(FULFILL, parcel(placed, *[1] * lines), token=clerk)
        assert reply.data["orderFulfill"]["order"]["status"] == "FULFILLED"
        seen = await api(read, {"id": placed.id})
        assert len(seen.data["order"]["fulfillments"][0]["lines"]) == lines
        counts.append((reply.statements, seen.statements))
    assert counts[0] == counts[1]
