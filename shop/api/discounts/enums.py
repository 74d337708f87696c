"""Kinds of discounts, as Saleor names them."""

from enum import Enum

import strawberry


@strawberry.enum(description="Whether a discount is an amount or a share.")
class DiscountValueTypeEnum(Enum):
    FIXED = "FIXED"
    PERCENTAGE = "PERCENTAGE"


@strawberry.enum(description="What a voucher makes cheaper.")
class VoucherTypeEnum(Enum):
    SHIPPING = "SHIPPING"
    ENTIRE_ORDER = "ENTIRE_ORDER"
    SPECIFIC_PRODUCT = "SPECIFIC_PRODUCT"


@strawberry.enum(description="What took something off an order.")
class OrderDiscountType(Enum):
    SALE = "SALE"
    VOUCHER = "VOUCHER"
    MANUAL = "MANUAL"
    PROMOTION = "PROMOTION"
    ORDER_PROMOTION = "ORDER_PROMOTION"


@strawberry.enum(description="Whether a promotion lowers prices in the catalogue, or what a whole cart costs.")
class PromotionTypeEnum(Enum):
    CATALOGUE = "CATALOGUE"
    ORDER = "ORDER"


@strawberry.enum(description="What a rule of an order promotion gives.")
class RewardTypeEnum(Enum):
    SUBTOTAL_DISCOUNT = "SUBTOTAL_DISCOUNT"
    GIFT = "GIFT"


@strawberry.enum(description="Whether a promotion's reward is an amount or a share.")
class RewardValueTypeEnum(Enum):
    FIXED = "FIXED"
    PERCENTAGE = "PERCENTAGE"
