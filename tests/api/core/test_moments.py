"""Moments on the wire: written quickly where they come from the database, and always as `isoformat` writes them."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from graphql import GraphQLScalarType

from shop.api.core.schema import make_schema
from shop.kit.settings import ExecutionMode

_DATE_TIME = make_schema(ExecutionMode.ENGINE)._schema.type_map["DateTime"]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-29T01:30:00+00:00"),
        (datetime(2026, 3, 29, 1, 30, 5, 70, tzinfo=UTC), "2026-03-29T01:30:05.000070+00:00"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00+00:00"),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "9999-12-31T23:59:59.999999+00:00"),
        (datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2))), "2026-03-29T03:30:00+02:00"),
        (datetime(1900, 1, 1, tzinfo=ZoneInfo("Europe/Amsterdam")), "1900-01-01T00:00:00+00:19:32"),
    ],
)
def test_a_moment_is_written_as_iso_8601(moment: datetime, text: str) -> None:
    assert isinstance(_DATE_TIME, GraphQLScalarType)
    assert _DATE_TIME.coerce_output_value(moment) == text == moment.isoformat()
