"""What staff sets up: who and what can be booked, when they are there, when they are away, and what is sold of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast

from sqlalchemy import DateTime, Integer, Table, bindparam, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.calendar import mark_changed
from shop.booking.actions.naming import checked_names, named
from shop.booking.actions.places import known_location
from shop.booking.actions.release import clear
from shop.booking.errors import PractitionerNotFound, ServiceNotFound, StillBooked, TimeOffNotFound
from shop.booking.models import (
    Allocation,
    CancellationPolicy,
    CancellationTier,
    Override,
    OverrideWindow,
    Resource,
    RoleResource,
    Service,
    ServiceRole,
    TimeOff,
    WeeklyWindow,
)
from shop.booking.queries import of, taken
from shop.booking.rules import parsed_hours
from shop.catalogue.models import Variant
from shop.kit.db.database import sqlstate
from shop.kit.errors import Invalid, NotFound
from shop.kit.money import Money

Hours = Sequence[tuple[str, str]]
_REFERRED_TO: Final = frozenset({"23503", "23001"})
# What a service may say of itself: its input field, and between which numbers.
_LIMITS: Final = {
    "duration_min": ("durationMinutes", 1, 10_080),
    "step_min": ("stepMinutes", 1, 1_440),
    "buffer_before_min": ("bufferBeforeMinutes", 0, 1_440),
    "buffer_after_min": ("bufferAfterMinutes", 0, 1_440),
    "lead_min": ("leadMinutes", 0, 525_600),
    "horizon_days": ("horizonDays", 1, 1_100),
    "capacity": ("capacity", 1, 1_000),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What cancelling costs. Shapes: `tiers` are minutes of notice and the percentage that goes back."""

    tiers: Sequence[tuple[int, Decimal]]
    fee: Money | None = None
    no_show_percent: Decimal = Decimal(0)


async def create_resource(session: AsyncSession, values: Mapping[str, Any]) -> int:
    """There is a practitioner, room or device; it is there as soon as it has hours.

    Raises: Invalid (REQUIRED, INVALID, UNIQUE), UnknownTimezone, LocationNotFound.
    """
    row = await named(session, Resource, values, otherwise="practitioner")
    await _check_place(session, values)
    made = await session.execute(insert(Resource).values(**row).returning(Resource.id))
    return made.scalar_one()


async def update_resource(session: AsyncSession, resource_id: int, values: Mapping[str, Any]) -> None:
    """The resource has these values. Raises: PractitionerNotFound, and as `create_resource`."""
    checked = await checked_names(session, Resource, values, but=resource_id)
    await _resource(session, resource_id)
    await _check_place(session, values)
    if checked:
        await session.execute(
            update(Resource)
            .where(Resource.id == resource_id)
            .values(**checked, updated_at=func.now())
            .execution_options(synchronize_session=False)
        )
    await mark_changed(session, [resource_id])


async def delete_resource(session: AsyncSession, resource_id: int, *, now: datetime) -> None:
    """It is gone; with a history, it stays for that, and cannot be booked any more.

    Raises: PractitionerNotFound, StillBooked while somebody is to come.
    """
    await _resource(session, resource_id)
    to_come = select(Allocation.id).where(
        Allocation.resource_id == resource_id, func.upper(Allocation.busy) > now, Allocation.time_off_id.is_(None)
    )
    if (await session.execute(to_come.limit(1))).first() is not None:
        raise StillBooked(field="id")
    await _delete_or(session, delete(Resource).where(Resource.id == resource_id), _retire(Resource, resource_id))


async def set_weekly_hours(session: AsyncSession, resource_id: int, weekly: Mapping[int, Hours]) -> None:
    """These are its hours of every week, and no others. Raises: PractitionerNotFound, Invalid, InvalidHours."""
    await _resource(session, resource_id)
    rows = []
    for weekday, hours in weekly.items():
        if not 1 <= weekday <= 7:
            raise Invalid("Weekdays are 1, Monday, to 7, Sunday.", field="weekly")
        rows += [{"weekday": weekday, **window} for window in _windows(hours, field="weekly")]
    await session.execute(delete(WeeklyWindow).where(WeeklyWindow.resource_id == resource_id))
    if rows:
        await session.execute(insert(WeeklyWindow), [{"resource_id": resource_id, **row} for row in rows])
    await mark_changed(session, [resource_id])


