"""What is sold where and for how much, for many products or variants in one channel."""

from sqlalchemy import DateTime, Integer, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.catalogue.models import Product, ProductType, Variant
from shop.catalogue.queries import METADATA, TAX_CLASS_ID, VARIANT_COLUMNS, leave_out
from shop.kit.db.moments import next_moment
from shop.pricing.models import ProductListing, VariantListing

_IDS = bindparam("ids", type_=ARRAY(Integer))
_CHANNEL = bindparam("channel_id", type_=Integer)
_NOW = bindparam("now", type_=DateTime(timezone=True))

# Whether the public may see a product in the listing's channel, and whether it may be bought there. Parameter: `now`.
IS_PUBLISHED = and_(
    ProductListing.is_published, ProductListing.published_at.is_(None) | (ProductListing.published_at <= _NOW)
)
IS_FOR_SALE = and_(
    ProductListing.available_for_purchase_at.is_not(None), ProductListing.available_for_purchase_at <= _NOW
)
# When the clock alone shows another product, or begins to sell it.
NEXT_PRODUCT = next_moment(ProductListing.published_at, ProductListing.available_for_purchase_at)

# What a product costs in a channel, with the class that taxes it. A row only for what is listed there.
PRODUCT_PRICES = (
    select(
        Product.id.label("product_id"),
        ProductListing.minimum_price_amount,
        ProductListing.maximum_price_amount,
        ProductListing.undiscounted_minimum_amount,
        ProductListing.undiscounted_maximum_amount,
        TAX_CLASS_ID.label("price_tax_class_id"),
    )
    .join(ProductListing, ProductListing.product_id == Product.id)
    .join(ProductType, ProductType.id == Product.product_type_id)
    .where(Product.id == any_(_IDS), ProductListing.channel_id == _CHANNEL)
)
# The range of what it cost before permanent reductions; a variant without a prior price counts with its price.
_prior = func.coalesce(VariantListing.prior_price_amount, VariantListing.price_amount)
PRIOR_PRICES = (
    select(
        Variant.product_id,
        func.min(_prior).label("minimum"),
        func.max(_prior).label("maximum"),
        func.bool_or(VariantListing.prior_price_amount.is_not(None)).label("is_reduced"),
    )
    .join(VariantListing, VariantListing.variant_id == Variant.id)
    .where(Variant.product_id == any_(_IDS), VariantListing.channel_id == _CHANNEL)
    .group_by(Variant.product_id)
)

# What a variant costs in a channel, with the class that taxes it. A row only for what has a price there.
VARIANT_PRICES = (
    select(
        Variant.id.label("variant_id"),
        VariantListing.price_amount,
        VariantListing.sold_at_amount,
        VariantListing.prior_price_amount,
        TAX_CLASS_ID.label("tax_class_id"),
    )
    .join(VariantListing, VariantListing.variant_id == Variant.id)
    .join(Product, Product.id == Variant.product_id)
    .join(ProductType, ProductType.id == Product.product_type_id)
    .where(Variant.id == any_(_IDS), VariantListing.channel_id == _CHANNEL)
)

# A product's variants that have a price in a channel, with that price; in the owner's order.
VARIANTS_SOLD = (
    select(
        *VARIANT_COLUMNS,
        VariantListing.price_amount,
        VariantListing.sold_at_amount,
        VariantListing.prior_price_amount,
        TAX_CLASS_ID.label("tax_class_id"),
    )
    .join(VariantListing, VariantListing.variant_id == Variant.id)
    .join(Product, Product.id == Variant.product_id)
    .join(ProductType, ProductType.id == Product.product_type_id)
    .where(Variant.product_id == any_(_IDS), VariantListing.channel_id == _CHANNEL)
    .order_by(Variant.product_id, Variant.sort_order, Variant.id)
)
# The same without metadata.
SHOWN_VARIANTS_SOLD = VARIANTS_SOLD.with_only_columns(*leave_out(tuple(VARIANTS_SOLD.selected_columns), METADATA))

# Everything that a cart wants to know of variants in a channel, in one read. A row for each variant that exists:
# `price_amount` is null where it is not sold, `is_published` and `is_for_sale` say whether it may be put into a cart.
CART_VARIANTS = (
    select(
        Variant.id.label("variant_id"),
        Variant.product_id,
        Variant.name.label("variant_name"),
        Variant.sku,
        Variant.track_inventory,
        Variant.quantity_limit_per_customer,
        func.coalesce(Variant.weight_kg, Product.weight_kg).label("weight_kg"),
        Product.name.label("product_name"),
        Product.product_type_id,
        ProductType.is_shipping_required,
        ProductType.kind.label("product_type_kind"),
        TAX_CLASS_ID.label("tax_class_id"),
        VariantListing.price_amount,
        VariantListing.sold_at_amount,
        VariantListing.prior_price_amount,
        VariantListing.currency,
        func.coalesce(IS_PUBLISHED, False).label("is_published"),
        func.coalesce(IS_FOR_SALE, False).label("is_for_sale"),
    )
    .join(Product, Product.id == Variant.product_id)
    .join(ProductType, ProductType.id == Product.product_type_id)
    .outerjoin(VariantListing, and_(VariantListing.variant_id == Variant.id, VariantListing.channel_id == _CHANNEL))
    .outerjoin(ProductListing, and_(ProductListing.product_id == Product.id, ProductListing.channel_id == _CHANNEL))
    .where(Variant.id == any_(_IDS))
    .order_by(Variant.id)
)

PRODUCT_LISTINGS = (
    select(
        ProductListing.id.label("pk"),
        ProductListing.product_id.label("product_key"),
        ProductListing.channel_id.label("channel_key"),
        ProductListing.currency,
        ProductListing.is_published,
        ProductListing.published_at,
        ProductListing.visible_in_listings,
        ProductListing.available_for_purchase_at,
        ProductListing.minimum_price_amount,
    )
    .where(ProductListing.product_id == any_(_IDS))
    .order_by(ProductListing.channel_id)
)
VARIANT_LISTINGS = (
    select(
        VariantListing.id.label("pk"),
        VariantListing.variant_id,
        VariantListing.channel_id,
        VariantListing.currency,
        VariantListing.price_amount,
        VariantListing.prior_price_amount,
        VariantListing.cost_price_amount,
    )
    .where(VariantListing.variant_id == any_(_IDS))
    .order_by(VariantListing.channel_id)
)
