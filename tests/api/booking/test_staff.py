"""Staff sets up what can be booked: each mutation's happy path, its refusals, and who may."""

from datetime import timedelta
from typing import Any

import pytest

from shop.kit import ids
from tests.api.booking.test_bookings import STAFF, Clinic, book, callers, in_two_days, open_clinic, row, slots
from tests.api.client import Api

PRACTITIONER = """id name slug kind timezone isActive location { name }
  weeklyHours { weekday hours { opens closes } } dateHours { date hours { opens closes } } timeOff { id reason }"""
SERVICE = """id name durationMinutes stepMinutes capacity depositKind depositPercent isActive practitioners { name }
  cancellationTerms { tiers { minNoticeMinutes percent } fee { amount } noShowPercent }"""
TIME_OFF = "id start end reason"
DOCUMENTS = {
    "practitionerCreate": ("$kind: BookingResourceKind!, $input: PractitionerInput!", "kind: $kind, input: $input"),
    "practitionerUpdate": ("$id: ID!, $input: PractitionerInput!", "id: $id, input: $input"),
    "practitionerDelete": ("$id: ID!", "id: $id"),
    "practitionerScheduleUpdate": ("$id: ID!, $input: ScheduleInput!", "id: $id, input: $input"),
    "bookableServiceCreate": (
        "$variantId: ID!, $input: BookableServiceInput!",
        "variantId: $variantId, input: $input",
    ),
    "bookableServiceUpdate": ("$id: ID!, $input: BookableServiceInput!", "id: $id, input: $input"),
    "bookableServiceDelete": ("$id: ID!", "id: $id"),
    "timeOffCreate": ("$practitionerId: ID!, $input: TimeOffInput!", "practitionerId: $practitionerId, input: $input"),
    "timeOffUpdate": ("$id: ID!, $input: TimeOffInput!", "id: $id, input: $input"),
    "timeOffDelete": ("$id: ID!", "id: $id"),
    "bookingLocationCreate": ("$input: BookingLocationInput!", "input: $input"),
    "bookingLocationUpdate": ("$id: ID!, $input: BookingLocationInput!", "id: $id, input: $input"),
    "bookingLocationDelete": ("$id: ID!", "id: $id"),
    "bookingHolidayCreate": ("$input: BookingHolidayInput!, $locationId: ID", "input: $input, locationId: $locationId"),
    "bookingHolidayUpdate": ("$id: ID!, $input: BookingHolidayInput!", "id: $id, input: $input"),
    "bookingHolidayDelete": ("$id: ID!", "id: $id"),
}
RESULTS = {
    "practitioner": PRACTITIONER,
    "bookableService": SERVICE,
    "timeOff": TIME_OFF,
    "bookingLocation": "id name slug timezone",
    "bookingHoliday": "id date name location { name }",
}
FIELDS = {"bookableService": "service", "bookingLocation": "location", "bookingHoliday": "holiday"}


def query(name: str) -> str:
    declared, passed = DOCUMENTS[name]
    kind = next(kind for kind in RESULTS if name.startswith(kind))
    result = FIELDS.get(kind, kind)
    return f"mutation M({declared}) {{ {name}({passed}) {{ {result} {{ {RESULTS[kind]} }} errors {{ field code }} }} }}"


class Desk:
    """Sends a mutation as staff; the answer is its object, or its errors as pairs."""

    def __init__(self, api: Api, token: str) -> None:
        self.api, self.token = api, token

    async def __call__(self, name: str, **variables: Any) -> Any:
        payload = (await self.api(query(name), variables, token=self.token)).data[name]
        errors = [(error["field"], error["code"]) for error in payload.pop("errors")]
        (made,) = payload.values()
        assert (made is None) is bool(errors)
        return made or errors


@pytest.fixture
async def desk(api: Api) -> Desk:
    return Desk(api, await api.login("boss@example.com", *STAFF))


def practitioner_id(place: Clinic) -> str:
    return ids.encode("Practitioner", place.resource_id)


