"""Reads for other systems of a clinic: practitioners, the services they lead, and appointments."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DateTime, Integer, Uuid, bindparam, func, or_, select, tuple_

from shop.booking.models import Booking, Resource, RoleResource, Service, ServiceRole

_moment: Final = DateTime(timezone=True)
_id: Final = bindparam("id", type_=Integer)

_limit: Final = bindparam("limit", type_=Integer)
_is_practitioner: Final = Resource.kind == "PRACTITIONER"
PRACTITIONER_BY_ID: Final = select(Resource.id, Resource.name, Resource.is_active).where(
    _is_practitioner, Resource.id == _id
)
# Those behind a place in the list, where one is given.
_after_place: Final = bindparam("after_place", type_=Integer)
PRACTITIONERS: Final = (
    select(Resource.id, Resource.name, Resource.is_active, Resource.sort_order)
    .where(
        _is_practitioner,
        or_(
            _after_place.is_(None),
            tuple_(Resource.sort_order, Resource.id) > tuple_(_after_place, bindparam("after_id", type_=Integer)),
        ),
    )
    .order_by(Resource.sort_order, Resource.id)
    .limit(_limit)
)
PRACTITIONERS_COUNT: Final = select(func.count()).select_from(Resource).where(_is_practitioner)
# The services in which a resource leads.
LED_SERVICES: Final = (
    select(Service.id)
    .join(ServiceRole, ServiceRole.service_id == Service.id)
    .join(RoleResource, RoleResource.role_id == ServiceRole.id)
    .where(RoleResource.resource_id == _id, ServiceRole.position == 0, Service.is_active)
    .order_by(Service.id)
)


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking for another system. Shapes: `_columns`, in their order."""

    id: uuid.UUID
    number: int
    resource_id: int
    email: str
    status: str
    snapshot: Mapping[str, Any]
    start: datetime
    end: datetime
    created_at: datetime
    updated_at: datetime


_start: Final = func.lower(Booking.during, type_=_moment)
_columns: Final[tuple[Any, ...]] = (
    Booking.id,
    Booking.number,
    Booking.resource_id,
    Booking.email,
    Booking.status,
    Booking.service_snapshot,
    _start.label("start"),
    func.upper(Booking.during, type_=_moment).label("end"),
    Booking.created_at,
    Booking.updated_at,
)
APPOINTMENT_BY_ID: Final = select(*_columns).where(Booking.id == bindparam("key", type_=Uuid()))
_wanted: Final = (
    _start >= bindparam("since", type_=_moment),
    _start < bindparam("until", type_=_moment),
    or_(_id.is_(None), Booking.resource_id == _id),
)
_after_start: Final = bindparam("after_start", type_=_moment)
APPOINTMENTS: Final = (
    select(*_columns)
    .where(
        *_wanted,
        or_(
            _after_start.is_(None),
            tuple_(_start, Booking.id) > tuple_(_after_start, bindparam("after_key", type_=Uuid())),
        ),
    )
    .order_by(_start, Booking.id)
    .limit(_limit)
)
APPOINTMENTS_COUNT: Final = select(func.count()).select_from(Booking).where(*_wanted)
