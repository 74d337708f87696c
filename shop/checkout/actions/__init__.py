"""Changes of checkouts. Each takes the purchase's lock and the checkout's row first and moves `updated_at`."""

from shop.checkout.actions.contact import set_address, set_email
from shop.checkout.actions.create import NewCheckout, create
from shop.checkout.actions.customer import attach, detach, set_language, set_note
from shop.checkout.actions.delivery import Option, calculate_deliveries, choose_delivery
from shop.checkout.actions.lines import LineChange, NewLine, add_lines, delete_lines, update_lines
from shop.checkout.actions.locked import lock
from shop.checkout.actions.metadata import (
    delete_line_metadata,
    delete_metadata,
    update_line_metadata,
    update_metadata,
)
from shop.checkout.actions.promo import add_promo_code, remove_gift_card, remove_promo_code, remove_voucher
from shop.checkout.actions.remove import remove
from shop.checkout.actions.snapshot import Snapshot, SoldLine, snapshot

__all__ = [
    "LineChange",
    "NewCheckout",
    "NewLine",
    "Option",
    "Snapshot",
    "SoldLine",
    "add_lines",
    "add_promo_code",
    "attach",
    "calculate_deliveries",
    "choose_delivery",
    "create",
    "delete_line_metadata",
    "delete_lines",
    "delete_metadata",
    "detach",
    "lock",
    "remove",
    "remove_gift_card",
    "remove_promo_code",
    "remove_voucher",
    "set_address",
    "set_email",
    "set_language",
    "set_note",
    "snapshot",
    "update_line_metadata",
    "update_lines",
    "update_metadata",
]
