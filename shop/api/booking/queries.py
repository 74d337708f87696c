"""Reading what can be booked, when, and what was."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLError

from shop.api.booking.access import visible_booking
from shop.api.booking.bookings import Booking, BookingCountableConnection, BookingStatus, list_bookings
from shop.api.booking.types import (
    MANAGERS,
    BookableService,
    BookableServiceCountableConnection,
    BookableServiceCountableEdge,
    BookingResourceKind,
    Practitioner,
    PractitionerCountableConnection,
    PractitionerCountableEdge,
    SlotCountableConnection,
    SlotCountableEdge,
    practitioners_by_id,
    slot_object,
)
from shop.api.core.connections import PageInfo, connect, nodes_of, window_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import query
from shop.api.core.ids import query_int
from shop.api.core.money import Money, money
from shop.api.core.permissions import require
from shop.booking import availability
from shop.booking.calendars import Book
from shop.booking.errors import UnknownTimezone
from shop.booking.queries import books, books_by_variant, taken
from shop.booking.queries import showing as queries
from shop.booking.queries.calendars import Days
from shop.booking.rules import day_start, local_of, zone
from shop.execution import Selection

_LONGEST: Final = timedelta(days=62)
_USUAL: Final = timedelta(days=7)
_MOST: Final = 100


@strawberry.enum(description="How offered slots are put together.")
class SlotGrouping(Enum):
    PRACTITIONER = strawberry.enum_value("PRACTITIONER", description="One for each start and practitioner.")
    START = strawberry.enum_value("START", description="One for each start, with the first practitioner who is free.")


VariantId = Annotated[
    strawberry.ID | None, strawberry.argument(description="ID of the service's product variant; this or `serviceId`.")
]
ServiceId = Annotated[strawberry.ID | None, strawberry.argument(description="ID of the service; this or `variantId`.")]
PractitionerIds = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description="Only with these; without it, with anybody.")
]
Timezone = Annotated[
    str | None, strawberry.argument(description="IANA zone for local times; without it, each practitioner's own.")
]


@strawberry.type
class BookingQueries:
    """Queries of appointments."""

    @query(description="What can be booked: the services that a channel sells; for MANAGE_BOOKINGS, without it, all.")
    async def bookable_services(
        self,
        info: Info,
        channel: Annotated[str | None, strawberry.argument(description="Slug of the channel.")] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> BookableServiceCountableConnection | None:
        context, selection = info.context, Selection.below(info)
        if channel is None:
            require(context, *MANAGERS)
        window = window_of(
            queries.SERVICE_ORDER, "bookableServices", selection, first=first, after=after, last=last, before=before
        )
        in_channel = channel is not None
        params = {"channel": channel} if in_channel else {}
        statement = queries.services_page(window.shape, in_channel=in_channel)
        page = queries.SERVICE_ORDER.page(await context.rows(statement, **params, **window.params), window)
        total = None
        if "totalCount" in selection:
            total = (await context.rows(queries.services_count(in_channel=in_channel), **params))[0]["total"]
        nodes = nodes_of(BookableService, statement, page.items, extra=1)
        made: BookableServiceCountableConnection = connect(
            BookableServiceCountableConnection, BookableServiceCountableEdge, page, nodes, total_count=total
        )
        return made

    @query(description="Who can be booked. Staff with MANAGE_BOOKINGS see those that are not active, too.")
    async def practitioners(
        self,
        info: Info,
        kinds: Annotated[
            list[BookingResourceKind] | None, strawberry.argument(description="Of these kinds; usually people alone.")
        ] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> PractitionerCountableConnection | None:
        context, selection = info.context, Selection.below(info)
        inactive = context.caller.may(*MANAGERS)
        context.is_private = context.is_private or inactive
        window = window_of(
            queries.RESOURCE_ORDER, "practitioners", selection, first=first, after=after, last=last, before=before
        )
        wanted = [kind.value for kind in kinds or [BookingResourceKind.PRACTITIONER]]
        statement = queries.resources_page(window.shape, inactive=inactive)
        page = queries.RESOURCE_ORDER.page(await context.rows(statement, kinds=wanted, **window.params), window)
        total = None
        if "totalCount" in selection:
            total = (await context.rows(queries.resources_count(inactive=inactive), kinds=wanted))[0]["total"]
        nodes = nodes_of(Practitioner, statement, page.items, extra=len(queries.RESOURCE_ORDER.keys))
        made: PractitionerCountableConnection = connect(
            PractitionerCountableConnection, PractitionerCountableEdge, page, nodes, total_count=total
        )
        return made

    @query(
        description="Starts at which a service can be had now, by time. What is listed can be held, by the same rule; "
        "somebody may be faster. At most 62 days at once, a week where no end is given."
    )
    async def available_slots(
        self,
        info: Info,
        variant_id: VariantId = None,
        service_id: ServiceId = None,
        practitioner_ids: PractitionerIds = None,
        from_: Annotated[
            datetime | None, strawberry.argument(name="from", description="The first moment; usually now.")
        ] = None,
        to: Annotated[datetime | None, strawberry.argument(description="Slots begin before it.")] = None,
        timezone: Timezone = None,
        group_by: Annotated[
            SlotGrouping | None, strawberry.argument(description="How slots are put together.")
        ] = SlotGrouping.PRACTITIONER,
        seats: Annotated[int | None, strawberry.argument(description="How many seats are needed.")] = 1,
        channel: Annotated[
            str | None, strawberry.argument(description="Slug of the channel to tell prices of.")
        ] = None,
        first: int | None = None,
        after: str | None = None,
    ) -> SlotCountableConnection | None:
        context = info.context
        _known_zone(timezone)
        since, until = _span(context, from_, to)
        book, found = await _offered(context, variant_id, service_id, practitioner_ids, since, until, seats or 1)
        if group_by is SlotGrouping.START:
            found = _one_each(found)
        price = await _price(context, book, channel)
        return await _page(context, found, price, timezone, first=first, after=after)

    @query(description="The dates between `from` and `to` (not included) on which something is offered.")
    async def available_dates(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from", description="The first date.")],
        to: Annotated[date, strawberry.argument(description="The date after the last one; at most 62 days later.")],
        variant_id: VariantId = None,
        service_id: ServiceId = None,
        practitioner_ids: PractitionerIds = None,
        timezone: Timezone = None,
        seats: Annotated[int | None, strawberry.argument(description="How many seats are needed.")] = 1,
    ) -> list[date]:
        context = info.context
        _known_zone(timezone)
        if not from_ < to or to - from_ > _LONGEST or from_.year < 2000 or to.year > 2200:
            raise GraphQLError(f"`to` is after `from`, and {_LONGEST.days} days later at most.")
        # Where no zone is named, a day more on either side covers every practitioner's own.
        shift = timedelta(days=0 if timezone else 1)
        since, until = day_start(from_ - shift, timezone or "UTC"), day_start(to + shift, timezone or "UTC")
        _, found = await _offered(context, variant_id, service_id, practitioner_ids, since, until, seats or 1)
        dates = {local_of(slot.start, timezone or slot.timezone).date() for slot in found}
        return sorted(day for day in dates if from_ <= day < to)

    @query(description="Everybody's bookings, by start. Needs MANAGE_BOOKINGS; one's own are `me.bookings`.")
    async def bookings(
        self,
        info: Info,
        statuses: Annotated[
            list[BookingStatus] | None, strawberry.argument(description="Only those that are so far.")
        ] = None,
        practitioner_ids: PractitionerIds = None,
        from_: Annotated[
            datetime | None, strawberry.argument(name="from", description="Only those that begin then or later.")
        ] = None,
        to: Annotated[datetime | None, strawberry.argument(description="Only those that begin before.")] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> BookingCountableConnection | None:
        context = info.context
        require(context, *MANAGERS)
        filters: dict[str, Any] = {
            "statuses": None if statuses is None else [status.value for status in statuses],
            "resource_ids": _practitioners(practitioner_ids),
            "since": from_,
            "until": to,
        }
        given = {name: value for name, value in filters.items() if value is not None}
        return await list_bookings(
            context, Selection.below(info), given, before=before, after=after, first=first, last=last
        )

    @query(description="A booking: by its ID for its user and for MANAGE_BOOKINGS, by its token for whoever has that.")
    async def booking(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The booking's ID.")] = None,
        token: Annotated[str | None, strawberry.argument(description="The booking's token.")] = None,
    ) -> Booking | None:
        if (id is None) == (token is None):
            raise GraphQLError("Exactly one of the arguments `id` and `token` is required.")
        return await visible_booking(info.context, id, token)


def _known_zone(name: str | None) -> None:
    if name is not None:
        try:
            zone(name)
        except UnknownTimezone as error:
            raise GraphQLError(error.message) from None


def _span(context: Context, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    # Nothing is offered in the past, whatever was asked for.
    begin = context.now if since is None else max(since.astimezone(UTC), context.now)
    end = begin + _USUAL if until is None else until.astimezone(UTC)
    if end - begin > _LONGEST:
        raise GraphQLError(f"At most {_LONGEST.days} days can be listed at once.")
    return begin, end


def _practitioners(ids: Sequence[strawberry.ID] | None) -> list[int] | None:
    if ids is None:
        return None
    return sorted({key for text in ids if (key := query_int(text, "Practitioner")) is not None})


async def _offered(
    context: Context,
    variant_id: strawberry.ID | None,
    service_id: strawberry.ID | None,
    practitioner_ids: Sequence[strawberry.ID] | None,
    since: datetime,
    until: datetime,
    seats: int,
) -> tuple[Book | None, list[availability.Slot]]:
    """The service and what it offers: three statements, however many people and slots there are."""
    if (variant_id is None) == (service_id is None):
        raise GraphQLError("Exactly one of the arguments `variantId` and `serviceId` is required.")
    if seats < 1:
        raise GraphQLError("A visit needs a seat at least.")
    days = Days.around(since, until)
    known: dict[int, Book] = {}
    if service_id is not None and (key := query_int(service_id, "BookableService")) is not None:
        known = await books(context.rows, [key], days)
    elif variant_id is not None and (key := query_int(variant_id, "ProductVariant")) is not None:
        known = await books_by_variant(context.rows, [key], days)
    if not known or since >= until:
        return None, []
    ((_, book),) = known.items()
    reach = availability.reach(known, since, until)
    busy = availability.Occupied(await taken(context.rows, book.resource_ids, *reach, now=context.now))
    found = availability.slots_of(
        [book], busy, since, until, now=context.now, resource_ids=_practitioners(practitioner_ids), seats=seats
    )
    return book, found


def _one_each(found: Sequence[availability.Slot]) -> list[availability.Slot]:
    by_start: dict[datetime, availability.Slot] = {}
    for slot in found:
        by_start.setdefault(slot.start, slot)
    return list(by_start.values())


async def _price(context: Context, book: Book | None, channel: str | None) -> Money | None:
    if book is None or channel is None:
        return None
    rows = await context.rows(queries.PRICES, ids=[book.service.variant_id], channel=channel)
    return money(Decimal(rows[0]["amount"]), rows[0]["currency"]) if rows and rows[0]["amount"] is not None else None


async def _page(
    context: Context,
    found: Sequence[availability.Slot],
    price: Money | None,
    timezone: str | None,
    *,
    first: int | None,
    after: str | None,
) -> SlotCountableConnection:
    size = _MOST if first is None else first
    if not 0 <= size <= _MOST:
        raise GraphQLError(f"Slots are listed {_MOST} at a time at most: the limit of `first` is {_MOST} records.")
    begin = 0
    if after is not None:
        beyond = _decoded(after)
        begin = next((n for n, slot in enumerate(found) if _place(slot) > beyond), len(found))
        # Within a start the order is that of preference, not of ids: what was shown is passed over by name.
        shown = next((n for n, slot in enumerate(found) if _place(slot) == beyond), None)
        begin = begin if shown is None else shown + 1
    shown_now = found[begin : begin + size]
    who = await practitioners_by_id(context, sorted({slot.resource_id for slot in shown_now}))
    edges = [
        SlotCountableEdge(node=slot_object(context, slot, who, price, timezone), cursor=_encoded(slot))
        for slot in shown_now
    ]
    return SlotCountableConnection(
        page_info=PageInfo(
            has_next_page=begin + size < len(found),
            has_previous_page=begin > 0,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        edges=edges,
        total_count=len(found),
    )


def _place(slot: availability.Slot) -> tuple[int, int]:
    return int(slot.start.timestamp()), slot.resource_id


def _encoded(slot: availability.Slot) -> str:
    return base64.b64encode("/".join(map(str, _place(slot))).encode()).decode()


def _decoded(cursor: str) -> tuple[int, int]:
    try:
        start, resource_id = base64.b64decode(cursor, validate=True).decode().split("/")
        return int(start), int(resource_id)
    except (binascii.Error, ValueError):
        raise GraphQLError("Received cursor is invalid.") from None
