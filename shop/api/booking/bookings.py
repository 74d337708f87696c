"""Bookings in the API. Whoever holds a `Booking` object was allowed to see it: its guest, its user, or staff."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import strawberry
from sqlalchemy.sql import Executable

from shop.api.booking.questions import IntakeQuestion, answered_at, questions_of_services
from shop.api.booking.types import MANAGERS, CancellationTerms, Practitioner, TimeRange, practitioners_by_id, terms_of
from shop.api.core.connections import CountableConnection, CountableEdge, connect, connect_each, nodes_of, window_of
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.money import Money, money
from shop.api.core.scalars import JSON
from shop.booking.queries import Rows
from shop.booking.queries import showing as queries
from shop.booking.rules import local_of
from shop.execution import Selection, batch_field
from shop.kit.db.reader import prepare, row_factory
from shop.orders.actions.cancel_booking import refund_reason
from shop.orders.rules import redacted_email
from shop.payments.queries import refunds_by_reason

_KEYS = len(queries.BY_START.keys)
# Where some of what was paid may go back.
_PAID_BACK: Final = frozenset({"CANCELLED", "DECLINED", "NO_SHOW"})


@strawberry.enum(description="How far a booking is.")
class BookingStatus(Enum):
    PENDING_PAYMENT = strawberry.enum_value("PENDING_PAYMENT", description="Its time is kept while it is paid.")
    PENDING_APPROVAL = strawberry.enum_value("PENDING_APPROVAL", description="Paid; staff has yet to agree.")
    CONFIRMED = strawberry.enum_value("CONFIRMED", description="It will take place.")
    CHECKED_IN = strawberry.enum_value("CHECKED_IN", description="The visitor is there.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="It took place.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Called off by the customer or by staff.")
    NO_SHOW = strawberry.enum_value("NO_SHOW", description="Nobody came.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="It was not paid in time.")
    DECLINED = strawberry.enum_value("DECLINED", description="Staff has not agreed; what was paid goes back.")


@strawberry.enum(description="Who did something with a booking.")
class BookingActor(Enum):
    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    SYSTEM = "SYSTEM"


@strawberry.enum(description="How far a refund is.")
class BookingRefundStatus(Enum):
    NONE = strawberry.enum_value("NONE", description="There is nothing to pay back.")
    PENDING = strawberry.enum_value("PENDING", description="Asked for; the payment provider has yet to do it.")
    SUCCESS = strawberry.enum_value("SUCCESS", description="Paid back.")
    FAILED = strawberry.enum_value("FAILED", description="Refused by the provider; staff is looking at it.")


@strawberry.enum(description="How the buyer's bank and the shop stand about the payment of a booking.")
class BookingDispute(Enum):
    OPEN = strawberry.enum_value("OPEN", description="The bank has taken the money back; it is yet to be decided.")
    WON = strawberry.enum_value("WON", description="Decided for the shop: the money is here again.")
    LOST = strawberry.enum_value(
        "LOST", description="Decided for the buyer. A booking to come that nothing else pays for is called off."
    )


@strawberry.type(description="What goes back for a booking that does not take place.")
class BookingRefund:
    amount: Money = strawberry.field(description="How much.")
    status: BookingRefundStatus = strawberry.field(description="How far it is.")


@strawberry.type(description="Something that happened to a booking.")
class BookingEvent:
    booking_id: strawberry.Private[uuid.UUID]
    pk: strawberry.Private[int]
    type: str = strawberry.field(
        description="What happened: `BOOKED`, `RESCHEDULED`, `CANCELLED`, `DISPUTE_OPENED` and so on."
    )
    status_name: strawberry.Private[str]
    actor: BookingActor = strawberry.field(description="Who did it.")
    version: int = strawberry.field(description="The booking's version since then.")
    date: datetime = strawberry.field(description="When.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("BookingEvent", self.pk)

    @computed(description="How far the booking was after it.")
    def status(self) -> BookingStatus:
        return BookingStatus(self.status_name)


@strawberry.type(description="A visit that was sold. What was agreed stays as it was on the day of the sale.")
class Booking:
    pk: strawberry.Private[uuid.UUID]
    number_value: strawberry.Private[int]
    key: strawberry.Private[uuid.UUID]
    purchase_key: strawberry.Private[uuid.UUID]
    order_line_id: strawberry.Private[uuid.UUID | None]
    user_id: strawberry.Private[int | None]
    owner_email: strawberry.Private[str]
    resource_id: strawberry.Private[int]
    service_id: strawberry.Private[int | None]
    as_sold: strawberry.Private[Mapping[str, Any]]
    policy: strawberry.Private[Mapping[str, Any]]
    start: datetime = strawberry.field(description="When it begins.")
    end: datetime = strawberry.field(description="When it is over.")
    timezone: str = strawberry.field(description="The time zone that `localStart` is told in.")
    status_name: strawberry.Private[str]
    cancelled_by_name: strawberry.Private[str | None]
    version: int = strawberry.field(description="Grows with every change.")
    seats: int = strawberry.field(description="For how many people.")
    currency: strawberry.Private[str]
    price_amount: strawberry.Private[Decimal]
    deposit_amount: strawberry.Private[Decimal]
    attendee_data: strawberry.Private[Mapping[str, Any]]
    created: datetime = strawberry.field(description="When it was booked.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    dispute_name: strawberry.Private[str | None]
    is_redacted: strawberry.Private[bool] = False

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Booking", self.pk)

    @computed(description="Its number, as people say it.")
    def number(self) -> str:
        return str(self.number_value)

    @computed(description="Where messages about it go; hidden from who only knows the order.")
    def email(self) -> str:
        return redacted_email(self.owner_email) if self.is_redacted else self.owner_email

    @computed(
        description="A guest's key: whoever has it may see, move and cancel the booking. Part of links in mails; null "
        "for who only knows the order."
    )
    def token(self) -> str | None:
        return None if self.is_redacted else str(self.key)

    @computed(description="How far it is.")
    def status(self) -> BookingStatus:
        return BookingStatus(self.status_name)

    @computed(description="Who called it off; null unless it was.")
    def cancelled_by(self) -> BookingActor | None:
        return None if self.cancelled_by_name is None else BookingActor(self.cancelled_by_name)

    @computed(
        description="How a dispute of its payment stands; null where there is none. The time is kept meanwhile. Hidden "
        "from who only knows the order."
    )
    def dispute(self) -> BookingDispute | None:
        return None if self.dispute_name is None or self.is_redacted else BookingDispute(self.dispute_name)

    @computed(description="From start to end.")
    def during(self) -> TimeRange:
        return TimeRange(start=self.start, end=self.end)

    @computed(description="The start on the clock of its time zone, without an offset: what the visitor was told.")
    def local_start(self) -> str:
        return local_of(self.start, self.timezone).isoformat(timespec="minutes")

    @computed(description="The service's name as it was sold.")
    def service_name(self) -> str:
        return str(self.as_sold["name"])

    @computed(name="serviceId", description="Global ID of the service, while there is one.")
    def shown_service_id(self) -> strawberry.ID | None:
        return None if self.service_id is None else global_id("BookableService", self.service_id)

    @computed(name="orderLineId", description="Global ID of the order's line that paid for it.")
    def shown_order_line_id(self) -> strawberry.ID | None:
        return None if self.order_line_id is None else global_id("OrderLine", self.order_line_id)

    @computed(description="What it costs for all its seats.")
    def price(self) -> Money:
        return money(self.price_amount, self.currency)

    @computed(description="The part of the price that was due when booking.")
    def deposit(self) -> Money:
        return money(self.deposit_amount, self.currency)

    @computed(description="Who comes, as the buyer wrote it; hidden from who only knows the order.")
    def attendee(self) -> JSON:
        return JSON({} if self.is_redacted else dict(self.attendee_data))

    @computed(description="What cancelling costs: the terms of the day on which it was booked.")
    def cancellation_terms(self) -> CancellationTerms:
        return terms_of(self.policy)

    @batch_field(description="With whom; null for something that nobody leads, such as a room alone.")
    @staticmethod
    async def practitioner(parents: list["Booking"], context: Context) -> list[Practitioner | None]:
        found = await practitioners_by_id(context, [parent.resource_id for parent in parents])
        return [who if (who := found[one.resource_id]).kind_name == "PRACTITIONER" else None for one in parents]

    @batch_field(description="What happened to it, the first thing first.")
    @staticmethod
    async def events(parents: list["Booking"], context: Context) -> list[list[BookingEvent]]:
        rows = await context.rows(queries.EVENTS_BY_BOOKING, ids=sorted({parent.pk for parent in parents}))
        found: dict[uuid.UUID, list[BookingEvent]] = defaultdict(list)
        for row in rows:
            found[row["booking_id"]].append(
                BookingEvent(
                    booking_id=row["booking_id"],
                    pk=row["pk"],
                    type=row["type"],
                    status_name=row["status_name"],
                    actor=BookingActor(row["actor"]),
                    version=row["version"],
                    date=row["date"],
                )
            )
        return [found[parent.pk] for parent in parents]

    @batch_field(
        description="What is asked before the visit; answer by `bookingIntakeSubmit`. Empty where nothing is, and for "
        "who only knows the order."
    )
    @staticmethod
    async def intake_questions(parents: list["Booking"], context: Context) -> list[list[IntakeQuestion]]:
        return await questions_of_services(context, [None if one.is_redacted else one.service_id for one in parents])

    @batch_field(description="When that was answered last; null where it was not. The answers are staff's to read.")
    @staticmethod
    async def intake_answered_at(parents: list["Booking"], context: Context) -> list[datetime | None]:
        return await answered_at(context, [parent.pk for parent in parents])

    @batch_field(
        description="What goes back for one that was cancelled or declined, or that nobody came to; else null."
    )
    @staticmethod
    async def refund(parents: list["Booking"], context: Context) -> list[BookingRefund | None]:
        over = [parent for parent in parents if parent.status_name in _PAID_BACK]
        if not over:
            return [None] * len(parents)
        found = await refunds_by_reason(
            context.rows, {one.purchase_key for one in over}, {refund_reason(one.pk) for one in over}
        )
        return [_refund(parent, found.get(refund_reason(parent.pk))) for parent in parents]


def _refund(booking: Booking, found: tuple[Decimal, str] | None) -> BookingRefund | None:
    if booking.status_name not in _PAID_BACK:
        return None
    amount, status = found or (Decimal(0), "NONE")
    return BookingRefund(amount=money(amount, booking.currency), status=BookingRefundStatus(status))


@strawberry.type(description="A booking of a page.")
class BookingCountableEdge(CountableEdge[Booking]):
    pass


@strawberry.type(description="A page of bookings.")
class BookingCountableConnection(CountableConnection[BookingCountableEdge]):
    pass


async def list_bookings(
    context: Context, selection: Selection, filters: Mapping[str, Any], **paging: Any
) -> BookingCountableConnection:
    """A page of everybody's bookings that pass the filters. Two statements at most."""
    window = window_of(context, queries.BY_START, "bookings", selection, **paging)
    names = tuple(sorted(filters))
    statement = queries.bookings_page(window.shape, names)
    page = queries.BY_START.page(await context.rows(statement, **filters, **window.params), window)
    total = None
    if "totalCount" in selection:
        total = (await context.rows(queries.bookings_count(names), **filters))[0]["total"]
    nodes = nodes_of(Booking, statement, page.items, extra=_KEYS)
    made: BookingCountableConnection = connect(
        BookingCountableConnection, BookingCountableEdge, page, nodes, total_count=total
    )
    return made


