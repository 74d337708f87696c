"""What articles show of products: those that the public can see in some channel."""

from typing import Final

from sqlalchemy import ARRAY, Integer, any_, bindparam, exists, select, true

from shop.catalogue.models import Product, ProductMedia
from shop.channels.models import Channel
from shop.media.models import Asset
from shop.pricing.models import ProductListing
from shop.pricing.queries import IS_PUBLISHED

_picture = (
    select(Asset.path)
    .join(ProductMedia, ProductMedia.asset_id == Asset.id)
    .where(ProductMedia.product_id == Product.id, ProductMedia.type == "IMAGE")
    .order_by(ProductMedia.sort_order, ProductMedia.id)
    .limit(1)
    .lateral("picture")
)
# Parameters: `ids`, `now`.
PRODUCT_CARDS: Final = (
    select(
        Product.id.label("pk"), Product.name, Product.slug, Product.seo_description, _picture.c.path.label("picture")
    )
    .outerjoin(_picture, true())
    .where(
        Product.id == any_(bindparam("ids", type_=ARRAY(Integer))),
        exists()
        .where(
            ProductListing.product_id == Product.id,
            ProductListing.channel_id == Channel.id,
            Channel.is_active,
            IS_PUBLISHED,
            ProductListing.minimum_price_amount.is_not(None),
        )
        .correlate(Product),
    )
)
