"""Rows for tests: plain functions that take a session, fill in what the test does not care about, and flush.

from tests import factories as make

channel = await make.channel(session)
variant = await make.variant(session, channel, price="10.00", stock=5)
"""

from tests.factories.catalogue import category, collection, picture, product, product_type, serial, variant
from tests.factories.selling import channel, shipping_zone, stock, tax_class, tax_rate, warehouse

__all__ = [
    "category",
    "channel",
    "collection",
    "picture",
    "product",
    "product_type",
    "serial",
    "shipping_zone",
    "stock",
    "tax_class",
    "tax_rate",
    "variant",
    "warehouse",
]