async def set_date_hours(session: AsyncSession, resource_id: int, dates: Mapping[date, Hours | None]) -> None:
    """The dates have these hours of their own: none is closed, None is as every week.

    Raises: PractitionerNotFound, InvalidHours.
    """
    await _resource(session, resource_id)
    for day, hours in dates.items():
        await session.execute(delete(Override).where(Override.resource_id == resource_id, Override.day == day))
        if hours is None:
            continue
        await session.execute(insert(Override).values(resource_id=resource_id, day=day))
        windows = _windows(hours, field="dates")
        if windows:
            await session.execute(
                insert(OverrideWindow), [{"resource_id": resource_id, "day": day, **window} for window in windows]
            )
    await mark_changed(session, [resource_id])


_TAKE: Final = (
    upsert(cast("Table", Allocation.__table__))
    .from_select(
        ["resource_id", "during", "kind", "time_off_id"],
        select(TimeOff.resource_id, TimeOff.during, literal("TIME_OFF"), TimeOff.id).where(
            TimeOff.id == bindparam("id", type_=Integer)
        ),
    )
    .on_conflict_do_nothing()
    .returning(Allocation.id)
)


async def create_time_off(
    session: AsyncSession, resource_id: int, start: datetime, end: datetime, *, reason: str, now: datetime
) -> int:
    """Nothing can be booked with it meanwhile. Raises: PractitionerNotFound, Invalid, StillBooked."""
    await _resource(session, resource_id)
    if not start < end:
        raise Invalid("Time off ends after it begins.", field="end")
    made = await session.execute(
        insert(TimeOff)
        .values(resource_id=resource_id, during=func.tstzrange(start, end), reason=reason)
        .returning(TimeOff.id)
    )
    time_off_id: int = made.scalar_one()
    await _take_time_off(session, time_off_id, resource_id, start, end, now=now)
    return time_off_id


async def update_time_off(
    session: AsyncSession,
    time_off_id: int,
    *,
    start: datetime | None,
    end: datetime | None,
    reason: str | None,
    now: datetime,
) -> None:
    """It is at another time, or for another reason. Raises: TimeOffNotFound, Invalid, StillBooked."""
    found = (
        await session.execute(
            select(
                TimeOff.resource_id,
                func.lower(TimeOff.during, type_=DateTime(timezone=True)),
                func.upper(TimeOff.during, type_=DateTime(timezone=True)),
                TimeOff.reason,
            )
            .where(TimeOff.id == time_off_id)
            .with_for_update()
        )
    ).one_or_none()
    if found is None:
        raise TimeOffNotFound
    resource_id, old_start, old_end, old_reason = found
    begin, until = start or old_start, end or old_end
    if not begin < until:
        raise Invalid("Time off ends after it begins.", field="end")
    await session.execute(delete(Allocation).where(Allocation.time_off_id == time_off_id))
    await session.execute(
        update(TimeOff)
        .where(TimeOff.id == time_off_id)
        .values(during=func.tstzrange(begin, until), reason=old_reason if reason is None else reason)
        .execution_options(synchronize_session=False)
    )
    await _take_time_off(session, time_off_id, resource_id, begin, until, now=now)


async def delete_time_off(session: AsyncSession, time_off_id: int) -> None:
    """The resource is there again. Raises: TimeOffNotFound."""
    gone = await session.execute(delete(TimeOff).where(TimeOff.id == time_off_id).returning(TimeOff.resource_id))
    resource_id = gone.scalar_one_or_none()
    if resource_id is None:
        raise TimeOffNotFound
    await mark_changed(session, [resource_id])


