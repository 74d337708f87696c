"""Ranges of time as columns: aware UTC, half open, never empty or without an end."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import mapped_column

During = Annotated[Range[datetime], mapped_column(TSTZRANGE)]


def half_open(column: str) -> CheckConstraint:
    """The column is a bounded `[start, end)` that holds at least an instant."""
    return CheckConstraint(
        f"lower_inc({column}) AND NOT upper_inc({column}) AND NOT upper_inf({column})", name=f"{column}_half_open"
    )


def wall_clock(*, name: str = "wall_clock") -> CheckConstraint:
    """`opens` and `closes` are `HH:MM`; a window may run past midnight, up to 48:00."""
    hour, minute = "([01][0-9]|2[0-3])", "[0-5][0-9]"
    return CheckConstraint(
        f"opens ~ '^{hour}:{minute}$' AND closes ~ '^([0-3][0-9]|4[0-7]):{minute}$|^48:00$' AND opens < closes",
        name=name,
    )
