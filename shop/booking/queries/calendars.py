"""Services and their calendars: two statements for any number of services."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from shop.booking.calendars import Book, Calendar, Hours, Role, ServiceFacts, Standing
from shop.booking.models import (
    Allocation,
    Hold,
    Holiday,
    Override,
    OverrideWindow,
    Resource,
    RoleResource,
    Service,
    ServiceRole,
    WeeklyWindow,
)
from shop.booking.queries.rows import Rows
from shop.booking.queries.taken import HAS_RUN_OUT
from shop.catalogue.models import Product, Variant

# A window belongs to the date on which it begins, and lasts two days at most.
_LONGEST_WINDOW: Final = timedelta(days=2)

_services: Final = (
    select(
        Service.id,
        Service.variant_id,
        Product.name.label("product_name"),
        Variant.name.label("variant_name"),
        Service.is_active,
        Service.duration_min,
        Service.step_min,
        Service.align,
        Service.buffer_before_min,
        Service.buffer_after_min,
        Service.lead_min,
        Service.horizon_days,
        Service.capacity,
        Service.location_kind,
        Service.confirmation,
        Service.deposit_kind,
        Service.deposit_amount,
        Service.deposit_currency,
        Service.deposit_percent,
        Service.policy_id,
        Service.intake_form_id,
    )
    .join(Variant, Variant.id == Service.variant_id)
    .join(Product, Product.id == Variant.product_id)
    .order_by(Service.id)
)
SERVICES: Final = _services.where(Service.id == any_(bindparam("ids", type_=ARRAY(Integer))))
SERVICES_BY_VARIANT: Final = _services.where(Service.variant_id == any_(bindparam("ids", type_=ARRAY(Integer))))

_first: Final = bindparam("first", type_=Date)
_last: Final = bindparam("last", type_=Date)
_blank: Final = literal(" ", Text)
_week: Final = (
    select(
        func.array_agg(
            aggregate_order_by(
                func.concat_ws(_blank, WeeklyWindow.weekday, WeeklyWindow.opens, WeeklyWindow.closes),
                WeeklyWindow.weekday,
                WeeklyWindow.opens,
            ),
            type_=ARRAY(Text),
        )
    )
    .where(WeeklyWindow.resource_id == Resource.id)
    .correlate(Resource)
    .scalar_subquery()
)
# `2026-12-24` alone is closed, `2026-12-24 09:00 12:00` is open for these hours.
_dates: Final = (
    select(
        func.array_agg(
            aggregate_order_by(
                func.concat_ws(_blank, Override.day, OverrideWindow.opens, OverrideWindow.closes),
                Override.day,
                OverrideWindow.opens,
            ),
            type_=ARRAY(Text),
        )
    )
    .select_from(Override)
    .outerjoin(
        OverrideWindow, and_(OverrideWindow.resource_id == Override.resource_id, OverrideWindow.day == Override.day)
    )
    .where(Override.resource_id == Resource.id, Override.day >= _first, Override.day < _last)
    .correlate(Resource)
    .scalar_subquery()
)
_holidays: Final = (
    select(func.array_agg(Holiday.day, type_=ARRAY(Date)))
    .where(
        Holiday.day >= _first,
        Holiday.day < _last,
        or_(Holiday.location_id.is_(None), Holiday.location_id == Resource.location_id),
    )
    .correlate(Resource)
    .scalar_subquery()
)
_is_wanted: Final = Resource.id == any_(bindparam("resource_ids", type_=ARRAY(Integer)))


def _calendars(*wanted: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            ServiceRole.service_id,
            ServiceRole.id.label("role_id"),
            ServiceRole.name.label("role_name"),
            ServiceRole.kind,
            Resource.id.label("resource_id"),
            Resource.name,
            Resource.timezone,
            Resource.calendar_version,
            _week.label("week"),
            _dates.label("dates"),
            _holidays.label("holidays"),
        )
        .select_from(ServiceRole)
        # A role that nobody can fill is there, and empty: what needs it cannot be booked.
        .outerjoin(RoleResource, RoleResource.role_id == ServiceRole.id)
        .outerjoin(Resource, and_(Resource.id == RoleResource.resource_id, Resource.is_active, *wanted))
        .where(ServiceRole.service_id == any_(bindparam("service_ids", type_=ARRAY(Integer))))
        .order_by(ServiceRole.service_id, ServiceRole.position, RoleResource.sort_order, Resource.id)
    )


CALENDARS: Final = _calendars()
CALENDARS_OF_SOME: Final = _calendars(_is_wanted)

_run_out: Final = (
    select(
        Allocation.resource_id,
        func.array_agg(aggregate_order_by(Hold.id, Hold.id), type_=ARRAY(Uuid)).label("hold_ids"),
    )
    .join(Hold, Hold.id == Allocation.hold_id)
    .where(HAS_RUN_OUT)
    .group_by(Allocation.resource_id)
    .subquery("run_out")
)
VERSIONS: Final = (
    select(
        ServiceRole.id.label("role_id"),
        Resource.id.label("resource_id"),
        Resource.timezone,
        Resource.calendar_version,
        _run_out.c.hold_ids,
    )
    .select_from(ServiceRole)
    .outerjoin(RoleResource, RoleResource.role_id == ServiceRole.id)
    .outerjoin(Resource, and_(Resource.id == RoleResource.resource_id, Resource.is_active))
    .outerjoin(_run_out, _run_out.c.resource_id == Resource.id)
    .where(ServiceRole.service_id == bindparam("service_id", type_=Integer))
    .order_by(ServiceRole.position, RoleResource.sort_order, Resource.id)
)


@dataclass(frozen=True, slots=True)
class Days:
    """The dates whose hours are read: enough for every window that may reach into `[since, until)`."""

    first: date
    last: date

    @classmethod
    def around(cls, since: datetime, until: datetime) -> "Days":
        """Wide enough for every time zone, and for a visit of a week."""
        return cls((since - timedelta(days=10)).date(), (until + timedelta(days=9)).date())


async def books(rows: Rows, service_ids: Collection[int], days: Days) -> dict[int, Book]:
    """The services that exist, with their calendars, by id. Two statements."""
    facts = [ServiceFacts(*row) for row in await rows(SERVICES, ids=sorted(set(service_ids)))]
    if not facts:
        return {}
    found = await rows(CALENDARS, service_ids=[service.id for service in facts], first=days.first, last=days.last)
    return {service.id: Book(service, _roles(row for row in found if row[0] == service.id)) for service in facts}


async def book_of_some(rows: Rows, service: ServiceFacts, resource_ids: Collection[int], days: Days) -> Book:
    """The service with no more than these resources' calendars. One statement."""
    wanted = sorted(resource_ids)
    return Book(
        service,
        _roles(
            await rows(
                CALENDARS_OF_SOME, service_ids=[service.id], resource_ids=wanted, first=days.first, last=days.last
            )
        ),
    )