async def _take_time_off(
    session: AsyncSession, time_off_id: int, resource_id: int, start: datetime, end: datetime, *, now: datetime
) -> None:
    in_the_way = [one for one in await taken(of(session), [resource_id], start, end, now=now) if one.is_over]
    changed = await clear(session, in_the_way, now=now)
    if (await session.execute(_TAKE, {"id": time_off_id})).first() is None:
        raise StillBooked(field="start")
    await mark_changed(session, changed | {resource_id})


async def create_service(
    session: AsyncSession,
    variant_id: int,
    values: Mapping[str, Any],
    roles: Sequence[Sequence[int]],
    terms: Terms | None,
) -> int:
    """The variant can be booked. Each role is filled by one of its resources; the first role leads.

    Raises: NotFound for the variant, Invalid (REQUIRED, INVALID, UNIQUE), PractitionerNotFound.
    """
    if await session.get(Variant, variant_id) is None:
        raise NotFound("There is no such variant.", field="variantId")
    known = select(Service.id).where(Service.variant_id == variant_id)
    if (await session.execute(known)).first() is not None:
        raise Invalid("The variant can be booked already.", field="variantId", code="UNIQUE")
    checked = _checked_service(values)
    if "duration_min" not in checked:
        raise Invalid("A duration is needed.", field="durationMinutes", code="REQUIRED")
    if not roles:
        raise Invalid("Somebody has to do it.", field="roles", code="REQUIRED")
    made = await session.execute(insert(Service).values(variant_id=variant_id, **checked).returning(Service.id))
    service_id: int = made.scalar_one()
    await _set_roles(session, service_id, roles)
    if terms is not None:
        await _set_terms(session, service_id, terms)
    return service_id


async def update_service(
    session: AsyncSession,
    service_id: int,
    values: Mapping[str, Any],
    roles: Sequence[Sequence[int]] | None,
    terms: Terms | None,
) -> None:
    """The service has these values; what was booked keeps what it was sold with. Raises: as `create_service`."""
    if await session.get(Service, service_id) is None:
        raise ServiceNotFound(field="id")
    if checked := _checked_service(values):
        await session.execute(
            update(Service)
            .where(Service.id == service_id)
            .values(**checked, updated_at=func.now())
            .execution_options(synchronize_session=False)
        )
    if roles is not None:
        if not roles:
            raise Invalid("Somebody has to do it.", field="roles", code="REQUIRED")
        await session.execute(delete(ServiceRole).where(ServiceRole.service_id == service_id))
        await _set_roles(session, service_id, roles)
    if terms is not None:
        await _set_terms(session, service_id, terms)


async def delete_service(session: AsyncSession, service_id: int) -> None:
    """The variant cannot be booked any more; what was booked stays. Raises: ServiceNotFound."""
    if await session.get(Service, service_id) is None:
        raise ServiceNotFound(field="id")
    await _delete_or(session, delete(Service).where(Service.id == service_id), _retire(Service, service_id))


async def _set_roles(session: AsyncSession, service_id: int, roles: Sequence[Sequence[int]]) -> None:
    wanted = {key for role in roles for key in role}
    rows = await session.execute(select(Resource.id, Resource.kind).where(Resource.id.in_(wanted)))
    kinds: dict[int, str] = {row[0]: row[1] for row in rows}
    for position, keys in enumerate(roles):
        if not keys or not kinds.keys() >= set(keys):
            raise PractitionerNotFound(field="roles")
        if len({kinds[key] for key in keys}) > 1:
            raise Invalid("One role is filled by people, by rooms or by devices, not by a mixture.", field="roles")
        made = await session.execute(
            insert(ServiceRole)
            .values(service_id=service_id, name=f"{position + 1}", kind=kinds[keys[0]], position=position)
            .returning(ServiceRole.id)
        )
        role_id = made.scalar_one()
        await session.execute(
            insert(RoleResource),
            [
                {"role_id": role_id, "resource_id": key, "kind": kinds[key], "sort_order": order}
                for order, key in enumerate(dict.fromkeys(keys))
            ],
        )


