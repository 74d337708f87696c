"""One rule: what is listed can be held, what is not listed cannot; whatever the calendar."""

import os
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shop.booking.availability import Occupied, choose, slots
from shop.booking.calendars import Book, Calendar, Hours, Role, ServiceFacts, Taken
from shop.booking.errors import BookingError

FULL = os.environ.get("ROUNDS") == "full"
NOW = datetime(2027, 3, 26, 7, 13, tzinfo=UTC)
# Over the last weekend of March: in Berlin the clocks skip an hour.
BEGIN = datetime(2027, 3, 27, 0, 0, tzinfo=UTC)
END = BEGIN + timedelta(days=3)
WINDOWS = [
    (("09:00", "12:30"),),
    (("08:15", "11:00"), ("13:00", "18:00")),
    (("22:00", "26:30"),),
    (("00:00", "24:00"),),
    (),
]


# Hours of one date.
OVERRIDES: list[dict[date, Hours]] = [
    {},
    {BEGIN.date(): (("10:00", "24:00"),)},
    {BEGIN.date() + timedelta(days=1): ()},
]


def calendar(key: int, kind: str, hours: Hours, timezone: str, overrides: dict[date, Hours]) -> Calendar:
    return Calendar(key, f"Example {key}", kind, timezone, 1, {day: hours for day in range(1, 8) if hours}, overrides)


@st.composite
def books(draw: st.DrawFn) -> tuple[Book, Occupied]:
    """A service with one to three people, perhaps a room, and times that are taken."""
    service = ServiceFacts(
        id=1,
        variant_id=1,
        product_name="Visit",
        variant_name="",
        is_active=True,
        duration_min=draw(st.sampled_from([20, 45, 60, 90])),
        step_min=draw(st.sampled_from([15, 25, 30, 50])),
        align=draw(st.sampled_from(["WINDOW_START", "LOCAL_CLOCK"])),
        buffer_before_min=draw(st.sampled_from([0, 10])),
        buffer_after_min=draw(st.sampled_from([0, 15])),
        lead_min=draw(st.sampled_from([0, 60, 2000])),
        horizon_days=draw(st.sampled_from([1, 2, 60])),
        capacity=1,
        location_kind="IN_PERSON",
        confirmation="AUTO",
        deposit_kind="NONE",
        deposit_amount=None,
        deposit_currency=None,
        deposit_percent=None,
        policy_id=None,
        intake_form_id=None,
    )
    zones = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"])

    def some(key: int, kind: str) -> Calendar:
        return calendar(key, kind, draw(st.sampled_from(WINDOWS)), draw(zones), draw(st.sampled_from(OVERRIDES)))

    people = [some(key, "PRACTITIONER") for key in range(1, draw(st.integers(1, 3)) + 1)]
    roles = [Role(1, "1", "PRACTITIONER", tuple(people))]
    if draw(st.booleans()):
        roles.append(Role(2, "2", "ROOM", (some(9, "ROOM"),)))
    minutes = int((END - BEGIN).total_seconds()) // 60
    taken = [
        Taken(key, start, start + timedelta(minutes=length), None, None, draw(st.booleans()), None)
        for key in [1, 2, 9]
        for start, length in [
            (BEGIN + timedelta(minutes=draw(st.integers(0, minutes))), draw(st.integers(5, 300))) for _ in range(3)
        ]
    ]
    return Book(service, tuple(roles)), Occupied(taken)


@settings(deadline=None, max_examples=500 if FULL else 15)
@given(books(), st.integers(0, 71), st.sampled_from([0, 7, 15, 30, 50]))
def test_what_is_listed_can_be_held_and_nothing_else(drawn: tuple[Book, Occupied], hour: int, minute: int) -> None:
    book, occupied = drawn
    for lead in book.lead:
        listed = {slot.start for slot in slots(book, lead, occupied, BEGIN, END, now=NOW)}
        # Listed in pieces it is the same: a page is searched in pieces.
        middle = BEGIN + timedelta(hours=hour, minutes=minute)
        pieces = slots(book, lead, occupied, BEGIN, middle, now=NOW) + slots(book, lead, occupied, middle, END, now=NOW)
        assert [slot.start for slot in pieces] == sorted(listed)
        tried = {BEGIN + timedelta(hours=number, minutes=minute) for number in range(72)} | listed
        for start in tried:
            try:
                choice = choose(book, occupied, start, resource_id=lead.resource_id, now=NOW)
            except BookingError:
                assert start not in listed
            else:
                assert start in listed
                assert choice.lead_id == lead.resource_id
                assert len(choice.resource_ids) == len(book.roles)