async def test_a_clinic_is_set_up_by_the_api_alone(api: Api, desk: Desk) -> None:
    place = await open_clinic(api)
    (variant_id,) = await row(api, "SELECT id FROM catalogue_variant LIMIT 1")
    await desk("bookableServiceDelete", id=ids.encode("BookableService", place.service_id))
    hands = await desk(
        "practitionerCreate", kind="PRACTITIONER", input={"name": "Example practitioner A", "timezone": "UTC"}
    )
    assert (hands["slug"], hands["kind"], hands["isActive"]) == ("example-practitioner-a", "PRACTITIONER", True)
    room = await desk("practitionerCreate", kind="ROOM", input={"name": "Room 1", "timezone": "UTC", "slug": "room-1"})
    tomorrow = (in_two_days(0) + timedelta(days=1)).date()
    scheduled = await desk(
        "practitionerScheduleUpdate",
        id=hands["id"],
        input={
            "weekly": [{"weekday": day, "hours": [{"opens": "09:00", "closes": "11:00"}]} for day in range(1, 8)],
            "dates": [{"date": str(tomorrow), "hours": []}],
        },
    )
    assert scheduled["weeklyHours"][6] == {"weekday": 7, "hours": [{"opens": "09:00", "closes": "11:00"}]}
    assert scheduled["dateHours"] == [{"date": str(tomorrow), "hours": []}]
    service = await desk(
        "bookableServiceCreate",
        variantId=ids.encode("ProductVariant", variant_id),
        input={
            "durationMinutes": 60,
            "stepMinutes": 30,
            "depositKind": "PERCENT",
            "depositPercent": 25,
            "roles": [[hands["id"]], [room["id"]]],
            "cancellationTerms": {
                "tiers": [{"minNoticeMinutes": 1440, "percent": 100}],
                "feeAmount": 5,
                "feeCurrency": "USD",
                "noShowPercent": 80,
            },
        },
    )
    assert service["practitioners"] == [{"name": "Example practitioner A"}]
    assert service["cancellationTerms"] == {
        "tiers": [{"minNoticeMinutes": 1440, "percent": 100}],
        "fee": {"amount": 5},
        "noShowPercent": 80,
    }
    assert [slot["localStart"][11:] for slot in await slots(api, place)] == ["09:00", "09:30", "10:00"]
    off = await desk(
        "timeOffCreate",
        practitionerId=hands["id"],
        input={"start": in_two_days(10).isoformat(), "end": in_two_days(12).isoformat(), "reason": "Away"},
    )
    assert [slot["localStart"][11:] for slot in await slots(api, place)] == ["09:00"]
    moved = await desk("timeOffUpdate", id=off["id"], input={"start": in_two_days(11).isoformat()})
    assert (moved["start"], moved["end"], moved["reason"]) == (
        in_two_days(11).isoformat(),
        in_two_days(12).isoformat(),
        "Away",
    )
    assert len(await slots(api, place)) == 3
    await desk("timeOffDelete", id=off["id"])
    changed = await desk("bookableServiceUpdate", id=service["id"], input={"durationMinutes": 120})
    assert changed["durationMinutes"] == 120
    assert [slot["localStart"][11:] for slot in await slots(api, place)] == ["09:00"]
    renamed = await desk("practitionerUpdate", id=hands["id"], input={"name": "Example practitioner B"})
    assert (renamed["name"], renamed["slug"]) == ("Example practitioner B", "example-practitioner-a")
    await desk("practitionerScheduleUpdate", id=hands["id"], input={"weekly": []})
    assert await slots(api, place) == []


async def test_nobody_is_sent_away_or_removed_who_is_expected(api: Api, desk: Desk) -> None:
    place = await open_clinic(api)
    await book(api, place, in_two_days(9))
    span = {"start": in_two_days(8).isoformat(), "end": in_two_days(10).isoformat()}
    assert await desk("timeOffCreate", practitionerId=practitioner_id(place), input=span) == [("start", "STILL_BOOKED")]
    assert await desk("practitionerDelete", id=practitioner_id(place)) == [("id", "STILL_BOOKED")]
    assert await row(api, "SELECT count(*) FROM booking_time_off") == (0,)
    service = await desk("bookableServiceDelete", id=ids.encode("BookableService", place.service_id))
    assert service["durationMinutes"] == 60
    # It has a history: it stays for that, and is not offered.
    assert await row(api, "SELECT count(*), bool_or(is_active) FROM booking_service") == (1, False)
    assert await slots(api, place) == []


