"""Attributes of products, variants and pages: every kind of value, in the newer form and the older one."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.models import Attribute
from shop.catalogue.models import Product
from shop.channels.models import Channel
from shop.kit import ids
from shop.kit.settings import ExecutionMode, Settings
from shop.media.models import Asset
from tests import factories as make
from tests.api.client import Api
from tests.database import OneConnectionDatabase

BLOCKS = {"blocks": [{"type": "paragraph", "data": {"text": "Rich"}}]}

ASSIGNED = """
fragment Assigned on AssignedAttribute {
  __typename
  attribute { slug name inputType entityType withChoices unit translation(languageCode: DE) { name } }
  ... on AssignedNumericAttribute { number: value }
  ... on AssignedTextAttribute { rich: value richDe: translation(languageCode: DE) }
  ... on AssignedPlainTextAttribute { text: value textDe: translation(languageCode: DE) }
  ... on AssignedFileAttribute { file: value { url contentType } }
  ... on AssignedSingleChoiceAttribute { choice: value { name slug translation(languageCode: DE) } }
  ... on AssignedMultiChoiceAttribute { choices: value { name slug } two: value(limit: 2) { slug } }
  ... on AssignedSwatchAttribute { swatch: value { name slug hexColor file { url } translation(languageCode: DE) } }
  ... on AssignedBooleanAttribute { bool: value }
  ... on AssignedDateAttribute { day: value }
  ... on AssignedDateTimeAttribute { moment: value }
  ... on AssignedSinglePageReferenceAttribute { page: value { slug } }
  ... on AssignedSingleProductReferenceAttribute { product: value { slug } }
  ... on AssignedSingleProductVariantReferenceAttribute { variant: value { sku } }
  ... on AssignedSingleCategoryReferenceAttribute { category: value { slug } }
  ... on AssignedSingleCollectionReferenceAttribute { collection: value { slug } }
  ... on AssignedMultiPageReferenceAttribute { pages: value { slug } }
  ... on AssignedMultiProductReferenceAttribute { products: value { slug } one: value(limit: 1) { slug } }
  ... on AssignedMultiProductVariantReferenceAttribute { variants: value { sku } }
  ... on AssignedMultiCategoryReferenceAttribute { categories: value { slug } }
  ... on AssignedMultiCollectionReferenceAttribute { collections: value { slug } }
}
"""
EVERYTHING = (
    """query ($slug: String!) { product(slug: $slug, channel: "default-channel") {
  assignedAttributes { ...Assigned }
  attributes { attribute { slug } values {
    name slug value inputType reference file { url contentType } richText plainText boolean date dateTime
    translation(languageCode: DE) { name plainText }
  } }
} }"""
    + ASSIGNED
)


async def _every_kind(session: AsyncSession) -> dict[str, Any]:
    """A product with an attribute of every kind; returns the values by the attributes' slugs."""
    channel = await make.channel(session, slug="default-channel")
    kind = await make.product_type(session)
    product = await make.product(session, channel, slug="thing", type=kind)
    await make.variant(session, channel, product=product, sku="THING")
    other = await make.product(session, channel, slug="other")
    variant = await make.variant(session, channel, product=other, sku="OTHER")
    hidden = await make.product(session, channel, slug="hidden", is_published=False)
    page = await make.page(session, slug="story")
    draft = await make.page(session, slug="draft", is_published=False)
    category = await make.category(session, slug="care")
    collection = await make.collection(session, channel, slug="best", products=(other,))
    asset = Asset(path="ab/c.png", mime_type="image/png", width=1, height=1, size_bytes=1)
    session.add(asset)
    await session.flush()
    noon = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
    values: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "size": ("DROPDOWN", [{"name": "Small", "slug": "small"}]),
        "tags": ("MULTISELECT", [{"name": tag.upper(), "slug": tag} for tag in ("x", "y", "z")]),
        "manual": ("FILE", [{"asset_id": asset.id}]),
        "width": ("NUMERIC", [{"name": "12.5", "number": 12.5}]),
        "story": ("RICH_TEXT", [{"rich_text": BLOCKS}]),
        "note": ("PLAIN_TEXT", [{"plain_text": "Plain"}]),
        "colour": ("SWATCH", [{"name": "Sage", "slug": "sage", "value": "#9CAF88"}]),
        "vegan": ("BOOLEAN", [{"boolean": True}]),
        "day": ("DATE", [{"moment": noon.replace(hour=0, minute=0)}]),
        "since": ("DATE_TIME", [{"moment": noon}]),
    }
    made: dict[str, Any] = {}
    for slug, (input_type, rows) in values.items():
        unit = "CM" if input_type == "NUMERIC" else None
        attribute = await make.attribute(session, kind, slug=slug, input_type=input_type, unit=unit)
        made[slug] = [await make.attribute_value(session, attribute, product, **row) for row in rows]
        await make.translation(session, "attribute", attribute.id, name=f"{slug} auf Deutsch")
    rows_of: list[tuple[str, str, list[Any]]] = [
        ("PAGE", "page_id", [page, draft]),
        ("PRODUCT", "product_id", [other, hidden]),
        ("PRODUCT_VARIANT", "variant_id", [variant]),
        ("CATEGORY", "category_id", [category]),
        ("COLLECTION", "collection_id", [collection]),
    ]
    for entity, column, targets in rows_of:
        for input_type, referred in (("SINGLE_REFERENCE", targets[:1]), ("REFERENCE", targets)):
            slug = f"{entity}-{input_type}".lower()
            attribute = await make.attribute(session, kind, slug=slug, input_type=input_type, entity_type=entity)
            for target in referred:
                await make.attribute_value(session, attribute, product, **{column: target.id})
    await make.attribute(session, kind, slug="empty")
    await make.attribute(session, kind, slug="secret", visible_in_storefront=False)
    await make.translation(session, "attribute_value", made["size"][0].id, name="Klein")
    await make.translation(session, "attribute_value", made["colour"][0].id, name="Salbei")
    await make.translation(session, "attribute_value", made["note"][0].id, plain_text="Schlicht")
    await make.translation(session, "attribute_value", made["story"][0].id, rich_text={"blocks": []})
    return {"other": other.id, "size": made["size"][0].id}


