"""What is sold where and for how much. Prices are as the owner enters them: with or without tax (tax configuration)."""

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Computed,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
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
        Index("ix_pricing_product_listing_in_stock", "channel_id", "in_stock", "product_id"),
        # What shoppers see in lists is counted here alone.
        Index(
            "ix_pricing_product_listing_shown",
            "channel_id",
            "product_id",
            postgresql_include=["published_at"],
            postgresql_where=text("is_published AND visible_in_listings AND minimum_price_amount IS NOT NULL"),
        ),
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
    # Whether a variant that has a price here needs no stock, or has some that can be sent from here. Written by
    # triggers of every table that it depends on (`pricing_refresh_in_stock`), whoever changes them.
    in_stock: Mapped[bool] = mapped_column(server_default="false")
    # What a shopper pays, promotions included. Written by pricing.actions.refresh_listings alone.
    minimum_price_amount: Mapped[Decimal | None]
    maximum_price_amount: Mapped[Decimal | None]
    # The same without promotions; null: no promotion touches the product.
    undiscounted_minimum_amount: Mapped[Decimal | None]
    undiscounted_maximum_amount: Mapped[Decimal | None]


class VariantListing(Base):
    """A variant's price in a channel; a variant without one is not sold there."""

    __tablename__ = "pricing_variant_listing"
    __table_args__ = (
        UniqueConstraint("variant_id", "channel_id"),
        not_negative("price_amount"),
        not_negative("discounted_price_amount"),
        CheckConstraint("(discounted_price_amount IS NULL) = (discount_rule_id IS NULL)", name="discount_has_a_rule"),
        Index("ix_pricing_variant_listing_sold_at", "channel_id", "sold_at_amount", "product_id"),
        ForeignKeyConstraint(
            ["variant_id", "product_id"],
            ["catalogue_variant.id", "catalogue_variant.product_id"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        Index(
            "ix_pricing_variant_listing_rule",
            "discount_rule_id",
            postgresql_where=text("discount_rule_id IS NOT NULL"),
        ),
    )

    id: Mapped[IntPk]
    variant_id: Mapped[int] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"))
    # The variant's, kept here, so that products are found by a price in one index: a trigger fills it in.
    product_id: Mapped[int] = mapped_column(server_default=FetchedValue())
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id", ondelete="CASCADE"), index=True)
    currency: Mapped[str]
    price_amount: Mapped[Decimal]
    # What it cost before a permanent reduction; shown, never charged.
    prior_price_amount: Mapped[Decimal | None]
    cost_price_amount: Mapped[Decimal | None]
    # What a promotion makes of the price, and the rule that does (discounts); null: none does. Written by
    # pricing.actions.discount_listings alone.
    discounted_price_amount: Mapped[Decimal | None]
    discount_rule_id: Mapped[uuid.UUID | None]
    # What is charged: the lower of both.
    sold_at_amount: Mapped[Decimal] = mapped_column(
        Computed("LEAST(price_amount, discounted_price_amount)", persisted=True)
    )
