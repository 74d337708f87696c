"""`/fhir`: what other systems read is FHIR R5, as the standard's own models say, and is for staff alone."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fhir.resources.appointment import Appointment
from fhir.resources.bundle import Bundle
from fhir.resources.operationoutcome import OperationOutcome
from fhir.resources.schedule import Schedule
from fhir.resources.slot import Slot
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette

from shop.booking.actions import Wish, hold_slots
from shop.booking.rules import BOOKING_CHANGES
from shop.kit import clock
from shop.kit.settings import Settings
from shop.web.fhir.app import Fhir
from shop.web.fhir.resources import STATUSES
from tests import factories as make
from tests.api.client import Api
from tests.database import OneConnectionDatabase
from tests.factories import booking as clinic
from tests.factories import packages

DAY = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)


@pytest.fixture
async def api(database: OneConnectionDatabase, settings: Settings) -> AsyncIterator[Api]:
    """For log-ins."""
    api = Api(settings, database)
    yield api
    await api.close()


@pytest.fixture
async def web(database: OneConnectionDatabase, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=Fhir(settings, database).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as client:
        yield client


async def open_clinic(api: Api) -> tuple[int, str]:
    """A practitioner from nine to eleven, one of whose hours is held, and a booking of each state."""

    async def work(session: AsyncSession) -> tuple[int, str]:
        channel = await make.channel(session)
        practitioner = await clinic.resource(session, hours=(("09:00", "11:00"),), name="Example practitioner A")
        service = await clinic.service(session, channel, [practitioner], duration=60, step=60)
        start = DAY + timedelta(hours=9)
        line = uuid.uuid4()
        await hold_slots(
            session, uuid.uuid4(), [Wish(line, service.id, start)], client="test", limit=5, now=clock.now()
        )
        booking = None
        for number, status in enumerate(sorted(BOOKING_CHANGES)):
            cancelled: dict[str, Any] = {"cancelled_by": "STAFF"} if status == "CANCELLED" else {}
            booking = await packages.visit(
                session,
                service,
                practitioner,
                DAY + timedelta(days=1, hours=number),
                status=status,
                service_snapshot={"name": "Consultation", "resourceName": "Example practitioner A"},
                **cancelled,
            )
        assert booking is not None
        return practitioner.id, str(booking.id)

    return await api.database.run(work)


async def read(web: httpx.AsyncClient, token: str, path: str, **params: Any) -> Any:
    response = await web.get(f"/fhir/{path}", params=params or None, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/fhir+json"
    assert response.headers["cache-control"] == "no-store"
    return response.json()


def entries(answer: Any, kind: type[Any]) -> list[Any]:
    """The resources of a search, each read by the standard's model."""
    Bundle.model_validate(answer)
    assert answer["total"] == len(answer.get("entry", []))
    assert [link["relation"] for link in answer["link"]] == ["self"]
    return [kind.model_validate(entry["resource"]) for entry in answer.get("entry", [])]


async def test_what_staff_reads_is_fhir(api: Api, web: httpx.AsyncClient) -> None:
    id, booking = await open_clinic(api)
    token = await api.login("chief@example.com", "MANAGE_BOOKINGS")
    (calendar,) = entries(await read(web, token, "Schedule"), Schedule)
    assert (calendar.id, calendar.active, calendar.actor[0].reference) == (str(id), True, f"Practitioner/{id}")
    assert Schedule.model_validate(await read(web, token, f"Schedule/{id}")) == calendar
    end = (DAY + timedelta(days=1)).isoformat()
    found = await read(web, token, "Slot", schedule=f"Schedule/{id}", start=[f"ge{DAY.isoformat()}", f"lt{end}"])
    busy, free = entries(found, Slot)
    assert [(busy.status, busy.start), (free.status, free.start)] == [
        ("busy", DAY + timedelta(hours=9)),
        ("free", DAY + timedelta(hours=10)),
    ]
    assert free.schedule.reference == f"Schedule/{id}"
    visits = entries(await read(web, token, "Appointment", actor=f"Practitioner/{id}"), Appointment)
    assert [visit.status for visit in visits] == [STATUSES[status] for status in sorted(BOOKING_CHANGES)]
    assert {visit.participant[0].actor.display for visit in visits} == {"Example practitioner A"}
    one = Appointment.model_validate(await read(web, token, f"Appointment/{booking}"))
    assert one == visits[-1]
    assert entries(await read(web, token, "Appointment", actor="Practitioner/0"), Appointment) == []


