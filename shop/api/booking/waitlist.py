"""Waiting lists in the API: for who has an account, since an offer is made by mail and taken by its owner."""

import uuid
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from shop.api.booking.errors import BookingError
from shop.api.booking.inputs import holder
from shop.api.booking.types import MANAGERS
from shop.api.checkout.inputs import actor
from shop.api.checkout.types import Checkout, checkout_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed, query
from shop.api.core.ids import global_id, required_int, required_uuid
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.core.permissions import require_user
from shop.booking.actions import waitlist as actions
from shop.booking.actions.waitlist import Waiting
from shop.booking.errors import ServiceNotFound
from shop.booking.queries import of
from shop.booking.queries.calendars import services_by_variant
from shop.booking.queries.waitlist import ENTRIES_BY_ID, ENTRIES_OF_USER, LATEST_ENTRIES, EntryRow
from shop.channels.queries import CHANNELS_BY_SLUG
from shop.checkout.actions.waitlist import accept_offer
from shop.kit.errors import NotFound


@strawberry.enum(description="How far waiting has come.")
class WaitlistEntryState(Enum):
    WAITING = strawberry.enum_value("WAITING", description="No time that suits is free yet.")
    OFFERED = strawberry.enum_value("OFFERED", description="A time is held for who waits.")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="The offered time went into a cart.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="The offer was not taken in time.")
    LEFT = strawberry.enum_value("LEFT", description="Who waited does not want it any more.")


@strawberry.type(description="Somebody who waits for a time of a service.")
class WaitlistEntry:
    row: strawberry.Private[EntryRow]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("WaitlistEntry", self.row.id)

    @computed(description="ID of the service that is waited for.")
    def service_id(self) -> strawberry.ID:
        return global_id("BookableService", self.row.service_id)

    @computed(description="ID of the only practitioner that suits; null where any does.")
    def practitioner_id(self) -> strawberry.ID | None:
        return None if self.row.resource_id is None else global_id("Practitioner", self.row.resource_id)

    @computed(description="The first start that suits.", name="from")
    def from_(self) -> datetime:
        return self.row.since

    @computed(description="Starts before this suit.")
    def to(self) -> datetime:
        return self.row.until

    @computed(description="How many seats are wanted.")
    def seats(self) -> int:
        return self.row.seats

    @computed(description="How far it has come.")
    def state(self) -> WaitlistEntryState:
        return WaitlistEntryState[self.row.state]

    @computed(description="Since when.")
    def created(self) -> datetime:
        return self.row.created_at

    @computed(description="The start that is offered now; null without an offer.")
    def offered_start(self) -> datetime | None:
        return self.row.offered_start

    @computed(description="Until when the offer stands.")
    def offered_until(self) -> datetime | None:
        return self.row.offered_until


@strawberry.type(description="Who waits now, or why nobody does.")
class WaitlistJoin(Payload):
    entry: WaitlistEntry | None = strawberry.field(default=None, description="The place in the queue.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="Who waits no more, or why they still do.")
class WaitlistLeave(Payload):
    entry: WaitlistEntry | None = strawberry.field(default=None, description="The place that was left.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The cart with the time that was offered, or why it has none.")
class WaitlistAccept(Payload):
    checkout: Checkout | None = strawberry.field(default=None, description="The cart, with a line that holds the time.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


EntryId = Annotated[strawberry.ID, strawberry.argument(description="The entry's ID.")]


@strawberry.type
class WaitlistQueries:
    """Queries of waiting lists."""

    @query(description="What the caller waits for; with MANAGE_BOOKINGS, what anybody does. The latest hundred.")
    async def waitlist_entries(self, info: Info) -> list[WaitlistEntry]:
        context = info.context
        user_id = require_user(context)
        if context.caller.may(*MANAGERS):
            rows = await context.rows(LATEST_ENTRIES)
        else:
            rows = await context.rows(ENTRIES_OF_USER, user_id=user_id)
        return [WaitlistEntry(row=EntryRow(*row)) for row in rows]


@strawberry.type
class WaitlistMutations:
    """Mutations of waiting lists."""

    @mutation(
        description="Waits for a time of a service. As soon as one is free it is held for ninety minutes, and a mail "
        "says so. Asking for the same again keeps the place in the queue."
    )
    async def waitlist_join(
        self,
        info: Info,
        variant_id: Annotated[strawberry.ID, strawberry.argument(description="The service's product variant.")],
        channel: Annotated[str, strawberry.argument(description="Slug of the channel in which it is bought.")],
        from_: Annotated[datetime, strawberry.argument(name="from", description="The first start that suits.")],
        to: Annotated[datetime, strawberry.argument(description="Starts before this suit.")],
        practitioner_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="With nobody else; with anybody if not given.")
        ] = None,
        seats: Annotated[int, strawberry.argument(description="How many seats are wanted.")] = 1,
    ) -> WaitlistJoin | None:
        context = info.context
        user_id = require_user(context)
        variant = required_int(variant_id, "ProductVariant", field="variantId")
        resource = None
        if practitioner_id is not None:
            resource = required_int(practitioner_id, "Practitioner", field="practitionerId")
        channels = await of(context.session)(CHANNELS_BY_SLUG, slugs=[channel])
        if not channels:
            raise NotFound("There is no such channel.", field="channel")
        services = await services_by_variant(of(context.session), [variant])
        if variant not in services:
            raise ServiceNotFound
        wish = Waiting(
            services[variant].id, channels[0]["pk"], from_.astimezone(UTC), to.astimezone(UTC), resource, seats
        )
        key = await actions.join(
            context.session, wish, user_id=user_id, email=context.caller.email or "", now=context.now
        )
        return WaitlistJoin(entry=await _entry(context, key))

    @mutation(description="Waits no more; a time that is offered is free for others. For the owner or MANAGE_BOOKINGS.")
    async def waitlist_leave(self, info: Info, id: EntryId) -> WaitlistLeave | None:
        context = info.context
        user_id = require_user(context)
        key = required_uuid(id, "WaitlistEntry", field="id")
        await actions.leave(context.session, key, user_id=None if context.caller.may(*MANAGERS) else user_id)
        return WaitlistLeave(entry=await _entry(context, key))

    @mutation(description="Takes the time that is offered to the caller into a cart, where it is held as any other.")
    async def waitlist_accept(
        self,
        info: Info,
        id: EntryId,
        checkout_id: Annotated[strawberry.ID, strawberry.argument(description="The cart.")],
    ) -> WaitlistAccept | None:
        context = info.context
        user_id = require_user(context)
        cart = await accept_offer(
            context.session,
            required_uuid(id, "WaitlistEntry", field="id"),
            required_uuid(checkout_id, "Checkout", field="checkoutId"),
            actor=actor(context),
            user_id=user_id,
            now=context.now,
            holder=holder(context),
        )
        return WaitlistAccept(checkout=checkout_of(cart))


async def _entry(context: Context, key: uuid.UUID) -> WaitlistEntry:
    rows: list[Any] = list(await of(context.session)(ENTRIES_BY_ID, ids=[key]))
    return WaitlistEntry(row=EntryRow(*rows[0]))
