"""How long to wait before the next look or the next attempt: half a minute, doubled each time, a quarter of an hour."""

from typing import Final

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

_FIRST_SECONDS: Final = 30
_LONGEST_SECONDS: Final = 900
# 2 ** 5 * 30 s is beyond the longest pause already; a larger power would only overflow one day.
_MOST_DOUBLINGS: Final = 5


def pause_after(attempts: InstrumentedAttribute[int]) -> ColumnElement[object]:
    """The pause after so many attempts, as an interval of the database."""
    seconds = func.least(_LONGEST_SECONDS, _FIRST_SECONDS * func.power(2, func.least(_MOST_DOUBLINGS, attempts)))
    return func.make_interval(0, 0, 0, 0, 0, 0, seconds)
