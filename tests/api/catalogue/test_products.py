"""Products as shoppers and staff see them: exact prices, who sees what, and how many statements it takes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.kit.ids import encode
from tests import factories as make
from tests.api.client import Api

LATER = datetime(2100, 1, 1, tzinfo=UTC)

CARD = """
query ($channel: String, $first: Int, $after: String) {
  products(channel: $channel, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges {
      node {
        id name slug seoDescription isAvailable channel
        metadata { key value }
        category { name slug }
        productType { slug isShippingRequired }
        thumbnail(size: 500, format: WEBP) { url alt }
        pricing {
          onSale
          displayGrossPrices
          priceRange { start { ...Price } stop { ...Price } }
          priceRangeUndiscounted { start { gross { amount } } }
        }
      }
    }
  }
}
fragment Price on TaxedMoney { currency gross { amount currency } net { amount } tax { amount } }
"""

DETAILS = """
query ($slug: String!, $channel: String) {
  product(slug: $slug, channel: $channel) {
    id created updatedAt weight { unit value } translation(languageCode: DE) { name }
    description
    media { id alt type url(size: 1000, format: AVIF) sortOrder }
    collections { slug }
    defaultVariant { id }
    isAvailable isAvailableForPurchase availableForPurchaseAt
    pricing {
      discountPrior { gross { amount } }
      priceRangePrior { start { gross { amount } } stop { gross { amount } } }
    }
    variants { sku }
    productVariants(first: 10) {
      totalCount
      edges {
        node {
          id name sku channel trackInventory quantityAvailable
          product { slug pricing { priceRange { start { gross { amount } } } } }
          media { alt }
          pricing {
            onSale
            price { gross { amount } net { amount } tax { amount } }
            pricePrior { gross { amount } }
            discountPrior { gross { amount } }
          }
        }
      }
    }
  }
}
"""


def slugs(data: Any) -> list[str]:
    return [edge["node"]["slug"] for edge in data["products"]["edges"]]


async def test_a_list_shows_exact_prices_with_the_channels_taxes(api: Api, database: Database) -> None:
    async def rows(session: AsyncSession) -> dict[str, int]:
        us = await make.channel(session, slug="default-channel")
        eu = await make.channel(
            session,
            slug="europe",
            currency="EUR",
            country="DE",
            prices_entered_with_tax=False,
            display_gross_prices=False,
        )
        goods = await make.tax_class(session, rates={"US": "8", "DE": "19"})
        await make.tax_rate(session, "DE", "7")
        kind = await make.product_type(session, slug="aftercare", tax_class=goods)
        category = await make.category(session, slug="hair", name="Hair")
        shampoo = await make.product(
            session, us, eu, slug="shampoo", name="Shampoo", type=kind, category=category, seo_description="Mild."
        )
        await make.variant(session, us, product=shampoo, price="10.00")
        await make.variant(session, us, eu, product=shampoo, price="24.99")
        await make.picture(session, shampoo, alt="second", sort_order=2)
        picture = await make.picture(session, shampoo, alt="A bottle", sort_order=1)
        plain = await make.product(session, us, eu, slug="aaa")
        await make.variant(session, us, eu, product=plain, price="0.10", stock=None)
        return {"shampoo": shampoo.id, "asset": picture.asset_id or 0}

    ids = await database.run(rows)
    reply = await api(CARD, {"channel": "default-channel", "first": 10})
    products = reply.data["products"]
    assert products["totalCount"] == 2
    assert {k: products["pageInfo"][k] for k in ("hasNextPage", "hasPreviousPage")} == {
        "hasNextPage": False,
        "hasPreviousPage": False,
    }
    plain, shampoo = (edge["node"] for edge in products["edges"])
    url = shampoo["thumbnail"].pop("url")
    assert url.startswith("http://shop.test/thumbnail/")
    assert url.endswith(".png/512/webp")
    assert shampoo == {
        "id": encode("Product", ids["shampoo"]),
        "name": "Shampoo",
        "slug": "shampoo",
        "seoDescription": "Mild.",
        "isAvailable": True,
        "channel": "default-channel",
        "metadata": [],
        "category": {"name": "Hair", "slug": "hair"},
        "productType": {"slug": "aftercare", "isShippingRequired": True},
        "thumbnail": {"alt": "A bottle"},
        "pricing": {
            "onSale": False,
            "displayGrossPrices": True,
            "priceRange": {
                "start": {
                    "currency": "USD",
                    "gross": {"amount": 10.0, "currency": "USD"},
                    "net": {"amount": 9.26},
                    "tax": {"amount": 0.74},
                },
                "stop": {
                    "currency": "USD",
                    "gross": {"amount": 24.99, "currency": "USD"},
                    "net": {"amount": 23.14},
                    "tax": {"amount": 1.85},
                },
            },
            "priceRangeUndiscounted": {"start": {"gross": {"amount": 10.0}}},
        },
    }
    # No tax class and no default rate in the United States; nothing in stock, no picture, no category.
    assert (plain["isAvailable"], plain["category"], plain["thumbnail"]) == (False, None, None)
    assert plain["pricing"]["priceRange"]["stop"]["net"]["amount"] == 0.1

    europe = (await api(CARD, {"channel": "europe", "first": 10})).data["products"]["edges"]
    prices = [edge["node"]["pricing"] for edge in europe]
    assert [price["displayGrossPrices"] for price in prices] == [False, False]
    assert [
        (price["priceRange"]["start"]["net"]["amount"], price["priceRange"]["start"]["gross"]["amount"])
        for price in prices
    ] == [(0.1, 0.11), (24.99, 29.74)]


async def test_a_product_with_everything_below_it(api: Api, database: Database) -> None:
    async def rows(session: AsyncSession) -> list[int]:
        us = await make.channel(session, slug="default-channel")
        other = await make.channel(session, slug="other", currency="EUR", is_active=False)
        product = await make.product(
            session, us, slug="serum", weight_kg="0.25", description={"blocks": [{"type": "paragraph"}]}
        )
        large = await make.variant(
            session, us, product=product, sku="L", price="20", prior_price="25", stock=70, sort_order=2
        )
        small = await make.variant(session, us, product=product, sku="S", price="12.50", stock=3, sort_order=1)
        service = await make.variant(
            session,
            us,
            product=product,
            sku="V",
            price="5",
            track_inventory=False,
            sort_order=3,
            quantity_limit_per_customer=4,
        )
        await make.variant(session, other, product=product, sku="X", price="1")
        product.default_variant_id = small.id
        await make.picture(session, product, alt="front")
        await make.collection(session, us, slug="featured", products=(product,))
        await make.collection(session, us, slug="hidden", products=(product,), is_published=False)
        await session.flush()
        return [small.id, large.id, service.id]

    small, large, service = await database.run(rows)
    product = (await api(DETAILS, {"slug": "serum", "channel": "default-channel"})).data["product"]
    assert product["weight"] == {"unit": "KG", "value": 0.25}
    assert product["description"] == '{"blocks":[{"type":"paragraph"}]}'
    assert product["translation"] is None
    assert product["collections"] == [{"slug": "featured"}]
    assert product["defaultVariant"] == {"id": encode("ProductVariant", small)}
    assert [product["isAvailable"], product["isAvailableForPurchase"]] == [True, True]
    assert product["availableForPurchaseAt"] == "2020-01-01T00:00:00+00:00"
    assert product["pricing"] == {
        "discountPrior": None,
        "priceRangePrior": {"start": {"gross": {"amount": 5.0}}, "stop": {"gross": {"amount": 25.0}}},
    }
    (media,) = product["media"]
    assert (media["alt"], media["type"], media["url"].endswith("/1024/avif")) == ("front", "IMAGE", True)
    assert [variant["sku"] for variant in product["variants"]] == ["S", "L", "V"]
    assert product["productVariants"]["totalCount"] == 3
    nodes = [edge["node"] for edge in product["productVariants"]["edges"]]
    assert [node["id"] for node in nodes] == [encode("ProductVariant", pk) for pk in (small, large, service)]
    # What is in stock, at most 50; the variant's own limit where stock does not matter.
    assert [node["quantityAvailable"] for node in nodes] == [3, 50, 4]
    assert nodes[1]["pricing"] == {
        "onSale": False,
        "price": {"gross": {"amount": 20.0}, "net": {"amount": 20.0}, "tax": {"amount": 0.0}},
        "pricePrior": {"gross": {"amount": 25.0}},
        "discountPrior": {"gross": {"amount": 5.0}},
    }
    assert nodes[0]["pricing"]["pricePrior"] is None
    assert nodes[0]["product"] == {"slug": "serum", "pricing": {"priceRange": {"start": {"gross": {"amount": 5.0}}}}}


async def test_quantities_and_prices_follow_the_given_country(api: Api, database: Database) -> None:
    async def rows(session: AsyncSession) -> None:
        us = await make.channel(session, slug="default-channel")
        goods = await make.tax_class(session, rates={"US": "10", "CA": "5"})
        near = await make.warehouse(session, us, countries=("US",))
        far = await make.warehouse(session, us, countries=("CA",))
        product = await make.product(session, us, slug="serum", tax_class=goods)
        variant = await make.variant(session, us, product=product, sku="S", price="11", stock=None)
        await make.stock(session, variant.id, near, 5)
        await make.stock(session, variant.id, far, 2)

    await database.run(rows)
    reply = await api(
        """{ productVariant(sku: "S") {
          here: quantityAvailable there: quantityAvailable(countryCode: CA)
          address: quantityAvailable(address: {country: CA}) nowhere: quantityAvailable(countryCode: DE)
          pricing { price { net { amount } } } abroad: pricing(address: {country: CA}) { price { net { amount } } }
        } }"""
    )
    assert reply.data["productVariant"] == {
        "here": 5,
        "there": 2,
        "address": 2,
        "nowhere": 0,
        "pricing": {"price": {"net": {"amount": 10.0}}},
        "abroad": {"price": {"net": {"amount": 10.48}}},
    }


@pytest.fixture
async def many_states(database: Database) -> dict[str, str]:
    """Products in every state that hides them from someone, by slug."""

    async def rows(session: AsyncSession) -> dict[str, str]:
        us = await make.channel(session, slug="default-channel")
        other = await make.channel(session, slug="other", currency="EUR")
        await make.channel(session, slug="closed", is_active=False)
        states: dict[str, dict[str, Any]] = {
            "shown": {},
            "draft": {"is_published": False},
            "coming": {"published_at": LATER},
            "unlisted": {"visible_in_listings": False},
        }
        ids = {}
        for slug, columns in states.items():
            product = await make.product(session, us, slug=slug, **columns)
            await make.variant(session, us, product=product, sku=f"SKU-{slug}")
            ids[slug] = encode("Product", product.id)
        priceless = await make.product(session, us, slug="priceless")
        await make.variant(session, us, product=priceless, price=None)
        elsewhere = await make.product(session, other, slug="elsewhere")
        await make.variant(session, other, product=elsewhere)
        return ids

    return await database.run(rows)


LIST = "query ($channel: String) { products(first: 20, channel: $channel) { totalCount edges { node { slug } } } }"
ONE = "query ($id: ID, $slug: String, $channel: String) { product(id: $id, slug: $slug, channel: $channel) { slug } }"
VARIANT = "query ($sku: String, $channel: String) { productVariant(sku: $sku, channel: $channel) { product { slug } } }"


@pytest.mark.parametrize("caller", ["anonymous", "customer", "staff without the permission", "staff"])
async def test_who_sees_what(api: Api, many_states: dict[str, str], caller: str) -> None:
    token = None
    if caller == "customer":
        token = await api.login("customer@example.com")
    elif caller == "staff without the permission":
        token = await api.login("staff@example.com", "MANAGE_PAGES")
    elif caller == "staff":
        token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    channel = {"channel": "default-channel"}
    public = caller != "staff"

    listed = (await api(LIST, channel, token=token)).data
    everything = ["coming", "draft", "priceless", "shown", "unlisted"]
    assert slugs(listed) == (["shown"] if public else everything)
    assert listed["products"]["totalCount"] == len(slugs(listed))

    for slug in [*everything, "elsewhere"]:
        visible = slug in {"shown", "unlisted"} if public else slug != "elsewhere"
        found = (await api(ONE, {"slug": slug, **channel}, token=token)).data["product"]
        assert found == ({"slug": slug} if visible else None), slug
        if slug in many_states:
            same = (await api(ONE, {"id": many_states[slug], **channel}, token=token)).data["product"]
            assert same == found
            variant = (await api(VARIANT, {"sku": f"SKU-{slug}", **channel}, token=token)).data["productVariant"]
            assert variant == ({"product": {"slug": slug}} if visible else None), slug


async def test_the_channel_may_only_be_left_out_where_one_is_active(api: Api, many_states: dict[str, str]) -> None:
    for query, variables in ((LIST, {}), (ONE, {"slug": "shown"}), (VARIANT, {"sku": "SKU-shown"})):
        reply = await api(query, variables)
        (field,) = reply.partial
        assert reply.partial[field] is None
        assert reply.errors[0]["message"].startswith("Pass the argument `channel`")
    for slug in ("nowhere", "closed"):
        assert (await api(LIST, {"channel": slug})).data["products"] == {"totalCount": 0, "edges": []}
        assert (await api(ONE, {"slug": "shown", "channel": slug})).data["product"] is None

    # Staff without a channel see all channels, and no prices.
    token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    listed = (await api(LIST, {}, token=token)).data
    assert slugs(listed) == ["coming", "draft", "elsewhere", "priceless", "shown", "unlisted"]
    query = (
        '{ product(slug: "shown") { channel isAvailable pricing { onSale } productVariants(first: 5) { totalCount } } }'
    )
    assert (await api(query, token=token)).data["product"] == {
        "channel": None,
        "isAvailable": None,
        "pricing": None,
        "productVariants": {"totalCount": 1},
    }


async def test_one_active_channel_is_the_default(api: Api, database: Database) -> None:
    async def rows(session: AsyncSession) -> None:
        us = await make.channel(session, slug="only")
        await make.channel(session, slug="closed", is_active=False)
        await make.variant(session, us, product=await make.product(session, us, slug="shown"))

    await database.run(rows)
    assert (await api(ONE, {"slug": "shown"})).data["product"] == {"slug": "shown"}


async def test_listings_and_tax_classes_are_for_staff(api: Api, many_states: dict[str, str]) -> None:
    query = """query ($slug: String!) { product(slug: $slug, channel: "default-channel") {
      slug channelListings { isPublished channel { slug isActive } discountedPrice { amount } } taxClass { name }
      productVariants(first: 1) { edges { node { channelListings { price { amount } margin } } } }
    } }"""
    denied = await api(query, {"slug": "shown"})
    product = denied.partial["product"]
    assert (product["slug"], product["channelListings"], product["taxClass"]) == ("shown", None, None)
    assert product["productVariants"]["edges"][0]["node"]["channelListings"] is None
    assert {error["extensions"]["exception"]["code"] for error in denied.errors} == {"PermissionDenied"}

    token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    listing = (await api(query, {"slug": "draft"}, token=token)).data["product"]
    assert listing["channelListings"] == [
        {
            "isPublished": False,
            "channel": {"slug": "default-channel", "isActive": True},
            "discountedPrice": {"amount": 10.0},
        }
    ]
    assert listing["productVariants"]["edges"][0]["node"] == {
        "channelListings": [{"price": {"amount": 10.0}, "margin": None}]
    }


async def test_ids_that_are_none(api: Api, many_states: dict[str, str]) -> None:
    bad = await api(ONE, {"id": "abc", "channel": "default-channel"})
    assert (bad.partial, bad.errors[0]["message"]) == (
        {"product": None},
        "Invalid ID: abc. Expected: Product.",
    )
    assert (await api(ONE, {"id": encode("Order", 1), "channel": "default-channel"})).data == {"product": None}
    assert (await api(ONE, {"id": encode("Product", 2**31 - 1), "channel": "default-channel"})).data == {
        "product": None
    }
    for variables in ({}, {"id": many_states["shown"], "slug": "shown"}):
        reply = await api(ONE, {**variables, "channel": "default-channel"})
        assert reply.errors[0]["message"] == (
            "Exactly one of the arguments `id`, `slug`, `externalReference` is required."
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "You must provide a `first` or `last` value to properly paginate the `products` connection."),
        ("first: 0", "You must provide a `first` or `last` value to properly paginate the `products` connection."),
        ("first: -1", "Argument `first` must be a non-negative integer."),
        ("first: 1, last: 1", "Argument `last` cannot be combined with `first`."),
        ('first: 1, before: "x"', "Argument `first` cannot be combined with `before`."),
        ('last: 1, after: "x"', "Argument `last` cannot be combined with `after`."),
        ('first: 1, after: "x"', "Received cursor is invalid."),
        ("first: 1, filter: {}, where: {}", "Only one of the arguments `filter` and `where` can be used."),
        (
            "first: 1, sortBy: {field: RANK, direction: ASC}",
            "Sorting by RANK needs a search: pass `search`.",
        ),
        (
            "first: 1, sortBy: {field: COLLECTION, direction: ASC}",
            "Sorting by COLLECTION needs a filter by exactly one collection.",
        ),
    ],
)
async def test_arguments_that_make_no_page_are_refused(
    api: Api, many_states: dict[str, str], arguments: str, message: str
) -> None:
    arguments = f'channel: "default-channel", {arguments}'
    reply = await api(f"{{ products({arguments}) {{ edges {{ node {{ slug }} }} }} }}")
    assert (reply.status, reply.partial) == (200, {"products": None})
    assert [error["message"] for error in reply.errors] == [message]


async def test_the_count_alone_needs_no_page(api: Api, many_states: dict[str, str]) -> None:
    reply = await api('{ products(channel: "default-channel") { totalCount } }')
    assert reply.data == {"products": {"totalCount": 1}}
    # The channel and the count.
    assert reply.statements == 2


async def fill(database: Database, count: int) -> None:
    async def rows(session: AsyncSession) -> None:
        us = await make.channel(session, slug="default-channel")
        goods = await make.tax_class(session, rates={"US": "8"})
        for number in range(count):
            kind = await make.product_type(session, tax_class=goods)
            category = await make.category(session)
            product = await make.product(session, us, slug=f"p-{number:02}", type=kind, category=category)
            first = await make.variant(session, us, product=product, price=f"{number + 1}", prior_price="99")
            await make.variant(session, us, product=product)
            product.default_variant_id = first.id
            await make.picture(session, product)
            await make.collection(session, us, products=(product,))
        await session.flush()

    await database.run(rows)


@pytest.mark.parametrize("count", [1, 20])
async def test_a_list_takes_as_many_statements_for_1_as_for_20_products(
    api: Api, database: Database, count: int
) -> None:
    await fill(database, count)
    reply = await api(CARD, {"channel": "default-channel", "first": 50})
    assert len(reply.data["products"]["edges"]) == count
    # Channel, page (with availability, thumbnail and prices), count, category, type; the rates with the prices.
    assert reply.statements == 6
    # What a storefront's list asks for: no product type.
    lean = CARD.replace("productType { slug isShippingRequired }", "")
    assert (await api(lean, {"channel": "default-channel", "first": 50})).statements == 5

    everything = DETAILS.replace("query ($slug: String!, $channel: String)", "query ($channel: String)").replace(
        "product(slug: $slug, channel: $channel) {", "products(channel: $channel, first: 50) { edges { node {"
    )
    reply = await api(everything + "}}", {"channel": "default-channel"})
    assert len(reply.data["products"]["edges"]) == count
    assert reply.statements == 17


async def test_pages_of_a_list_follow_each_other(api: Api, database: Database) -> None:
    await fill(database, 5)
    met, after = [], None
    for size in (2, 2, 1):
        page = (await api(CARD, {"channel": "default-channel", "first": 2, "after": after})).data["products"]
        assert len(page["edges"]) == size
        met += [edge["node"]["slug"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert met == [f"p-{number:02}" for number in range(5)]
    assert page["pageInfo"]["hasNextPage"] is False
    assert page["pageInfo"]["hasPreviousPage"] is True
