"""What can be booked, with whom and when: services, practitioners and their free times."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry

from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.money import Money, money
from shop.api.core.permissions import staff_with
from shop.api.core.scalars import Minute
from shop.booking import availability
from shop.booking.queries import showing as queries
from shop.booking.queries.bookings import policy_snapshots
from shop.booking.queries.places import LOCATIONS_BY_ID
from shop.booking.rules import local_of
from shop.booking.terms import FREE_CANCELLATION
from shop.booking.tokens import SlotKey, slot_token
from shop.execution import batch_field

MANAGERS = ("MANAGE_BOOKINGS",)


@strawberry.enum(description="What kind of thing is booked with a visit.")
class BookingResourceKind(Enum):
    PRACTITIONER = "PRACTITIONER"
    ROOM = "ROOM"
    DEVICE = "DEVICE"


@strawberry.enum(description="Where the grid of starts begins.")
class BookingAlignment(Enum):
    WINDOW_START = strawberry.enum_value(
        "WINDOW_START", description="Steps are counted from the beginning of the opening hours."
    )
    LOCAL_CLOCK = strawberry.enum_value(
        "LOCAL_CLOCK", description="Starts are at round times of the clock on the wall: every step since midnight."
    )


@strawberry.enum(description="How visitor and practitioner meet.")
class BookingLocationKind(Enum):
    IN_PERSON = "IN_PERSON"
    TELEHEALTH = "TELEHEALTH"


@strawberry.enum(description="What makes a booking certain.")
class BookingConfirmationMode(Enum):
    AUTO = strawberry.enum_value("AUTO", description="Paying for it.")
    STAFF = strawberry.enum_value("STAFF", description="Staff, who look at each one after it was paid.")


@strawberry.enum(description="What is paid when booking.")
class BookingDepositKind(Enum):
    NONE = strawberry.enum_value("NONE", description="The whole price.")
    FIXED = strawberry.enum_value("FIXED", description="A fixed amount; the rest at the visit.")
    PERCENT = strawberry.enum_value("PERCENT", description="A part of the price; the rest at the visit.")


@strawberry.type(description="A wall-clock window of opening hours. `26:00` is two in the morning of the next day.")
class OpeningHours:
    opens: str = strawberry.field(description="`HH:MM` on the clock of the practitioner's time zone.")
    closes: str = strawberry.field(description="`HH:MM`, up to `48:00`.")


@strawberry.type(description="The opening hours of a weekday.")
class WeekdayHours:
    weekday: int = strawberry.field(description="1 is Monday, 7 is Sunday.")
    hours: list[OpeningHours] = strawberry.field(description="The windows of that day, in order.")


@strawberry.type(description="A date with opening hours of its own instead of the week's.")
class DateHours:
    day: date = strawberry.field(name="date", description="The date, in the practitioner's time zone.")
    hours: list[OpeningHours] = strawberry.field(description="The windows of that date; none: closed.")


@strawberry.type(description="A stretch of time: its start belongs to it, its end does not.")
class TimeRange:
    start: datetime = strawberry.field(description="When it begins.")
    end: datetime = strawberry.field(description="When it is over.")


@strawberry.type(description="Time in which a practitioner is away. Nothing can be booked into it.")
class TimeOff:
    pk: strawberry.Private[int]
    resource_id: strawberry.Private[int]
    start: datetime = strawberry.field(description="When it begins.")
    end: datetime = strawberry.field(description="When it is over.")
    reason: str = strawberry.field(description="Why, for staff.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("TimeOff", self.pk)


@strawberry.type(description="A place where visits happen.")
class BookingLocation:
    pk: strawberry.Private[int]
    name: str = strawberry.field(description="The name that visitors read.")
    slug: str = strawberry.field(description="The name in addresses.")
    timezone: str = strawberry.field(description="IANA name of its time zone.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("BookingLocation", self.pk)


@strawberry.type(
    description="Whoever or whatever is booked with a visit and can be in one place at a time: "
    "a practitioner, a room or a device."
)
class Practitioner:
    pk: strawberry.Private[int]
    kind_name: strawberry.Private[str]
    name: str = strawberry.field(description="The name that visitors read.")
    slug: str = strawberry.field(description="The name in addresses.")
    description: str = strawberry.field(description="A few words for visitors.")
    timezone: str = strawberry.field(description="IANA name of the zone in which the opening hours are told.")
    is_active: bool = strawberry.field(description="Whether it can be booked.")
    location_id: strawberry.Private[int | None]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Practitioner", self.pk)

    @computed(description="Whether it is a person, a room or a device.")
    def kind(self) -> BookingResourceKind:
        return BookingResourceKind(self.kind_name)

    @batch_field(description="Where it is; null for nowhere in particular.")
    @staticmethod
    async def location(parents: list["Practitioner"], context: Context) -> list[BookingLocation | None]:
        found = await locations_by_id(context, [one.location_id for one in parents if one.location_id is not None])
        return [None if one.location_id is None else found.get(one.location_id) for one in parents]

    @batch_field(description="The opening hours of each weekday that has some.")
    @staticmethod
    async def weekly_hours(parents: list["Practitioner"], context: Context) -> list[list[WeekdayHours]]:
        found: dict[int, dict[int, list[OpeningHours]]] = defaultdict(dict)
        for row in await context.rows(queries.WEEKLY_HOURS, ids=_keys(parents)):
            windows = found[row["resource_id"]].setdefault(row["weekday"], [])
            windows.append(OpeningHours(opens=row["opens"], closes=row["closes"]))
        return [
            [WeekdayHours(weekday=day, hours=hours) for day, hours in found[parent.pk].items()] for parent in parents
        ]

    @batch_field(description="Dates from today on that have opening hours of their own.")
    @staticmethod
    async def date_hours(parents: list["Practitioner"], context: Context) -> list[list[DateHours]]:
        found: dict[int, dict[date, list[OpeningHours]]] = defaultdict(dict)
        for row in await context.rows(queries.DATE_HOURS, ids=_keys(parents), first=context.now.date()):
            windows = found[row["resource_id"]].setdefault(row["day"], [])
            if row["opens"] is not None:
                windows.append(OpeningHours(opens=row["opens"], closes=row["closes"]))
        return [[DateHours(day=day, hours=hours) for day, hours in found[one.pk].items()] for one in parents]

    @batch_field(
        description="Time off that is not over yet, the next first. Needs MANAGE_BOOKINGS.", guard=staff_with(*MANAGERS)
    )
    @staticmethod
    async def time_off(parents: list["Practitioner"], context: Context) -> list[list[TimeOff]]:
        found: dict[int, list[TimeOff]] = defaultdict(list)
        for one in await context.fetch(TimeOff, queries.TIME_OFF, ids=_keys(parents), now=context.now):
            found[one.resource_id].append(one)
        return [found[parent.pk] for parent in parents]


def _keys(parents: Sequence[Practitioner]) -> list[int]:
    return sorted({parent.pk for parent in parents})


@strawberry.type(description="So much is paid back to who cancels in time.")
class CancellationTier:
    min_notice_minutes: Minute = strawberry.field(description="At least so long before the start.")
    percent: float = strawberry.field(description="This part of what was paid goes back, in percent.")


@strawberry.type(description="What cancelling costs. A booking keeps the terms of the day on which it was made.")
class CancellationTerms:
    tiers: list[CancellationTier] = strawberry.field(
        description="The longest notice that was kept counts; with less than the least, nothing is paid back."
    )
    fee: Money | None = strawberry.field(description="Kept in any case.")
    no_show_percent: float = strawberry.field(description="The part of the price that is owed by who does not come.")


@strawberry.type(description="Something that can be booked: a product variant with a duration and people who do it.")
class BookableService:
    pk: strawberry.Private[int]
    variant_pk: strawberry.Private[int]
    product_name: strawberry.Private[str]
    variant_name: strawberry.Private[str]
    is_active: bool = strawberry.field(description="Whether it can be booked.")
    duration_minutes: Minute = strawberry.field(description="From the start of a visit to its end.")
    step_minutes: Minute = strawberry.field(description="The distance between two offered starts.")
    alignment_name: strawberry.Private[str]
    buffer_before_minutes: Minute = strawberry.field(description="Kept free before a visit.")
    buffer_after_minutes: Minute = strawberry.field(description="Kept free after a visit.")
    lead_minutes: Minute = strawberry.field(description="The least notice of a booking.")
    horizon_days: int = strawberry.field(description="How many days ahead it can be booked.")
    capacity: int = strawberry.field(
        description="How many take part at a time. Above 1, strangers sit in one session, each line for its seats."
    )
    location_name: strawberry.Private[str]
    confirmation_name: strawberry.Private[str]
    deposit_name: strawberry.Private[str]
    deposit_amount: strawberry.Private[Decimal | None]
    deposit_currency: strawberry.Private[str | None]
    deposit_percent_value: strawberry.Private[Decimal | None]
    policy_id: strawberry.Private[int | None]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("BookableService", self.pk)

    @computed(description="Its product's name, and its variant's where that has one.")
    def name(self) -> str:
        return ", ".join(part for part in (self.product_name, self.variant_name) if part)

    @computed(description="Global ID of the product variant that is put into the cart.")
    def variant_id(self) -> strawberry.ID:
        return global_id("ProductVariant", self.variant_pk)

    @computed(description="Where the grid of starts begins.")
    def alignment(self) -> BookingAlignment:
        return BookingAlignment(self.alignment_name)

    @computed(description="How visitor and practitioner meet.")
    def location_kind(self) -> BookingLocationKind:
        return BookingLocationKind(self.location_name)

    @computed(description="What makes a booking certain.")
    def confirmation(self) -> BookingConfirmationMode:
        return BookingConfirmationMode(self.confirmation_name)

    @computed(description="What is paid when booking.")
    def deposit_kind(self) -> BookingDepositKind:
        return BookingDepositKind(self.deposit_name)

    @computed(description="The fixed deposit, where it is one.")
    def deposit(self) -> Money | None:
        if self.deposit_amount is None or self.deposit_currency is None:
            return None
        return money(self.deposit_amount, self.deposit_currency)

    @computed(description="The deposit as a part of the price, where it is one.")
    def deposit_percent(self) -> float | None:
        return None if self.deposit_percent_value is None else float(self.deposit_percent_value)

    @batch_field(description="Who does it, in the order of preference.")
    @staticmethod
    async def practitioners(parents: list["BookableService"], context: Context) -> list[list[Practitioner]]:
        links = await context.rows(queries.LEADS_BY_SERVICE, ids=sorted({parent.pk for parent in parents}))
        found = await practitioners_by_id(context, [link["resource_id"] for link in links])
        leads: dict[int, list[Practitioner]] = defaultdict(list)
        for link in links:
            leads[link["service_id"]].append(found[link["resource_id"]])
        return [leads[parent.pk] for parent in parents]

    @batch_field(description="What cancelling costs.")
    @staticmethod
    async def cancellation_terms(parents: list["BookableService"], context: Context) -> list[CancellationTerms]:
        return await cancellation_terms_of(context, [parent.policy_id for parent in parents])


@strawberry.type(description="A start that is offered. Put its token into the cart to hold it.")
class Slot:
    slot: strawberry.Private[availability.Slot]
    practitioner: Practitioner | None = strawberry.field(
        description="With whom; null for something that nobody leads, such as a room alone."
    )
    price: Money | None = strawberry.field(
        description="What a seat costs in the channel, as prices are entered there; null without a channel."
    )
    token: str = strawberry.field(
        description="Stands for service, practitioner and start; pass it as `CheckoutLineInput.booking.slotToken`, "
        "or as the line's metadata `booking.slot`. Opaque, and no promise: the slot is yours once a line holds it."
    )
    shown_in: strawberry.Private[str | None]

    @computed(description="When the visit begins.")
    def start(self) -> datetime:
        return self.slot.start

    @computed(description="When it is over.")
    def end(self) -> datetime:
        return self.slot.end

    @computed(description="The start on the clock of `timezone`, without an offset: what a visitor reads.")
    def local_start(self) -> str:
        return local_of(self.slot.start, self.timezone_name()).isoformat(timespec="minutes")

    @computed(description="The time zone of `localStart`: the one that was asked for, else the practitioner's.")
    def timezone(self) -> str:
        return self.timezone_name()

    @computed(description="How many seats are left; 1 for an appointment.")
    def seats_available(self) -> int:
        return self.slot.seats

    def timezone_name(self) -> str:
        """The zone in which the start is shown."""
        return self.shown_in or self.slot.timezone


@strawberry.type(description="A slot of a page.")
class SlotCountableEdge(CountableEdge[Slot]):
    pass


@strawberry.type(description="A page of slots.")
class SlotCountableConnection(CountableConnection[SlotCountableEdge]):
    pass


@strawberry.type(description="A practitioner of a page.")
class PractitionerCountableEdge(CountableEdge[Practitioner]):
    pass


@strawberry.type(description="A page of practitioners.")
class PractitionerCountableConnection(CountableConnection[PractitionerCountableEdge]):
    pass


@strawberry.type(description="A service of a page.")
class BookableServiceCountableEdge(CountableEdge[BookableService]):
    pass


@strawberry.type(description="A page of services.")
class BookableServiceCountableConnection(CountableConnection[BookableServiceCountableEdge]):
    pass


async def locations_by_id(context: Context, ids: Sequence[int]) -> dict[int, BookingLocation]:
    """Places by their keys, in one statement; none for no keys."""
    if not ids:
        return {}
    found = await context.fetch(BookingLocation, LOCATIONS_BY_ID, ids=sorted(set(ids)))
    return {one.pk: one for one in found}


async def practitioners_by_id(context: Context, ids: Sequence[int]) -> dict[int, Practitioner]:
    """Resources by their keys, in one statement; none for no keys."""
    if not ids:
        return {}
    found = await context.fetch(Practitioner, queries.RESOURCES_BY_ID, ids=sorted(set(ids)))
    return {one.pk: one for one in found}


async def services_by_variant(context: Context, variant_ids: Sequence[int]) -> dict[int, BookableService]:
    """The active services of variants, by variant, in one statement."""
    found = await context.fetch(BookableService, queries.SERVICES_BY_VARIANT, ids=sorted(set(variant_ids)))
    return {one.variant_pk: one for one in found if one.is_active}


async def cancellation_terms_of(context: Context, policy_ids: Sequence[int | None]) -> list[CancellationTerms]:
    """The terms of policies, in their order; those of a service without one say that cancelling is free."""
    snapshots = await policy_snapshots(context.rows, {one for one in policy_ids if one is not None})
    return [terms_of(FREE_CANCELLATION if one is None else snapshots[one]) for one in policy_ids]


def slot_object(
    context: Context,
    slot: availability.Slot,
    practitioners: dict[int, Practitioner],
    price: Money | None,
    timezone: str | None,
) -> Slot:
    """The slot as the API shows it."""
    secret = context.settings.secret_key
    assert secret is not None
    who = practitioners.get(slot.resource_id)
    return Slot(
        slot=slot,
        practitioner=who if who is not None and who.kind_name == "PRACTITIONER" else None,
        price=price,
        token=slot_token(secret.get_secret_value(), SlotKey(slot.service_id, slot.resource_id, slot.start)),
        shown_in=timezone,
    )


def terms_of(snapshot: Mapping[str, Any]) -> CancellationTerms:
    """Terms as a booking keeps them, for the API."""
    fee = snapshot["fee"]
    return CancellationTerms(
        tiers=[
            CancellationTier(min_notice_minutes=Minute(tier["minNoticeMinutes"]), percent=float(tier["percent"]))
            for tier in snapshot["tiers"]
        ],
        fee=None if fee is None else money(Decimal(fee["amount"]), fee["currency"]),
        no_show_percent=float(snapshot["noShowPercent"]),
    )
