"""Who may see and change which booking: its user, staff that manages bookings, and whoever has its token."""

import uuid
from typing import Annotated

import strawberry

from shop.api.booking.bookings import Booking, booking_by_key, booking_by_token
from shop.api.booking.types import MANAGERS
from shop.api.core.context import Context
from shop.api.core.ids import query_uuid, required_uuid
from shop.booking.actions import By
from shop.booking.errors import BookingNotFound
from shop.booking.queries import Rows
from shop.kit.errors import Invalid

BookingId = Annotated[strawberry.ID | None, strawberry.argument(description="The booking's ID; this or `token`.")]
BookingToken = Annotated[str | None, strawberry.argument(description="A guest's key to the booking; this or `id`.")]


async def visible_booking(context: Context, id: strawberry.ID | None, token: str | None) -> Booking | None:
    """The booking, if the caller may see it. Raises: GraphQLError for a malformed ID."""
    context.is_private = True
    if token is not None:
        return await _by_token(context.rows, token)
    key = None if id is None else query_uuid(id, "Booking")
    return None if key is None else _if_allowed(context, await booking_by_key(context.rows, key))


async def changeable(context: Context, rows: Rows, id: strawberry.ID | None, token: str | None) -> tuple[uuid.UUID, By]:
    """The booking's key, and as whom the caller changes it.

    Raises: Invalid for none or two of both, BookingNotFound for what the caller may not see.
    """
    if (id is None) == (token is None):
        raise Invalid("Exactly one of `id` and `token` is needed.", field="id", code="GRAPHQL_ERROR")
    context.is_private = True
    if token is not None:
        found = await _by_token(rows, token)
    else:
        key = required_uuid(str(id), "Booking", field="id")
        found = _if_allowed(context, await booking_by_key(rows, key))
    if found is None:
        raise BookingNotFound(field="id" if token is None else "token")
    caller = context.caller
    manages = caller.may(*MANAGERS) and caller.user_id != found.user_id
    return found.pk, By("STAFF" if manages else "CUSTOMER", caller.user_id)


async def _by_token(rows: Rows, token: str) -> Booking | None:
    try:
        key = uuid.UUID(token)
    except ValueError:
        return None
    return await booking_by_token(rows, key)


def _if_allowed(context: Context, found: Booking | None) -> Booking | None:
    caller = context.caller
    if found is None or caller.may(*MANAGERS) or (caller.user_id is not None and caller.user_id == found.user_id):
        return found
    return None
