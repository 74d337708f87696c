"""The compiled engine answers the catalogue's documents as graphql-core does, without ever handing one over to it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.kit.settings import ExecutionMode, Settings
from tests import factories as make
from tests.api.client import Api
from tests.database import OneConnectionDatabase

_FOLDER = Path(__file__).resolve().parents[3] / "graphql"
_FRAGMENTS = {
    "ProductList": ("ProductCard", "TaxedPrice"),
    "ProductDetails": ("ProductCard", "TaxedPrice", "VariantOffer"),
    "CategoryDetails": (),
    "CollectionDetails": (),
}
DOCUMENTS = {
    name: "".join(
        path.read_text()
        for path in (
            _FOLDER / "operations" / f"{name}.graphql",
            *(_FOLDER / "fragments" / f"{fragment}.graphql" for fragment in fragments),
        )
    )
    for name, fragments in _FRAGMENTS.items()
}

VARIABLES: dict[str, dict[str, Any]] = {
    "ProductList": {"channel": "default-channel", "first": 12},
    "ProductDetails": {"channel": "default-channel", "slug": "p-2"},
    "CategoryDetails": {"slug": "hair"},
    "CollectionDetails": {"channel": "default-channel", "slug": "all"},
}

EVERYTHING = """
query ($channel: String) {
  products(channel: $channel, first: 10) {
    totalCount
    edges {
      cursor
      node {
        ...Card
        collections { slug products(first: 2) { edges { node { ...Card } } } }
        category { slug level products(first: 2, channel: $channel) { totalCount } ancestors(first: 2) { totalCount } }
        variants { sku pricing { price { net { amount } } } product { slug } }
        productVariants(first: 1) { pageInfo { hasNextPage } edges { node { quantityAvailable media { url } } } }
      }
    }
  }
  categories(first: 5) { edges { node { slug children(first: 5) { edges { node { slug } } } } } }
  collections(first: 5, channel: $channel) { edges { node { name backgroundImage { url } } } }
  channel(slug: $channel) { currencyCode countries { country } }
  missing: product(slug: "none", channel: $channel) { slug }
  denied: product(slug: "p-1", channel: $channel) { slug taxClass { name } }
  nothing: product(slug: "p-1", channel: $channel) { slug privateMetadata { key } }
}
fragment Card on Product {
  __typename id slug name metadata { key value } metafield(key: "a") created weight { value }
  thumbnail(size: 64) { url alt }
  media { id url alt }
  isAvailable
  pricing { priceRange { start { gross { amount } } stop { tax { amount currency } } } discount { currency } }
}
"""


async def seed(database: Database) -> None:
    async def rows(session: AsyncSession) -> None:
        us = await make.channel(session, slug="default-channel")
        await make.tax_rate(session, "US", "8.25")
        care = await make.category(session, slug="care")
        hair = await make.category(session, slug="hair", parent=care)
        products = []
        for number in range(3):
            product = await make.product(
                session, us, slug=f"p-{number}", category=(care, hair, None)[number], metadata_public={"a": str(number)}
            )
            for price in range(number):
                await make.variant(session, us, product=product, price=str(price + 5))
            products.append(product)
        await make.picture(session, products[1])
        await make.collection(session, us, slug="all", products=tuple(reversed(products)))

    await database.run(rows)


async def test_both_ways_of_execution_answer_the_same(database: OneConnectionDatabase, settings: Settings) -> None:
    await seed(database)
    replies = []
    for mode in ExecutionMode:
        api = Api(settings.model_copy(update={"execution": mode}), database)
        # The engine compiles a document when it is seen for the second time.
        replies += [await api(EVERYTHING, {"channel": "default-channel"}) for _ in range(3)]
        await api.close()
    bodies = [reply.body for reply in replies]
    assert all(body["data"] == bodies[0]["data"] for body in bodies)
    assert {len(body["errors"]) for body in bodies} == {len(bodies[0]["errors"])}
    assert [edge["node"]["slug"] for edge in bodies[0]["data"]["products"]["edges"]] == ["p-1", "p-2"]
    assert {reply.statements for reply in replies[:3]} == {replies[0].statements}


@pytest.mark.parametrize("name", list(DOCUMENTS))
async def test_the_storefronts_documents_run_on_compiled_plans(
    settings: Settings, database: Database, name: str
) -> None:
    await seed(database)
    api = Api(settings.model_copy(update={"execution": ExecutionMode.ENGINE}), database)
    for _ in range(3):
        reply = await api(DOCUMENTS[name], VARIABLES[name])
        assert all(value is not None for value in reply.data.values())
    await api.close()
    stats = api.graphql.documents.stats
    assert stats.planned >= 1
    assert dict(stats.bails) == {}
