"""Rows for tests: plain functions that take a session, fill in what the test does not care about, and flush.

from tests import factories as make

channel = await make.channel(session)
variant = await make.variant(session, channel, price="10.00", stock=5)
"""

from tests.factories.catalogue import category, collection, picture, product, product_type, serial, variant
from tests.factories.checkout import address, checkout, postal_address, ready_checkout, shipping_method, user
from tests.factories.comments import comment
from tests.factories.content import menu, menu_item, page, page_type, widget_area
from tests.factories.describing import assign, attribute, attribute_value, translation
from tests.factories.discounts import promotion, targets, voucher
from tests.factories.giftcards import gift_card
from tests.factories.selling import channel, shipping_zone, stock, tax_class, tax_rate, warehouse

__all__ = [
    "address",
    "assign",
    "attribute",
    "attribute_value",
    "category",
    "channel",
    "checkout",
    "collection",
    "comment",
    "gift_card",
    "menu",
    "menu_item",
    "page",
    "page_type",
    "picture",
    "postal_address",
    "product",
    "product_type",
    "promotion",
    "ready_checkout",
    "serial",
    "shipping_method",
    "shipping_zone",
    "stock",
    "targets",
    "tax_class",
    "tax_rate",
    "translation",
    "user",
    "variant",
    "voucher",
    "warehouse",
    "widget_area",
]
