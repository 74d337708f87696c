"""What callers of payments are told, with the codes of Saleor's transaction mutations."""

from shop.kit.errors import Conflict, Invalid, NotFound, Unavailable


class InvalidPaymentData(Invalid):
    """The gateway's data is not of the form that the gateway takes."""

    def __init__(self, message: str, field: str = "paymentGateway") -> None:
        super().__init__(message, field=field)


class UnknownGateway(NotFound):
    """There is no payment gateway of this id."""

    def __init__(self, field: str = "paymentGateway") -> None:
        super().__init__("There is no payment gateway of this id.", field=field)


class UnknownTransaction(NotFound):
    """There is no such transaction."""

    def __init__(self, field: str | None = "id") -> None:
        super().__init__("There is no transaction of this id.", field=field)


class InvalidAmount(Invalid):
    """The amount cannot be paid."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="amount")


class PaymentInProgress(Conflict):
    """An earlier payment of this purchase is being settled and can neither be ended nor repeated now."""

    def __init__(self) -> None:
        super().__init__("An earlier payment is still being processed; wait for its result.", field="id")


class ActionNotAvailable(Conflict):
    """The transaction's amounts do not allow this action."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message, field=field)


class ReferenceTaken(Conflict):
    """Another payment carries the reference already."""

    def __init__(self) -> None:
        super().__init__("Another payment has this reference.", field="transactionReference")


class NoProvider(Conflict):
    """The payment was taken outside of the shop: what becomes of it happens there, too."""

    code = "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK"

    def __init__(self) -> None:
        super().__init__("Nobody can carry this out: the payment was taken outside of the shop.", field="id")


class ProviderNotAnswering(Unavailable):
    """The payment provider does not answer; nothing is lost, and the same request may be sent again."""

    code = "INVALID"

    def __init__(self) -> None:
        super().__init__("The payment provider does not answer at the moment; please try again.")
