"""One cart in many tabs: nothing is lost, nothing is doubled, and nobody sees an error."""

import asyncio

import pytest

from shop.kit.db import Database
from tests.api.client import Api, Reply
from tests.api.shopping import document, open_shop

CREATE = """
mutation ($input: CheckoutCreateInput!) {
  checkoutCreate(input: $input) { checkout { id lines { id } } errors { code } }
}
"""
ADD = """
mutation ($id: ID!, $lines: [CheckoutLineInput!]!) {
  checkoutLinesAdd(id: $id, lines: $lines) { checkout { id } errors { code field } }
}
"""
STATE = "query ($id: ID!) { checkout(id: $id) { lines { quantity variant { id } } email shippingAddress { city } } }"


@pytest.mark.race
async def test_many_tabs_change_one_cart_at_once(committed_api: Api, committed: Database) -> None:
    """60 requests over 20 connections."""
    shop = await committed.run(open_shop)
    given = {"channel": "default-channel", "lines": [{"variantId": shop.scarce, "quantity": 1}]}
    created = (await committed_api(CREATE, {"input": given})).data["checkoutCreate"]["checkout"]
    key, line = created["id"], created["lines"][0]["id"]
    address = {
        "streetAddress1": "1 Example Street",
        "city": "Example City",
        "postalCode": "10001",
        "country": "US",
        "countryArea": "NY",
    }

    def requests() -> list[asyncio.Task[Reply]]:
        tasks = []
        for number in range(20):
            both = [{"variantId": shop.goods, "quantity": 1}, {"variantId": shop.service, "quantity": 1}]
            tasks.append(committed_api(ADD, {"id": key, "lines": both if number % 2 else both[::-1]}))
            email = {"id": key, "email": f"buyer-{number}@example.com"}
            tasks.append(committed_api(document("CheckoutEmailUpdate"), email))
            tasks.append(
                committed_api(document("CheckoutShippingAddressUpdate"), {"id": key, "address": address})
                if number % 2
                else committed_api(document("CheckoutLineDelete"), {"id": key, "lineId": line})
            )
        return [asyncio.ensure_future(task) for task in tasks]

    replies = await asyncio.gather(*requests())
    codes = [error["code"] for reply in replies for error in next(iter(reply.data.values()))["errors"]]
    # The line was deleted once; nine tabs came too late.
    assert codes == ["NOT_FOUND"] * 9
    checkout = (await committed_api(STATE, {"id": key})).data["checkout"]
    quantities = {line["variant"]["id"]: line["quantity"] for line in checkout["lines"]}
    assert quantities == {shop.goods: 20, shop.service: 20}
    assert checkout["shippingAddress"] == {"city": "EXAMPLE CITY"}


@pytest.mark.race
async def test_a_guest_s_cart_becomes_one_user_s(committed_api: Api, committed: Database) -> None:
    """8 users, each over a connection of their own."""
    await committed.run(open_shop)
    given = {"channel": "default-channel", "lines": []}
    key = (await committed_api(CREATE, {"input": given})).data["checkoutCreate"]["checkout"]["id"]
    emails = [f"customer-{number}@example.com" for number in range(8)]
    tokens = [await committed_api.login(email) for email in emails]
    attach = document("CheckoutCustomerAttach")
    replies = await asyncio.gather(*(committed_api(attach, {"id": key}, token=token) for token in tokens))
    outcomes = [reply.data["checkoutCustomerAttach"]["errors"] for reply in replies]
    assert outcomes.count([]) == 1
    assert all(not errors or [error["code"] for error in errors] == ["NOT_FOUND"] for errors in outcomes)
    winner = outcomes.index([])
    owner = "query ($id: ID!) { checkout(id: $id) { email user { email } } }"
    read = (await committed_api(owner, {"id": key}, token=tokens[winner])).data["checkout"]
    assert read == {"email": emails[winner], "user": {"email": emails[winner]}}
