"""Vouchers and promotions of a shop file; their names tell them from each other."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from shop.blueprint import format as form
from shop.blueprint.apply.names import Names
from shop.blueprint.apply.selling import everywhere
from shop.blueprint.apply.table import Row, Scope, Sync
from shop.discounts.models import (
    Promotion,
    PromotionRule,
    PromotionRuleChannel,
    Target,
    Voucher,
    VoucherCode,
    VoucherListing,
)

_TYPES = {"entire_order": "ENTIRE_ORDER", "goods": "SPECIFIC_PRODUCT", "delivery": "SHIPPING"}
_TARGET = ["voucher_id", "rule_id", "product_id", "variant_id", "collection_id", "category_id"]


async def apply_vouchers(sync: Sync, names: Names, shop: form.ShopFile, now: datetime) -> None:
    """The vouchers are there with their codes, values and goods; how often they were used is theirs to know."""
    rows = [
        Row(
            (voucher.name,),
            voucher.name,
            {
                "type": _TYPES[voucher.type],
                "value_type": voucher.value_type,
                "apply_once_per_order": voucher.once_per_order,
                "apply_once_per_customer": voucher.once_per_customer,
                "single_use": voucher.single_use,
                "only_for_staff": voucher.only_for_staff,
                "usage_limit": voucher.usage_limit,
                "minimum_quantity": voucher.minimum_quantity,
                "countries": sorted(set(voucher.countries)),
            }
            | _dates(voucher),
            initial={"starts_at": voucher.starts_at or now},
        )
        for voucher in shop.vouchers
    ]
    names.learn("voucher", await sync.table(Voucher, "voucher", ["name"], rows, scope=everywhere(shop, "vouchers")))
    ids = {voucher.name: names.id("voucher", voucher.name) for voucher in shop.vouchers}
    within = Scope({"voucher_id": set(ids.values())})
    codes = [
        Row((code,), code, {"voucher_id": ids[voucher.name]}) for voucher in shop.vouchers for code in voucher.codes
    ]
    await sync.table(VoucherCode, "voucher code", ["code"], codes, scope=within)
    listings = [
        Row(
            (ids[voucher.name], names.id("channel", slug)),
            f"{voucher.name} in {slug}",
            {"currency": names.currencies[slug], "value": value, "minimum_amount": voucher.minimum.get(slug)},
        )
        for voucher in shop.vouchers
        for slug, value in voucher.worth()
    ]
    await sync.table(VoucherListing, "voucher listing", ["voucher_id", "channel_id"], listings, scope=within)
    targets = [row for voucher in shop.vouchers for row in _targets(names, voucher, voucher_id=ids[voucher.name])]
    await sync.table(Target, "voucher target", _TARGET, targets, scope=within)


async def apply_promotions(sync: Sync, names: Names, shop: form.ShopFile, now: datetime) -> None:
    """The promotions are there with their rules; prices follow at the end of the apply."""
    rows = [
        Row(
            (promotion.name,),
            promotion.name,
            {"type": "CATALOGUE" if promotion.is_about_goods else "ORDER"} | _dates(promotion),
            initial={"starts_at": promotion.starts_at or now},
        )
        for promotion in shop.promotions
    ]
    scope = everywhere(shop, "promotions")
    names.learn("promotion", await sync.table(Promotion, "promotion", ["name"], rows, scope=scope))
    ids = {promotion.name: names.id("promotion", promotion.name) for promotion in shop.promotions}
    # A rule for each channel: amounts differ, and a share is the same in each.
    rules = [
        Row(
            (ids[promotion.name], slug),
            f"{promotion.name} in {slug}",
            {
                "value_type": promotion.value_type,
                "value": value,
                "minimum_amount": promotion.minimum_cart,
                "maximum_amount": promotion.maximum_cart,
            },
        )
        for promotion in shop.promotions
        for slug, value in promotion.worth()
    ]
    stored = await sync.table(
        PromotionRule,
        "promotion rule",
        ["promotion_id", "name"],
        rules,
        scope=Scope({"promotion_id": set(ids.values())}),
        label=lambda row: f"{names.name('promotion', row['promotion_id'])} in {row['name']}",
    )
    within = Scope({"rule_id": set(stored.values())})
    channels = [Row((rule_id, names.id("channel", slug)), slug) for (_, slug), rule_id in stored.items()]
    await sync.table(PromotionRuleChannel, "channel of promotion", ["rule_id", "channel_id"], channels, scope=within)
    targets = [
        row
        for promotion in shop.promotions
        for slug, _ in promotion.worth()
        for row in _targets(names, promotion, rule_id=stored[ids[promotion.name], slug])
    ]
    await sync.table(Target, "promotion target", _TARGET, targets, scope=within)


def _dates(discount: form.Voucher | form.Promotion) -> dict[str, Any]:
    """The dates that the file gives; a start that it leaves out is that of the first apply."""
    start = {} if discount.starts_at is None else {"starts_at": discount.starts_at}
    return start | {"ends_at": discount.ends_at}


def _targets(names: Names, discount: form.Voucher | form.Promotion, **source: Any) -> Iterable[Row]:
    for kind, slugs in (
        ("product", discount.products),
        ("collection", discount.collections),
        ("category", discount.categories),
    ):
        for slug in dict.fromkeys(slugs):
            key = {f"{kind}_id": names.id(kind, slug)} | source
            yield Row(tuple(key.get(column) for column in _TARGET), f"{discount.name}: {slug}")
