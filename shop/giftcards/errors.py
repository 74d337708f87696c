"""What can be wrong with gift cards, under Saleor's codes."""

from shop.kit.errors import Conflict, Invalid


class GiftCardNotApplicable(Conflict):
    """The card cannot pay for this purchase (any more); the message says why."""

    code = "GIFT_CARD_NOT_APPLICABLE"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)


class CodeTaken(Invalid):
    """There is a card with this code."""

    code = "ALREADY_EXISTS"

    def __init__(self) -> None:
        super().__init__("There is a gift card with this code.", field="code")


class NoSuchOwner(Invalid):
    """The card cannot be this person's."""

    code = "CANNOT_ASSIGN"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, field=field)
