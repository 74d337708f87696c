"""Promotions as shoppers see them: in the catalogue, in the cart and in the order."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from tests import factories as make
from tests.api.client import Api

PRICING = """
query ($id: ID!) {
  product(id: $id, channel: "default-channel") {
    pricing {
      onSale discount { gross { amount } } discountPrior { gross { amount } }
      priceRange { start { gross { amount } net { amount } } stop { gross { amount } } }
      priceRangeUndiscounted { start { gross { amount } } stop { gross { amount } } }
    }
    productVariants(first: 5) {
      edges {
        node {
          pricing {
            onSale discount { gross { amount } }
            price { gross { amount } net { amount } } priceUndiscounted { gross { amount } }
            pricePrior { gross { amount } } discountPrior { gross { amount } }
          }
        }
      }
    }
  }
}
"""
LIST = """
query ($where: ProductWhereInput, $filter: ProductFilterInput) {
  products(
    first: 10, channel: "default-channel", where: $where, filter: $filter, sortBy: {field: PRICE, direction: ASC}
  ) {
    edges { node { name pricing { onSale priceRange { start { gross { amount } } } } } }
  }
}
"""


def gross(amount: float | None) -> Any:
    return None if amount is None else {"gross": {"amount": amount}}


async def sale(session: AsyncSession) -> tuple[str, int]:
    """Oil for 30.00 and 50.00, of which the dearer is half off; soap for 40.00; prices hold a tax of 25 %."""
    channel = await make.channel(session, slug="default-channel")
    await make.tax_rate(session, "US", "25")
    oil = await make.product(session, channel, name="Oil")
    await make.variant(session, channel, product=oil, price="30.00", prior_price="35.00")
    dearer = await make.variant(session, channel, product=oil, price="50.00", prior_price="55.00")
    await make.variant(session, channel, product=await make.product(session, channel, name="Soap"), price="40.00")
    await make.promotion(session, channel, value="50", variant_ids=[dearer.id], name="Half price")
    return ids.encode("Product", oil.id), dearer.id


async def test_a_product_on_sale_shows_both_prices(api: Api, database: Database) -> None:
    key, _ = await database.run(sale)
    product = (await api(PRICING, {"id": key})).data["product"]
    assert product["pricing"] == {
        "onSale": True,
        "discount": gross(5.0),
        "discountPrior": gross(10.0),
        "priceRange": {"start": {"gross": {"amount": 25.0}, "net": {"amount": 20.0}}, "stop": gross(30.0)},
        "priceRangeUndiscounted": {"start": gross(30.0), "stop": gross(50.0)},
    }
    plain, reduced = [edge["node"]["pricing"] for edge in product["productVariants"]["edges"]]
    assert plain == {
        "onSale": False,
        "discount": None,
        "price": {"gross": {"amount": 30.0}, "net": {"amount": 24.0}},
        "priceUndiscounted": gross(30.0),
        "pricePrior": gross(35.0),
        "discountPrior": gross(5.0),
    }
    assert reduced == {
        "onSale": True,
        "discount": gross(25.0),
        "price": {"gross": {"amount": 25.0}, "net": {"amount": 20.0}},
        "priceUndiscounted": gross(50.0),
        "pricePrior": gross(55.0),
        "discountPrior": gross(30.0),
    }


async def test_lists_sort_and_filter_by_what_is_paid(api: Api, database: Database) -> None:
    await database.run(sale)

    async def names(**given: Any) -> list[str]:
        found = (await api(LIST, given)).data["products"]["edges"]
        return [edge["node"]["name"] for edge in found]

    assert await names() == ["Oil", "Soap"]
    assert await names(where={"minimalPrice": {"range": {"lte": 25}}}) == ["Oil"]
    assert await names(where={"price": {"range": {"gte": 41}}}) == []
    assert await names(filter={"price": {"gte": 24, "lte": 26}}) == ["Oil"]
    assert await names(filter={"price": {"gte": 45}}) == []


async def test_cart_and_order_tell_the_promotion_of_a_line(api: Api, database: Database) -> None:
    async def work(session: AsyncSession) -> str:
        channel = await make.channel(session, charge_taxes=False)
        kind = await make.product_type(session, is_shipping_required=False)
        visit = await make.product(session, channel, type=kind)
        thing = await make.variant(session, channel, product=visit, price="10.00", track_inventory=False)
        await make.promotion(session, channel, value="20", product_ids=[visit.id], name="Spring")
        await make.voucher(session, channel, value="100")
        return ids.encode("Checkout", (await make.ready_checkout(session, channel, {thing: 3})).id)

    key = await database.run(work)
    add = """
    mutation ($id: ID!) {
      checkoutAddPromoCode(id: $id, promoCode: "SAVE") {
        checkout {
          discount { amount }
          lines { undiscountedUnitPrice { amount } undiscountedTotalPrice { amount } totalPrice { gross { amount } } }
        }
      }
    }
    """
    assert (await api(add, {"id": key})).data["checkoutAddPromoCode"]["checkout"] == {
        "discount": {"amount": 24.0},
        "lines": [
            {
                "undiscountedUnitPrice": {"amount": 10.0},
                "undiscountedTotalPrice": {"amount": 30.0},
                "totalPrice": {"gross": {"amount": 0.0}},
            }
        ],
    }
    complete = """
    mutation ($id: ID!) {
      checkoutComplete(id: $id) {
        order {
          undiscountedTotal { gross { amount } }
          discounts { type total { amount } }
          lines {
            unitDiscount { amount } unitDiscountType unitDiscountValue unitDiscountReason voucherCode
            discounts { id type name valueType value reason total { amount } unit { amount } }
          }
        }
        errors { code }
      }
    }
    """
    order = (await api(complete, {"id": key})).data["checkoutComplete"]["order"]
    (line,) = order["lines"]
    (discount,) = line.pop("discounts")
    assert ids.type_of(discount.pop("id")) == "OrderLineDiscount"
    assert discount == {
        "type": "PROMOTION",
        "name": "Spring",
        "valueType": "PERCENTAGE",
        "value": 20.0,
        "reason": None,
        "total": {"amount": 6.0},
        "unit": {"amount": 2.0},
    }
    assert line == {
        "unitDiscount": {"amount": 2.0},
        "unitDiscountType": "PERCENTAGE",
        "unitDiscountValue": 20.0,
        "unitDiscountReason": "Spring",
        "voucherCode": None,
    }
    assert order["undiscountedTotal"] == gross(30.0)
    assert order["discounts"] == [{"type": "VOUCHER", "total": {"amount": 24.0}}]
