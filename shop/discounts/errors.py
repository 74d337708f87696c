"""What can be wrong with codes, vouchers and promotions, under Saleor's codes."""

from shop.kit.errors import Conflict, Invalid, NotFound


class InvalidPromoCode(Invalid):
    """There is no such code, or it is no good here and now: one answer, so that nobody can try codes out."""

    def __init__(self) -> None:
        super().__init__("This code is not valid.", field="promoCode")


class VoucherNotApplicable(Conflict):
    """The voucher is good, but not for this purchase; the message says what it needs."""

    code = "VOUCHER_NOT_APPLICABLE"

    def __init__(self, message: str, *, field: str = "promoCode") -> None:
        super().__init__(message, field=field)


class VoucherNotFound(NotFound):
    """There is no such voucher."""

    def __init__(self) -> None:
        super().__init__("There is no such voucher.", field="id")


class VoucherUsed(Conflict):
    """Orders have used the voucher, and the change would belie them."""

    code = "VOUCHER_ALREADY_USED"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, field=field)
