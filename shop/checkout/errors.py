"""What can be wrong with a checkout, under Saleor's codes and on Saleor's fields."""

import uuid
from collections.abc import Iterable

from shop.kit import ids
from shop.kit.errors import Conflict, Denied, Invalid, NotFound, ShopError


class CheckoutNotFound(NotFound):
    """There is none, it became an order, or it is somebody else's: one answer for all three."""

    def __init__(self, field: str | None = "id") -> None:
        super().__init__("There is no such checkout.", field=field)


class CustomerNotFound(NotFound):
    """There is no such customer, or they may not buy any more."""

    def __init__(self) -> None:
        super().__init__("There is no such customer.", field="customerId")


class AlreadyOwned(Denied):
    """The checkout is another user's, even to somebody who may see it."""

    def __init__(self) -> None:
        super().__init__("You cannot reassign a checkout that is already attached to a user.")


class LineNotFound(NotFound):
    """The checkout has no such line."""

    def __init__(self, line_ids: Iterable[uuid.UUID], field: str = "lineId") -> None:
        super().__init__("The checkout has no such line.", field=field, params={"lines": line_names(line_ids)})


class NoSuchPromoCode(NotFound):
    """The checkout has no such code, whether or not there is one: nobody learns of codes by taking them away."""

    def __init__(self, field: str) -> None:
        super().__init__("The checkout has no such code.", field=field)


class VariantNotFound(NotFound):
    """There is no such variant."""

    def __init__(self, variant_ids: Iterable[int]) -> None:
        super().__init__(
            "There is no such product variant.", field="variantId", params={"variants": variant_names(variant_ids)}
        )


class SlotRefused(Conflict):
    """A line's time cannot be had. Saleor's clients know goods that have run out, and nothing of time."""

    def __init__(self, error: ShopError, variant_ids: Iterable[int]) -> None:
        lost = error.code in {"SLOT_UNAVAILABLE", "CAPACITY", "HOLD_EXPIRED"}
        super().__init__(
            error.message,
            code="INSUFFICIENT_STOCK" if lost else "INVALID",
            field=error.field,
            params={"variants": variant_names(variant_ids)},
        )


class NotForSale(Invalid):
    """The variants cannot be bought here and now; `code` says why."""

    def __init__(self, code: str, variant_ids: Iterable[int]) -> None:
        super().__init__(_NOT_FOR_SALE[code], code=code, field="lines", params={"variants": variant_names(variant_ids)})


_NOT_FOR_SALE = {
    "UNAVAILABLE_VARIANT_IN_CHANNEL": "A product is not sold in this channel.",
    "PRODUCT_NOT_PUBLISHED": "A product is not published.",
    "PRODUCT_UNAVAILABLE_FOR_PURCHASE": "A product cannot be bought at present.",
}


class BadQuantity(Invalid):
    """A quantity below one, or more than may be bought at once."""

    def __init__(self, message: str, code: str, variant_ids: Iterable[int] = ()) -> None:
        super().__init__(message, code=code, field="quantity", params={"variants": variant_names(variant_ids)})


def too_many(variant_id: int, limit: int) -> BadQuantity:
    """More of a variant than one order may hold."""
    return BadQuantity(
        f"At most {limit} of an item can be bought at once.", "QUANTITY_GREATER_THAN_LIMIT", [variant_id]
    )


class NotReady(Conflict):
    """Something that an order needs is missing or no longer right; `code` and `field` say what."""


class NotFullyPaid(Conflict):
    """What was charged or authorised is less than the checkout costs."""

    code = "CHECKOUT_NOT_FULLY_PAID"

    def __init__(self) -> None:
        super().__init__("The checkout is not fully paid.")


class PaymentReturned(Conflict):
    """The payment came, and no order could be made of it: it is on its way back, or there already."""

    code = "PAYMENT_ERROR"

    def __init__(self, reason: str) -> None:
        super().__init__(f"No order could be made of the payment, which goes back: {reason} It has to be paid anew.")


def variant_names(variant_ids: Iterable[int]) -> list[str]:
    """The variants as the API names them."""
    return [ids.encode("ProductVariant", variant_id) for variant_id in sorted(set(variant_ids))]


def line_names(line_ids: Iterable[uuid.UUID]) -> list[str]:
    """The lines as the API names them."""
    return [ids.encode("CheckoutLine", line_id) for line_id in line_ids]
