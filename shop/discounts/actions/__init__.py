"""What changes vouchers and promotions."""

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
    "create_promotion",
    "create_voucher",
    "delete_promotion",
    "prices_changed",
    "redeem",
    "release",
    "reprice",
    "settle",
]
