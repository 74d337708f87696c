"""Staff find orders: filters, search, sorting, pages; each finds exactly what it says."""

import uuid
from typing import Any

import pytest

from shop.kit import ids
from shop.orders import actions
from shop.orders.actions import By, Dispatch
from shop.orders.rules import Wanted
from tests import factories as make
from tests.api.client import Api
from tests.factories.orders import Placed, unpaid_order
from tests.factories.payments import Desk

LIST = """
query ($filter: OrderFilterInput, $where: OrderWhereInput, $search: String, $sort: OrderSortingInput,
       $channel: String, $first: Int = 10, $after: String) {
  orders(filter: $filter, where: $where, search: $search, sortBy: $sort, channel: $channel,
         first: $first, after: $after) {
    totalCount edges { node { id number } } pageInfo { hasNextPage endCursor }
  }
}
"""


class World:
    """Four orders of one shop and one of another: A is new, B is paid and sent, C is held, D is cancelled."""

    placed: dict[str, Placed]

    def names(self, reply: Any) -> str:
        """The orders of a page, by their letters, in its order."""
        letters = {placed.id: name for name, placed in self.placed.items()}
        return "".join(letters[edge["node"]["id"]] for edge in reply.data["orders"]["edges"])


async def world(session: Any) -> World:
    """The orders, placed a day after each other."""
    made = World()
    owner = await make.user(session, email="owner@example.com", first_name="Olive", last_name="Owner")
    first = await unpaid_order(session, user=owner)
    of = first.shop
    made.placed = {"A": first}
    made.placed["B"] = await unpaid_order(session, of=of, quantities=(5,))
    made.placed["C"] = await unpaid_order(session, of=of, confirmed=False)
    made.placed["D"] = await unpaid_order(session, of=of)
    made.placed["E"] = await unpaid_order(session)
    paid = made.placed["B"]
    await actions.mark_as_paid(session, paid.key, By())
    wanted = [Wanted(paid.line_keys[0], paid.warehouse_key, 5)]
    await actions.fulfil(session, paid.key, wanted, Dispatch(notify=False))
    await actions.request_invoice(session, paid.key, By())
    await actions.cancel(session, made.placed["D"].key, By())
    return made


DATES = """
UPDATE order_order SET created_at = timestamptz '2026-01-01 12:00+00' + (number - first.lowest) * interval '1 day',
  updated_at = timestamptz '2026-02-01 12:00+00' - (number - first.lowest) * interval '1 day',
  email = CASE WHEN number = first.lowest + 1 THEN 'second@example.com' ELSE email END,
  external_reference = 'R' || (number - first.lowest),
  metadata = CASE WHEN number = first.lowest THEN jsonb_build_object('a', '1') ELSE metadata END
FROM (SELECT min(number) AS lowest FROM order_order) AS first RETURNING 1
"""


@pytest.fixture
async def orders(desk: Desk) -> World:
    made = await desk.database.run(world)
    await desk.rows(DATES)
    return made


@pytest.fixture
async def clerk(api: Api) -> str:
    return await api.login("clerk@example.com", "MANAGE_ORDERS")


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "EDCBA"),
    ({"status": ["UNFULFILLED"]}, "EA"),
    ({"status": ["FULFILLED", "CANCELED"]}, "DB"),
    ({"status": ["UNCONFIRMED"]}, "C"),
    ({"status": ["READY_TO_FULFILL"]}, ""),
    ({"status": ["READY_TO_CAPTURE", "FULFILLED"]}, "B"),
    ({"status": []}, ""),
    ({"chargeStatus": ["FULL"]}, "B"),
    ({"authorizeStatus": ["NONE"]}, "EDCA"),
    ({"customer": "OWNER@"}, "A"),
    ({"customer": "olive ow"}, "A"),
    ({"customer": "%"}, ""),
    ({"created": {"gte": "2026-01-02", "lte": "2026-01-03"}}, "CB"),
    ({"created": {"lte": "2026-01-01"}}, "A"),
    ({"updatedAt": {"gte": "2026-01-31T12:00:00+00:00"}}, "BA"),
    ({"metadata": [{"key": "a", "value": "1"}]}, "A"),
    ({"metadata": [{"key": "a"}]}, "A"),
    ({"metadata": [{"key": "b"}]}, ""),
    ({"isClickAndCollect": True}, ""),
    ({"isClickAndCollect": False, "isPreorder": False}, "EDCBA"),
    ({"numbers": ["0", "x", "99999999999"]}, ""),
    ({"ids": []}, ""),
    ({"search": "second@"}, "B"),
    ({"search": "no such thing"}, ""),
]


