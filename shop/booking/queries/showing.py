"""What the API shows of services, resources and bookings. Labels are the fields of `api.booking`'s types."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Date, DateTime, Integer, Select, Text, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.booking.models import (
    Booking,
    BookingEvent,
    Override,
    OverrideWindow,
    Resource,
    RoleResource,
    Service,
    ServiceRole,
    TimeOff,
    WeeklyWindow,
)
from shop.catalogue.models import Product, Variant
from shop.channels.models import Channel
from shop.kit.pagination import PARENTS, Key, Keyset, Shape, count_each
from shop.pricing.models import ProductListing, VariantListing

_ids: Final = bindparam("ids", type_=ARRAY(Integer))
_moment: Final = DateTime(timezone=True)

_RESOURCE: Final[tuple[Any, ...]] = (
    Resource.id.label("pk"),
    Resource.kind.label("kind_name"),
    Resource.name,
    Resource.slug,
    Resource.description,
    Resource.timezone,
    Resource.is_active,
    Resource.location_id,
)
RESOURCES_BY_ID: Final = select(*_RESOURCE).where(Resource.id == any_(_ids))
RESOURCE_ORDER: Final = Keyset(Key(Resource.sort_order), Key(Resource.id))
_kinds: Final = Resource.kind == any_(bindparam("kinds", type_=ARRAY(Text)))


@lru_cache(maxsize=32)
def resources_page(shape: Shape, *, inactive: bool) -> Select[Any]:
    """A page of resources of these `kinds`."""
    found = select(*_RESOURCE).where(_kinds)
    return RESOURCE_ORDER.window(found if inactive else found.where(Resource.is_active), shape)


@lru_cache(maxsize=2)
def resources_count(*, inactive: bool) -> Select[Any]:
    """How many there are of these `kinds`."""
    found = select(func.count().label("total")).select_from(Resource).where(_kinds)
    return found if inactive else found.where(Resource.is_active)


WEEKLY_HOURS: Final = (
    select(WeeklyWindow.resource_id, WeeklyWindow.weekday, WeeklyWindow.opens, WeeklyWindow.closes)
    .where(WeeklyWindow.resource_id == any_(_ids))
    .order_by(WeeklyWindow.resource_id, WeeklyWindow.weekday, WeeklyWindow.opens)
)
DATE_HOURS: Final = (
    select(Override.resource_id, Override.day, OverrideWindow.opens, OverrideWindow.closes)
    .outerjoin(
        OverrideWindow, and_(OverrideWindow.resource_id == Override.resource_id, OverrideWindow.day == Override.day)
    )
    .where(Override.resource_id == any_(_ids), Override.day >= bindparam("first", type_=Date))
    .order_by(Override.resource_id, Override.day, OverrideWindow.opens)
)
_TIME_OFF: Final[tuple[Any, ...]] = (
    TimeOff.id.label("pk"),
    TimeOff.resource_id,
    func.lower(TimeOff.during, type_=_moment).label("start"),
    func.upper(TimeOff.during, type_=_moment).label("end"),
    TimeOff.reason,
)
TIME_OFF: Final = (
    select(*_TIME_OFF)
    .where(TimeOff.resource_id == any_(_ids), func.upper(TimeOff.during) > bindparam("now", type_=_moment))
    .order_by(TimeOff.resource_id, func.lower(TimeOff.during), TimeOff.id)
)
TIME_OFF_BY_ID: Final = select(*_TIME_OFF).where(TimeOff.id == any_(_ids))

_SERVICE: Final[tuple[Any, ...]] = (
    Service.id.label("pk"),
    Service.variant_id.label("variant_pk"),
    Product.name.label("product_name"),
    Variant.name.label("variant_name"),
    Service.is_active,
    Service.duration_min.label("duration_minutes"),
    Service.step_min.label("step_minutes"),
    Service.align.label("alignment_name"),
    Service.buffer_before_min.label("buffer_before_minutes"),
    Service.buffer_after_min.label("buffer_after_minutes"),
    Service.lead_min.label("lead_minutes"),
    Service.horizon_days,
    Service.capacity,
    Service.location_kind.label("location_name"),
    Service.confirmation.label("confirmation_name"),
    Service.deposit_kind.label("deposit_name"),
    Service.deposit_amount,
    Service.deposit_currency,
    Service.deposit_percent.label("deposit_percent_value"),
    Service.policy_id,
)
_services: Final = (
    select(*_SERVICE)
    .select_from(Service)
    .join(Variant, Variant.id == Service.variant_id)
    .join(Product, Product.id == Variant.product_id)
)
SERVICES_BY_ID: Final = _services.where(Service.id == any_(_ids))
SERVICES_BY_VARIANT: Final = _services.where(Service.variant_id == any_(_ids))
SERVICE_ORDER: Final = Keyset(Key(Service.id))
# What the public may see: services that are sold in the channel.
_sold: Final = (
    select(ProductListing.id)
    .join(Channel, Channel.id == ProductListing.channel_id)
    .where(
        ProductListing.product_id == Product.id,
        ProductListing.is_published,
        Channel.slug == bindparam("channel", type_=Text),
    )
    .correlate(Product)
    .exists()
)


@lru_cache(maxsize=32)
def services_page(shape: Shape, *, in_channel: bool) -> Select[Any]:
    """A page of services: those that a channel sells, or all of them."""
    found = _services.where(_sold, Service.is_active) if in_channel else _services
    return SERVICE_ORDER.window(found, shape)


@lru_cache(maxsize=2)
def services_count(*, in_channel: bool) -> Select[Any]:
    """How many there are."""
    found = (
        select(func.count().label("total"))
        .select_from(Service)
        .join(Variant, Variant.id == Service.variant_id)
        .join(Product, Product.id == Variant.product_id)
    )
    return found.where(_sold, Service.is_active) if in_channel else found


LEADS_BY_SERVICE: Final = (
    select(ServiceRole.service_id, RoleResource.resource_id)
    .join(RoleResource, RoleResource.role_id == ServiceRole.id)
    .join(Resource, Resource.id == RoleResource.resource_id)
    .where(ServiceRole.service_id == any_(_ids), ServiceRole.position == 0, Resource.is_active)
    .order_by(ServiceRole.service_id, RoleResource.sort_order, Resource.id)
)
PRICES: Final = (
    select(
        VariantListing.variant_id,
        func.coalesce(VariantListing.discounted_price_amount, VariantListing.price_amount).label("amount"),
        VariantListing.currency,
    )
    .join(Channel, Channel.id == VariantListing.channel_id)
    .where(VariantListing.variant_id == any_(_ids), Channel.slug == bindparam("channel", type_=Text))
)

# The rows of `api.booking.bookings.Booking`.
BOOKING: Final[tuple[Any, ...]] = (
    Booking.id.label("pk"),
    Booking.number.label("number_value"),
    Booking.token.label("key"),
    Booking.purchase_key,
    Booking.order_line_id,
    Booking.user_id,
    Booking.email.label("owner_email"),
    Booking.resource_id,
    Booking.service_id,
    Booking.service_snapshot.label("as_sold"),
    Booking.policy_snapshot.label("policy"),
    func.lower(Booking.during, type_=_moment).label("start"),
    func.upper(Booking.during, type_=_moment).label("end"),
    Booking.timezone,
    Booking.status.label("status_name"),
    Booking.cancelled_by.label("cancelled_by_name"),
    Booking.version,
    Booking.seats,
    Booking.currency,
    Booking.price_amount,
    Booking.deposit_amount,
    Booking.attendee.label("attendee_data"),
    Booking.created_at.label("created"),
    Booking.updated_at,
    Booking.dispute.label("dispute_name"),
)
_uuids: Final = bindparam("ids", type_=ARRAY(Booking.id.type))
BOOKINGS_BY_ID: Final = select(*BOOKING).where(Booking.id == any_(_uuids))
BOOKINGS_BY_TOKEN: Final = select(*BOOKING).where(Booking.token == any_(_uuids))
BOOKINGS_BY_PURCHASE: Final = (
    select(*BOOKING).where(Booking.purchase_key == any_(_uuids)).order_by(func.lower(Booking.during), Booking.id)
)
BOOKINGS_BY_ORDER_LINE: Final = (
    select(*BOOKING).where(Booking.order_line_id == any_(_uuids)).order_by(func.lower(Booking.during), Booking.id)
)
BY_START: Final = Keyset(Key(func.lower(Booking.during, type_=_moment)), Key(Booking.id))
_filters: Final = {
    "statuses": Booking.status == any_(bindparam("statuses", type_=ARRAY(Text))),
    "resource_ids": Booking.resource_id == any_(bindparam("resource_ids", type_=ARRAY(Integer))),
    "disputes": Booking.dispute == any_(bindparam("disputes", type_=ARRAY(Text))),
    "since": func.lower(Booking.during) >= bindparam("since", type_=_moment),
    "until": func.lower(Booking.during) < bindparam("until", type_=_moment),
}


@lru_cache(maxsize=128)
def bookings_page(shape: Shape, filters: tuple[str, ...]) -> Select[Any]:
    """A page of everybody's bookings by start, of those that pass the named filters."""
    return BY_START.window(select(*BOOKING).where(*(_filters[name] for name in filters)), shape)


@lru_cache(maxsize=32)
def bookings_count(filters: tuple[str, ...]) -> Select[Any]:
    """How many pass the filters."""
    return select(func.count().label("total")).select_from(Booking).where(*(_filters[name] for name in filters))


@lru_cache(maxsize=16)
def users_bookings_page(shape: Shape) -> Select[Any]:
    """A page of the bookings of each user in `parents`, by start."""
    return BY_START.window_each(_of_user(select(*BOOKING)), shape)


def _of_user(statement: Select[Any]) -> Select[Any]:
    return statement.where(Booking.user_id == PARENTS.c.id).correlate(PARENTS)


USERS_BOOKINGS_COUNT: Final = count_each(_of_user(select(func.count().label("total")).select_from(Booking)))
EVENTS_BY_BOOKING: Final = (
    select(
        BookingEvent.booking_id,
        BookingEvent.id.label("pk"),
        BookingEvent.type.label("type"),
        BookingEvent.to_status.label("status_name"),
        BookingEvent.actor.label("actor"),
        BookingEvent.booking_version.label("version"),
        BookingEvent.created_at.label("date"),
    )
    .where(BookingEvent.booking_id == any_(_uuids))
    .order_by(BookingEvent.booking_id, BookingEvent.booking_version)
)
