"""Time that is sold, in a shop file: hours, services, packages, and what is wrong with them."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shop.blueprint.apply import Report, apply
from shop.blueprint.errors import ShopFileError
from shop.blueprint.load import parse
from shop.kit.db import Database

Apply = Callable[..., Awaitable[Report]]
FILE = """
channels:
  - {slug: c, name: C, currency: USD, default_country: US}
product_types:
  - {slug: visit, name: Visit, shipping_required: false}
products:
  - slug: visit
    name: Visit
    type: visit
    variants:
      - {sku: VISIT, prices: {c: 60}, track_inventory: false}
      - {sku: COURSE, prices: {c: 150}, track_inventory: false}
resources:
  - slug: a
    name: Example practitioner A
    timezone: Europe/Berlin
    hours: {mon: ["09:00-12:00", "13:00-17:00"], fri: ["22:00-26:00"]}
  - {slug: room, name: Room, kind: room, timezone: Europe/Berlin, hours: {mon: ["00:00-24:00"]}}
cancellation_policies:
  - {slug: fair, name: Fair, refunds: {48: 100, 24: 50}, fee: 5, currency: USD, no_show_percent: 80}
services:
  - variant: VISIT
    minutes: 30
    buffer_after: 10
    lead_hours: 2
    policy: fair
    roles:
      - {kind: practitioner, resources: [a]}
      - {kind: room, resources: [room]}
packages:
  - {variant: COURSE, sessions: 3, valid_days: 90, services: [VISIT]}
holidays:
  - {day: 2026-12-25, name: Christmas Day}
"""
WINDOWS = """
    SELECT slug, weekday, opens, closes FROM booking_weekly_window JOIN booking_resource r ON r.id = resource_id
    ORDER BY slug, weekday, opens
"""


@pytest.fixture
def apply_text(database: Database, tmp_path: Path) -> Apply:
    async def run(file: str, *, prune: bool = False) -> Report:
        return await apply(database, parse(file, folder=tmp_path), media_folder=tmp_path / "media", prune=prune)

    return run


async def rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    async with database.unit() as session:
        return [tuple(row) for row in await session.execute(text(sql))]


async def test_everything_is_there_and_a_second_apply_changes_nothing(database: Database, apply_text: Apply) -> None:
    await apply_text(FILE)
    assert await rows(database, WINDOWS) == [
        ("a", 1, "09:00", "12:00"),
        ("a", 1, "13:00", "17:00"),
        ("a", 5, "22:00", "26:00"),
        ("room", 1, "00:00", "24:00"),
    ]
    assert await rows(
        database,
        "SELECT duration_min, buffer_after_min, lead_min, capacity, align, location_kind, confirmation, p.slug"
        " FROM booking_service s JOIN booking_cancellation_policy p ON p.id = policy_id",
    ) == [(30, 10, 120, 1, "WINDOW_START", "IN_PERSON", "AUTO", "fair")]
    assert await rows(
        database, "SELECT min_notice_min, percent FROM booking_cancellation_tier ORDER BY min_notice_min"
    ) == [(1440, 50), (2880, 100)]
    assert await rows(
        database,
        "SELECT role.position, role.kind, r.slug FROM booking_role_resource f JOIN booking_service_role role"
        " ON role.id = role_id JOIN booking_resource r ON r.id = resource_id ORDER BY role.position",
    ) == [(0, "PRACTITIONER", "a"), (1, "ROOM", "room")]
    assert await rows(
        database, "SELECT sessions, valid_days FROM booking_package JOIN booking_package_service ON package_id = id"
    ) == [(3, 90)]
    assert len(await rows(database, "SELECT 1 FROM booking_holiday")) == 1
    assert not (await apply_text(FILE)).changed


async def test_hours_that_the_file_leaves_out_are_gone_and_calendars_are_marked(
    database: Database, apply_text: Apply
) -> None:
    await apply_text(FILE)
    before = await rows(database, "SELECT calendar_version FROM booking_resource ORDER BY slug")
    report = await apply_text(FILE.replace('"13:00-17:00"', '"13:00-18:00"').replace(', fri: ["22:00-26:00"]', ""))
    assert {(change.action, change.name) for change in report.changes} == {
        ("update", "a mon 13:00"),
        ("delete", report.changes[-1].name if report.changes[-1].action == "delete" else report.changes[0].name),
    }
    assert await rows(database, WINDOWS) == [
        ("a", 1, "09:00", "12:00"),
        ("a", 1, "13:00", "18:00"),
        ("room", 1, "00:00", "24:00"),
    ]
    after = await rows(database, "SELECT calendar_version FROM booking_resource ORDER BY slug")
    assert after > before


async def test_a_holiday_marks_calendars_that_the_file_does_not_mention(database: Database, apply_text: Apply) -> None:
    await apply_text(FILE)
    await rows(database, "UPDATE booking_resource SET calendar_version = 7 RETURNING id")
    asked = "SELECT slug, calendar_version FROM booking_resource ORDER BY slug"
    await apply_text("tax_classes:\n  - {name: Books}\n")
    assert await rows(database, asked) == [("a", 7), ("room", 7)]
    await apply_text("holidays:\n  - {day: 2026-12-26, name: Boxing Day}\n")
    assert await rows(database, asked) == [("a", 8), ("room", 8)]


async def test_what_a_pruning_apply_does_not_find_in_its_sections_is_gone(
    database: Database, apply_text: Apply
) -> None:
    await apply_text(FILE)
    report = await apply_text("holidays: []\npackages: []\n", prune=True)
    assert report.count("delete", "holiday") == report.count("delete", "package") == 1
    assert len(await rows(database, "SELECT 1 FROM booking_service")) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Europe/Berlin\n", "Europe/Atlantis\n", "o time zone 'Europe/Atlantis'"),
        ('"22:00-26:00"', '"22:00-21:00"', "xpected hours such as 09:00-17:00"),
        ("policy: fair", "policy: unfair", "There is no cancellation policy 'unfair'"),
        ("resources: [room]", "resources: [a]", "'a' is a practitioner, not a room."),
        ("resources: [room]", "resources: [cellar]", "There is no resource 'cellar'"),
        ("services: [VISIT]", "services: [COURSE]", "There is no service of 'COURSE' in this file."),
        ("variant: VISIT", "variant: VISITS", "There is no variant 'VISITS'"),
        ("fee: 5, currency: USD", "fee: 5", "ee and currency belong together"),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(
    database: Database, apply_text: Apply, old: str, new: str, told: str
) -> None:
    assert old in FILE
    with pytest.raises(ShopFileError) as error:
        await apply_text(FILE.replace(old, new, 1))
    assert told in str(error.value)
    assert await rows(database, "SELECT 1 FROM booking_resource") == []


FORM = """
intake_forms:
  - slug: first
    name: Before your first visit
    questions:
      - {key: side, ask: Which side?, kind: choice, choices: [left, right], required: true}
      - {key: allergies, ask: Any allergies?}
