"""Reading what can be booked, when, and what was."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLError

from shop.api.booking.access import visible_booking
from shop.api.booking.bookings import (
    Booking,
    BookingCountableConnection,
    BookingDispute,
    BookingStatus,
    list_bookings,
)
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
from shop.booking.calendars import Book, Calendar, ServiceFacts
from shop.booking.errors import TooManyDays, UnknownTimezone
from shop.booking.offers import Offers, changes_at, kept_for
from shop.booking.queries import books, taken
from shop.booking.queries import showing as queries
from shop.booking.queries.calendars import Days, service_facts
from shop.booking.queries.offered import offered
from shop.booking.rules import day_start, zone
from shop.execution import Selection

_LONGEST: Final = timedelta(days=62)
_USUAL: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
# A thousand people's week, or seven people's years: searching more would keep a process busy for too long.
_MOST_TIME: Final = timedelta(days=9_000)


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
            context,
            queries.SERVICE_ORDER,
            "bookableServices",
            selection,
            first=first,
            after=after,
            last=last,
            before=before,
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
            context,
            queries.RESOURCE_ORDER,
            "practitioners",
            selection,
            first=first,
            after=after,
            last=last,
            before=before,
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
        most = context.settings.graphql_max_page_size
        size = most if first is None else first
        if not 0 <= size <= most:
            raise GraphQLError(f"Slots are listed {most} at a time at most: the limit of `first` is {most} records.")
        beyond = None if after is None else _decoded(after)
        since, until = _span(context, from_, to)
        search = await _search(context, variant_id, service_id, practitioner_ids, since, until, seats)
        if search is None:
            return _connection([], has_next=False, has_previous=False, total=0)
        price = await _price(context, search.service, channel)
        by_start = group_by is SlotGrouping.START
        found = search.page(size + 1, beyond, by_start=by_start)
        # Without an end that was asked for, a new moment comes near enough at each moment.
        context.lasts_until(search.lasts_until if to is not None else context.now)
        shown = found[:size]
        who = await practitioners_by_id(context, sorted({slot.resource_id for slot in shown}))
        edges = [
            SlotCountableEdge(node=slot_object(context, slot, who, price, timezone), cursor=_encoded(slot))
            for slot in shown
        ]
        total = None
        if "totalCount" in Selection.below(info):
            total = search.total(by_start=by_start)
        return _connection(edges, has_next=len(found) > size, has_previous=beyond is not None, total=total)

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
        # A day more on either side covers every practitioner's own zone.
        since, until = day_start(from_ - _DAY, timezone or "UTC"), day_start(to + _DAY, timezone or "UTC")
        search = await _search(context, variant_id, service_id, practitioner_ids, since, until, seats)
        if search is None:
            return []
        context.lasts_until(search.lasts_until)
        days = [from_ + number * _DAY for number in range((to - from_).days)]
        return search.days(days, timezone)

    @query(description="Everybody's bookings, by start. Needs MANAGE_BOOKINGS; one's own are `me.bookings`.")
    async def bookings(
        self,
        info: Info,
        statuses: Annotated[
            list[BookingStatus] | None, strawberry.argument(description="Only those that are so far.")
        ] = None,
        disputes: Annotated[
            list[BookingDispute] | None, strawberry.argument(description="Only those with such a dispute.")
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
            "disputes": None if disputes is None else [stage.value for stage in disputes],
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


@dataclass(frozen=True, slots=True)
class _Search:
    """A service, what is taken of its people's time, and what is asked of both: for visits of several seats."""

    book: Book
    leads: tuple[Calendar, ...]
    occupied: availability.Occupied
    since: datetime
    until: datetime
    now: datetime
    seats: int

    @property
    def service(self) -> ServiceFacts:
        return self.book.service

    @property
    def lasts_until(self) -> datetime:
        """Until when the same is offered if nothing changes."""
        found = self.page(1, None, by_start=False)
        notice = timedelta(minutes=self.service.lead_min)
        zones = {calendar.timezone for calendar in self.leads}
        return changes_at(found[0].start if found else None, notice, zones, self.now)

    def total(self, *, by_start: bool) -> int:
        """How many slots there are."""
        return len(self._between(self.since, self.until, by_start=by_start))

    def page(self, size: int, beyond: tuple[int, int] | None, *, by_start: bool) -> list[availability.Slot]:
        """The first so many that come after a place. No more time is searched than they need: a page is short."""
        begin = self.since
        if beyond is not None:
            begin = max(begin, datetime.fromtimestamp(beyond[0], UTC))
        found: list[availability.Slot] = []
        length = _DAY
        while begin < self.until and len(found) < size:
            end = min(begin + length, self.until)
            found += _after(self._between(begin, end, by_start=by_start), beyond)
            begin, length = end, length * 2
        return found[:size]

    def days(self, wanted: Sequence[date], timezone: str | None) -> list[date]:
        """The dates on which anybody offers something: in that zone, else in their own."""
        return [day for day in wanted if self._has_some(day, timezone)]

    def _between(self, since: datetime, until: datetime, *, by_start: bool) -> list[availability.Slot]:
        found = availability.slots_of(
            [self.book],
            self.occupied,
            since,
            until,
            now=self.now,
            resource_ids={calendar.resource_id for calendar in self.leads},
            seats=self.seats,
        )
        return list({slot.start: slot for slot in reversed(found)}.values())[::-1] if by_start else found

    def _has_some(self, day: date, timezone: str | None) -> bool:
        for calendar in self.leads:
            zone_name = timezone or calendar.timezone
            begin, end = day_start(day, zone_name), day_start(day + _DAY, zone_name)
            if availability.slots(self.book, calendar, self.occupied, begin, end, now=self.now, seats=self.seats):
                return True
        return False


