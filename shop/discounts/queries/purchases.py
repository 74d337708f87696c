"""What vouchers and order promotions say to purchases, many of them at once."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Text, Uuid, any_, bindparam, case, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
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
from shop.kit.db.arrays import hidden_array

_channel_ids: Final = any_(hidden_array("channel_ids", Integer()))
_user_ids: Final = any_(hidden_array("user_ids", Integer()))
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
        Variant.id == any_(hidden_array("variant_ids", Integer())),
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
                        _served, Redemption.email_digest == any_(hidden_array("email_digests", Text()))
                    )
                ),
            ),
            else_=_no_texts,
        ).label("emails_served"),
    )
    .join(Voucher, Voucher.id == VoucherCode.voucher_id)
    .outerjoin(VoucherListing, (VoucherListing.voucher_id == Voucher.id) & (VoucherListing.channel_id == _channel_ids))
    .where(func.lower(VoucherCode.code) == any_(hidden_array("codes", Text())))
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