async def pages(web: httpx.AsyncClient, token: str, path: str, **params: Any) -> list[list[str]]:
    """The ids of each page, following the links as they are; each page tells the same total."""
    answer = await read(web, token, path, **params)
    found, totals = [], set()
    while True:
        Bundle.model_validate(answer)
        totals.add(answer["total"])
        found.append([entry["resource"]["id"] for entry in answer.get("entry", [])])
        links = {link["relation"]: link["url"] for link in answer["link"]}
        if "next" not in links:
            break
        answer = await read(web, token, links["next"].partition("/fhir/")[2])
    assert totals == {sum(len(page) for page in found)}
    return found


async def test_searches_come_in_pages(api: Api, web: httpx.AsyncClient) -> None:
    id, _ = await open_clinic(api)

    async def more(session: AsyncSession) -> None:
        for number in range(3):
            await clinic.resource(session, name=f"Example practitioner {number}", sort_order=number % 2)

    await api.database.run(more)
    token = await api.login("chief@example.com", "MANAGE_BOOKINGS")
    # Bounds that are not given stay what they were on the first page: nothing is missed or told twice.
    for path, sizes, params in (
        ("Schedule", [3, 1], {}),
        ("Slot", [3, 3, 3], {"schedule": f"Schedule/{id}"}),
        ("Appointment", [3, 3, 3], {"actor": f"Practitioner/{id}"}),
        ("Appointment", [3, 3, 3], {}),
    ):
        (whole,) = await pages(web, token, path, **params)
        found = await pages(web, token, path, _count=3, **params)
        assert [one for page in found for one in page] == whole, path
        assert [len(page) for page in found][: len(sizes)] == sizes, path
    none = await read(web, token, "Appointment", _count=0)
    assert (none["total"], "entry" in none, [link["relation"] for link in none["link"]]) == (9, False, ["self"])
    assert len((await read(web, token, "Appointment", _count="999999999999"))["entry"]) == 9


@pytest.mark.parametrize("path", ["Schedule", "Schedule/1", "Slot", "Appointment", "Appointment/x"])
@pytest.mark.parametrize(
    ("caller", "permissions", "status"),
    [
        (None, (), 401),
        ("customer@example.com", (), 403),
        ("clerk@example.com", ("MANAGE_ORDERS",), 403),
    ],
)
async def test_nobody_else_reads_anything(
    api: Api, web: httpx.AsyncClient, path: str, caller: str | None, permissions: tuple[str, ...], status: int
) -> None:
    headers = {"Authorization": f"Bearer {await api.login(caller, *permissions)}"} if caller else {}
    response = await web.get(f"/fhir/{path}", headers=headers)
    assert response.status_code == status
    assert OperationOutcome.model_validate(response.json()).issue[0].severity == "error"


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("Schedule/0", {}, 404),
        ("Schedule/99999999999999999999", {}, 404),
        ("Schedule/x", {}, 404),
        ("Appointment/x", {}, 404),
        ("Appointment/00000000-0000-4000-8000-000000000000", {}, 404),
        ("Slot", {}, 400),
        ("Slot", {"schedule": "Schedule/0"}, 400),
        ("Appointment", {"date": "tomorrow"}, 400),
        ("Appointment", {"_count": "-1"}, 400),
        ("Appointment", {"_count": "many"}, 400),
        ("Appointment", {"_after": "x"}, 400),
        ("Appointment", {"_after": "2026-06-01~00000000-0000-4000-8000-000000000000"}, 400),
        ("Appointment", {"_after": "2026-06-01T09:00:00Z~1"}, 400),
        ("Schedule", {"_after": "99999999999999999999~1"}, 400),
        ("Schedule", {"_after": "1"}, 400),
        ("Appointment", {"date": "geNaN"}, 400),
        ("Appointment", {"date": ["ge2026-01-01", "lt2026-06-01"]}, 400),
        ("Appointment", {"date": ["ge2026-06-01", "lt2026-01-01"]}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused(
    api: Api, web: httpx.AsyncClient, path: str, params: dict[str, Any], status: int
) -> None:
    token = await api.login("chief@example.com", "MANAGE_BOOKINGS")
    response = await web.get(f"/fhir/{path}", params=params, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == status
    OperationOutcome.model_validate(response.json())