@dataclass(frozen=True, slots=True)
class _Listing:
    """The same questions, answered from bits."""

    offers: Offers

    @property
    def service(self) -> ServiceFacts:
        return self.offers.service

    @property
    def lasts_until(self) -> datetime:
        """Until when the same is offered if nothing changes."""
        return self.offers.lasts_until

    def total(self, *, by_start: bool) -> int:
        """How many slots there are."""
        return self.offers.total(by_start=by_start)

    def page(self, size: int, beyond: tuple[int, int] | None, *, by_start: bool) -> list[availability.Slot]:
        """The first so many that come after a place."""
        first = None if beyond is None else datetime.fromtimestamp(beyond[0], UTC)
        found: list[availability.Slot] = []
        for together in self.offers.starting(first, by_start=by_start):
            if len(found) >= size:
                break
            found += _after(together, beyond)
        return found[:size]

    def days(self, wanted: Sequence[date], timezone: str | None) -> list[date]:
        """The dates on which anybody offers something: in that zone, else in their own."""
        return self.offers.days(wanted, timezone)


def _after(found: Sequence[availability.Slot], beyond: tuple[int, int] | None) -> Sequence[availability.Slot]:
    """What comes after a slot that was shown. Within a start the order is that of preference, not of ids."""
    if beyond is None:
        return found
    shown = next((number for number, slot in enumerate(found) if _place(slot) == beyond), None)
    if shown is not None:
        return found[shown + 1 :]
    return [slot for slot in found if _place(slot)[0] > beyond[0]]


async def _search(
    context: Context,
    variant_id: strawberry.ID | None,
    service_id: strawberry.ID | None,
    practitioner_ids: Sequence[strawberry.ID] | None,
    since: datetime,
    until: datetime,
    seats: int | None,
) -> _Search | _Listing | None:
    """The service and its people's time: two statements where all is known already, four where it is not."""
    if (variant_id is None) == (service_id is None):
        raise GraphQLError("Exactly one of the arguments `variantId` and `serviceId` is required.")
    if seats is not None and seats < 1:
        raise GraphQLError("A visit needs a seat at least.")
    service: ServiceFacts | None = None
    if service_id is not None and (key := query_int(service_id, "BookableService")) is not None:
        service = await service_facts(context.rows, service_id=key)
    elif variant_id is not None and (key := query_int(variant_id, "ProductVariant")) is not None:
        service = await service_facts(context.rows, variant_id=key)
    # Nothing is offered in the past.
    since = max(since, context.now)
    if service is None or since >= until:
        return None
    wanted = _practitioners(practitioner_ids)
    if service.capacity == 1 and seats in {None, 1}:
        try:
            offers = await offered(
                context.rows, kept_for(context.database), service, wanted, since, until, now=context.now
            )
        except TooManyDays as error:
            raise GraphQLError(error.message) from None
        if offers is not None:
            return _Listing(offers)
    book = (await books(context.rows, [service.id], Days.around(since, until)))[service.id]
    leads = tuple(one for one in book.lead if wanted is None or one.resource_id in wanted)
    if len(leads) * (until - since) > _MOST_TIME:
        raise GraphQLError(TooManyDays().message)
    span = availability.reach({service.id: book}, since, until)
    others = {calendar.resource_id for role in book.roles[1:] for calendar in role.calendars}
    found = await taken(context.rows, others | {one.resource_id for one in leads}, *span, now=context.now)
    return _Search(book, leads, availability.Occupied(found), since, until, context.now, seats or 1)


async def _price(context: Context, service: ServiceFacts, channel: str | None) -> Money | None:
    if channel is None:
        return None
    rows = await context.rows(queries.PRICES, ids=[service.variant_id], channel=channel)
    return money(Decimal(rows[0]["amount"]), rows[0]["currency"]) if rows and rows[0]["amount"] is not None else None


def _connection(
    edges: list[SlotCountableEdge], *, has_next: bool, has_previous: bool, total: int | None
) -> SlotCountableConnection:
    return SlotCountableConnection(
        page_info=PageInfo(
            has_next_page=has_next,
            has_previous_page=has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        edges=edges,
        total_count=total,
    )


def _place(slot: availability.Slot) -> tuple[int, int]:
    return int(slot.start.timestamp()), slot.resource_id


def _encoded(slot: availability.Slot) -> str:
    return base64.b64encode("/".join(map(str, _place(slot))).encode()).decode()


def _decoded(cursor: str) -> tuple[int, int]:
    try:
        start, resource_id = base64.b64decode(cursor, validate=True).decode().split("/")
        datetime.fromtimestamp(int(start), UTC)
        return int(start), int(resource_id)
    except (binascii.Error, ValueError, OverflowError, OSError):
        raise GraphQLError("Received cursor is invalid.") from None
