"""Errors of mutations about appointments."""

from enum import Enum

import strawberry

from shop.api.core.payloads import DomainError


@strawberry.enum(description="What went wrong with an appointment.")
class BookingErrorCode(Enum):
    CAPACITY = "capacity"
    GRAPHQL_ERROR = "graphql_error"
    HOLD_EXPIRED = "hold_expired"
    HOLD_LIMIT = "hold_limit"
    HORIZON = "horizon"
    INVALID = "invalid"
    INVALID_STATE = "invalid_state"
    LEAD_TIME = "lead_time"
    NOT_FOUND = "not_found"
    OUTSIDE_AVAILABILITY = "outside_availability"
    PACKAGE_EXHAUSTED = "package_exhausted"
    PACKAGE_EXPIRED = "package_expired"
    POLICY_CHANGED = "policy_changed"
    REQUIRED = "required"
    SLOT_UNAVAILABLE = "slot_unavailable"
    STILL_BOOKED = "still_booked"
    UNIQUE = "unique"


@strawberry.type(description="An expected error of a mutation about appointments.")
class BookingError(DomainError):
    code: BookingErrorCode = strawberry.field(description="What went wrong, for programs.")
