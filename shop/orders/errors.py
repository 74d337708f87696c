"""What can be wrong with an order, under Saleor's codes."""

import uuid
from collections.abc import Iterable

from shop.kit import ids
from shop.kit.errors import Conflict, Invalid, NotFound


class OrderNotFound(NotFound):
    """There is no such order."""

    def __init__(self, field: str | None = "id") -> None:
        super().__init__("There is no such order.", field=field)


class FulfillmentNotFound(NotFound):
    """There is no such parcel."""

    def __init__(self) -> None:
        super().__init__("There is no such fulfillment.", field="id")


class BadParcel(Invalid):
    """What is to leave cannot leave like this; `code` says why, `orderLines` for which lines."""

    def __init__(self, message: str, code: str, field: str, line_ids: Iterable[uuid.UUID] = ()) -> None:
        lines = [ids.encode("OrderLine", line_id) for line_id in line_ids]
        super().__init__(message, code=code, field=field, params={"order_lines": lines} if lines else None)


class CannotFulfill(Conflict):
    """The order's state does not let parcels leave."""

    def __init__(self, message: str, code: str = "INVALID") -> None:
        super().__init__(message, field="order", code=code)


class CannotCancelOrder(Conflict):
    """The order is over already, or a parcel of it is with the buyer."""

    code = "CANNOT_CANCEL_ORDER"

    def __init__(self) -> None:
        super().__init__("This order can't be canceled.", field="order")


class CannotCancelFulfillment(Conflict):
    """The parcel was cancelled before, or came back another way."""

    code = "CANNOT_CANCEL_FULFILLMENT"

    def __init__(self) -> None:
        super().__init__("This fulfillment can't be canceled.", field="fulfillment")


class InvoiceNotFound(NotFound):
    """There is no such invoice."""

    def __init__(self) -> None:
        super().__init__("There is no such invoice.", field="id")


class CannotInvoice(Conflict):
    """The order cannot be billed, or not like this; `code` says why."""

    def __init__(self, message: str, code: str, field: str = "orderId") -> None:
        super().__init__(message, field=field, code=code)


class CannotMarkAsPaid(Conflict):
    """There are payments, or nothing is left to pay."""

    def __init__(self, message: str, code: str, field: str = "id") -> None:
        super().__init__(message, field=field, code=code)
