"""The time of a cart's line as clients send it: by input, or by the line's metadata for clients of Saleor's schema."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import strawberry

from shop.api.core.context import Context
from shop.api.core.ids import required_int, required_uuid
from shop.booking.tokens import client_of, slot_of
from shop.checkout.actions.slots import Holder, Slot
from shop.kit.errors import Invalid

# What a client of Saleor's own schema writes into a line's metadata. The other keys are ours to write.
SLOT_KEY: Final = "booking.slot"
_PREFIX: Final = "booking."
_LONGEST: Final = 500


@strawberry.input(description="Who comes, if not the buyer.")
class BookingAttendeeInput:
    name: str | None = strawberry.field(default=None, description="The person's name.")
    email: str | None = strawberry.field(default=None, description="The person's e-mail address.")
    phone: str | None = strawberry.field(default=None, description="The person's phone number.")
    note: str | None = strawberry.field(
        default=None, description="What the practitioner should know. Nothing about health: that is for intake forms."
    )


@strawberry.input(
    description="The time that a line holds: a slot's token, or a start with or without a practitioner. The line "
    "stands alone, its quantity is its seats, and the slot is held for 15 minutes or until it is paid for."
)
class CheckoutLineBookingInput:
    slot_token: str | None = strawberry.field(default=None, description="Token of an offered slot.")
    practitioner_id: strawberry.ID | None = strawberry.field(
        default=None, description="With `start`: with nobody else."
    )
    start: datetime | None = strawberry.field(default=None, description="When, instead of a token.")
    seats: int | None = strawberry.field(default=None, description="The same as the line's quantity, where given.")
    entitlement_id: strawberry.ID | None = strawberry.field(
        default=None, description="Sessions of a package that pay for it; the line then costs nothing."
    )
    attendee: BookingAttendeeInput | None = strawberry.field(default=None, description="Who comes, if not the buyer.")


def slot_from(
    context: Context,
    given: CheckoutLineBookingInput | None,
    metadata: Mapping[str, str],
    quantity: int | None,
    *,
    field: str = "metadata",
) -> Slot | None:
    """The time that a line is to hold; None for a line without one.

    Raises: Invalid for none or two ways of saying when, for seats that are not the quantity, for a malformed ID, and
    for metadata keys that are ours; BadSlotToken.
    """
    ours = [key for key in metadata if key.startswith(_PREFIX) and key != SLOT_KEY]
    if ours:
        raise Invalid(f"Keys that begin with {_PREFIX!r} are written by the shop, but for {SLOT_KEY!r}.", field=field)
    token = metadata.get(SLOT_KEY)
    if given is None:
        return None if not token else _by_token(context, token, is_noted=True)
    if given.seats is not None and quantity is not None and given.seats != quantity:
        raise Invalid("A line's quantity is its seats.", field="seats")
    if (given.slot_token is None) == (given.start is None):
        raise Invalid("Exactly one of `slotToken` and `start` is needed.", field="slotToken", code="GRAPHQL_ERROR")
    entitlement: uuid.UUID | None = None
    if given.entitlement_id is not None:
        entitlement = required_uuid(given.entitlement_id, "Entitlement", field="entitlementId")
    attendee = _attendee(given.attendee)
    if given.slot_token is not None:
        return _by_token(context, given.slot_token, entitlement_id=entitlement, attendee=attendee)
    assert given.start is not None
    who = None
    if given.practitioner_id is not None:
        who = required_int(given.practitioner_id, "Practitioner", field="practitionerId")
    return Slot(given.start.astimezone(UTC), None, who, entitlement, attendee)


def holder(context: Context) -> Holder:
    """Who takes slots with this request, and how many they may have."""
    client = client_of(secret(context), user_id=context.caller.user_id, address=context.client_address)
    return Holder(client, context.settings.booking_holds_per_client)


def _by_token(context: Context, token: str, **more: Any) -> Slot:
    slot = slot_of(secret(context), token)
    return Slot(slot.start, slot.service_id, slot.resource_id, **more)


def _attendee(given: BookingAttendeeInput | None) -> dict[str, str]:
    if given is None:
        return {}
    values = {
        name: text.strip()
        for name, text in (("name", given.name), ("email", given.email), ("phone", given.phone), ("note", given.note))
        if text and text.strip()
    }
    if any(len(text) > _LONGEST for text in values.values()):
        raise Invalid(f"What is said of an attendee holds {_LONGEST} characters at most.", field="attendee")
    return values


def secret(context: Context) -> str:
    """What the tokens of appointments are signed with."""
    assert context.settings.secret_key is not None
    return context.settings.secret_key.get_secret_value()
