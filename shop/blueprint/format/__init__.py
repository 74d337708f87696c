"""The format of a shop file, as types: what each section may say. `ShopFile` is the whole."""

from shop.blueprint.format.booking import (
    CancellationPolicy,
    Holiday,
    IntakeForm,
    Package,
    Question,
    Resource,
    Role,
    Service,
)
from shop.blueprint.format.catalogue import (
    Category,
    Collection,
    Product,
    ProductListing,
    ProductType,
    Variant,
)
from shop.blueprint.format.comments import Answer, Comment
from shop.blueprint.format.content import Block, Content, Menu, MenuItem, Page, PageType
from shop.blueprint.format.describing import Attribute, Choice
from shop.blueprint.format.discounts import Promotion, Voucher
from shop.blueprint.format.media import Media
from shop.blueprint.format.selling import (
    Address,
    Channel,
    ChannelTax,
    GiftCard,
    ShippingMethod,
    ShippingZone,
    TaxClass,
    Warehouse,
)
from shop.blueprint.format.shop import ShopFile, Site, Staff
from shop.blueprint.format.widgets import Widget, WidgetArea

__all__ = [
    "Address",
    "Answer",
    "Attribute",
    "Block",
    "CancellationPolicy",
    "Category",
    "Channel",
    "ChannelTax",
    "Choice",
    "Collection",
    "Comment",
    "Content",
    "GiftCard",
    "Holiday",
    "IntakeForm",
    "Media",
    "Menu",
    "MenuItem",
    "Package",
    "Page",
    "PageType",
    "Product",
    "ProductListing",
    "ProductType",
    "Promotion",
    "Question",
    "Resource",
    "Role",
    "Service",
    "ShippingMethod",
    "ShippingZone",
    "ShopFile",
    "Site",
    "Staff",
    "TaxClass",
    "Variant",
    "Voucher",
    "Warehouse",
    "Widget",
    "WidgetArea",
]
