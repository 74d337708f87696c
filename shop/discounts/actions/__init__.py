"""What changes vouchers and promotions."""

from shop.discounts.actions.redeem import redeem

__all__ = ["redeem"]
