"""What can be wrong with quantities, under Saleor's codes."""

from collections.abc import Mapping

from shop.kit import ids
from shop.kit.errors import Conflict


class InsufficientStock(Conflict):
    """Less is left than is wanted. `available` says how many of each variant that falls short are left."""

    code = "INSUFFICIENT_STOCK"

    def __init__(self, available: Mapping[int, int], *, field: str | None = None) -> None:
        few = min(available.values(), default=0)
        message = (
            "An item is sold out."
            if few <= 0
            else f"Not enough items in stock: only {few} left."
            if len(available) == 1
            else "Some items are not in stock in the wanted quantity."
        )
        variants = [ids.encode("ProductVariant", variant_id) for variant_id in sorted(available)]
        super().__init__(message, field=field, params={"variants": variants})
        self.available = dict(available)