async def test_every_kind_of_value(api: Api, database: OneConnectionDatabase) -> None:
    known = await database.run(_every_kind)
    product = (await api(EVERYTHING, {"slug": "thing"})).data["product"]
    found = {each["attribute"]["slug"]: each for each in product["assignedAttributes"]}
    values = {
        slug: {name: value for name, value in each.items() if name not in ("attribute", "__typename")}
        for slug, each in found.items()
    }
    file = {"url": "http://shop.test/media/ab/c.png", "contentType": "image/png"}
    assert values == {
        "size": {"choice": {"name": "Small", "slug": "small", "translation": "Klein"}},
        "tags": {
            "choices": [{"name": tag.upper(), "slug": tag} for tag in ("x", "y", "z")],
            "two": [{"slug": "x"}, {"slug": "y"}],
        },
        "manual": {"file": file},
        "width": {"number": 12.5},
        "story": {"rich": BLOCKS, "richDe": {"blocks": []}},
        "note": {"text": "Plain", "textDe": "Schlicht"},
        "colour": {
            "swatch": {"name": "Sage", "slug": "sage", "hexColor": "#9CAF88", "file": None, "translation": "Salbei"}
        },
        "vegan": {"bool": True},
        "day": {"day": "2026-03-04"},
        "since": {"moment": "2026-03-04T12:30:00+00:00"},
        "page-single_reference": {"page": {"slug": "story"}},
        "page-reference": {"pages": [{"slug": "story"}]},
        "product-single_reference": {"product": {"slug": "other"}},
        "product-reference": {"products": [{"slug": "other"}], "one": [{"slug": "other"}]},
        "product_variant-single_reference": {"variant": {"sku": "OTHER"}},
        "product_variant-reference": {"variants": [{"sku": "OTHER"}]},
        "category-single_reference": {"category": {"slug": "care"}},
        "category-reference": {"categories": [{"slug": "care"}]},
        "collection-single_reference": {"collection": {"slug": "best"}},
        "collection-reference": {"collections": [{"slug": "best"}]},
        "empty": {"choice": None},
    }
    assert found["width"]["attribute"] == {
        "slug": "width",
        "name": "Width",
        "inputType": "NUMERIC",
        "entityType": None,
        "withChoices": False,
        "unit": "CM",
        "translation": {"name": "width auf Deutsch"},
    }
    older = {each["attribute"]["slug"]: each["values"] for each in product["attributes"]}
    assert list(older) == list(found)
    assert older["empty"] == []
    assert older["size"][0]["translation"] == {"name": "Klein", "plainText": None}
    assert older["manual"][0]["file"] == file
    assert (older["day"][0]["date"], older["day"][0]["dateTime"]) == ("2026-03-04", None)
    assert older["since"][0]["dateTime"] == "2026-03-04T12:30:00+00:00"
    assert json.loads(older["story"][0]["richText"]) == BLOCKS
    assert older["product-single_reference"][0]["reference"] == ids.encode("Product", known["other"])


