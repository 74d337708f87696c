"""Attributes of types, and the values of products, variants and pages, for many keys at once."""

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Text,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from shop.attributes.models import Attribute, OfPageType, OfProductType, PageValue, ProductValue, Value, VariantValue
from shop.attributes.rules import ENTITIES, WITH_CHOICES
from shop.media.models import Asset

_IDS: Final = bindparam("ids", type_=ARRAY(Integer))
# Attributes that the owner hides from storefronts are shown to staff alone.
_SHOWN: Final = or_(Attribute.visible_in_storefront, bindparam("everything", type_=Boolean()))

ATTRIBUTE_COLUMNS: Final = (
    Attribute.id.label("pk"),
    Attribute.name,
    Attribute.slug,
    Attribute.type.label("type_name"),
    Attribute.input_type.label("input_name"),
    Attribute.entity_type.label("entity_name"),
    Attribute.unit.label("unit_name"),
    Attribute.value_required,
    Attribute.visible_in_storefront,
    Attribute.external_reference,
    Attribute.metadata_public.label("metadata_public"),
    Attribute.metadata_private.label("metadata_private"),
)
ATTRIBUTES_BY_ID: Final = select(*ATTRIBUTE_COLUMNS).where(Attribute.id == any_(_IDS))
_TYPED: Final = (
    select(
        *ATTRIBUTE_COLUMNS,
        OfProductType.product_type_id.label("type_id"),
        OfProductType.variant_selection.label("is_selection"),
    )
    .join(OfProductType, OfProductType.attribute_id == Attribute.id)
    .where(OfProductType.product_type_id == any_(_IDS), _SHOWN)
    .order_by(OfProductType.product_type_id, OfProductType.sort_order, Attribute.id)
)
# With the id of the type as `type_id`, in the type's order. Parameters: `ids`, `everything`.
ATTRIBUTES_OF_PRODUCTS: Final = _TYPED.where(OfProductType.of_variants.is_(False))
ATTRIBUTES_OF_VARIANTS: Final = _TYPED.where(OfProductType.of_variants)
ATTRIBUTES_OF_PAGES: Final = (
    select(*ATTRIBUTE_COLUMNS, OfPageType.page_type_id.label("type_id"))
    .join(OfPageType, OfPageType.attribute_id == Attribute.id)
    .where(OfPageType.page_type_id == any_(_IDS), _SHOWN)
    .order_by(OfPageType.page_type_id, OfPageType.sort_order, Attribute.id)
)

VALUE_COLUMNS: Final = (
    Value.id.label("pk"),
    Value.attribute_id,
    Value.name,
    Value.slug,
    Value.value,
    Value.rich_text.label("text_blocks"),
    Value.plain_text,
    Value.boolean,
    Value.number,
    Value.moment,
    func.coalesce(Value.page_id, Value.product_id, Value.variant_id, Value.category_id, Value.collection_id).label(
        "reference_id"
    ),
    Value.external_reference,
    Asset.path.label("asset_path"),
    Asset.mime_type,
)


def _values(
    owner: InstrumentedAttribute[int], value: InstrumentedAttribute[int], order: InstrumentedAttribute[int]
) -> Select[Any]:
    return (
        select(*VALUE_COLUMNS, owner.label("owner_id"))
        .select_from(owner.parent.class_)
        .join(Value, Value.id == value)
        .outerjoin(Asset, Asset.id == Value.asset_id)
        .where(owner == any_(_IDS))
        .order_by(owner, order, Value.sort_order, Value.id)
    )


# With the id of the product, variant or page as `owner_id`, in the owner's order. Parameter: `ids`.
VALUES_OF_PRODUCTS: Final = _values(ProductValue.product_id, ProductValue.value_id, ProductValue.sort_order)
VALUES_OF_VARIANTS: Final = _values(VariantValue.variant_id, VariantValue.value_id, VariantValue.sort_order)
VALUES_OF_PAGES: Final = _values(PageValue.page_id, PageValue.value_id, PageValue.sort_order)
# Values and stored files by their keys.
VALUES_BY_ID: Final = select(*VALUE_COLUMNS).outerjoin(Asset, Asset.id == Value.asset_id).where(Value.id == any_(_IDS))
ASSETS_BY_ID: Final = select(Asset.id, Asset.path, Asset.mime_type).where(Asset.id == any_(_IDS))


def said_of_page(page_id: ColumnElement[int], page_type_id: ColumnElement[int]) -> ColumnElement[Any]:
    """What the page says of each attribute of its type, as `rules.keeping` writes it."""
    own = func.jsonb_strip_nulls(
        func.jsonb_build_object(
            *("name", Value.name, "plain_text", Value.plain_text, "boolean", Value.boolean),
            *("number", cast(Value.number, Text), "moment", Value.moment, "asset_id", Value.asset_id),
            *(part for column in ENTITIES.values() for part in (column, getattr(Value, column))),
        )
    )
    # Its blocks may hold nulls, which are theirs.
    rich = case(
        (Value.rich_text.is_not(None), func.jsonb_build_object("rich_text", Value.rich_text)),
        else_=literal_column("'{}'::jsonb"),
    )
    said = case(
        (
            or_(*(Attribute.input_type == kind for kind in sorted(WITH_CHOICES))),
            func.jsonb_build_object("choice", Value.id, "name", Value.name),
        ),
        else_=own.op("||")(rich),
    )
    in_order = aggregate_order_by(said, PageValue.sort_order, Value.sort_order, Value.id)
    values = (
        select(func.coalesce(func.jsonb_agg(in_order), literal_column("'[]'::jsonb")))
        .select_from(PageValue)
        .join(Value, Value.id == PageValue.value_id)
        .where(PageValue.page_id == page_id, Value.attribute_id == Attribute.id)
        .correlate_except(PageValue, Value)
        .scalar_subquery()
    )
    return (
        select(
            func.coalesce(
                func.jsonb_object_agg(
                    cast(Attribute.id, Text), func.jsonb_build_object("name", Attribute.name, "values", values)
                ),
                literal_column("'{}'::jsonb"),
                type_=JSONB,
            )
        )
        .select_from(OfPageType)
        .join(Attribute, Attribute.id == OfPageType.attribute_id)
        .where(OfPageType.page_type_id == page_type_id)
        .correlate_except(OfPageType, Attribute)
        .scalar_subquery()
    )
