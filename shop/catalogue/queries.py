"""Products, variants and what surrounds them, for many keys at once. Who may see them is decided in `browse`."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import DateTime, Integer, Text, and_, any_, bindparam, cast, func, null, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from shop.catalogue.models import (
    Category,
    Collection,
    CollectionListing,
    CollectionProduct,
    Product,
    ProductMedia,
    ProductType,
    Variant,
    VariantMedia,
)
from shop.kit.db.moments import next_moment
from shop.media.models import Asset
from shop.site.models import SiteSettings

_IDS = bindparam("ids", type_=ARRAY(Integer))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_SLUGS = bindparam("slugs", type_=ARRAY(Text))


def leave_out(columns: Sequence[Any], names: frozenset[str]) -> list[Any]:
    """The columns, those of these names as null: what nobody reads need not be sent and taken apart."""
    return [cast(null(), column.type).label(column.name) if column.name in names else column for column in columns]


METADATA: Final = frozenset({"metadata_public", "metadata_private"})

PRODUCT_COLUMNS = (
    Product.id.label("pk"),
    Product.name,
    Product.slug,
    Product.description.label("description_blocks"),
    Product.seo_title,
    Product.seo_description,
    Product.created_at.label("created"),
    Product.updated_at,
    Product.rating,
    Product.external_reference,
    Product.weight_kg,
    Product.product_type_id,
    Product.category_id,
    Product.tax_class_id,
    Product.default_variant_id,
    Product.metadata_public.label("metadata_public"),
    Product.metadata_private.label("metadata_private"),
)
PRODUCTS_BY_ID = select(*PRODUCT_COLUMNS).where(Product.id == any_(_IDS))
TYPES_BY_PRODUCT = select(Product.id, Product.product_type_id).where(Product.id == any_(_IDS))

VARIANT_COLUMNS = (
    Variant.id.label("pk"),
    Variant.name,
    Variant.sku,
    Variant.track_inventory,
    Variant.quantity_limit_per_customer,
    func.coalesce(
        Variant.quantity_limit_per_customer, select(SiteSettings.limit_quantity_per_checkout).scalar_subquery()
    ).label("most_in_an_order"),
    Variant.weight_kg,
    Variant.created_at.label("created"),
    Variant.updated_at,
    Variant.external_reference,
    Variant.product_id,
    Variant.metadata_public.label("metadata_public"),
    Variant.metadata_private.label("metadata_private"),
)
# In the order that the owner gave them: the first is what a shopper is shown first.
VARIANTS_BY_ID = select(*VARIANT_COLUMNS).where(Variant.id == any_(_IDS)).order_by(Variant.sort_order, Variant.id)
VARIANTS_BY_PRODUCT = (
    select(*VARIANT_COLUMNS)
    .where(Variant.product_id == any_(_IDS))
    .order_by(Variant.product_id, Variant.sort_order, Variant.id)
)

PRODUCT_TYPE_COLUMNS = (
    ProductType.id.label("pk"),
    ProductType.name,
    ProductType.slug,
    ProductType.kind.label("kind_name"),
    ProductType.has_variants,
    ProductType.is_shipping_required,
    ProductType.is_digital,
    ProductType.tax_class_id,
    ProductType.metadata_public.label("metadata_public"),
    ProductType.metadata_private.label("metadata_private"),
)
PRODUCT_TYPES_BY_ID = select(*PRODUCT_TYPE_COLUMNS).where(ProductType.id == any_(_IDS))
# The class that taxes a product: its own, else its type's.
TAX_CLASS_ID = func.coalesce(Product.tax_class_id, ProductType.tax_class_id)

CATEGORY_COLUMNS = (
    Category.id.label("pk"),
    Category.name,
    Category.slug,
    Category.description.label("description_blocks"),
    Category.seo_title,
    Category.seo_description,
    Category.updated_at,
    Category.path,
    Category.parent_id,
    Category.background_image_id,
    Category.background_image_alt,
    Category.metadata_public.label("metadata_public"),
    Category.metadata_private.label("metadata_private"),
)
CATEGORIES_BY_ID = select(*CATEGORY_COLUMNS).where(Category.id == any_(_IDS))
# Those categories and everything below them.
CATEGORIES_BELOW = select(Category.id).where(Category.path.overlap(_IDS))
CATEGORIES_BY_SLUG = select(*CATEGORY_COLUMNS).where(Category.slug == any_(_SLUGS))

COLLECTION_COLUMNS = (
    Collection.id.label("pk"),
    Collection.name,
    Collection.slug,
    Collection.description.label("description_blocks"),
    Collection.seo_title,
    Collection.seo_description,
    Collection.background_image_id,
    Collection.background_image_alt,
    Collection.metadata_public.label("metadata_public"),
    Collection.metadata_private.label("metadata_private"),
)
COLLECTIONS_BY_ID = select(*COLLECTION_COLUMNS).where(Collection.id == any_(_IDS))
# A collection is shown to the public where it is published, from its date on.
COLLECTION_IS_PUBLIC = and_(
    CollectionListing.is_published,
    CollectionListing.published_at.is_(None) | (CollectionListing.published_at <= _NOW),
    CollectionListing.channel_id == bindparam("channel_id", type_=Integer),
)
# When the clock alone shows another collection.
NEXT_COLLECTION = next_moment(CollectionListing.published_at)
PUBLIC_COLLECTIONS_BY_ID = COLLECTIONS_BY_ID.join(
    CollectionListing, CollectionListing.collection_id == Collection.id
).where(COLLECTION_IS_PUBLIC)
COLLECTIONS_BY_PRODUCT = (
    select(CollectionProduct.product_id, CollectionProduct.collection_id)
    .where(CollectionProduct.product_id == any_(_IDS))
    .order_by(CollectionProduct.collection_id)
)
COLLECTION_LISTINGS = (
    select(
        CollectionListing.id.label("pk"),
        CollectionListing.collection_id,
        CollectionListing.channel_id,
        CollectionListing.is_published,
        CollectionListing.published_at,
    )
    .where(CollectionListing.collection_id == any_(_IDS))
    .order_by(CollectionListing.channel_id)
)

MEDIA_COLUMNS = (
    ProductMedia.id.label("pk"),
    ProductMedia.product_id.label("owner_id"),
    ProductMedia.type.label("kind"),
    ProductMedia.alt,
    ProductMedia.sort_order,
    ProductMedia.external_url,
    ProductMedia.oembed_data.label("oembed"),
    ProductMedia.asset_id,
    Asset.path.label("asset_path"),
    ProductMedia.metadata_public.label("metadata_public"),
    ProductMedia.metadata_private.label("metadata_private"),
)
_MEDIA = select(*MEDIA_COLUMNS).outerjoin(Asset, Asset.id == ProductMedia.asset_id)
_MEDIA_ORDER = (ProductMedia.product_id, ProductMedia.sort_order, ProductMedia.id)
MEDIA_BY_PRODUCT = _MEDIA.where(ProductMedia.product_id == any_(_IDS)).order_by(*_MEDIA_ORDER)
# The same without metadata and what a video's provider says.
SHOWN_MEDIA_BY_PRODUCT = MEDIA_BY_PRODUCT.with_only_columns(*leave_out(MEDIA_COLUMNS, METADATA | {"oembed"}))
MEDIA_BY_ID = _MEDIA.where(ProductMedia.id == any_(_IDS))
MEDIA_BY_VARIANT = (
    select(VariantMedia.variant_id, VariantMedia.media_id)
    .join(ProductMedia, ProductMedia.id == VariantMedia.media_id)
    .where(VariantMedia.variant_id == any_(_IDS))
    .order_by(*_MEDIA_ORDER)
)
# The picture that stands for a product: the first one in its order.
PICTURES_BY_PRODUCT = (
    select(ProductMedia.product_id, ProductMedia.alt, ProductMedia.asset_id, Asset.path.label("asset_path"))
    .join(Asset, Asset.id == ProductMedia.asset_id)
    .where(ProductMedia.product_id == any_(_IDS), ProductMedia.type == "IMAGE")
    .ext(distinct_on(ProductMedia.product_id))
    .order_by(*_MEDIA_ORDER)
)