async def test_engine_and_reference_answer_alike(settings: Settings, database: OneConnectionDatabase) -> None:
    await database.run(_every_kind)
    answers = []
    for mode in (ExecutionMode.ENGINE, ExecutionMode.REFERENCE):
        api = Api(settings.model_copy(update={"execution": mode}), database)
        api.graphql.documents.compile_at = 1
        answers.append(orjson.dumps((await api(EVERYTHING, {"slug": "thing"})).data))
        if mode is ExecutionMode.ENGINE:
            assert api.graphql.documents.stats.planned == 1
            assert not api.graphql.documents.stats.bails, api.graphql.documents.stats
        await api.close()
    assert answers[0] == answers[1]


ONE = """query ($slug: String!) { product(slug: "thing", channel: "default-channel") {
  assignedAttribute(slug: $slug) { __typename attribute { slug } } attribute(slug: $slug) { values { slug } }
  assignedAttributes(limit: 2) { attribute { slug } } } }"""


async def test_one_attribute_by_its_slug(api: Api, database: OneConnectionDatabase) -> None:
    await database.run(_every_kind)
    assert (await api(ONE, {"slug": "size"})).data["product"] == {
        "assignedAttribute": {"__typename": "AssignedSingleChoiceAttribute", "attribute": {"slug": "size"}},
        "attribute": {"values": [{"slug": "small"}]},
        "assignedAttributes": [{"attribute": {"slug": "size"}}, {"attribute": {"slug": "tags"}}],
    }
    none = (await api(ONE, {"slug": "nothing"})).data["product"]
    assert (none["assignedAttribute"], none["attribute"]) == (None, None)


@pytest.mark.parametrize(
    ("permissions", "sees"),
    [(None, False), ((), False), (("MANAGE_ORDERS",), False), (("MANAGE_PRODUCTS",), True)],
)
async def test_attributes_that_storefronts_do_not_show_are_for_staff(
    api: Api, database: OneConnectionDatabase, permissions: tuple[str, ...] | None, sees: bool
) -> None:
    await database.run(_every_kind)
    token = None if permissions is None else await api.login("staff@example.com", *permissions, is_staff=True)
    found = (await api(ONE, {"slug": "secret"}, token=token)).data["product"]["assignedAttribute"]
    assert (found is not None) is sees


VARIANTS = """{ product(slug: "shirt", channel: "default-channel") {
  productType {
    productAttributes { slug } variantAttributes { slug }
    chosen: variantAttributes(variantSelection: VARIANT_SELECTION) { slug }
    assignedVariantAttributes { attribute { slug } variantSelection }
  }
  productVariants(first: 50) { edges { node {
    all: attributes { attribute { slug } values { name } }
    chosen: attributes(variantSelection: VARIANT_SELECTION) { attribute { slug } values { name } }
    rest: attributes(variantSelection: NOT_VARIANT_SELECTION) { attribute { slug } }
    assignedAttribute(slug: "size") { ... on AssignedSingleChoiceAttribute { value { slug } } }
  } } }
} }"""


async def _shirt(session: AsyncSession, sizes: int) -> None:
    channel = await make.channel(session, slug="default-channel")
    kind = await make.product_type(session)
    await make.attribute(session, kind, slug="brand")
    size = await make.attribute(session, kind, slug="size", of_variants=True, variant_selection=True)
    cloth = await make.attribute(session, kind, slug="cloth", of_variants=True)
    wool = await make.attribute_value(session, cloth, slug="wool", name="Wool")
    shirt = await make.product(session, channel, slug="shirt", type=kind)
    for number in range(sizes):
        variant = await make.variant(session, channel, product=shirt, sort_order=number)
        await make.attribute_value(session, size, variant, slug=f"s{number}", name=f"S {number}")
        await make.assign(session, wool, variant)


