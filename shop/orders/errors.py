"""What can be wrong with an order, under Saleor's codes."""

from shop.kit.errors import NotFound


class OrderNotFound(NotFound):
    """There is no such order."""

    def __init__(self, field: str | None = "id") -> None:
        super().__init__("There is no such order.", field=field)
