"""What changes stocks, and who is supplied by them."""

from shop.stock.actions.counting import add_stocks, drop_stocks, set_stocks
from shop.stock.actions.promising import (
    allocate,
    deallocate,
    forget_reservations,
    put_back,
    require_warehouses,
    take,
)

__all__ = [
    "add_stocks",
    "allocate",
    "deallocate",
    "drop_stocks",
    "forget_reservations",
    "put_back",
    "require_warehouses",
    "set_stocks",
    "take",
]