async def test_variants_are_chosen_by_some_of_their_attributes(api: Api, database: OneConnectionDatabase) -> None:
    await database.run(lambda session: _shirt(session, 2))
    product = (await api(VARIANTS)).data["product"]
    assert product["productType"] == {
        "productAttributes": [{"slug": "brand"}],
        "variantAttributes": [{"slug": "size"}, {"slug": "cloth"}],
        "chosen": [{"slug": "size"}],
        "assignedVariantAttributes": [
            {"attribute": {"slug": "size"}, "variantSelection": True},
            {"attribute": {"slug": "cloth"}, "variantSelection": False},
        ],
    }
    size = {"attribute": {"slug": "size"}, "values": [{"name": "S 1"}]}
    assert product["productVariants"]["edges"][1]["node"] == {
        "all": [size, {"attribute": {"slug": "cloth"}, "values": [{"name": "Wool"}]}],
        "chosen": [size],
        "rest": [{"attribute": {"slug": "cloth"}}],
        "assignedAttribute": {"value": {"slug": "s1"}},
    }


async def test_statements_do_not_grow_with_variants(api: Api, database: OneConnectionDatabase) -> None:
    await database.run(lambda session: _shirt(session, 1))
    # The engine learns a document's types when it sees them first.
    for _ in range(3):
        one = await api(VARIANTS)

    async def more(session: AsyncSession) -> None:
        size = (await session.execute(select(Attribute).where(Attribute.slug == "size"))).scalar_one()
        channel = (await session.execute(select(Channel))).scalar_one()
        shirt = (await session.execute(select(Product))).scalar_one()
        for _ in range(19):
            variant = await make.variant(session, channel, product=shirt)
            await make.attribute_value(session, size, variant)

    await database.run(more)
    many = await api(VARIANTS)
    assert len(many.data["product"]["productVariants"]["edges"]) == 20
    assert one.statements == many.statements


async def test_pages_have_attributes_and_refer_to_what_a_page_may_show(
    api: Api, database: OneConnectionDatabase
) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, slug="default-channel")
        kind = await make.page_type(session)
        page = await make.page(session, slug="story", kind=kind)
        author = await make.attribute(session, kind, slug="author", input_type="PLAIN_TEXT")
        await make.attribute_value(session, author, page, plain_text="Example practitioner A")
        about = await make.attribute(
            session, kind, slug="about", input_type="SINGLE_REFERENCE", entity_type="COLLECTION"
        )
        collection = await make.collection(session, channel, slug="best")
        await make.attribute_value(session, about, page, collection_id=collection.id)

    await database.run(work)
    query = (
        '{ page(slug: "story") { pageType { attributes { slug type } } '
        "attributes { values { plainText } } assignedAttributes { ...Assigned } } }" + ASSIGNED
    )
    page = (await api(query)).data["page"]
    assert page["pageType"]["attributes"] == [
        {"slug": "author", "type": "PAGE_TYPE"},
        {"slug": "about", "type": "PAGE_TYPE"},
    ]
    assert page["assignedAttributes"][0]["text"] == "Example practitioner A"
    assert page["assignedAttributes"][1]["collection"] == {"slug": "best"}
    # Which channel is meant is not known where there are two.
    await database.run(lambda session: make.channel(session, slug="europe"))
    assert (await api(query)).data["page"]["assignedAttributes"][1]["collection"] is None


async def test_what_a_request_has_read_is_not_asked_for_again(api: Api, database: OneConnectionDatabase) -> None:
    await database.run(_every_kind)
    one = "assignedAttributes { attribute { slug } }"
    more = f'{one} attributes {{ attribute {{ slug }} }} assignedAttribute(slug: "size") {{ attribute {{ slug }} }}'
    counts = []
    for asked in (one, more):
        reply = await api(f'{{ product(slug: "thing", channel: "default-channel") {{ {asked} }} }}')
        assert reply.data["product"]["assignedAttributes"]
        counts.append(reply.statements)
    assert counts[0] == counts[1]
