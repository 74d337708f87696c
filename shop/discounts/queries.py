"""Reads of vouchers and promotions as far as prices depend on them, for many purchases at once."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.catalogue.models import Category, CollectionProduct, Product, Variant
from shop.discounts.models import (
    Promotion,
    PromotionRule,
    PromotionRuleChannel,
    Redemption,
    Target,
    Voucher,
    VoucherCode,
    VoucherListing,
)
from shop.discounts.rules import clean_code
from shop.kit.pagination import PARENTS, Key, Keyset, Shape, count_each
from shop.pricing.models import VariantListing

_channel_ids: Final = any_(bindparam("channel_ids", type_=ARRAY(Integer)))
_user_ids: Final = any_(bindparam("user_ids", type_=ARRAY(Integer)))
_no_ids: Final = literal_column("'{}'::integer[]", ARRAY(Integer))
_no_texts: Final = literal_column("'{}'::text[]", ARRAY(Text))


def is_meant() -> ColumnElement[bool]:
    """Whether a row of `Target` means the variant of `Variant`, `Product` and `Category` beside it."""
    return or_(
        Target.variant_id == Variant.id,
        Target.product_id == Product.id,
        Target.category_id == any_(Category.path),
        select(CollectionProduct.product_id)
        .where(CollectionProduct.collection_id == Target.collection_id, CollectionProduct.product_id == Product.id)
        .correlate_except(CollectionProduct)
        .exists(),
    )


def _ids(statement: Any) -> ColumnElement[Any]:
    return func.array(statement.correlate(Voucher).scalar_subquery())


_variants: Final = (
    select(Variant.id)
    .join(Product, Product.id == Variant.product_id)
    .outerjoin(Category, Category.id == Product.category_id)
    .where(
        Variant.id == any_(bindparam("variant_ids", type_=ARRAY(Integer))),
        select(Target.id).where(Target.voucher_id == Voucher.id, is_meant()).correlate_except(Target).exists(),
    )
)
_served: Final = Redemption.voucher_id == Voucher.id

# Vouchers by their codes (lower case), in each of the channels in which they are worth something. Rows:
# `rules.VoucherTerms`. Parameters: `codes`, `channel_ids`, and the `variant_ids`, `user_ids` and `email_digests` of
# which it is asked whether the voucher is for them or has served them.
VOUCHER_TERMS: Final = (
    select(
        Voucher.id,
        VoucherCode.id.label("code_id"),
        VoucherCode.code,
        VoucherCode.is_active,
        Voucher.name,
        Voucher.type,
        Voucher.value_type,
        Voucher.apply_once_per_order,
        Voucher.apply_once_per_customer,
        Voucher.only_for_staff,
        Voucher.usage_limit,
        Voucher.used,
        Voucher.minimum_quantity,
        Voucher.countries,
        Voucher.starts_at,
        Voucher.ends_at,
        VoucherListing.channel_id,
        VoucherListing.value,
        VoucherListing.minimum_amount,
        case((Voucher.type == "SPECIFIC_PRODUCT", _ids(_variants)), else_=_no_ids).label("variant_ids"),
        case(
            (Voucher.only_for_staff, _ids(select(User.id).where(User.id == _user_ids, User.is_staff))), else_=_no_ids
        ).label("staff_ids"),
        case(
            (
                Voucher.apply_once_per_customer,
                _ids(select(Redemption.user_id).where(_served, Redemption.user_id == _user_ids)),
            ),
            else_=_no_ids,
        ).label("users_served"),
        case(
            (
                Voucher.apply_once_per_customer,
                _ids(
                    select(Redemption.email_digest).where(
                        _served, Redemption.email_digest == any_(bindparam("email_digests", type_=ARRAY(Text)))
                    )
                ),
            ),
            else_=_no_texts,
        ).label("emails_served"),
    )
    .join(Voucher, Voucher.id == VoucherCode.voucher_id)
    .outerjoin(VoucherListing, (VoucherListing.voucher_id == Voucher.id) & (VoucherListing.channel_id == _channel_ids))
    .where(func.lower(VoucherCode.code) == any_(bindparam("codes", type_=ARRAY(Text))))
)

# The rules of order promotions in channels. Rows: `rules.OrderRule`.
ORDER_RULES: Final = (
    select(
        PromotionRule.id,
        PromotionRuleChannel.channel_id,
        Promotion.name,
        Promotion.starts_at,
        Promotion.ends_at,
        PromotionRule.value_type,
        PromotionRule.value,
        PromotionRule.minimum_amount,
        PromotionRule.maximum_amount,
    )
    .join(Promotion, Promotion.id == PromotionRule.promotion_id)
    .join(PromotionRuleChannel, PromotionRuleChannel.rule_id == PromotionRule.id)
    .where(Promotion.type == "ORDER", PromotionRuleChannel.channel_id == _channel_ids)
)


def has_order_rules(channel_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a channel has order promotions at all, past ones included: worth reading `ORDER_RULES` for."""
    return (
        select(PromotionRule.id)
        .join(Promotion, Promotion.id == PromotionRule.promotion_id)
        .join(PromotionRuleChannel, PromotionRuleChannel.rule_id == PromotionRule.id)
        .where(Promotion.type == "ORDER", PromotionRuleChannel.channel_id == channel_id)
        .correlate_except(PromotionRule, Promotion, PromotionRuleChannel)
        .exists()
    )