async def list_bookings_of_users(
    context: Context, user_ids: Sequence[int], selection: Selection, **paging: Any
) -> list[BookingCountableConnection | None]:
    """A page of the bookings of each user, in their order, with the statements of one."""
    window = window_of(context, queries.BY_START, "bookings", selection, **paging)
    return await connect_each(
        context,
        user_ids,
        selection,
        queries.BY_START,
        window,
        page=queries.users_bookings_page(window.shape),
        count=queries.USERS_BOOKINGS_COUNT,
        node=Booking,
        connection=BookingCountableConnection,
        edge=BookingCountableEdge,
    )


async def booking_by_key(rows: Rows, key: uuid.UUID) -> Booking | None:
    """The booking as a request's reader or a unit's session sees it; who may see it is decided by the caller."""
    return _booking(queries.BOOKINGS_BY_ID, await rows(queries.BOOKINGS_BY_ID, ids=[key]))


async def booking_by_token(rows: Rows, token: uuid.UUID) -> Booking | None:
    """The booking that the token opens."""
    return _booking(queries.BOOKINGS_BY_TOKEN, await rows(queries.BOOKINGS_BY_TOKEN, ids=[token]))


def _booking(statement: Executable, records: Sequence[Any]) -> Booking | None:
    return row_factory(Booking, prepare(statement).columns)(records[0]) if records else None


