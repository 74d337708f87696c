"""What follows from values alone: the amounts of a ledger, the events of a provider's state, what a request may say."""

from shop.payments.rules.ledger import (
    Amounts,
    Entry,
    amounts_of,
    authorize_status,
    available_actions,
    charge_status,
)
from shop.payments.rules.requests import (
    DUMMY_GATEWAY_ID,
    GATEWAY_ID,
    MANUAL_GATEWAY_ID,
    Requested,
    parse_request,
    return_url_problem,
)
from shop.payments.rules.states import NewEvent, Reading, mismatch, read_state

__all__ = [
    "DUMMY_GATEWAY_ID",
    "GATEWAY_ID",
    "MANUAL_GATEWAY_ID",
    "Amounts",
    "Entry",
    "NewEvent",
    "Reading",
    "Requested",
    "amounts_of",
    "authorize_status",
    "available_actions",
    "charge_status",
    "mismatch",
    "parse_request",
    "read_state",
    "return_url_problem",
]
