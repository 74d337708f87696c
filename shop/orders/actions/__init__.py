"""What changes orders. Every action that touches money expects the purchase's lock to be held, or takes it first."""

from shop.orders.actions.due import due
from shop.orders.actions.fulfil import Dispatch, cancel_fulfillment, fulfil, update_tracking
from shop.orders.actions.gift_cards import refund_gift_card
from shop.orders.actions.invoice import (
    invoice_failed,
    invoice_made,
    invoice_sheet,
    request_invoice,
    send_invoice,
)
from shop.orders.actions.locked import order_by_reference, purchase_key
from shop.orders.actions.manage import By, Corrections, add_note, cancel, confirm, correct, mark_as_paid
from shop.orders.actions.payment import payment_changed
from shop.orders.actions.place import NewDiscount, NewLine, NewOrder, Placed, place
from shop.orders.actions.refund_sessions import RefundedSessions, refund_sessions

__all__ = [
    "By",
    "Corrections",
    "Dispatch",
    "NewDiscount",
    "NewLine",
    "NewOrder",
    "Placed",
    "RefundedSessions",
    "add_note",
    "cancel",
    "cancel_fulfillment",
    "confirm",
    "correct",
    "due",
    "fulfil",
    "invoice_failed",
    "invoice_made",
    "invoice_sheet",
    "mark_as_paid",
    "order_by_reference",
    "payment_changed",
    "place",
    "purchase_key",
    "refund_gift_card",
    "refund_sessions",
    "request_invoice",
    "send_invoice",
    "update_tracking",
]