async def _set_terms(session: AsyncSession, service_id: int, terms: Terms) -> None:
    """The service has terms of its own: a policy by the service's name."""
    percentages = [percent for _, percent in terms.tiers] + [terms.no_show_percent]
    if any(not 0 <= percent <= 100 for percent in percentages):
        raise Invalid("A part of a price is between 0 and 100 percent.", field="cancellationTerms")
    if any(notice < 0 for notice, _ in terms.tiers) or (terms.fee is not None and terms.fee.amount < 0):
        raise Invalid("Notice and fee are zero or more.", field="cancellationTerms")
    columns = {
        "fee_amount": None if terms.fee is None else terms.fee.amount,
        "fee_currency": None if terms.fee is None else terms.fee.currency,
        "no_show_percent": terms.no_show_percent,
    }
    slug = f"service-{service_id}"
    statement = upsert(CancellationPolicy).values(name=slug, slug=slug, **columns)
    made = await session.execute(
        statement.on_conflict_do_update(index_elements=["slug"], set_=columns).returning(CancellationPolicy.id)
    )
    policy_id = made.scalar_one()
    await session.execute(delete(CancellationTier).where(CancellationTier.policy_id == policy_id))
    if terms.tiers:
        await session.execute(
            insert(CancellationTier),
            [
                {"policy_id": policy_id, "min_notice_min": notice, "percent": percent}
                for notice, percent in dict(terms.tiers).items()
            ],
        )
    await session.execute(
        update(Service)
        .where(Service.id == service_id)
        .values(policy_id=policy_id)
        .execution_options(synchronize_session=False)
    )


async def _resource(session: AsyncSession, resource_id: int) -> None:
    if (await session.execute(select(Resource.id).where(Resource.id == resource_id))).first() is None:
        raise PractitionerNotFound


async def _check_place(session: AsyncSession, values: Mapping[str, Any]) -> None:
    if values.get("location_id") is not None:
        await known_location(session, values["location_id"], field="locationId")


def _checked_service(values: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(values)
    for column, (name, least, most) in _LIMITS.items():
        value = checked.get(column)
        if value is not None and not least <= value <= most:
            raise Invalid(f"This is a number between {least} and {most}.", field=name)
    kind = checked.get("deposit_kind")
    amount, percent = checked.get("deposit_amount"), checked.get("deposit_percent")
    if kind is None:
        if amount is not None or percent is not None:
            raise Invalid("Say what kind of deposit it is.", field="depositKind", code="REQUIRED")
        return checked
    if kind == "FIXED" and (amount is None or amount <= 0 or checked.get("deposit_currency") is None):
        raise Invalid("A fixed deposit is an amount above zero in a currency.", field="depositAmount")
    if kind == "PERCENT" and (percent is None or not 0 < percent < 100):
        raise Invalid("A deposit is a part of the price, between 0 and 100 percent.", field="depositPercent")
    if kind != "FIXED":
        checked |= {"deposit_amount": None, "deposit_currency": None}
    if kind != "PERCENT":
        checked["deposit_percent"] = None
    return checked


def _windows(hours: Hours, *, field: str) -> list[dict[str, str]]:
    for opens, closes in hours:
        try:
            parsed_hours(opens, closes)
        except Invalid as error:
            raise Invalid(error.message, field=field) from None
    # Of two windows with one beginning the longer one says all.
    longest: dict[str, str] = {}
    for opens, closes in hours:
        longest[opens] = max(closes, longest.get(opens, closes))
    return [{"opens": opens, "closes": closes} for opens, closes in sorted(longest.items())]


def _retire(model: type[Resource | Service], key: int) -> Any:
    return (
        update(model)
        .where(model.id == key)
        .values(is_active=False, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def _delete_or(session: AsyncSession, removal: Any, instead: Any) -> None:
    try:
        async with session.begin_nested():
            await session.execute(removal)
    except Exception as error:
        if sqlstate(error) not in _REFERRED_TO:
            raise
        await session.execute(instead)
