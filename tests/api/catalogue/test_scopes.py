"""Products of one batch may have been read in several channels: a user's orders, a member of staff's carts."""

from graphql import FieldNode, OperationDefinitionNode, parse
from sqlalchemy.ext.asyncio import AsyncSession

from shop.api.catalogue.products import Product, products_by_id
from shop.api.catalogue.variants import ProductVariant, variants_by_id
from shop.api.channels.scope import Scope, channel_by_slug
from shop.api.core.context import ANONYMOUS, Context
from shop.browse.queries import Sight
from shop.execution import Selection
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.settings import Settings
from tests import factories as make

PUBLIC = Sight(in_channel=True, public=True)


def selection(text: str) -> Selection:
    """What is selected below the one field of a document."""
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    return Selection([field], {}, {})


async def test_each_product_shows_what_its_own_channel_sells(database: Database, settings: Settings) -> None:
    async def rows(session: AsyncSession) -> tuple[int, int]:
        us = await make.channel(session, slug="us")
        eu = await make.channel(session, slug="eu", currency="EUR", country="DE")
        await make.tax_rate(session, "US", "10")
        product = await make.product(session, us, eu)
        both = await make.variant(session, us, eu, product=product, sku="both", price="11", stock=3)
        await make.variant(session, eu, product=product, sku="european", price="22", stock=7)
        await make.collection(session, eu, slug="only-in-europe", products=(product,))
        return product.id, both.id

    product_id, variant_id = await database.run(rows)
    reader = database.reader()
    context = Context(database, settings, reader, ANONYMOUS, clock.now(), "http://shop.test")
    scopes = [Scope(PUBLIC, await channel_by_slug(context, slug)) for slug in ("us", "eu", "us")]

    found = await products_by_id(context, [(product_id, scope) for scope in scopes])
    products = [product for product in found if product is not None]
    # One object for each channel, and one statement for all.
    assert [product.scope for product in products] == scopes
    assert products[0] is products[2]

    wanted = selection("{ productVariants { totalCount edges { node { sku } } } }")
    connections = await Product.product_variants(products, context, wanted, first=5)
    skus = [[edge.node.sku for edge in each.edges] for each in connections if each is not None]
    assert skus == [["both"], ["both", "european"], ["both"]]
    assert [each.total_count for each in connections if each is not None] == [1, 2, 1]
    collections = await Product.collections(products, context, selection("{ collections { slug } }"))
    assert [[each.slug for each in shown or []] for shown in collections] == [[], ["only-in-europe"], []]
    prices = await Product.pricing(products, context, selection("{ pricing { onSale } }"))
    stops = [price.price_range.stop for price in prices if price is not None and price.price_range is not None]
    assert [(stop.gross.amount, stop.net.amount, stop.currency) for stop in stops if stop is not None] == [
        (11.0, 10.0, "USD"),
        (22.0, 22.0, "EUR"),
        (11.0, 10.0, "USD"),
    ]

    variants = [each for each in await variants_by_id(context, [(variant_id, scope) for scope in scopes]) if each]
    assert await ProductVariant.quantity_available(variants, context) == [3, 0, 3]
    assert await variants_by_id(context, [(None, scopes[0]), (10**6, scopes[0])]) == [None, None]
    await reader.close()
