"""What changes vouchers and promotions."""

from shop.discounts.actions.redeem import redeem
from shop.discounts.actions.targets import Targets
from shop.discounts.actions.vouchers import NewListing, NewVoucher, create_voucher

__all__ = ["NewListing", "NewVoucher", "Targets", "create_voucher", "redeem"]
