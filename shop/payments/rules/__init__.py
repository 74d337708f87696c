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
    GIFT_CARD,
    GIFT_CARD_GATEWAY_ID,
    MANUAL_GATEWAY_ID,
    Requested,
    dummy_outcome,
    parse_dummy_request,
    parse_request,
    return_url_problem,
)
from shop.payments.rules.states import LOST, NewEvent, Reading, mismatch, read_state

__all__ = [
    "DUMMY_GATEWAY_ID",
    "GATEWAY_ID",
    "GIFT_CARD",
    "GIFT_CARD_GATEWAY_ID",
    "LOST",
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
    "dummy_outcome",
    "mismatch",
    "parse_dummy_request",
    "parse_request",
    "read_state",
    "return_url_problem",
]
