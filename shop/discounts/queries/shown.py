"""What the API reads into its types of vouchers and promotions."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, Text, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from shop.discounts.models import (
    Promotion,
    PromotionRule,
    PromotionRuleChannel,
    Target,
    Voucher,
    VoucherCode,
    VoucherListing,
)
from shop.kit.pagination import PARENTS, Key, Keyset, Shape, count_each

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


# What the API reads into its types of promotions, by the types' private fields.
_PROMOTION_COLUMNS: Final[tuple[Any, ...]] = (
    Promotion.id.label("key"),
    Promotion.name.label("name"),
    Promotion.type.label("kind"),
    Promotion.description.label("blocks"),
    Promotion.starts_at.label("start_date"),
    Promotion.ends_at.label("end_date"),
    Promotion.created_at.label("created_at"),
    Promotion.updated_at.label("updated_at"),
    Promotion.metadata_public.label("metadata_public"),
    Promotion.metadata_private.label("metadata_private"),
)
PROMOTIONS_BY_ID: Final = select(*_PROMOTION_COLUMNS).where(Promotion.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))


def _of_rule(column: Any) -> ColumnElement[Any]:
    keys = select(column).where(Target.rule_id == PromotionRule.id, column.is_not(None)).order_by(column)
    return func.array(keys.correlate(PromotionRule).scalar_subquery())


RULES_BY_PROMOTION: Final = (
    select(
        PromotionRule.id.label("key"),
        PromotionRule.promotion_id.label("promotion_key"),
        Promotion.type.label("promotion_kind"),
        PromotionRule.name.label("name"),
        PromotionRule.value_type.label("value_kind"),
        PromotionRule.value.label("value"),
        PromotionRule.minimum_amount.label("minimum_amount"),
        PromotionRule.maximum_amount.label("maximum_amount"),
        func.array(
            select(PromotionRuleChannel.channel_id)
            .where(PromotionRuleChannel.rule_id == PromotionRule.id)
            .order_by(PromotionRuleChannel.channel_id)
            .correlate(PromotionRule)
            .scalar_subquery()
        ).label("channel_ids"),
        _of_rule(Target.product_id).label("product_ids"),
        _of_rule(Target.variant_id).label("variant_ids"),
        _of_rule(Target.collection_id).label("collection_ids"),
        _of_rule(Target.category_id).label("category_ids"),
    )
    .join(Promotion, Promotion.id == PromotionRule.promotion_id)
    .where(PromotionRule.promotion_id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .order_by(PromotionRule.created_at, PromotionRule.id)
)

PROMOTIONS_BY_NAME: Final = Keyset(Key(Promotion.name), Key(Promotion.id))


@lru_cache(maxsize=8)
def promotions_page(shape: Shape) -> Select[Any]:
    """A page of all promotions; the sort values come last."""
    statement: Select[Any] = select(*_PROMOTION_COLUMNS)
    return PROMOTIONS_BY_NAME.window(statement, shape)


PROMOTIONS_COUNT: Final = select(func.count().label("total")).select_from(Promotion)
