"""What is sold where and for how much. Prices are as the owner enters them: with or without tax (tax configuration)."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, IntPk, not_negative


class ProductListing(Base):
    """A product's presence in a channel. Its lowest variant price is kept here, so that lists sort by one index."""

    __tablename__ = "pricing_product_listing"
    __table_args__ = (
        UniqueConstraint("product_id", "channel_id"),
        Index("ix_pricing_product_listing_price", "channel_id", "minimum_price_amount", "product_id"),
        Index("ix_pricing_product_listing_published_at", "channel_id", "published_at", "product_id"),
        Index("ix_pricing_product_listing_is_published", "channel_id", "is_published", "product_id"),
    )

    id: Mapped[IntPk]
    product_id: Mapped[int] = mapped_column(ForeignKey("catalogue_product.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id", ondelete="CASCADE"))
    currency: Mapped[str]
    is_published: Mapped[bool] = mapped_column(server_default="false")
    published_at: Mapped[datetime | None]
    visible_in_listings: Mapped[bool] = mapped_column(server_default="true")
    # Null: cannot be bought; in the future: can be bought from then on.
    available_for_purchase_at: Mapped[datetime | None]
    # Written by pricing.actions.refresh_listings alone.
    minimum_price_amount: Mapped[Decimal | None]
    maximum_price_amount: Mapped[Decimal | None]


class VariantListing(Base):
    """A variant's price in a channel; a variant without one is not sold there."""

    __tablename__ = "pricing_variant_listing"
    __table_args__ = (
        UniqueConstraint("variant_id", "channel_id"),
        not_negative("price_amount"),
        Index("ix_pricing_variant_listing_price", "channel_id", "price_amount", "variant_id"),
    )

    id: Mapped[IntPk]
    variant_id: Mapped[int] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id", ondelete="CASCADE"), index=True)
    currency: Mapped[str]
    price_amount: Mapped[Decimal]
    # What it cost before a permanent reduction; shown, never charged.
    prior_price_amount: Mapped[Decimal | None]
    cost_price_amount: Mapped[Decimal | None]
