"""The log's line for a request: where it went, but no address that is a secret."""

import httpx
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from shop.web.metrics import Traffic
from shop.web.requests import RequestLog


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/graphql/", "/graphql/"),
        ("/calendars/a-secret.ics", "/calendars/…"),
        ("/bookings/7d0c0de4-0000-4000-8000-000000000000/appointment.ics", "/bookings/…"),
    ],
)
async def test_secrets_in_addresses_stay_out_of_the_log(path: str, logged: str) -> None:
    app = RequestLog(Starlette(), timing=False, traffic=Traffic())
    transport = httpx.ASGITransport(app=app)
    with capture_logs() as lines:
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            await client.get(path)
    (line,) = lines
    assert (line["path"], line["status"]) == (logged, 404)
