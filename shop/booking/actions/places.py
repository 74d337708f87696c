"""What staff sets up around practitioners: the places where visits happen, and the dates on which nobody is there."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, bindparam, delete, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.calendar import mark_changed
from shop.booking.actions.naming import checked_names, named
from shop.booking.errors import HolidayNotFound, LocationNotFound
from shop.booking.models import Holiday, Location, Resource
from shop.kit.errors import Invalid

_LONGEST_NAME: Final = 250


async def create_location(session: AsyncSession, values: Mapping[str, Any]) -> int:
    """There is such a place; practitioners, rooms and devices are put there one by one.

    Raises: Invalid (REQUIRED, INVALID, UNIQUE), UnknownTimezone.
    """
    row = await named(session, Location, values, otherwise="location")
    return (await session.execute(insert(Location).values(**row).returning(Location.id))).scalar_one()


async def update_location(session: AsyncSession, location_id: int, values: Mapping[str, Any]) -> None:
    """The place has these values. Raises: LocationNotFound, and as `create_location`."""
    checked = await checked_names(session, Location, values, but=location_id)
    await known_location(session, location_id)
    if checked:
        await session.execute(
            update(Location)
            .where(Location.id == location_id)
            .values(**checked)
            .execution_options(synchronize_session=False)
        )


async def delete_location(session: AsyncSession, location_id: int) -> None:
    """The place is gone with its holidays; whoever was there is nowhere in particular. Raises: LocationNotFound."""
    await known_location(session, location_id)
    concerned = await _resources(session, Resource.location_id == location_id)
    await session.execute(delete(Location).where(Location.id == location_id))
    await mark_changed(session, concerned)


async def create_holiday(session: AsyncSession, day: date, name: str, *, location_id: int | None) -> int:
    """On that date the place is closed, or all of them, but for who has hours of that date; what is booked stays.

    Raises: LocationNotFound, Invalid (REQUIRED, INVALID, UNIQUE).
    """
    checked = _checked_name(name)
    if location_id is not None:
        await known_location(session, location_id, field="locationId")
    await _check_free(session, day, location_id, but=None)
    made = await session.execute(
        insert(Holiday).values(day=day, name=checked, location_id=location_id).returning(Holiday.id)
    )
    holiday_id: int = made.scalar_one()
    await _mark_closed(session, location_id)
    return holiday_id


async def update_holiday(session: AsyncSession, holiday_id: int, *, day: date | None, name: str | None) -> None:
    """It is on another date, or is called something else. Raises: HolidayNotFound, Invalid."""
    found = await _holiday(session, holiday_id)
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = _checked_name(name)
    if day is not None and day != found.day:
        await _check_free(session, day, found.location_id, but=holiday_id)
        values["day"] = day
    if values:
        await session.execute(
            update(Holiday)
            .where(Holiday.id == holiday_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        await _mark_closed(session, found.location_id)


async def delete_holiday(session: AsyncSession, holiday_id: int) -> None:
    """The date is as every week. Raises: HolidayNotFound."""
    found = await _holiday(session, holiday_id)
    await session.execute(delete(Holiday).where(Holiday.id == holiday_id))
    await _mark_closed(session, found.location_id)


async def known_location(session: AsyncSession, location_id: int, *, field: str = "id") -> None:
    """Nothing, where there is such a place. Raises: LocationNotFound on `field`."""
    if (await session.execute(select(Location.id).where(Location.id == location_id))).first() is None:
        raise LocationNotFound(field=field)


_HOLIDAY: Final = (
    select(Holiday.day, Holiday.location_id).where(Holiday.id == bindparam("id", type_=Integer)).with_for_update()
)


async def _holiday(session: AsyncSession, holiday_id: int) -> Any:
    found = (await session.execute(_HOLIDAY, {"id": holiday_id})).one_or_none()
    if found is None:
        raise HolidayNotFound
    return found


def _checked_name(name: str) -> str:
    stripped = name.strip()
    if not stripped:
        raise Invalid("A name is needed.", field="name", code="REQUIRED")
    if len(stripped) > _LONGEST_NAME:
        raise Invalid(f"A name holds at most {_LONGEST_NAME} characters.", field="name")
    return stripped


async def _check_free(session: AsyncSession, day: date, location_id: int | None, *, but: int | None) -> None:
    same = select(Holiday.id).where(
        Holiday.day == day, Holiday.location_id.is_not_distinct_from(location_id), Holiday.id.is_distinct_from(but)
    )
    if (await session.execute(same)).first() is not None:
        raise Invalid("The date is a holiday already.", field="date", code="UNIQUE")


async def _mark_closed(session: AsyncSession, location_id: int | None) -> None:
    here = true() if location_id is None else Resource.location_id == location_id
    await mark_changed(session, await _resources(session, here))


async def _resources(session: AsyncSession, concerned: ColumnElement[bool]) -> list[int]:
    return list((await session.execute(select(Resource.id).where(concerned))).scalars())
