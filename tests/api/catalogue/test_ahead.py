"""What a list reads with its rows is what the fields' own statements say: the same product, asked for both ways."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from tests import factories as make
from tests.api.client import Api

FIELDS = """
fragment Fields on Product {
  slug
  description
  isAvailable
  metadata { key value }
  metafield(key: "fit")
  thumbnail(size: 64) { url alt }
  pricing {
    priceRange { start { gross { amount } net { amount } } stop { gross { amount } } }
    priceRangePrior { stop { gross { amount } } }
    discountPrior { gross { amount } }
  }
  media { url alt metadata { key } oembedData }
  collections { slug description }
  variants { ...Fits }
  productVariants(first: 10) { totalCount edges { node { ...Fits } } }
}
fragment Fits on ProductVariant {
  sku
  metadata { key value }
  pricing { price { gross { amount } net { amount } } pricePrior { gross { amount } } }
}
"""
LIST = "query ($channel: String) { products(first: 20, channel: $channel) { edges { node { ...Fields } } } }" + FIELDS
IN_COLLECTION = (
    'query ($channel: String) { collection(slug: "all", channel: $channel) '
    "{ products(first: 20) { edges { node { ...Fields } } } } }" + FIELDS
)
ONE = "query ($slug: String, $channel: String) { product(slug: $slug, channel: $channel) { ...Fields } }" + FIELDS
ONE_VARIANT = (
    "query ($sku: String, $channel: String) { productVariant(sku: $sku, channel: $channel) { ...Fits } }"
    + FIELDS[FIELDS.index("fragment Fits") :]
)


async def rows(session: AsyncSession) -> None:
    us = await make.channel(session, slug="us")
    eu = await make.channel(session, slug="eu", currency="EUR", country="DE")
    await make.tax_rate(session, "US", "8.25")
    everywhere = [
        await make.product(session, us, eu, slug="pictured", metadata_public={"fit": "slim"}),
        await make.product(session, us, eu, slug="reduced"),
        await make.product(session, us, eu, slug="sold-out"),
        await make.product(session, us, eu, slug="not-for-sale", available_for_purchase_at=None),
    ]
    pictured, reduced, sold_out, not_for_sale = everywhere
    await make.picture(session, pictured, alt="Second", sort_order=2)
    await make.picture(session, pictured, alt="First", sort_order=1)
    await make.variant(session, us, eu, product=pictured, sku="p-1", price="11.00", metadata_public={"a": "b"})
    # Sold in one channel only.
    await make.variant(session, eu, product=pictured, sku="p-2", price="7.00")
    await make.variant(session, us, eu, product=reduced, sku="r-1", price="8.00", prior_price="12.00")
    await make.variant(session, us, eu, product=sold_out, sku="s-1", stock=0)
    await make.variant(session, us, eu, product=not_for_sale, sku="n-1")
    await make.collection(session, us, slug="all", products=tuple(everywhere))


# Only staff look across channels.
@pytest.mark.parametrize(("channel", "staff"), [("us", False), ("eu", False), ("us", True), ("eu", True), (None, True)])
async def test_a_product_of_a_list_is_the_product_itself(
    api: Api, database: Database, channel: str | None, staff: bool
) -> None:
    await database.run(rows)
    token = await api.login("staff@example.com", "MANAGE_PRODUCTS") if staff else None
    listed = (await api(LIST, {"channel": channel}, token=token)).data["products"]["edges"]
    assert len(listed) == 4
    await _compare(api, [edge["node"] for edge in listed], channel, token)
    collection = (await api(IN_COLLECTION, {"channel": channel}, token=token)).data["collection"]
    if channel == "us":
        assert [edge["node"] for edge in collection["products"]["edges"]] != []
    if collection is not None:
        await _compare(api, [edge["node"] for edge in collection["products"]["edges"]], channel, token)


async def _compare(api: Api, nodes: list[dict[str, Any]], channel: str | None, token: str | None) -> None:
    for node in nodes:
        alone = (await api(ONE, {"slug": node["slug"], "channel": channel}, token=token)).data["product"]
        assert node == alone
        for variant in node["variants"]:
            same = await api(ONE_VARIANT, {"sku": variant["sku"], "channel": channel}, token=token)
            assert variant == same.data["productVariant"]
