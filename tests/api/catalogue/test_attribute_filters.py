"""Products and variants by their attributes: every kind of value, every way of asking, and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.kit.ids import encode
from tests import factories as make
from tests.api.catalogue.test_lists import filled
from tests.api.client import Api

PRODUCTS = """
query ($where: ProductWhereInput, $filter: ProductFilterInput, $sort: ProductOrder) {
  products(channel: "default-channel", first: 20, where: $where, filter: $filter, sortBy: $sort) {
    totalCount edges { node { slug } }
  }
}
"""
VARIANTS = """
query ($where: ProductVariantWhereInput) {
  productVariants(channel: "default-channel", first: 20, where: $where) { totalCount edges { node { sku } } }
}
"""


@pytest.fixture
async def ids(database: Database) -> dict[str, str]:
    """Three products: oil, soap and tea, whose variants differ in size, and whose attributes are of every kind."""

    async def rows(session: AsyncSession) -> dict[str, str]:
        us = await make.channel(session, slug="default-channel")
        goods = await make.product_type(session, slug="goods")
        care, hair = await make.category(session, slug="care"), await make.category(session, slug="hair")
        products = {name: await make.product(session, us, slug=name, type=goods) for name in ("oil", "soap", "tea")}
        variants = {
            sku: await make.variant(session, us, product=products[name], sku=sku)
            for sku, name in {"oil-s": "oil", "oil-l": "oil", "soap-s": "soap", "tea-l": "tea"}.items()
        }
        about = await make.page(session, slug="about")
        terms = await make.page(session, slug="terms")
        best = await make.collection(session, us, slug="best")
        made: dict[str, Any] = {}

        async def attribute(slug: str, **columns: Any) -> None:
            made[slug] = await make.attribute(session, goods, slug=slug, **columns)

        async def value(of: str, *owners: str, **columns: Any) -> None:
            await make.attribute_value(session, made[of], *((products | variants)[name] for name in owners), **columns)

        await attribute("scent")
        await value("scent", "oil", "tea", slug="rose", name="Rose")
        await value("scent", "soap", slug="cedar", name="Cedar")
        await attribute("label", input_type="MULTISELECT")
        await value("label", "oil", "soap", slug="vegan", name="Vegan")
        await value("label", "soap", slug="local", name="Local")
        await attribute("size", of_variants=True)
        await value("size", "oil-s", "soap-s", slug="small", name="Small")
        await value("size", "oil-l", "tea-l", slug="large", name="Large")
        await attribute("weight", input_type="NUMERIC", unit="G")
        for name, grams in {"oil": "120", "soap": "80.5"}.items():
            await value("weight", name, name=grams, number=Decimal(grams))
        await attribute("organic", input_type="BOOLEAN")
        await value("organic", "oil", slug="yes", name="Organic: Yes", boolean=True)
        await value("organic", "soap", "tea", slug="no", name="Organic: No", boolean=False)
        await attribute("packed", input_type="DATE")
        await value("packed", "oil", moment=datetime(2026, 3, 1, tzinfo=UTC))
        await value("packed", "soap", moment=datetime(2026, 3, 31, tzinfo=UTC))
        await attribute("tested", input_type="DATE_TIME")
        await value("tested", "soap", moment=datetime(2026, 3, 31, 12, tzinfo=UTC))
        for slug, entity in {
            "read": "PAGE",
            "with": "PRODUCT",
            "spare": "PRODUCT_VARIANT",
            "shelf": "CATEGORY",
            "range": "COLLECTION",
        }.items():
            await attribute(slug, input_type="REFERENCE", entity_type=entity)
        await value("read", "oil", "soap", page_id=about.id)
        await value("read", "oil", page_id=terms.id)
        await value("with", "tea", product_id=products["soap"].id)
        await value("spare", "soap", variant_id=variants["soap-s"].id)
        await value("shelf", "oil", category_id=care.id)
        await value("shelf", "tea", category_id=hair.id)
        await value("range", "tea", collection_id=best.id)
        return (
            {slug: encode("Attribute", each.id) for slug, each in made.items()}
            | {
                "about": encode("Page", about.id),
                "terms": encode("Page", terms.id),
                "care": encode("Category", care.id),
                "hair": encode("Category", hair.id),
                "best": encode("Collection", best.id),
                "goods": encode("ProductType", goods.id),
            }
            | {f"product-{name}": encode("Product", each.id) for name, each in products.items()}
            | {f"variant-{sku}": encode("ProductVariant", each.id) for sku, each in variants.items()}
        )

    return await database.run(rows)


def refers(**how: Any) -> dict[str, Any]:
    return {"reference": how}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ([], ["oil", "soap", "tea"]),
        ([{"slug": "weight"}], ["oil", "soap"]),
        ([{"slug": "none"}], []),
        ([{"slug": "none", "value": {"slug": {"eq": "rose"}}}], []),
        ([{"slug": "scent", "value": {"slug": {"eq": "rose"}}}], ["oil", "tea"]),
        ([{"slug": "label", "value": {"slug": {"eq": "rose"}}}], []),
        ([{"value": {"slug": {"eq": "rose"}}}], ["oil", "tea"]),
        ([{"slug": "scent", "value": {"slug": {"oneOf": ["rose", "cedar"]}}}], ["oil", "soap", "tea"]),
        ([{"slug": "scent", "value": {"slug": {"oneOf": []}}}], []),
        ([{"slug": "scent", "value": {"slug": {}}}], []),
        ([{"slug": "scent", "value": {"name": {"eq": "Cedar"}}}], ["soap"]),
        ([{"slug": "scent", "value": {"name": {"oneOf": ["Cedar", "cedar"]}}}], ["soap"]),
        ([{"slug": "scent", "values": ["rose", "none"]}], ["oil", "tea"]),
        ([{"slug": "scent", "values": []}], []),
        # What variants have, their products have.
        ([{"slug": "size", "value": {"slug": {"eq": "large"}}}], ["oil", "tea"]),
        ([{"slug": "size", "values": ["small"]}], ["oil", "soap"]),
        ([{"slug": "weight", "value": {"numeric": {"eq": 120}}}], ["oil"]),
        ([{"slug": "weight", "value": {"numeric": {"oneOf": ["80.50", 120]}}}], ["oil", "soap"]),
        ([{"slug": "weight", "value": {"numeric": {"range": {"gte": 80.5, "lte": 119}}}}], ["soap"]),
        ([{"slug": "weight", "value": {"numeric": {"range": {"gte": 81}}}}], ["oil"]),
        ([{"slug": "weight", "valuesRange": {"lte": 100}}], ["soap"]),
        ([{"slug": "organic", "value": {"boolean": True}}], ["oil"]),
        ([{"slug": "organic", "boolean": False}], ["soap", "tea"]),
        ([{"slug": "packed", "value": {"date": {"gte": "2026-03-02"}}}], ["soap"]),
        ([{"slug": "packed", "date": {"gte": "2026-03-01", "lte": "2026-03-30"}}], ["oil"]),
        ([{"slug": "packed", "date": {}}], ["oil", "soap"]),
        ([{"slug": "tested", "value": {"dateTime": {"lte": "2026-03-31T14:00:00+02:00"}}}], ["soap"]),
        ([{"slug": "tested", "dateTime": {"gte": "2026-03-31T12:00:01Z"}}], []),
        ([{"slug": "tested", "value": {"date": {"lte": "2026-03-31"}}}], ["soap"]),
        ([{"slug": "read", "value": refers(pageSlugs={"containsAny": ["about", "terms"]})}], ["oil", "soap"]),
        ([{"slug": "read", "value": refers(pageSlugs={"containsAll": ["about", "terms", "about"]})}], ["oil"]),
        ([{"slug": "read", "value": refers(pageSlugs={"containsAll": ["about", "none"]})}], []),
        ([{"slug": "read", "value": refers(pageSlugs={"containsAny": []})}], []),
        ([{"slug": "read", "value": refers(referencedIds={"containsAny": ["@terms", "@care"]})}], ["oil"]),
        ([{"slug": "read", "value": refers(referencedIds={"containsAll": ["@terms", "@about"]})}], ["oil"]),
        ([{"slug": "read", "value": refers(referencedIds={"containsAll": ["@terms", "@care"]})}], []),
        ([{"slug": "read", "value": refers(referencedIds={"containsAll": ["@terms", "@goods"]})}], []),
        ([{"slug": "read", "value": refers(referencedIds={"containsAny": ["@terms", "@goods"]})}], ["oil"]),
        ([{"value": refers(referencedIds={"containsAny": ["@terms", "@hair", "@best"]})}], ["oil", "tea"]),
        ([{"value": refers(referencedIds={"containsAll": ["@terms", "@care"]})}], ["oil"]),
        ([{"slug": "with", "value": refers(productSlugs={"containsAny": ["soap"]})}], ["tea"]),
        ([{"slug": "with", "value": refers(referencedIds={"containsAny": ["@product-soap"]})}], ["tea"]),
        ([{"slug": "spare", "value": refers(productVariantSkus={"containsAll": ["soap-s"]})}], ["soap"]),
        ([{"slug": "spare", "value": refers(referencedIds={"containsAll": ["@variant-soap-s"]})}], ["soap"]),
        ([{"slug": "shelf", "value": refers(categorySlugs={"containsAny": ["care", "hair"]})}], ["oil", "tea"]),
        ([{"slug": "range", "value": refers(collectionSlugs={"containsAny": ["best"]})}], ["tea"]),
        ([{"slug": "scent", "values": ["rose"]}, {"slug": "label", "values": ["vegan"]}], ["oil"]),
    ],
    ids=str,
)
async def test_products_are_found_by_their_attributes(
    api: Api, ids: dict[str, str], attributes: Any, expected: list[str]
) -> None:
    for form in ("where", "filter"):
        found = (await api(PRODUCTS, {form: {"attributes": filled(attributes, ids)}})).data["products"]
        assert [edge["node"]["slug"] for edge in found["edges"]] == expected
        assert found["totalCount"] == len(expected)


async def test_conditions_are_joined_like_all_others(api: Api, ids: dict[str, str]) -> None:
    rose = {"attributes": [{"slug": "scent", "value": {"slug": {"eq": "rose"}}}]}
    vegan = {"attributes": [{"slug": "label", "value": {"slug": {"eq": "vegan"}}}]}
    heavy = {"attributes": [{"slug": "weight", "value": {"numeric": {"range": {"gte": 100}}}}]}

    async def found(where: Any) -> list[str]:
        return [edge["node"]["slug"] for edge in (await api(PRODUCTS, {"where": where})).data["products"]["edges"]]

    assert await found({"OR": [rose, vegan]}) == ["oil", "soap", "tea"]
    assert await found({"AND": [rose, vegan]}) == ["oil"]
    assert await found({**vegan, "OR": [rose, heavy, {"slug": {"eq": "soap"}}]}) == ["oil", "soap"]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ([{"slug": "size", "value": {"slug": {"eq": "large"}}}], ["oil-l", "tea-l"]),
        ([{"slug": "size"}], ["oil-s", "oil-l", "soap-s", "tea-l"]),
        # What products have, their variants have not.
        ([{"slug": "scent", "value": {"slug": {"eq": "rose"}}}], []),
    ],
    ids=str,
)
async def test_variants_are_found_by_their_own_attributes(
    api: Api, ids: dict[str, str], attributes: Any, expected: list[str]
) -> None:
    found = (await api(VARIANTS, {"where": {"attributes": attributes}})).data["productVariants"]
    assert [edge["node"]["sku"] for edge in found["edges"]] == expected
    assert found["totalCount"] == len(expected)


async def test_variants_by_the_rest_of_the_newer_filter(api: Api, ids: dict[str, str]) -> None:
    async def found(**where: Any) -> list[str]:
        edges = (await api(VARIANTS, {"where": filled(where, ids)})).data["productVariants"]["edges"]
        return [edge["node"]["sku"] for edge in edges]

    assert await found(ids=["@variant-tea-l"]) == ["tea-l"]
    assert await found(sku={"oneOf": ["oil-s", "none"]}) == ["oil-s"]
    assert await found(metadata=[{"key": "none"}]) == []
    assert await found(updatedAt={"lte": "2020-01-01T00:00:00Z"}) == []
    assert await found(OR=[{"sku": {"eq": "oil-s"}}, {"AND": [{"ids": ["@variant-tea-l"]}]}]) == ["oil-s", "tea-l"]
    both = """{ productVariants(channel: "default-channel", first: 1, where: {}, filter: {}) { totalCount } }"""
    assert (await api(both)).errors[0]["message"] == "Only one of the arguments `filter` and `where` can be used."


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            [{"slug": "scent", "values": ["rose"], "boolean": True}],
            "The attribute `scent` is asked for by `values` and `boolean`: use one of them.",
        ),
        (
            [{"values": ["rose"], "valuesRange": {"gte": 1}}],
            "An entry of `attributes` is asked for by `values` and `valuesRange`: use one of them.",
        ),
        (
            [{"slug": "scent", "value": {"slug": {"eq": "rose"}, "dateTime": {}}}],
            "`value` of the attribute `scent` is asked for by `slug` and `dateTime`: use one of them.",
        ),
        (
            [{"slug": "scent", "value": {}}],
            "`value` of the attribute `scent` is empty: say what the value must be.",
        ),
        (
            [{"slug": "scent", "value": {"boolean": None}}],
            "`value` of the attribute `scent` is empty: say what the value must be.",
        ),
        (
            [{"slug": "scent", "values": ["rose"]}, {"slug": "scent", "values": ["cedar"]}],
            "Each attribute can be named once: the slugs of `attributes` must differ.",
        ),
        ([{"slug": f"a{n}"} for n in range(51)], "At most 50 attributes can be asked for at once."),
        (
            [{"slug": "read", "value": {"reference": {}}}],
            "A reference is empty: say what the value must refer to.",
        ),
        (
            [{"value": refers(pageSlugs={"containsAny": ["a"]}, categorySlugs={"containsAny": ["b"]})}],
            "A reference is asked for by `pageSlugs` and `categorySlugs`: use one of them.",
        ),
        (
            [{"value": refers(pageSlugs={"containsAny": ["a"], "containsAll": ["b"]})}],
            "`pageSlugs` needs either `containsAny` or `containsAll`.",
        ),
        (
            [{"value": refers(pageSlugs={})}],
            "`pageSlugs` needs either `containsAny` or `containsAll`.",
        ),
        (
            [{"value": refers(referencedIds={"containsAny": ["soap"]})}],
            "Invalid ID: soap. Expected: Page.",
        ),
    ],
    ids=str,
)
async def test_what_cannot_be_meant_is_refused(api: Api, ids: dict[str, str], attributes: Any, message: str) -> None:
    reply = await api(PRODUCTS, {"where": {"attributes": attributes}})
    assert [error["message"] for error in reply.errors] == [message]
    assert reply.body["data"] == {"products": None}


@pytest.mark.parametrize(
    ("attribute", "upwards"),
    [
        # The owner's order of the choices; by number, not by digits; by day; by name. Then those without a value.
        ("@scent", ["oil", "tea", "soap"]),
        ("@weight", ["soap", "oil", "tea"]),
        ("@packed", ["oil", "soap", "tea"]),
        ("@organic", ["soap", "tea", "oil"]),
        ("@care", ["oil", "soap", "tea"]),
    ],
)
async def test_products_are_sorted_by_an_attribute(
    api: Api, ids: dict[str, str], attribute: str, upwards: list[str]
) -> None:
    for direction in ("ASC", "DESC"):
        sort = filled({"direction": direction, "attributeId": attribute}, ids)
        expected = upwards if direction == "ASC" else upwards[::-1]
        whole = (await api(PRODUCTS, {"sort": sort})).data["products"]["edges"]
        assert [edge["node"]["slug"] for edge in whole] == expected
        met: list[str] = []
        after = None
        for _ in range(3):
            page = await api(
                """query ($sort: ProductOrder, $after: String) {
                  products(channel: "default-channel", first: 1, after: $after, sortBy: $sort) {
                    edges { node { slug } } pageInfo { endCursor } } }""",
                {"sort": sort, "after": after},
            )
            met.append(page.data["products"]["edges"][0]["node"]["slug"])
            after = page.data["products"]["pageInfo"]["endCursor"]
        assert met == expected


async def test_an_order_is_a_field_or_an_attribute(api: Api, ids: dict[str, str]) -> None:
    sort = {"direction": "ASC", "field": "NAME", "attributeId": ids["scent"]}
    reply = await api(PRODUCTS, {"sort": sort})
    assert reply.errors[0]["message"] == "Products are sorted by `field` or by `attributeId`, not by both."
