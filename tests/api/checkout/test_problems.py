"""What a cart says of itself when the shop has changed around it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Executable

from shop.catalogue.models import Variant
from shop.kit.db import Database
from shop.pricing.models import ProductListing, VariantListing
from shop.shipping.models import ShippingMethodListing
from shop.site.models import SiteSettings
from shop.stock.models import Reservation, Stock
from tests.api.client import Api
from tests.api.shopping import Shop, document

STATE = """
query ($id: ID!) {
  checkout(id: $id) {
    lines { id problems { __typename } variant { id product { name slug } } }
    totalPrice { gross { amount } }
    delivery { id shippingMethod { name active price { amount } } }
    problems {
      __typename
      ... on CheckoutLineProblemInsufficientStock { availableQuantity line { id } variant { id } }
      ... on CheckoutLineProblemVariantNotAvailable { line { id } }
      ... on CheckoutProblemDeliveryMethodStale { delivery { id } }
      ... on CheckoutProblemDeliveryMethodInvalid { delivery { id } }
    }
  }
}
"""


async def change(database: Database, *statements: Executable) -> None:
    async def work(session: AsyncSession) -> None:
        for statement in statements:
            await session.execute(statement)

    await database.run(work)


async def cart(api: Api, shop: Shop) -> tuple[str, str]:
    """A checkout with two of the goods, a service and a parcel, and the id of its first line."""
    lines = [{"variantId": shop.goods, "quantity": 2}, {"variantId": shop.service, "quantity": 1}]
    address = {
        "streetAddress1": "1 Example Street",
        "city": "Example City",
        "postalCode": "10001",
        "country": "US",
        "countryArea": "NY",
    }
    given = {"channel": "default-channel", "lines": lines, "shippingAddress": address}
    created = (await api(document("CheckoutCreate"), {"input": given})).data["checkoutCreate"]["checkout"]
    await api(document("CheckoutDeliveryMethodUpdate"), {"id": created["id"], "deliveryMethodId": shop.parcel})
    return created["id"], created["lines"][0]["id"]


async def state(api: Api, key: str) -> Any:
    return (await api(STATE, {"id": key})).data["checkout"]


async def test_a_good_cart_has_no_problems(api: Api, shop: Shop) -> None:
    key, _ = await cart(api, shop)
    read = await state(api, key)
    assert read["problems"] == []
    assert [line["problems"] for line in read["lines"]] == [[], []]
    assert read["totalPrice"]["gross"]["amount"] == 229


async def test_the_stock_has_shrunk(api: Api, shop: Shop, database: Database) -> None:
    key, line = await cart(api, shop)
    await change(database, update(Stock).where(Stock.variant_id == shop.goods_id).values(quantity=1))
    read = await state(api, key)
    assert read["problems"] == [
        {
            "__typename": "CheckoutLineProblemInsufficientStock",
            "availableQuantity": 1,
            "line": {"id": line},
            "variant": {"id": shop.goods},
        }
    ]
    assert [line["problems"] for line in read["lines"]] == [
        [{"__typename": "CheckoutLineProblemInsufficientStock"}],
        [],
    ]


async def test_the_product_is_no_longer_sold(api: Api, shop: Shop, database: Database) -> None:
    key, line = await cart(api, shop)
    from_goods = VariantListing.variant_id == shop.goods_id
    hide = update(ProductListing).where(
        ProductListing.product_id.in_(select(Variant.product_id).where(Variant.id == shop.goods_id))
    )
    problem = [{"__typename": "CheckoutLineProblemVariantNotAvailable", "line": {"id": line}}]
    await change(database, hide.values(is_published=False))
    read = await state(api, key)
    assert read["problems"] == problem
    # Who filled the cart still sees what is in it, and what it would cost.
    assert read["lines"][0]["variant"]["product"]["name"]
    assert read["totalPrice"]["gross"]["amount"] == 229
    await change(database, hide.values(is_published=True), delete(VariantListing).where(from_goods))
    read = await state(api, key)
    assert read["problems"] == problem
    assert read["totalPrice"]["gross"]["amount"] == 205


async def test_the_delivery_has_changed(api: Api, shop: Shop, database: Database) -> None:
    key, _ = await cart(api, shop)
    delivery = (await state(api, key))["delivery"]
    assert delivery["shippingMethod"] == {"name": "Parcel", "active": True, "price": {"amount": 5}}
    await change(database, update(ShippingMethodListing).values(price_amount=Decimal(6)))
    read = await state(api, key)
    assert read["problems"] == [
        {"__typename": "CheckoutProblemDeliveryMethodStale", "delivery": {"id": delivery["id"]}}
    ]
    assert read["delivery"] == delivery
    assert read["totalPrice"]["gross"]["amount"] == 229
    (offer,) = (await api(document("DeliveryOptionsCalculate"), {"id": key})).data["deliveryOptionsCalculate"][
        "deliveries"
    ]
    assert (offer["id"], offer["shippingMethod"]["price"]["amount"]) == (delivery["id"], 6)
    read = await state(api, key)
    assert (read["problems"], read["totalPrice"]["gross"]["amount"]) == ([], 230)
    await change(database, update(ShippingMethodListing).values(minimum_order_amount=Decimal(1000)))
    read = await state(api, key)
    assert read["problems"] == [
        {"__typename": "CheckoutProblemDeliveryMethodInvalid", "delivery": {"id": delivery["id"]}}
    ]
    assert read["delivery"]["shippingMethod"]["active"] is False
    await change(database, delete(ShippingMethodListing))
    read = await state(api, key)
    assert read["problems"][0]["__typename"] == "CheckoutProblemDeliveryMethodInvalid"
    assert read["delivery"] == {"id": delivery["id"], "shippingMethod": None}


async def test_items_are_kept_until(api: Api, shop: Shop, database: Database) -> None:
    query = """
    query ($id: ID!, $variant: ID!) {
      checkout(id: $id) { stockReservationExpires lines { problems { __typename } } problems { __typename } }
      productVariant(id: $variant, channel: "default-channel") { quantityAvailable }
    }
    """
    await change(database, update(SiteSettings).values(reserve_minutes_guest=15))
    key, _ = await cart(api, shop)
    before = datetime.now(UTC)
    read = (await api(query, {"id": key, "variant": shop.goods})).data
    left = datetime.fromisoformat(read["checkout"]["stockReservationExpires"]) - before
    assert timedelta(minutes=14) < left < timedelta(minutes=16)
    assert read["checkout"]["problems"] == []
    assert read["productVariant"] == {"quantityAvailable": 28}
    # The last two that are there are one's own.
    await change(database, update(Stock).where(Stock.variant_id == shop.goods_id).values(quantity=2))
    read = (await api(query, {"id": key, "variant": shop.goods})).data
    assert read["checkout"]["problems"] == []
    assert read["productVariant"] == {"quantityAvailable": 0}
    # The database's clock stands still in a transaction, and this one began before the test did.
    await change(database, update(Reservation).values(expires_at=before - timedelta(hours=1)))
    read = (await api(query, {"id": key, "variant": shop.goods})).data
    assert read["checkout"]["stockReservationExpires"] is None
    assert read["productVariant"] == {"quantityAvailable": 2}
