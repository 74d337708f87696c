"""Vouchers with their codes and uses, and promotions with their rules. What an order was given is the order's own."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, BigPk, HasMetadata, IntPk, Timestamps, UuidPk, not_negative, one_of


class Voucher(Base, HasMetadata, Timestamps):
    """A discount that a shopper asks for by a code. `used` counts its redemptions and never passes the limit."""

    __tablename__ = "discount_voucher"
    __table_args__ = (
        one_of("type", "ENTIRE_ORDER", "SHIPPING", "SPECIFIC_PRODUCT"),
        one_of("value_type", "FIXED", "PERCENTAGE"),
        CheckConstraint("usage_limit > 0", name="usage_limit_positive"),
        CheckConstraint("used >= 0 AND used <= coalesce(usage_limit, used)", name="used_within_limit"),
        CheckConstraint("minimum_quantity > 0", name="minimum_quantity_positive"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )

    id: Mapped[IntPk]
    name: Mapped[str | None]
    type: Mapped[str] = mapped_column(server_default="ENTIRE_ORDER")
    value_type: Mapped[str] = mapped_column(server_default="FIXED")
    # One unit of the cheapest line alone.
    apply_once_per_order: Mapped[bool] = mapped_column(server_default="false")
    apply_once_per_customer: Mapped[bool] = mapped_column(server_default="false")
    # Each code is spent by its first use.
    single_use: Mapped[bool] = mapped_column(server_default="false")
    only_for_staff: Mapped[bool] = mapped_column(server_default="false")
    # Of all its codes together; null: no limit.
    usage_limit: Mapped[int | None]
    used: Mapped[int] = mapped_column(server_default="0")
    minimum_quantity: Mapped[int | None]
    # Where a delivery must go; empty: anywhere.
    countries: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    starts_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime | None]


class VoucherCode(Base):
    """A word by which a voucher is asked for; shoppers need not mind its case."""

    __tablename__ = "discount_voucher_code"
    __table_args__ = (
        CheckConstraint("code = btrim(code) AND code <> ''", name="code"),
        not_negative("used"),
        Index("uq_discount_voucher_code_code", text("lower(code)"), unique=True),
        Index("ix_discount_voucher_code_voucher", "voucher_id", "created_at", "id"),
    )

    id: Mapped[UuidPk]
    voucher_id: Mapped[int] = mapped_column(ForeignKey("discount_voucher.id", ondelete="CASCADE"))
    code: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    used: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class VoucherListing(Base):
    """What a voucher is worth in a channel, and from which price of the goods on; without one it is worth nothing."""

    __tablename__ = "discount_voucher_listing"
    __table_args__ = (
        UniqueConstraint("voucher_id", "channel_id"),
        CheckConstraint("value > 0", name="value_positive"),
        not_negative("minimum_amount"),
    )

    id: Mapped[IntPk]
    voucher_id: Mapped[int] = mapped_column(ForeignKey("discount_voucher.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id", ondelete="CASCADE"), index=True)
    currency: Mapped[str]
    # Percent, or an amount of the channel's currency.
    value: Mapped[Decimal]
    minimum_amount: Mapped[Decimal | None]


class Redemption(Base):
    """A use of a voucher by an order; the counters of vouchers and codes are the number of these rows.

    The buyer's e-mail is kept as a digest: enough to know it again, nothing to write to.
    """

    __tablename__ = "discount_redemption"
    __table_args__ = (
        Index("ix_discount_redemption_voucher", "voucher_id", "email_digest"),
        Index("ix_discount_redemption_code", "code_id"),
        Index("ix_discount_redemption_user", "user_id", postgresql_where=text("user_id IS NOT NULL")),
        # A customer is known by either.
        Index(
            "uq_discount_redemption_voucher_user",
            "voucher_id",
            "user_id",
            unique=True,
            postgresql_where=text("once_per_customer"),
        ),
        Index(
            "uq_discount_redemption_voucher_email",
            "voucher_id",
            "email_digest",
            unique=True,
            postgresql_where=text("once_per_customer"),
        ),
    )

    id: Mapped[BigPk]
    voucher_id: Mapped[int] = mapped_column(ForeignKey("discount_voucher.id", ondelete="CASCADE"))
    code_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("discount_voucher_code.id", ondelete="SET NULL"))
    # The checkout that became the order.
    purchase_key: Mapped[uuid.UUID] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    email_digest: Mapped[str]
    # As the voucher said then.
    once_per_customer: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Promotion(Base, HasMetadata, Timestamps):
    """A discount that nobody has to ask for: CATALOGUE ones lower prices, ORDER ones what a whole cart costs."""

    __tablename__ = "discount_promotion"
    __table_args__ = (
        one_of("type", "CATALOGUE", "ORDER"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )

    id: Mapped[UuidPk]
    name: Mapped[str]
    type: Mapped[str]
    description: Mapped[dict[str, Any] | None]
    starts_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime | None]
    # Whether prices carry it: what the clock's job compares with the dates. Of CATALOGUE ones alone.
    is_applied: Mapped[bool] = mapped_column(server_default="false")


class PromotionRule(Base):
    """What a promotion takes off, in some channels: of which goods, or of carts of which worth."""

    __tablename__ = "discount_promotion_rule"
    __table_args__ = (
        one_of("value_type", "FIXED", "PERCENTAGE"),
        CheckConstraint("value > 0", name="value_positive"),
        CheckConstraint("value_type = 'FIXED' OR value <= 100", name="percentage"),
        not_negative("minimum_amount"),
        CheckConstraint("maximum_amount >= coalesce(minimum_amount, 0)", name="maximum_amount"),
        Index("ix_discount_promotion_rule_promotion", "promotion_id", "created_at", "id"),
    )

    id: Mapped[UuidPk]
    promotion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("discount_promotion.id", ondelete="CASCADE"))
    name: Mapped[str | None]
    value_type: Mapped[str]
    value: Mapped[Decimal]
    # The goods' price between which an ORDER rule applies, both included.
    minimum_amount: Mapped[Decimal | None]
    maximum_amount: Mapped[Decimal | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class PromotionRuleChannel(Base):
    """A channel in which a rule applies; a fixed amount is one of its currency."""

    __tablename__ = "discount_promotion_rule_channel"
    __table_args__ = (PrimaryKeyConstraint("rule_id", "channel_id"),)

    rule_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("discount_promotion_rule.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id", ondelete="CASCADE"), index=True)


class Target(Base):
    """One thing that a voucher or a rule is about: a product, a variant, a collection, or a category with all below."""

    __tablename__ = "discount_target"
    __table_args__ = (
        CheckConstraint("num_nonnulls(voucher_id, rule_id) = 1", name="one_source"),
        CheckConstraint("num_nonnulls(product_id, variant_id, collection_id, category_id) = 1", name="one_target"),
        Index(
            "uq_discount_target",
            "voucher_id",
            "rule_id",
            "product_id",
            "variant_id",
            "collection_id",
            "category_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        *(
            Index(f"ix_discount_target_{column}", column, postgresql_where=text(f"{column} IS NOT NULL"))
            for column in ("rule_id", "product_id", "variant_id", "collection_id", "category_id")
        ),
    )

    id: Mapped[BigPk]
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("discount_voucher.id", ondelete="CASCADE"))
    rule_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("discount_promotion_rule.id", ondelete="CASCADE"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_product.id", ondelete="CASCADE"))
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"))
    collection_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_collection.id", ondelete="CASCADE"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_category.id", ondelete="CASCADE"))