async def test_filters(api: Api, orders: World, clerk: str) -> None:
    for filter, found in FILTERS:
        reply = await api(LIST, {"filter": filter}, token=clerk)
        assert orders.names(reply) == found, filter
        assert reply.data["orders"]["totalCount"] == len(found)


WHERE: list[tuple[dict[str, Any], str]] = [
    ({"status": {"oneOf": ["UNFULFILLED", "UNCONFIRMED"]}}, "ECA"),
    ({"status": {"eq": "CANCELED"}}, "D"),
    ({"status": {}}, ""),
    ({"chargeStatus": {"eq": "FULL"}}, "B"),
    ({"authorizeStatus": {"oneOf": ["FULL"]}}, "B"),
    ({"userEmail": {"eq": "OWNER@example.com"}}, "A"),
    ({"createdAt": {"gte": "2026-01-04T12:00:00+00:00"}}, "ED"),
    ({"updatedAt": {"lte": "2026-01-28T12:00:00+00:00"}}, "E"),
    ({"hasInvoices": True}, "B"),
    ({"hasFulfillments": False}, "EDCA"),
    ({"totalGross": {"currency": "USD", "amount": {"range": {"gte": 25.01}}}}, "B"),
    ({"totalGross": {"amount": {"eq": 25}}}, "EDCA"),
    ({"totalNet": {"amount": {"oneOf": [55, 1]}}}, "B"),
    ({"totalNet": {"amount": {"range": {"lte": 25}}}}, "EDCA"),
    ({"totalGross": {"currency": "EUR", "amount": {"eq": 25}}}, ""),
    ({"isClickAndCollect": True}, ""),
    ({"AND": [{"hasInvoices": False}, {"status": {"eq": "UNFULFILLED"}}]}, "EA"),
    ({"OR": [{"hasInvoices": True}, {"status": {"eq": "CANCELED"}}]}, "DB"),
    ({"checkoutToken": {"eq": str(uuid.UUID(int=7))}}, ""),
    ({"user": {"eq": ids.encode("User", 2_000_000_000)}}, ""),
]


async def test_where(api: Api, orders: World, clerk: str) -> None:
    for where, found in WHERE:
        reply = await api(LIST, {"where": where}, token=clerk)
        assert orders.names(reply) == found, where
        assert reply.data["orders"]["totalCount"] == len(found)


async def test_orders_are_found_by_what_names_them(api: Api, desk: Desk, orders: World, clerk: str) -> None:
    one = orders.placed["C"]
    ((number, checkout, channel),) = await desk.rows(
        "SELECT number, checkout_id, channel_id FROM order_order WHERE id = :id", id=one.key
    )
    user = await desk.scalar("SELECT user_id FROM order_order WHERE user_id IS NOT NULL")
    sku = await desk.scalar("SELECT product_sku FROM order_line WHERE order_id = :id", id=one.key)
    for arguments, found in (
        ({"where": {"ids": [one.id]}}, "C"),
        ({"where": {"number": {"eq": number}}}, "C"),
        ({"where": {"number": {"oneOf": [number, number + 1]}}}, "DC"),
        ({"where": {"number": {"range": {"gte": number, "lte": number + 1}}}}, "DC"),
        ({"where": {"checkoutId": {"eq": ids.encode("Checkout", checkout)}}}, "C"),
        ({"where": {"checkoutToken": {"oneOf": [str(checkout)]}}}, "C"),
        ({"where": {"channelId": {"eq": ids.encode("Channel", channel)}}}, "DCBA"),
        ({"where": {"user": {"oneOf": [ids.encode("User", user)]}}}, "A"),
        ({"filter": {"ids": [one.id]}}, "C"),
        ({"filter": {"numbers": [str(number)]}}, "C"),
        ({"filter": {"checkoutIds": [ids.encode("Checkout", checkout)]}}, "C"),
        ({"filter": {"checkoutTokens": [str(checkout)]}}, "C"),
        ({"filter": {"channels": [ids.encode("Channel", channel)]}}, "DCBA"),
        ({"channel": one.shop.channel.slug}, "DCBA"),
        ({"channel": "nowhere"}, ""),
        ({"search": str(number)}, "C"),
        ({"search": f"#{number}"}, "C"),
        ({"search": sku.lower()}, "C"),
    ):
        assert orders.names(await api(LIST, arguments, token=clerk)) == found, arguments