async def bookings_of_purchases(context: Context, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Booking]]:
    """The bookings of purchases, by start."""
    found: dict[uuid.UUID, list[Booking]] = defaultdict(list)
    for one in await context.fetch(Booking, queries.BOOKINGS_BY_PURCHASE, ids=sorted(set(keys))):
        one.is_redacted = not _knows(context, one)
        found[one.purchase_key].append(one)
    return found


async def bookings_of_lines(context: Context, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Booking]]:
    """The bookings of order lines, by start."""
    found: dict[uuid.UUID, list[Booking]] = defaultdict(list)
    for one in await context.fetch(Booking, queries.BOOKINGS_BY_ORDER_LINE, ids=sorted(set(keys))):
        assert one.order_line_id is not None
        one.is_redacted = not _knows(context, one)
        found[one.order_line_id].append(one)
    return found


class Purchases:
    """The purchases whose checkout's id the caller has shown: a guest's key to all that was bought with it."""

    def __init__(self) -> None:
        self.keys: set[uuid.UUID] = set()


def _knows(context: Context, booking: Booking) -> bool:
    caller = context.caller
    context.is_private = True
    if booking.purchase_key in context.remember(Purchases).keys:
        return True
    return caller.may(*MANAGERS, "MANAGE_ORDERS") or (caller.user_id is not None and caller.user_id == booking.user_id)