_VOUCHER_OF_CODE: Final = select(VoucherCode.voucher_id).where(
    func.lower(VoucherCode.code) == bindparam("code", type_=Text)
)


async def voucher_of_code(session: AsyncSession, code: str) -> int | None:
    """The voucher that has this code; None where none has."""
    return (await session.execute(_VOUCHER_OF_CODE, {"code": clean_code(code)})).scalar_one_or_none()


# What promotions' rules are called and take off, by rule: what an order keeps of them.
RULE_NAMES: Final = (
    select(PromotionRule.id, Promotion.name, PromotionRule.value_type, PromotionRule.value)
    .join(Promotion, Promotion.id == PromotionRule.promotion_id)
    .where(PromotionRule.id == any_(bindparam("rule_ids", type_=ARRAY(Uuid()))))
)


_NOW: Final = bindparam("now", type_=DateTime(timezone=True))

# The rules of CATALOGUE promotions that run at `now`, for each listing of a variant of `product_ids` that they mean:
# `(listing id, price, currency, rule id, value type, value)`.
CATALOGUE_RULES: Final = (
    select(
        VariantListing.id,
        VariantListing.price_amount,
        VariantListing.currency,
        PromotionRule.id.label("rule_id"),
        PromotionRule.value_type,
        PromotionRule.value,
    )
    .select_from(Promotion)
    .join(PromotionRule, PromotionRule.promotion_id == Promotion.id)
    .join(PromotionRuleChannel, PromotionRuleChannel.rule_id == PromotionRule.id)
    .join(VariantListing, VariantListing.channel_id == PromotionRuleChannel.channel_id)
    .join(Variant, Variant.id == VariantListing.variant_id)
    .join(Product, Product.id == Variant.product_id)
    .outerjoin(Category, Category.id == Product.category_id)
    .where(
        Promotion.type == "CATALOGUE",
        Promotion.starts_at <= _NOW,
        or_(Promotion.ends_at.is_(None), Promotion.ends_at > _NOW),
        Variant.product_id == any_(bindparam("product_ids", type_=ARRAY(Integer))),
        select(Target.id).where(Target.rule_id == PromotionRule.id, is_meant()).correlate_except(Target).exists(),
    )
)

_its_rules: Final = select(PromotionRule.id).where(
    PromotionRule.promotion_id == any_(bindparam("promotion_ids", type_=ARRAY(Uuid())))
)


def _promoted(rules: Any) -> Any:
    """The products that these rules are about, or whose prices they have lowered; by id."""
    meant = (
        select(Variant.product_id)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .join(Target, is_meant())
        .where(Target.rule_id.in_(rules))
    )
    lowered = select(VariantListing.product_id).where(VariantListing.discount_rule_id.in_(rules))
    both = union(meant, lowered).subquery()
    return select(both.c.product_id).order_by(both.c.product_id)


_PROMOTED: Final = _promoted(_its_rules)
_catalogue: Final = (
    select(PromotionRule.id)
    .join(Promotion, Promotion.id == PromotionRule.promotion_id)
    .where(Promotion.type == "CATALOGUE", Promotion.is_applied)
)
_ALL_PROMOTED: Final = union(
    _promoted(_catalogue), select(VariantListing.product_id).where(VariantListing.discount_rule_id.is_not(None))
)


async def promoted_products(session: AsyncSession, promotion_ids: Sequence[uuid.UUID]) -> list[int]:
    """The products that the promotions are about, or whose prices they have lowered; by id."""
    found = await session.execute(_PROMOTED, {"promotion_ids": list(promotion_ids)})
    return list(found.scalars())


async def every_promoted_product(session: AsyncSession) -> list[int]:
    """The products that a promotion is about that prices carry, and those whose prices one has lowered; by id."""
    return sorted((await session.execute(_ALL_PROMOTED)).scalars())


