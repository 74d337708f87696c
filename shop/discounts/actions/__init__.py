"""What changes vouchers and promotions."""

from shop.discounts.actions.change_voucher import (
    VoucherChange,
    Worth,
    add_targets,
    delete_codes,
    delete_voucher,
    list_voucher,
    remove_targets,
    update_voucher,
)
from shop.discounts.actions.prices import prices_changed, reprice, settle
from shop.discounts.actions.promotions import (
    NewPromotion,
    NewRule,
    RuleChannel,
    create_promotion,
    delete_promotion,
)
from shop.discounts.actions.redeem import redeem, release
from shop.discounts.actions.targets import Targets
from shop.discounts.actions.vouchers import NewListing, NewVoucher, create_voucher

__all__ = [
    "NewListing",
    "NewPromotion",
    "NewRule",
    "NewVoucher",
    "RuleChannel",
    "Targets",
    "VoucherChange",
    "Worth",
    "add_targets",
    "create_promotion",
    "create_voucher",
    "delete_codes",
    "delete_promotion",
    "delete_voucher",
    "list_voucher",
    "prices_changed",
    "redeem",
    "release",
    "remove_targets",
    "reprice",
    "settle",
    "update_voucher",
]