async def test_a_practitioner_without_a_history_is_gone(api: Api, desk: Desk) -> None:
    made = await desk("practitionerCreate", kind="DEVICE", input={"name": "Laser", "timezone": "UTC"})
    assert (await desk("practitionerDelete", id=made["id"]))["name"] == "Laser"
    assert await row(api, "SELECT count(*) FROM booking_resource") == (0,)


async def test_places_and_holidays_close_calendars(api: Api, desk: Desk) -> None:
    place = await open_clinic(api)
    day = str(in_two_days(0).date())
    assert len(await slots(api, place)) == 7
    house = await desk("bookingLocationCreate", input={"name": "House A", "timezone": "Europe/Berlin"})
    assert (house["slug"], house["timezone"]) == ("house-a", "Europe/Berlin")
    other = await desk("bookingLocationCreate", input={"name": "House A", "timezone": "UTC"})
    assert other["slug"] == "house-a-2"
    there = await desk("bookingHolidayCreate", input={"date": day, "name": "Building works"}, locationId=other["id"])
    assert (there["date"], there["location"]) == (day, {"name": "House A"})
    assert len(await slots(api, place)) == 7
    moved = await desk("practitionerUpdate", id=practitioner_id(place), input={"locationId": other["id"]})
    assert moved["location"] == {"name": "House A"}
    assert await slots(api, place) == []
    # What is booked stays, and hours of that date win.
    open_all_the_same = {"dates": [{"date": day, "hours": [{"opens": "09:00", "closes": "10:00"}]}]}
    await desk("practitionerScheduleUpdate", id=practitioner_id(place), input=open_all_the_same)
    assert len(await slots(api, place)) == 1
    await desk("practitionerScheduleUpdate", id=practitioner_id(place), input={"dates": [{"date": day}]})
    later = str((in_two_days(0) + timedelta(days=7)).date())
    renamed = await desk("bookingHolidayUpdate", id=there["id"], input={"date": later, "name": "Works"})
    assert (renamed["date"], renamed["name"]) == (later, "Works")
    assert len(await slots(api, place)) == 7
    everywhere = await desk("bookingHolidayCreate", input={"date": day, "name": "New year"}, locationId=None)
    assert everywhere["location"] is None
    assert await slots(api, place) == []
    listed = "{ bookingHolidays(first: 5%s) { totalCount edges { node { name date location { slug } } } } }"
    assert (await api(listed % "")).data["bookingHolidays"] == {
        "totalCount": 2,
        "edges": [
            {"node": {"name": "New year", "date": day, "location": None}},
            {"node": {"name": "Works", "date": later, "location": {"slug": "house-a-2"}}},
        ],
    }
    for span, count in ((f', from: "{later}"', 1), (f', to: "{later}"', 1), (f', from: "{day}", to: "{day}"', 0)):
        assert (await api(listed % span)).data["bookingHolidays"]["totalCount"] == count, span
    await desk("bookingHolidayDelete", id=everywhere["id"])
    assert len(await slots(api, place)) == 7
    changed = await desk("bookingLocationUpdate", id=other["id"], input={"name": "House B", "slug": "house-b"})
    assert (changed["name"], changed["slug"]) == ("House B", "house-b")
    assert (await desk("bookingLocationDelete", id=other["id"]))["name"] == "House B"
    # Its holidays went with it; whoever was there can be booked.
    assert await row(api, "SELECT count(*) FROM booking_holiday") == (0,)
    shown = """{ bookingLocations(first: 5) { totalCount edges { node { name } } }
      practitioners(first: 5) { edges { node { location { name } } } } }"""
    assert (await api(shown)).data == {
        "bookingLocations": {"totalCount": 1, "edges": [{"node": {"name": "House A"}}]},
        "practitioners": {"edges": [{"node": {"location": None}}]},
    }