async def promotions_due(session: AsyncSession, *, now: datetime) -> list[tuple[uuid.UUID, bool]]:
    """The CATALOGUE promotions that prices carry and should not, or should and do not: with what should be."""
    running = and_(Promotion.starts_at <= now, or_(Promotion.ends_at.is_(None), Promotion.ends_at > now))
    statement = (
        select(Promotion.id, running)
        .where(Promotion.type == "CATALOGUE", Promotion.is_applied != running)
        .order_by(Promotion.starts_at, Promotion.id)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


# What the API reads into its types of vouchers, by the types' private fields.
_IDS: Final = bindparam("ids", type_=ARRAY(Integer))
VOUCHER_COLUMNS: Final[tuple[Any, ...]] = (
    Voucher.id.label("key"),
    Voucher.name.label("name"),
    Voucher.type.label("kind"),
    Voucher.value_type.label("value_kind"),
    Voucher.usage_limit.label("uses_limit"),
    Voucher.used.label("uses"),
    Voucher.starts_at.label("start_date"),
    Voucher.ends_at.label("end_date"),
    Voucher.apply_once_per_order.label("apply_once_per_order"),
    Voucher.apply_once_per_customer.label("apply_once_per_customer"),
    Voucher.single_use.label("single_use"),
    Voucher.only_for_staff.label("only_for_staff"),
    Voucher.minimum_quantity.label("min_checkout_items_quantity"),
    Voucher.countries.label("country_codes"),
    Voucher.metadata_public.label("metadata_public"),
    Voucher.metadata_private.label("metadata_private"),
)
VOUCHERS_BY_ID: Final = select(*VOUCHER_COLUMNS).where(Voucher.id == any_(_IDS))
VOUCHERS_OF_CODES: Final = select(func.lower(VoucherCode.code).label("code"), VoucherCode.voucher_id).where(
    func.lower(VoucherCode.code) == any_(bindparam("codes", type_=ARRAY(Text)))
)
VOUCHER_LISTINGS: Final = (
    select(
        VoucherListing.id.label("key"),
        VoucherListing.voucher_id.label("voucher_key"),
        VoucherListing.channel_id.label("channel_key"),
        VoucherListing.value.label("value"),
        VoucherListing.currency.label("currency"),
        VoucherListing.minimum_amount.label("minimum_amount"),
    )
    .where(VoucherListing.voucher_id == any_(_IDS))
    .order_by(VoucherListing.channel_id)
)
FIRST_CODES: Final = (
    select(VoucherCode.voucher_id, VoucherCode.code)
    .ext(distinct_on(VoucherCode.voucher_id))
    .where(VoucherCode.voucher_id == any_(_IDS))
    .order_by(VoucherCode.voucher_id, VoucherCode.created_at, VoucherCode.id)
)

_CODE_COLUMNS: Final[tuple[Any, ...]] = (
    VoucherCode.id.label("key"),
    VoucherCode.code.label("code"),
    VoucherCode.used.label("used"),
    VoucherCode.is_active.label("is_active"),
    VoucherCode.created_at.label("created_at"),
)
NEWEST_CODES: Final = Keyset(Key(VoucherCode.created_at, descending=True), Key(VoucherCode.id, descending=True))


@lru_cache(maxsize=16)
def codes_page(shape: Shape) -> Select[Any]:
    """A page of the codes of each voucher in `parents`; the voucher's id as `parent` last of all."""
    statement: Select[Any] = select(*_CODE_COLUMNS)
    return NEWEST_CODES.window_each(_of_voucher(statement), shape)


def _of_voucher(statement: Select[Any]) -> Select[Any]:
    return statement.where(VoucherCode.voucher_id == PARENTS.c.id).correlate(PARENTS)


CODES_COUNT: Final = count_each(_of_voucher(select(func.count().label("total")).select_from(VoucherCode)))

VOUCHERS_BY_NAME: Final = Keyset(Key(Voucher.name, nullable=True), Key(Voucher.id))


@lru_cache(maxsize=32)
def vouchers_page(shape: Shape, *, in_channel: bool) -> Select[Any]:
    """A page of all vouchers, or of those worth something in the channel `channel_id`; the sort values come last."""
    statement: Select[Any] = select(*VOUCHER_COLUMNS)
    return VOUCHERS_BY_NAME.window(_in_channel(statement, in_channel=in_channel), shape)


@lru_cache(maxsize=2)
def vouchers_count(*, in_channel: bool) -> Select[Any]:
    """How many `vouchers_page` has in all: `total`."""
    return _in_channel(select(func.count().label("total")).select_from(Voucher), in_channel=in_channel)


def _in_channel(statement: Select[Any], *, in_channel: bool) -> Select[Any]:
    if not in_channel:
        return statement
    return statement.join(
        VoucherListing,
        (VoucherListing.voucher_id == Voucher.id)
        & (VoucherListing.channel_id == bindparam("channel_id", type_=Integer)),
    )
