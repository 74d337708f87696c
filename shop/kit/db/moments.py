"""The next moment that stands in a table, for those who keep what depends on the clock."""

from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, bindparam, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

_NOW = bindparam("now", type_=DateTime(timezone=True))


def next_moment(*columns: InstrumentedAttribute[Any], where: ColumnElement[bool] | None = None) -> Select[Any]:
    """The first moment after `now` in any of the columns, as `at`; NULL if there is none. `where`: of these rows."""
    wanted = true() if where is None else where
    firsts = [select(func.min(column)).where(column > _NOW, wanted).scalar_subquery() for column in columns]
    return select(func.least(*firsts).label("at"))