HOURS = [{"opens": "09:00", "closes": "17:00"}]


@pytest.mark.parametrize(
    ("name", "variables", "errors"),
    [
        ("practitionerCreate", {"input": {"timezone": "UTC"}}, [("name", "REQUIRED")]),
        ("practitionerCreate", {"input": {"name": "A"}}, [("timezone", "REQUIRED")]),
        ("practitionerCreate", {"input": {"name": "A", "timezone": "Mars/Base"}}, [("timezone", "INVALID")]),
        ("practitionerCreate", {"input": {"name": "A", "timezone": "UTC", "slug": "A B"}}, [("slug", "INVALID")]),
        ("practitionerCreate", {"input": {"name": "x" * 300, "timezone": "UTC"}}, [("name", "INVALID")]),
        ("practitionerCreate", {"input": {"name": "A", "timezone": "UTC", "slug": "TAKEN"}}, [("slug", "UNIQUE")]),
        ("practitionerUpdate", {"id": "MISSING", "input": {}}, [("id", "NOT_FOUND")]),
        ("practitionerUpdate", {"id": "x", "input": {}}, [("id", "GRAPHQL_ERROR")]),
        ("practitionerUpdate", {"id": "HANDS", "input": {"name": " "}}, [("name", "REQUIRED")]),
        ("practitionerDelete", {"id": "MISSING"}, [("id", "NOT_FOUND")]),
        ("practitionerScheduleUpdate", {"id": "MISSING", "input": {}}, [("id", "NOT_FOUND")]),
        (
            "practitionerScheduleUpdate",
            {"id": "HANDS", "input": {"weekly": [{"weekday": 8, "hours": HOURS}]}},
            [("weekly", "INVALID")],
        ),
        (
            "practitionerScheduleUpdate",
            {"id": "HANDS", "input": {"weekly": [{"weekday": 1, "hours": [{"opens": "17:00", "closes": "9:00"}]}]}},
            [("weekly", "INVALID")],
        ),
        (
            "practitionerScheduleUpdate",
            {
                "id": "HANDS",
                "input": {"dates": [{"date": "2030-01-01", "hours": [{"opens": "9", "closes": "10"}]}]},
            },
            [("dates", "INVALID")],
        ),
        ("bookableServiceCreate", {"variantId": "MISSING", "input": {}}, [("variantId", "GRAPHQL_ERROR")]),
        ("bookableServiceCreate", {"variantId": "NO VARIANT", "input": {}}, [("variantId", "NOT_FOUND")]),
        ("bookableServiceCreate", {"variantId": "VARIANT", "input": {}}, [("variantId", "UNIQUE")]),
        ("bookableServiceUpdate", {"id": "NO SERVICE", "input": {}}, [("id", "NOT_FOUND")]),
        ("bookableServiceUpdate", {"id": "SERVICE", "input": {"durationMinutes": 0}}, [("durationMinutes", "INVALID")]),
        ("bookableServiceUpdate", {"id": "SERVICE", "input": {"capacity": 5000}}, [("capacity", "INVALID")]),
        ("bookableServiceUpdate", {"id": "SERVICE", "input": {"roles": []}}, [("roles", "REQUIRED")]),
        ("bookableServiceUpdate", {"id": "SERVICE", "input": {"roles": [["MISSING"]]}}, [("roles", "NOT_FOUND")]),
        ("bookableServiceUpdate", {"id": "SERVICE", "input": {"depositKind": "FIXED"}}, [("depositAmount", "INVALID")]),
        ("bookableServiceUpdate", {"id": "SERVICE", "input": {"depositPercent": 5}}, [("depositKind", "REQUIRED")]),
        (
            "bookableServiceUpdate",
            {"id": "SERVICE", "input": {"depositKind": "PERCENT", "depositPercent": 100}},
            [("depositPercent", "INVALID")],
        ),
        (
            "bookableServiceUpdate",
            {"id": "SERVICE", "input": {"cancellationTerms": {"tiers": [{"minNoticeMinutes": 1, "percent": 101}]}}},
            [("cancellationTerms", "INVALID")],
        ),
        (
            "bookableServiceUpdate",
            {"id": "SERVICE", "input": {"cancellationTerms": {"tiers": [], "feeAmount": 1}}},
            [("cancellationTerms", "INVALID")],
        ),
        ("bookableServiceDelete", {"id": "NO SERVICE"}, [("id", "NOT_FOUND")]),
        ("timeOffCreate", {"practitionerId": "HANDS", "input": {}}, [("start", "REQUIRED")]),
        (
            "timeOffCreate",
            {"practitionerId": "HANDS", "input": {"start": "2030-01-02T00:00:00Z", "end": "2030-01-01T00:00:00Z"}},
            [("end", "INVALID")],
        ),
        (
            "timeOffCreate",
            {"practitionerId": "MISSING", "input": {"start": "2030-01-01T00:00:00Z", "end": "2030-01-02T00:00:00Z"}},
            [("id", "NOT_FOUND")],
        ),
        ("timeOffUpdate", {"id": "NO TIME OFF", "input": {}}, [("id", "NOT_FOUND")]),
        ("timeOffDelete", {"id": "NO TIME OFF"}, [("id", "NOT_FOUND")]),
        ("practitionerUpdate", {"id": "HANDS", "input": {"locationId": "NO PLACE"}}, [("locationId", "NOT_FOUND")]),
        ("practitionerUpdate", {"id": "HANDS", "input": {"locationId": "x"}}, [("locationId", "GRAPHQL_ERROR")]),
        ("bookingLocationCreate", {"input": {"timezone": "UTC"}}, [("name", "REQUIRED")]),
        ("bookingLocationCreate", {"input": {"name": "A", "timezone": "Mars/Base"}}, [("timezone", "INVALID")]),
        ("bookingLocationCreate", {"input": {"name": "A", "timezone": "UTC", "slug": "MAIN"}}, [("slug", "UNIQUE")]),
        ("bookingLocationUpdate", {"id": "NO PLACE", "input": {}}, [("id", "NOT_FOUND")]),
        ("bookingLocationUpdate", {"id": "x", "input": {}}, [("id", "GRAPHQL_ERROR")]),
        ("bookingLocationDelete", {"id": "NO PLACE"}, [("id", "NOT_FOUND")]),
        ("bookingHolidayCreate", {"input": {"name": "A"}}, [("date", "REQUIRED")]),
        ("bookingHolidayCreate", {"input": {"date": "2030-01-02", "name": " "}}, [("name", "REQUIRED")]),
        ("bookingHolidayCreate", {"input": {"date": "2030-01-01", "name": "A"}}, [("date", "UNIQUE")]),
        (
            "bookingHolidayCreate",
            {"input": {"date": "2030-01-02", "name": "A"}, "locationId": "NO PLACE"},
            [("locationId", "NOT_FOUND")],
        ),
        ("bookingHolidayUpdate", {"id": "NO HOLIDAY", "input": {}}, [("id", "NOT_FOUND")]),
        ("bookingHolidayUpdate", {"id": "HOLIDAY", "input": {"date": "2031-01-01"}}, [("date", "UNIQUE")]),
        ("bookingHolidayUpdate", {"id": "HOLIDAY", "input": {"name": "x" * 300}}, [("name", "INVALID")]),
        ("bookingHolidayDelete", {"id": "NO HOLIDAY"}, [("id", "NOT_FOUND")]),
    ],
)
async def test_what_is_refused_changes_nothing(
    api: Api, desk: Desk, name: str, variables: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    place = await open_clinic(api)
    await desk("practitionerCreate", kind="ROOM", input={"name": "Taken", "slug": "taken", "timezone": "UTC"})
    await desk("bookingLocationCreate", input={"name": "Main", "timezone": "UTC"})
    holiday = await desk("bookingHolidayCreate", input={"date": "2030-01-01", "name": "New year"}, locationId=None)
    await desk("bookingHolidayCreate", input={"date": "2031-01-01", "name": "New year"}, locationId=None)
    known = {
        "NO PLACE": ids.encode("BookingLocation", 999_999),
        "NO HOLIDAY": ids.encode("BookingHoliday", 999_999),
        "HOLIDAY": holiday["id"],
        "MAIN": "main",
        "HANDS": practitioner_id(place),
        "SERVICE": ids.encode("BookableService", place.service_id),
        "VARIANT": place.variant,
        "MISSING": ids.encode("Practitioner", 999_999),
        "NO VARIANT": ids.encode("ProductVariant", 999_999),
        "NO SERVICE": ids.encode("BookableService", 999_999),
        "NO TIME OFF": ids.encode("TimeOff", 999_999),
        "TAKEN": "taken",
    }

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [filled(one) for one in value]
        return known.get(value, value) if isinstance(value, str) else value

    count = (
        "SELECT count(*), sum(calendar_version), (SELECT sum(duration_min) FROM booking_service),"
        " (SELECT string_agg(day || name, ',') FROM booking_holiday), (SELECT count(*) FROM booking_location)"
        " FROM booking_resource"
    )
    before = await row(api, count)
    more = {"kind": "PRACTITIONER"} if name == "practitionerCreate" else {}
    assert await desk(name, **more, **filled(variables)) == errors
    assert await row(api, count) == before


@pytest.mark.parametrize("name", list(DOCUMENTS))
async def test_only_staff_with_the_permission_sets_things_up(api: Api, name: str) -> None:
    place = await open_clinic(api)
    variables: dict[str, Any] = {
        "id": practitioner_id(place),
        "practitionerId": practitioner_id(place),
        "variantId": place.variant,
        "kind": "ROOM",
        "input": {"name": "Example", "timezone": "UTC"} if name == "practitionerCreate" else {},
    }
    declared = DOCUMENTS[name][0]
    needed = {key: value for key, value in variables.items() if f"${key}:" in declared}
    for caller, token in (await callers(api)).items():
        if caller == "permitted":
            continue
        reply = await api(query(name), needed, token=token)
        assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied", caller
    assert await row(api, "SELECT count(*) FROM booking_resource") == (1,)


async def test_lists_cost_the_same_for_one_and_for_many(api: Api, desk: Desk) -> None:
    services = """{ bookableServices(first: 50) { edges { node { name practitioners { name weeklyHours { weekday } }
      cancellationTerms { noShowPercent } } } } }"""
    people = (
        "{ practitioners(first: 50) { totalCount edges { node { name location { name } weeklyHours { weekday }"
        " dateHours { date } } } } bookingHolidays(first: 50) { edges { node { location { name } } } } }"
    )
    place = await open_clinic(api)
    house = await desk("bookingLocationCreate", input={"name": "House", "timezone": "UTC"})
    await desk("practitionerUpdate", id=practitioner_id(place), input={"locationId": house["id"]})
    await desk("bookingHolidayCreate", input={"date": "2030-01-01", "name": "New year"}, locationId=house["id"])
    few = [(await api(text, token=desk.token)).statements for text in (services, people)]
    for number in range(5):
        made = await desk(
            "practitionerCreate", kind="PRACTITIONER", input={"name": f"Example {number}", "timezone": "UTC"}
        )
        await desk("practitionerScheduleUpdate", id=made["id"], input={"weekly": [{"weekday": 1, "hours": HOURS}]})
        await desk("bookingHolidayCreate", input={"date": f"203{number}-06-01", "name": "A"}, locationId=house["id"])
    many = [await api(text, token=desk.token) for text in (services, people)]
    assert [reply.statements for reply in many] == few
    assert many[1].data["practitioners"]["totalCount"] == 6
    # The public sees what a channel sells, and nothing without one.
    sold = '{ bookableServices(channel: "default-channel", first: 5) { totalCount edges { node { variantId } } } }'
    assert (await api(sold)).data["bookableServices"] == {
        "totalCount": 1,
        "edges": [{"node": {"variantId": place.variant}}],
    }
    assert (await api(services)).errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
