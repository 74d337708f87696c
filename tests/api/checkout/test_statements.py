"""How many statements a cart takes: bounded, and the same for one line and for twenty."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from tests import factories as make
from tests.api.client import Api
from tests.api.shopping import document

# Every field of a checkout that a guest may read, with what the storefront shows of its lines.
EVERYTHING = """
query Everything($id: ID!) {
  checkout(id: $id) {
    id token created updatedAt lastChange email customerNote note languageCode displayGrossPrices taxExemption
    quantity stockReservationExpires discountName translatedDiscountName voucherCode
    metadata { key value } metafield(key: "a") metafields(keys: ["a"])
    channel { id slug name currencyCode }
    user { id }
    billingAddress { ...Place } shippingAddress { ...Place }
    discount { amount } giftCards { id }
    availablePaymentGateways { id name currencies config { field value } }
    isShippingRequired
    lines {
      id quantity requiresShipping isGift priceOverrideReason
      unitPrice { ...Price } totalPrice { ...Price }
      undiscountedUnitPrice { amount } undiscountedTotalPrice { amount }
      priorUnitPrice { amount } priorTotalPrice { amount }
      metadata { key value }
      problems { __typename }
      variant { id name sku quantityAvailable product { name slug } }
    }
    shippingPrice { ...Price } subtotalPrice { ...Price } totalPrice { ...Price } totalBalance { amount }
    delivery { id shippingMethod { id name price { amount currency } description active message } }
    authorizeStatus chargeStatus
    problems {
      __typename
      ... on CheckoutLineProblemInsufficientStock { availableQuantity line { id } variant { id } }
    }
  }
}
fragment Place on Address { id firstName streetAddress1 city country { code country } metadata { key } }
fragment Price on TaxedMoney { currency gross { amount } net { amount } tax { amount } }
"""


async def carts(database: Database) -> dict[int, tuple[str, list[str]]]:
    """Two checkouts that lack nothing: with one line and with twenty; and the variants of one more."""

    async def work(session: AsyncSession) -> dict[int, tuple[str, list[str]]]:
        channel = await make.channel(session, slug="default-channel")
        zone = await make.shipping_zone(session, channel)
        warehouse = await make.warehouse(session, channel, zones=(zone,))
        parcel = await make.shipping_method(session, zone, channel)
        found = {}
        for number in (1, 20):
            variants = [await make.variant(session, channel, stock=None) for _ in range(number)]
            more = [await make.variant(session, channel, stock=None) for _ in range(number)]
            for variant in variants + more:
                await make.stock(session, variant.id, warehouse, 100)
            cart = await make.ready_checkout(session, channel, dict.fromkeys(variants, 1), parcel)
            found[number] = (
                ids.encode("Checkout", cart.id),
                [ids.encode("ProductVariant", variant.id) for variant in more],
            )
        return found

    return await database.run(work)


async def test_the_whole_checkout_takes_ten_statements_at_most(api: Api, database: Database) -> None:
    made = await carts(database)
    for query in (EVERYTHING, document("CheckoutDetails")):
        counts = {}
        for number, (key, _) in made.items():
            reply = await api(query, {"id": key})
            assert len(reply.data["checkout"]["lines"]) == number
            assert reply.data["checkout"]["problems"] == []
            counts[number] = reply.statements
        assert counts[1] == counts[20], counts
        assert counts[20] <= 10, reply.log.texts


async def test_a_user_s_checkout_takes_ten_statements_too(api: Api, database: Database) -> None:
    made = await carts(database)
    token = await api.login("owner@example.com")
    create = "mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id } } }"
    address = {
        "streetAddress1": "1 Example Street",
        "city": "Example City",
        "postalCode": "10001",
        "country": "US",
        "countryArea": "NY",
    }
    counts = {}
    for number, (_, variants) in made.items():
        given = {
            "channel": "default-channel",
            "lines": [{"variantId": variant, "quantity": 1} for variant in variants],
            "shippingAddress": address,
            "billingAddress": address,
        }
        created = await api(create, {"input": given}, token=token)
        reply = await api(EVERYTHING, {"id": created.data["checkoutCreate"]["checkout"]["id"]}, token=token)
        assert reply.data["checkout"]["user"] is not None
        counts[number] = reply.statements
    assert counts[1] == counts[20], counts
    assert counts[20] <= 10, reply.log.texts


async def test_adding_lines_takes_twelve_statements_at_most(api: Api, database: Database) -> None:
    # What Saleor's storefront asks for after adding to the cart.
    usual = """
    mutation Add($id: ID!, $lines: [CheckoutLineInput!]!) {
      checkoutLinesAdd(id: $id, lines: $lines) {
        checkout {
          id
          lines { id quantity totalPrice { gross { amount currency } } variant { name product { name slug } } }
          subtotalPrice { gross { amount currency } }
        }
        errors { field message code }
      }
    }
    """
    made = await carts(database)
    limits: tuple[tuple[str, int], ...] = ((usual, 12), (document("CheckoutLinesAdd"), 12))
    for query, limit in limits:
        counts = {}
        for number, (key, variants) in made.items():
            lines: list[dict[str, Any]] = [{"variantId": variant, "quantity": 1} for variant in variants]
            reply = await api(query, {"id": key, "lines": lines})
            assert reply.data["checkoutLinesAdd"]["errors"] == []
            assert len(reply.data["checkoutLinesAdd"]["checkout"]["lines"]) == 2 * number
            counts[number] = reply.statements
        assert counts[1] == counts[20], counts
        assert counts[20] <= limit, reply.log.texts
