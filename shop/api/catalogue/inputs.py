"""What product lists take: filters in Saleor's two forms, and their order, as criteria of `browse`."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal as PyDecimal
from enum import Enum

import strawberry

from shop.api.attributes.inputs import AssignedAttributeWhereInput, AttributeInput, attribute_criteria
from shop.api.core.enums import OrderDirection
from shop.api.core.filters import (
    DateTimeRangeInput,
    DecimalFilterInput,
    GlobalIDFilterInput,
    IntRangeInput,
    StringFilterInput,
    nested,
    wanted,
)
from shop.api.core.ids import query_int, query_uuid
from shop.browse.criteria import Parts, number_range


@strawberry.enum(description="Whether something can be delivered from stock.")
class StockAvailability(Enum):
    IN_STOCK = "IN_STOCK"
    OUT_OF_STOCK = "OUT_OF_STOCK"


@strawberry.enum(description="What products are sorted by.")
class ProductOrderField(Enum):
    NAME = "NAME"
    RANK = "RANK"
    PRICE = "PRICE"
    MINIMAL_PRICE = "MINIMAL_PRICE"
    LAST_MODIFIED = strawberry.enum_value("LAST_MODIFIED", deprecation_reason="Use `LAST_MODIFIED_AT` instead.")
    DATE = strawberry.enum_value("DATE", deprecation_reason="Use `LAST_MODIFIED_AT` instead.")
    TYPE = "TYPE"
    PUBLISHED = "PUBLISHED"
    PUBLICATION_DATE = strawberry.enum_value("PUBLICATION_DATE", deprecation_reason="Use `PUBLISHED_AT` instead.")
    PUBLISHED_AT = "PUBLISHED_AT"
    LAST_MODIFIED_AT = "LAST_MODIFIED_AT"
    COLLECTION = "COLLECTION"
    RATING = "RATING"
    CREATED_AT = "CREATED_AT"


# The names of one order each; what is missing here has the same name in `browse`.
SORTS = {
    ProductOrderField.MINIMAL_PRICE: "PRICE",
    ProductOrderField.LAST_MODIFIED: "LAST_MODIFIED_AT",
    ProductOrderField.DATE: "LAST_MODIFIED_AT",
    ProductOrderField.PUBLICATION_DATE: "PUBLISHED_AT",
}


@strawberry.input(description="How to sort products.")
class ProductOrder:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    channel: str | None = strawberry.field(
        default=None,
        description="A channel's slug, for orders that differ by channel.",
        deprecation_reason="Use the argument `channel` of the list instead.",
    )
    attribute_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="An attribute by whose values to sort: numbers and moments by size, choices in the owner's order, "
        "others by name. Products without a value come last upwards. Instead of `field`.",
    )
    field: ProductOrderField | None = strawberry.field(default=None, description="What to sort by; unset: the slug.")


@strawberry.input(description="Prices from and to; both ends belong to the range.")
class PriceRangeInput:
    gte: float | None = strawberry.field(default=None, description="At least.")
    lte: float | None = strawberry.field(default=None, description="At most.")


@strawberry.input(description="A moment to compare with.")
class DateTimeFilterInput:
    eq: datetime | None = strawberry.field(default=None, description="At this moment.")
    one_of: list[datetime] | None = strawberry.field(default=None, description="At one of these moments.")
    range: DateTimeRangeInput | None = strawberry.field(default=None, description="Within this range.")


@strawberry.input(description="Public metadata that something must carry.")
class MetadataFilter:
    key: str = strawberry.field(description="This key;")
    value: str | None = strawberry.field(default=None, description="with this value, or with any.")


@strawberry.input(description="How many lie in some warehouses.")
class ProductStockFilterInput:
    warehouse_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Held by one of these warehouses."
    )
    quantity: IntRangeInput | None = strawberry.field(default=None, description="How many there are in all.")


@strawberry.input(description="Which products to list; all that is given must hold.")
class ProductFilterInput:
    is_published: bool | None = strawberry.field(default=None, description="Published in the channel, or not.")
    collections: list[strawberry.ID] | None = strawberry.field(default=None, description="In one of these collections.")
    categories: list[strawberry.ID] | None = strawberry.field(
        default=None, description="In one of these categories or below."
    )
    has_category: bool | None = strawberry.field(default=None, description="With a category, or without.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=None, description="With all of these attributes."
    )
    stock_availability: StockAvailability | None = strawberry.field(default=None, description="By stock.")
    stocks: ProductStockFilterInput | None = strawberry.field(default=None, description="By quantity in stock.")
    search: str | None = strawberry.field(default=None, description="Words of the name or description.")
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    published_from: datetime | None = strawberry.field(default=None, description="Published at this moment or later.")
    is_available: bool | None = strawberry.field(default=None, description="For sale in the channel, or not.")
    available_from: datetime | None = strawberry.field(default=None, description="For sale from this moment or later.")
    is_visible_in_listing: bool | None = strawberry.field(default=None, description="Shown in lists, or not.")
    price: PriceRangeInput | None = strawberry.field(default=None, description="With a variant of this price.")
    minimal_price: PriceRangeInput | None = strawberry.field(default=None, description="By the lowest price.")
    updated_at: DateTimeRangeInput | None = strawberry.field(default=None, description="By the last change.")
    product_types: list[strawberry.ID] | None = strawberry.field(default=None, description="Of one of these types.")
    gift_card: bool | None = strawberry.field(default=None, description="Gift cards, or what is none.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These products.")
    has_preordered_variants: bool | None = strawberry.field(
        default=None, description="Nothing is sold in advance here.", deprecation_reason="Has no effect."
    )
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")
    channel: str | None = strawberry.field(
        default=None,
        description="A channel's slug.",
        deprecation_reason="Use the argument `channel` of the list instead.",
    )


@strawberry.input(description="Which products to list; all that is given must hold.")
class ProductWhereInput:
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These products.")
    name: StringFilterInput | None = strawberry.field(default=None, description="By name.")
    slug: StringFilterInput | None = strawberry.field(default=None, description="By slug.")
    product_type: GlobalIDFilterInput | None = strawberry.field(default=None, description="By type.")
    category: GlobalIDFilterInput | None = strawberry.field(default=None, description="In a category or below.")
    collection: GlobalIDFilterInput | None = strawberry.field(default=None, description="In a collection.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=None, description="With all of these attributes."
    )
    is_available: bool | None = strawberry.field(default=None, description="For sale in the channel, or not.")
    is_published: bool | None = strawberry.field(default=None, description="Published in the channel, or not.")
    is_visible_in_listing: bool | None = strawberry.field(default=None, description="Shown in lists, or not.")
    published_from: datetime | None = strawberry.field(default=None, description="Published at this moment or later.")
    available_from: datetime | None = strawberry.field(default=None, description="For sale from this moment or later.")
    has_category: bool | None = strawberry.field(default=None, description="With a category, or without.")
    price: DecimalFilterInput | None = strawberry.field(default=None, description="With a variant of this price.")
    minimal_price: DecimalFilterInput | None = strawberry.field(default=None, description="By the lowest price.")
    stock_availability: StockAvailability | None = strawberry.field(default=None, description="By stock.")
    stocks: ProductStockFilterInput | None = strawberry.field(default=None, description="By quantity in stock.")
    gift_card: bool | None = strawberry.field(default=None, description="Gift cards, or what is none.")
    has_preordered_variants: bool | None = strawberry.field(
        default=None, description="Nothing is sold in advance here.", deprecation_reason="Has no effect."
    )
    updated_at: DateTimeFilterInput | None = strawberry.field(default=None, description="By the last change.")
    and_: list["ProductWhereInput"] | None = strawberry.field(
        name="AND", default=None, description="All of these, beside the rest."
    )
    or_: list["ProductWhereInput"] | None = strawberry.field(
        name="OR", default=None, description="At least one of these, beside the rest."
    )


@strawberry.input(description="Which variants to list; all that is given must hold.")
class ProductVariantWhereInput:
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These variants.")
    sku: StringFilterInput | None = strawberry.field(default=None, description="By article number.")
    updated_at: DateTimeRangeInput | None = strawberry.field(default=None, description="By the last change.")
    attributes: list[AssignedAttributeWhereInput] | None = strawberry.field(
        default=None, description="With all of these attributes."
    )
    and_: list["ProductVariantWhereInput"] | None = strawberry.field(
        name="AND", default=None, description="All of these, beside the rest."
    )
    or_: list["ProductVariantWhereInput"] | None = strawberry.field(
        name="OR", default=None, description="At least one of these, beside the rest."
    )


def keys(ids: Sequence[strawberry.ID], type_name: str) -> list[int]:
    """The keys behind IDs of one type; IDs of another type find nothing. Raises: GraphQLError for a malformed one."""
    return [key for text in ids if (key := query_int(text, type_name)) is not None]


def chosen(value: GlobalIDFilterInput, type_name: str) -> list[int]:
    """The keys that satisfy the filter; none for an empty one."""
    return keys([value.eq] if value.eq is not None else value.one_of or [], type_name)


def metadata_criteria(filters: Sequence[MetadataFilter]) -> Parts:
    """All of the keys, with their values where given."""
    parts: Parts = []
    if exact := {each.key: each.value for each in filters if each.value is not None}:
        parts.append(("metadata", exact))
    if present := [each.key for each in filters if each.value is None]:
        parts.append(("metadata_keys", present))
    return parts


def time_criteria(name: str, value: DateTimeRangeInput) -> Parts:
    """A range of moments."""
    parts: Parts = []
    if value.gte is not None:
        parts.append((f"{name}_from", value.gte))
    if value.lte is not None:
        parts.append((f"{name}_to", value.lte))
    return parts


def _warehouse_keys(ids: Sequence[strawberry.ID]) -> list[uuid.UUID]:
    return [key for text in ids if (key := query_uuid(text, "Warehouse")) is not None]


def _stock_criteria(value: ProductStockFilterInput) -> Parts:
    parts: Parts = []
    if value.warehouse_ids is not None:
        parts.append(("warehouses", _warehouse_keys(value.warehouse_ids)))
    if value.quantity is not None and value.quantity.gte is not None:
        parts.append(("quantity_from", value.quantity.gte))
    if value.quantity is not None and value.quantity.lte is not None:
        parts.append(("quantity_to", value.quantity.lte))
    return parts


def _decimal(value: float | PyDecimal | None) -> PyDecimal | None:
    return None if value is None else PyDecimal(str(value))


def _range_criteria(gte: PyDecimal | None, lte: PyDecimal | None, *, lowest: bool) -> Parts:
    if not lowest:
        return [("price_range", number_range(gte, lte))]
    ends = (("minimum_price_from", gte), ("minimum_price_to", lte))
    return [(name, end) for name, end in ends if end is not None]


def _price_criteria(value: DecimalFilterInput, *, lowest: bool) -> Parts:
    if value.range is not None:
        return _range_criteria(_decimal(value.range.gte), _decimal(value.range.lte), lowest=lowest)
    exact = [value.eq] if value.eq is not None else value.one_of or []
    return [("minimum_prices" if lowest else "prices", [PyDecimal(each) for each in exact])]


# Fields that both forms have, whose value is taken as it is.
_PLAIN = {
    "is_published": "is_published",
    "is_available": "is_for_sale",
    "is_visible_in_listing": "is_visible",
    "published_from": "published_from",
    "available_from": "for_sale_from",
    "has_category": "has_category",
    "gift_card": "is_gift_card",
}


def _common(value: ProductFilterInput | ProductWhereInput) -> Parts:
    parts: Parts = [
        (criterion, given) for name, criterion in _PLAIN.items() if (given := getattr(value, name)) is not None
    ]
    if value.ids or (value.ids is not None and isinstance(value, ProductWhereInput)):
        parts.append(("ids", keys(value.ids, "Product")))
    if value.stock_availability is not None:
        parts.append(("in_stock", value.stock_availability is StockAvailability.IN_STOCK))
    if value.stocks is not None:
        parts += _stock_criteria(value.stocks)
    if value.metadata is not None:
        parts += metadata_criteria(value.metadata)
    if value.attributes is not None:
        parts += attribute_criteria(value.attributes)
    return parts


def filter_criteria(value: ProductFilterInput) -> Parts:
    """What the older form of filters asks for; empty lists ask for nothing, as in Saleor."""
    parts = _common(value)
    ids = (("collections", "Collection"), ("categories", "Category"), ("product_types", "ProductType"))
    parts += [(name, keys(given, type_name)) for name, type_name in ids if (given := getattr(value, name))]
    if value.slugs:
        parts.append(("slugs", value.slugs))
    if value.price is not None:
        parts += _range_criteria(_decimal(value.price.gte), _decimal(value.price.lte), lowest=False)
    if value.minimal_price is not None:
        parts += _range_criteria(_decimal(value.minimal_price.gte), _decimal(value.minimal_price.lte), lowest=True)
    if value.updated_at is not None:
        parts += time_criteria("updated", value.updated_at)
    if value.search is not None and value.search.strip():
        parts.append(("search", value.search))
    return parts


def where_criteria(value: ProductWhereInput, depth: int = 0) -> Parts:
    """What the newer form of filters asks for; an empty comparison finds nothing. Raises: GraphQLError."""
    parts = _common(value)
    texts = (("names", value.name), ("slugs", value.slug))
    parts += [(name, wanted(given)) for name, given in texts if given is not None]
    ids = (
        ("product_types", value.product_type, "ProductType"),
        ("categories", value.category, "Category"),
        ("collections", value.collection, "Collection"),
    )
    parts += [(name, chosen(given, type_name)) for name, given, type_name in ids if given is not None]
    for given, lowest in ((value.price, False), (value.minimal_price, True)):
        if given is not None:
            parts += _price_criteria(given, lowest=lowest)
    if value.updated_at is not None:
        if value.updated_at.range is not None:
            parts += time_criteria("updated", value.updated_at.range)
        else:
            exact = [value.updated_at.eq] if value.updated_at.eq is not None else value.updated_at.one_of or []
            parts.append(("updated_at", exact))
    return parts + nested(value.and_, value.or_, where_criteria, depth)


def variant_criteria(value: ProductVariantWhereInput, depth: int = 0) -> Parts:
    """What a filter of variants asks for. Raises: GraphQLError."""
    parts: Parts = []
    if value.ids is not None:
        parts.append(("ids", keys(value.ids, "ProductVariant")))
    if value.sku is not None:
        parts.append(("skus", wanted(value.sku)))
    if value.metadata is not None:
        parts += metadata_criteria(value.metadata)
    if value.updated_at is not None:
        parts += time_criteria("updated", value.updated_at)
    if value.attributes is not None:
        parts += attribute_criteria(value.attributes)
    return parts + nested(value.and_, value.or_, variant_criteria, depth)
