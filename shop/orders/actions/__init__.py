"""What changes orders. Every action that touches money expects the purchase's lock to be held."""

from shop.orders.actions.payment import payment_changed
from shop.orders.actions.place import NewDiscount, NewLine, NewOrder, Placed, place

__all__ = ["NewDiscount", "NewLine", "NewOrder", "Placed", "payment_changed", "place"]
