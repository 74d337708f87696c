"""What can be wrong with quantities, under Saleor's codes."""

import uuid
from collections.abc import Iterable, Mapping

from shop.kit import ids
from shop.kit.errors import Conflict, Invalid, NotFound


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


class NotInWarehouse(Conflict):
    """A warehouse does not have what an order's line is to take from it."""

    code = "INSUFFICIENT_STOCK"

    def __init__(self, line_ids: Iterable[uuid.UUID], warehouse_id: uuid.UUID) -> None:
        super().__init__(
            "The warehouse does not have that many that are not promised to other orders.",
            field="stocks",
            params={
                "order_lines": [ids.encode("OrderLine", line_id) for line_id in line_ids],
                "warehouse": ids.encode("Warehouse", warehouse_id),
            },
        )


class WarehouseNotFound(NotFound):
    """There is no such warehouse."""

    def __init__(self, field: str = "warehouse") -> None:
        super().__init__("There is no such warehouse.", field=field)


class InvalidStock(Invalid):
    """A variant cannot lie in warehouses like this. `index`: which of those that were given, from 0 on."""

    def __init__(self, message: str, *, field: str, index: int | None = None, code: str | None = None) -> None:
        super().__init__(message, field=field, code=code, params={"index": index})


class StillPromised(Conflict):
    """Orders wait for units that would be gone."""

    def __init__(self, *, field: str, index: int | None = None) -> None:
        message = "Orders were promised more of it than would be left: fulfil or cancel them first."
        super().__init__(message, field=field, params={"index": index})


class InvalidLinks(Invalid):
    """A channel cannot get, or lose, these shipping zones or warehouses."""

    def __init__(self, message: str, keys: Iterable[int | uuid.UUID], *, field: str, code: str) -> None:
        kind, name = ("ShippingZone", "shipping_zones") if field.endswith("Zones") else ("Warehouse", "warehouses")
        named = sorted(ids.encode(kind, each) for each in keys)
        super().__init__(message, field=field, code=code, params={name: named})
