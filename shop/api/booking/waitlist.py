"""Waiting lists in the API. An offer is made by mail: its owner takes it, or who has the key that the mail brings."""

import uuid
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from shop.api.booking.errors import BookingError
from shop.api.booking.inputs import holder, secret
from shop.api.booking.types import MANAGERS, BookableService
from shop.api.checkout.inputs import actor
from shop.api.checkout.types import Checkout, checkout_of
from shop.api.core.connections import CountableConnection, CountableEdge, connect, window_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed, query
from shop.api.core.ids import global_id, required_int, required_uuid
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.core.permissions import require_user
from shop.booking.actions import waitlist as actions
from shop.booking.actions.waitlist import Waiting
from shop.booking.errors import EntryNotFound, ServiceNotFound
from shop.booking.queries import of
from shop.booking.queries.calendars import services_by_variant
from shop.booking.queries.showing import SERVICES_BY_ID
from shop.booking.queries.waitlist import (
    ENTRIES_BY_ID,
    LATEST_FIRST,
    EntryRow,
    entries_count,
    entries_page,
    entry_by_id,
)
from shop.booking.tokens import entry_of
from shop.channels.queries import CHANNELS_BY_SLUG
from shop.checkout.actions.waitlist import accept_offer
from shop.execution import Selection, batch_field
from shop.kit.errors import Invalid, NotFound


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

    @computed(description="The time zone of whoever would do it, to tell `offeredStart` in.")
    def offered_timezone(self) -> str | None:
        return self.row.offered_timezone

    @batch_field(description="What is waited for.")
    @staticmethod
    async def service(parents: list["WaitlistEntry"], context: Context) -> list[BookableService | None]:
        keys = sorted({parent.row.service_id for parent in parents})
        found = {one.pk: one for one in await context.fetch(BookableService, SERVICES_BY_ID, ids=keys)}
        return [found.get(parent.row.service_id) for parent in parents]


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


@strawberry.type(description="An entry of a page.")
class WaitlistEntryCountableEdge(CountableEdge[WaitlistEntry]):
    pass


@strawberry.type(description="A page of entries of waiting lists.")
class WaitlistEntryCountableConnection(CountableConnection[WaitlistEntryCountableEdge]):
    pass


EntryId = Annotated[strawberry.ID | None, strawberry.argument(description="The entry's ID; this or `token`.")]
EntryToken = Annotated[
    str | None, strawberry.argument(description="The key that the mail with the offer brings; this or `id`.")
]


@strawberry.type
class WaitlistQueries:
    """Queries of waiting lists."""

    @query(description="What the caller waits for, the latest first; with MANAGE_BOOKINGS, what anybody does.")
    async def waitlist_entries(
        self,
        info: Info,
        states: Annotated[
            list[WaitlistEntryState] | None, strawberry.argument(description="Only those that are so far.")
        ] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> WaitlistEntryCountableConnection | None:
        context, selection = info.context, Selection.below(info)
        user_id = require_user(context)
        filters: dict[str, Any] = {} if context.caller.may(*MANAGERS) else {"user_id": user_id}
        if states is not None:
            filters["states"] = [state.value for state in states]
        names = tuple(sorted(filters))
        paging: dict[str, Any] = {"before": before, "after": after, "first": first, "last": last}
        window = window_of(context, LATEST_FIRST, "waitlistEntries", selection, **paging)
        page = LATEST_FIRST.page(
            await context.rows(entries_page(window.shape, names), **filters, **window.params), window
        )
        total = None
        if "totalCount" in selection:
            total = (await context.rows(entries_count(names), **filters))[0]["total"]
        nodes = [WaitlistEntry(row=EntryRow(*row[: -len(LATEST_FIRST.keys)])) for row in page.items]
        made: WaitlistEntryCountableConnection = connect(
            WaitlistEntryCountableConnection, WaitlistEntryCountableEdge, page, nodes, total_count=total
        )
        return made

    @query(description="An entry of a waiting list, for who has the key that the mail with its offer brings.")
    async def waitlist_entry(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description="The key.")],
    ) -> WaitlistEntry | None:
        context = info.context
        context.is_private = True
        try:
            key = entry_of(secret(context), token)
        except EntryNotFound:
            return None
        found = await entry_by_id(context.rows, key)
        return None if found is None else WaitlistEntry(row=found)


@strawberry.type
class WaitlistMutations:
    """Mutations of waiting lists."""

    @mutation(
        description="Waits for a time of a service. As soon as one is free it is held for ninety minutes, and a mail "
        "says so, with a link to take it. Asking for the same again keeps the place in the queue."
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
        email: Annotated[
            str | None,
            strawberry.argument(description="Where the offer goes, of who has no account; others have theirs."),
        ] = None,
    ) -> WaitlistJoin | None:
        context = info.context
        mailbox = _mailbox(context, email)
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
        key = await actions.join(context.session, wish, user_id=context.caller.user_id, email=mailbox, now=context.now)
        return WaitlistJoin(entry=await _entry(context, key))

    @mutation(
        description="Waits no more; a time that is offered is free for others. For the owner, for MANAGE_BOOKINGS, and "
        "for who has the entry's key."
    )
    async def waitlist_leave(self, info: Info, id: EntryId = None, token: EntryToken = None) -> WaitlistLeave | None:
        context = info.context
        key, owner_id = _whose(context, id, token)
        may = context.caller.may(*MANAGERS)
        await actions.leave(context.session, key, user_id=None if may else owner_id)
        return WaitlistLeave(entry=await _entry(context, key))

    @mutation(
        description="Takes the time that is offered into a cart, where it is held as any other. For the owner, and for "
        "who has the entry's key."
    )
    async def waitlist_accept(
        self,
        info: Info,
        checkout_id: Annotated[strawberry.ID, strawberry.argument(description="The cart.")],
        id: EntryId = None,
        token: EntryToken = None,
    ) -> WaitlistAccept | None:
        context = info.context
        key, owner_id = _whose(context, id, token)
        cart = await accept_offer(
            context.session,
            key,
            required_uuid(checkout_id, "Checkout", field="checkoutId"),
            actor=actor(context),
            user_id=owner_id,
            now=context.now,
            holder=holder(context),
        )
        return WaitlistAccept(checkout=checkout_of(cart))


def _mailbox(context: Context, email: str | None) -> str:
    """Where offers go: to the caller's own mailbox, or to the one that a guest names. Raises: Invalid."""
    own = context.caller.email
    if own is None:
        if not (email or "").strip():
            raise Invalid("Say where to send the offer.", field="email", code="REQUIRED")
        return email or ""
    if email is not None and email.strip().lower() != own.lower():
        raise Invalid("Offers go to the e-mail of the account.", field="email")
    return own


def _whose(context: Context, id: strawberry.ID | None, token: str | None) -> tuple[uuid.UUID, int | None]:
    """The entry, and whose it must be: nobody's in particular for who has its key.

    Raises: Invalid for none or two of both, EntryNotFound for no key of ours, GraphQLError for guests without one.
    """
    if (id is None) == (token is None):
        raise Invalid("Exactly one of `id` and `token` is needed.", field="id", code="GRAPHQL_ERROR")
    context.is_private = True
    if token is not None:
        return entry_of(secret(context), token), None
    return required_uuid(str(id), "WaitlistEntry", field="id"), require_user(context)


async def _entry(context: Context, key: uuid.UUID) -> WaitlistEntry:
    rows: list[Any] = list(await of(context.session)(ENTRIES_BY_ID, ids=[key]))
    return WaitlistEntry(row=EntryRow(*rows[0]))
