"""Private calendar feeds in the API: made and revoked here, read at their own address."""

from datetime import datetime
from typing import Annotated

import strawberry

from shop.api.booking.errors import BookingError
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.core.permissions import require_user
from shop.booking.actions import feeds
from shop.booking.actions.feeds import FeedOwner

MANAGERS = ("MANAGE_BOOKINGS",)
PractitionerId = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="The practitioner whose calendar it is: the caller, or with MANAGE_BOOKINGS anybody. "
        "Without one, the caller's own bookings as a visitor."
    ),
]


@strawberry.type(description="The new feed's address, or why there is none.")
class CalendarFeedCreate(Payload):
    url: str | None = strawberry.field(
        default=None,
        description="Where calendars read it. Whoever knows the address can, and it is shown this once.",
    )
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="How many feeds are gone, or why none is.")
class CalendarFeedsRevoke(Payload):
    revoked: int = strawberry.field(default=0, description="How many addresses cannot be read any more.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type
class FeedMutations:
    """Mutations of calendar feeds."""

    @mutation(description="Makes a secret address at which calendars read the appointments of a practitioner or user.")
    async def calendar_feed_create(
        self, info: Info, practitioner_id: PractitionerId = None
    ) -> CalendarFeedCreate | None:
        context = info.context
        token = await feeds.open_feed(context.session, await _owner(context, practitioner_id))
        return CalendarFeedCreate(url=f"{context.base_url}/calendars/{token}.ics")

    @mutation(description="Revokes all feeds of a practitioner or user: their addresses answer nothing from now on.")
    async def calendar_feeds_revoke(
        self, info: Info, practitioner_id: PractitionerId = None
    ) -> CalendarFeedsRevoke | None:
        context = info.context
        now: datetime = context.now
        owner = await _owner(context, practitioner_id)
        return CalendarFeedsRevoke(revoked=await feeds.revoke_feeds(context.session, owner, now=now))


async def _owner(context: Context, practitioner_id: strawberry.ID | None) -> FeedOwner:
    user_id = require_user(context)
    if practitioner_id is None:
        return FeedOwner(user_id=user_id)
    key = required_int(practitioner_id, "Practitioner", field="practitionerId")
    return await feeds.owned_resource(context.session, key, user_id=None if context.caller.may(*MANAGERS) else user_id)