"""
ASKED = """
    SELECT key, label, kind, choices, is_required, position, retired_at IS NULL FROM booking_intake_question
    ORDER BY id
"""


async def test_forms_are_asked_before_visits_and_forget_nothing(database: Database, apply_text: Apply) -> None:
    file = FILE.replace("    policy: fair\n", "    policy: fair\n    intake: first\n") + FORM
    await apply_text(file)
    side = ("side", "Which side?", "CHOICE", ["left", "right"], True, 0, True)
    no_choices: list[str] = []
    allergies = ("allergies", "Any allergies?", "TEXT", no_choices, False, 1, True)
    assert await rows(database, ASKED) == [side, allergies]
    before = "SELECT f.slug, f.name FROM booking_service s LEFT JOIN booking_intake_form f ON f.id = s.intake_form_id"
    assert await rows(database, before) == [("first", "Before your first visit")]
    assert (await apply_text(file)).changes == []
    changed = file.replace(
        "      - {key: allergies, ask: Any allergies?}\n", "      - {key: since, ask: Since?, kind: date}\n"
    )
    report = await apply_text(changed, prune=True)
    assert sorted((str(one.action), one.kind, one.name) for one in report.changes) == [
        ("create", "question", "first since"),
        ("update", "question", "first allergies"),
    ]
    # Left out: retired, with the answers that it may have; asked again: as before.
    assert await rows(database, ASKED) == [
        side,
        (*allergies[:-1], False),
        ("since", "Since?", "DATE", [], False, 1, True),
    ]
    assert (await apply_text(changed)).changes == []
    await apply_text(file)
    assert (await rows(database, ASKED))[:2] == [side, allergies]
    # A file without forms leaves them, and what they are asked before, alone.
    await apply_text(FILE, prune=True)
    assert await rows(database, before) == [("first", "Before your first visit")]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("kind: choice, ", ""), "has choices if and only if one chooses"),
        (("choices: [left, right]", "choices: [left, left]"), "are different words"),
        (("key: allergies", "key: side"), "a key of its own"),
        (("key: side", "key: Side"), "This has the wrong form"),
        (("intake_forms:", "other_forms:"), "other_forms"),
    ],
)
def test_what_no_form_can_ask(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    with pytest.raises(ShopFileError, match=problem):
        parse(FILE + FORM.replace(*change), folder=tmp_path)


async def test_a_form_that_is_nowhere(apply_text: Apply) -> None:
    with pytest.raises(ShopFileError, match="first"):
        await apply_text(FILE.replace("    policy: fair\n", "    policy: fair\n    intake: first\n"))