SORTS = [
    ("NUMBER", "ASC", "ABCDE"),
    ("CREATED_AT", "DESC", "EDCBA"),
    ("CREATION_DATE", "ASC", "ABCDE"),
    ("LAST_MODIFIED_AT", "ASC", "EDCBA"),
    ("RANK", "ASC", "EDCBA"),
]


async def test_sorting_in_pages(api: Api, orders: World, clerk: str) -> None:
    for field, direction, found in SORTS:
        sort = {"field": field, "direction": direction}
        assert orders.names(await api(LIST, {"sort": sort}, token=clerk)) == found, sort
        pages = ""
        after = None
        while True:
            reply = await api(LIST, {"sort": sort, "first": 2, "after": after}, token=clerk)
            pages += orders.names(reply)
            if not reply.data["orders"]["pageInfo"]["hasNextPage"]:
                break
            after = reply.data["orders"]["pageInfo"]["endCursor"]
        assert pages == found


async def test_sorting_by_what_many_share_loses_none(api: Api, orders: World, clerk: str) -> None:
    for field in ("CUSTOMER", "STATUS", "FULFILLMENT_STATUS", "PAYMENT"):
        found = orders.names(await api(LIST, {"sort": {"field": field, "direction": "ASC"}}, token=clerk))
        assert sorted(found) == list("ABCDE"), field
        back = orders.names(await api(LIST, {"sort": {"field": field, "direction": "DESC"}}, token=clerk))
        assert back == found[::-1]


async def test_what_is_refused(api: Api, orders: World, clerk: str) -> None:
    both = await api(LIST, {"filter": {}, "where": {}}, token=clerk)
    assert both.errors[0]["message"] == "Only one of the arguments `filter` and `where` can be used."
    broken = await api(LIST, {"where": {"ids": ["abc"]}}, token=clerk)
    assert broken.errors[0]["message"] == "Invalid ID: abc. Expected: Order."
    for caller in (None, await api.login("owner@example.com"), await api.login("other@example.com", is_staff=True)):
        reply = await api(LIST, {"filter": {}}, token=caller)
        assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
        assert reply.partial == {"orders": None}


async def test_drafts_are_no_orders(api: Api, desk: Desk, orders: World, clerk: str) -> None:
    await desk.rows("UPDATE order_order SET status = 'DRAFT' WHERE id = :id RETURNING 1", id=orders.placed["C"].key)
    assert orders.names(await api(LIST, {}, token=clerk)) == "EDBA"


async def test_a_page_costs_the_same_for_one_and_for_many(api: Api, desk: Desk, orders: World, clerk: str) -> None:
    document = """
    query ($where: OrderWhereInput) {
      orders(first: 5, where: $where) {
        totalCount
        edges { node {
          id fulfillments { trackingNumber lines { quantity orderLine { productName } } } invoices { number url }
          actions totalRefundPending { amount } totalChargePending { amount } totalAuthorizePending { amount }
          totalCancelPending { amount } canFinalize trackingClientId
          lines { productName } events { type user { email } fulfilledItems { quantity } }
        } }
      }
    }
    """
    counts = []
    # B alone has all of it: parcels, an invoice, a history by people.
    for where, many in (({"ids": [orders.placed["B"].id]}, 1), ({}, 5)):
        reply = await api(document, {"where": where}, token=clerk)
        assert len(reply.data["orders"]["edges"]) == many
        counts.append(reply.statements)
    assert counts[0] == counts[1]


async def test_an_order_by_its_token(api: Api, orders: World) -> None:
    document = "query ($token: UUID!) { orderByToken(token: $token) { id userEmail } }"
    seen = await api(document, {"token": str(orders.placed["A"].key)})
    assert seen.data["orderByToken"] == {"id": orders.placed["A"].id, "userEmail": "o...@example.com"}
    assert (await api(document, {"token": str(uuid.UUID(int=7))})).data == {"orderByToken": None}
