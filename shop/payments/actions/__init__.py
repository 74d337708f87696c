"""What changes the ledger. Every action here expects the purchase's lock to be held (`lock_purchase`)."""

from shop.payments.actions.alerts import raise_alert
from shop.payments.actions.calls import Claimed, claim_call, defer_call, finish_call, refuse_call, request
from shop.payments.actions.ledger import Recorded, record
from shop.payments.actions.manual import record_manual, refund_manual
from shop.payments.actions.open import Due, Ending, Open, Paid, Plan, Wish, plan_payment
from shop.payments.actions.sweep import (
    abandoned_transactions,
    due_calls,
    due_transactions,
    recent_transactions,
    wake_all,
)
from shop.payments.actions.webhooks import mark_handled, receive

__all__ = [
    "Claimed",
    "Due",
    "Ending",
    "Open",
    "Paid",
    "Plan",
    "Recorded",
    "Wish",
    "abandoned_transactions",
    "claim_call",
    "defer_call",
    "due_calls",
    "due_transactions",
    "finish_call",
    "mark_handled",
    "plan_payment",
    "raise_alert",
    "receive",
    "recent_transactions",
    "record",
    "record_manual",
    "refund_manual",
    "refuse_call",
    "request",
    "wake_all",
]