def _roles(rows: Iterable[Any]) -> tuple[Role, ...]:
    roles: dict[int, tuple[str, str, list[Calendar]]] = {}
    for _, role_id, name, kind, resource_id, *calendar in rows:
        role = roles.setdefault(role_id, (name, kind, []))
        if resource_id is not None:
            resource_name, timezone, version, week, dates, holidays = calendar
            role[2].append(
                Calendar(
                    resource_id,
                    resource_name,
                    kind,
                    timezone,
                    version,
                    _weekly(week or ()),
                    _overrides(dates or (), (week and holidays) or ()),
                )
            )
    return tuple(Role(role_id, name, kind, tuple(calendars)) for role_id, (name, kind, calendars) in roles.items())


async def service_facts(
    rows: Rows, *, service_id: int | None = None, variant_id: int | None = None
) -> ServiceFacts | None:
    """The service with that id, or of that variant. One statement."""
    if service_id is not None:
        found = await rows(SERVICES, ids=[service_id])
    else:
        found = await rows(SERVICES_BY_VARIANT, ids=[variant_id])
    return ServiceFacts(*found[0]) if found else None


async def standings(rows: Rows, service_id: int, *, now: datetime) -> dict[int, list[Standing]]:
    """Where the calendars of each of the service's roles stand, in the order of roles and preference. One statement."""
    roles: dict[int, list[Standing]] = {}
    for role_id, resource_id, timezone, version, run_out in await rows(VERSIONS, service_id=service_id, now=now):
        role = roles.setdefault(role_id, [])
        if resource_id is not None:
            role.append(Standing(resource_id, timezone, version, tuple(run_out or ())))
    return roles


def _weekly(texts: Collection[str]) -> dict[int, Hours]:
    hours: dict[int, Hours] = {}
    for weekday, opens, closes in (text.split(" ") for text in texts):
        hours[int(weekday)] = (*hours.get(int(weekday), ()), (opens, closes))
    return hours


def _overrides(texts: Collection[str], holidays: Collection[date]) -> dict[date, Hours]:
    hours: dict[date, Hours] = {}
    for text in texts:
        day, *window = text.split(" ")
        key = date.fromisoformat(day)
        hours[key] = hours.get(key, ())
        if window:
            hours[key] = (*hours[key], (window[0], window[1]))
    for key in holidays:
        hours.setdefault(key, ())
    return hours


async def services_by_variant(rows: Rows, variant_ids: Collection[int]) -> dict[int, ServiceFacts]:
    """The active services of these variants. One statement, none for no variants."""
    if not variant_ids:
        return {}
    found = [ServiceFacts(*row) for row in await rows(SERVICES_BY_VARIANT, ids=sorted(set(variant_ids)))]
    return {service.variant_id: service for service in found if service.is_active}
