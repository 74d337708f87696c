"""What the API shows of locations and holidays. Labels are the fields of `api.booking`'s types."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Integer, Select, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.booking.models import Holiday, Location
from shop.kit.pagination import Key, Keyset, Shape

_ids: Final = bindparam("ids", type_=ARRAY(Integer))

_LOCATION: Final[tuple[Any, ...]] = (Location.id.label("pk"), Location.name, Location.slug, Location.timezone)
LOCATIONS_BY_ID: Final = select(*_LOCATION).where(Location.id == any_(_ids))
LOCATION_ORDER: Final = Keyset(Key(Location.id))
LOCATIONS_COUNT: Final = select(func.count().label("total")).select_from(Location)

_HOLIDAY: Final[tuple[Any, ...]] = (Holiday.id.label("pk"), Holiday.location_id, Holiday.day, Holiday.name)
HOLIDAYS_BY_ID: Final = select(*_HOLIDAY).where(Holiday.id == any_(_ids))
HOLIDAY_ORDER: Final = Keyset(Key(Holiday.day), Key(Holiday.id))
_filters: Final[dict[str, ColumnElement[bool]]] = {
    "first_day": Holiday.day >= bindparam("first_day", type_=Date),
    "last_day": Holiday.day < bindparam("last_day", type_=Date),
}


@lru_cache(maxsize=16)
def locations_page(shape: Shape) -> Select[Any]:
    """A page of places, as they were made."""
    return LOCATION_ORDER.window(select(*_LOCATION), shape)


@lru_cache(maxsize=64)
def holidays_page(shape: Shape, filters: tuple[str, ...]) -> Select[Any]:
    """A page of holidays by date, of those that pass the named filters."""
    return HOLIDAY_ORDER.window(select(*_HOLIDAY).where(*(_filters[name] for name in filters)), shape)


@lru_cache(maxsize=4)
def holidays_count(filters: tuple[str, ...]) -> Select[Any]:
    """How many pass the filters."""
    return select(func.count().label("total")).select_from(Holiday).where(*(_filters[name] for name in filters))
