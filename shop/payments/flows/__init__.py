"""Unit, call, unit: the ways of payments that ask the provider between two transactions and hold none meanwhile."""

from shop.payments.flows.calls import run_call
from shop.payments.flows.initialize import Started, gateway_data, initialize
from shop.payments.flows.refresh import Processed, process, refresh
from shop.payments.flows.staff import act, cancel, capture, refund
from shop.payments.flows.sweep import audit, sweep, wake
from shop.payments.flows.webhooks import handle_event

__all__ = [
    "Processed",
    "Started",
    "act",
    "audit",
    "cancel",
    "capture",
    "gateway_data",
    "handle_event",
    "initialize",
    "process",
    "refresh",
    "refund",
    "run_call",
    "sweep",
    "wake",
]
