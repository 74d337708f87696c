"""The next moment that stands in a table, for those who keep what depends on the clock."""

from typing import Any

from sqlalchemy import DateTime, Select, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute

_NOW = bindparam("now", type_=DateTime(timezone=True))


def next_moment(*columns: InstrumentedAttribute[Any]) -> Select[Any]:
    """The first moment after `now` in any of the columns, as `at`; NULL if there is none."""
    firsts = [select(func.min(column)).where(column > _NOW).scalar_subquery() for column in columns]
    return select(func.least(*firsts).label("at"))
