"""Intake forms: which answers they take, that answers are sealed and looked at in writing, and when they are gone."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions import intake
from shop.booking.errors import BookingNotFound, FormNotFound, InvalidState
from shop.booking.models import Booking, Service
from shop.booking.queries import of
from shop.booking.rules.intake import Question, checked_answers, checked_questions
from shop.kit.db import Database
from shop.kit.errors import Invalid, Many
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import packages

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
START = NOW + timedelta(days=2)
SECRET = "a secret of thirty-two characters"
FORM = (
    Question("history", "Anything we should know?", "TEXT"),
    Question("side", "Which side?", "CHOICE", ("left", "right"), is_required=True),
    Question("signs", "Which of these?", "MULTIPLE_CHOICE", ("itching", "redness", "pain")),
    Question("smoker", "Do you smoke?", "BOOLEAN"),
    Question("since", "Since when?", "DATE"),
)
ANSWERS = {
    "history": [" Nothing; really. "],
    "side": ["left"],
    "signs": ["pain", "itching"],
    "smoker": ["false"],
    "since": ["2026-02-28"],
}


@dataclass
class Desk:
    """A booking of a service that asks the questions above."""

    session: AsyncSession
    service: Service
    booking: Booking

    async def answer(self, answers: dict[str, Any], *, now: datetime = NOW) -> None:
        await intake.save_answers(self.session, self.booking.id, answers, secret=SECRET, now=now)

    async def read(self, purpose: str = "the visit", *, secret: str = SECRET) -> dict[str, tuple[str, ...]]:
        found = await intake.read_answers(self.session, self.booking.id, secret=secret, user_id=7, purpose=purpose)
        return {answer.key: answer.values for answer in found}

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.session.execute(text(statement))]


async def run(database: Database, test: Callable[[Desk], Awaitable[None]]) -> None:
    async def work(session: AsyncSession) -> None:
        form = await intake.save_form(session, slug="first-visit", name="First visit", questions=FORM, now=NOW)
        service = await clinic.service(session, await make.channel(session), intake_form_id=form)
        booking = await packages.visit(session, service, await clinic.resource(session), START)
        await test(Desk(session, service, booking))

    await database.run(work)


async def test_answers_are_sealed_and_each_look_is_written_down(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.answer(ANSWERS)
        stored = await desk.rows("SELECT sealed FROM booking_intake_answer")
        assert len(stored) == 5
        assert not any(word in str(stored) for word in ("Nothing", "left", "itching", "2026-02-28"))
        assert len({row[0] for row in stored}) == 5
        assert await desk.rows("SELECT * FROM booking_intake_access") == []
        assert await desk.read(" the visit ") == {
            "history": ("Nothing; really.",),
            "side": ("left",),
            "signs": ("pain", "itching"),
            "smoker": ("false",),
            "since": ("2026-02-28",),
        }
        assert await desk.rows("SELECT booking_id, user_id, purpose FROM booking_intake_access") == [
            (desk.booking.id, 7, "the visit")
        ]
        with pytest.raises(Invalid) as caught:
            await desk.read("  ")
        assert (caught.value.field, caught.value.code) == ("purpose", "REQUIRED")
        with pytest.raises(DBAPIError):
            async with desk.session.begin_nested():
                await desk.session.execute(text("DELETE FROM booking_intake_access"))

    await run(database, test)


async def test_an_answer_opens_in_its_own_place_with_the_shop_s_secret_alone(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.answer(ANSWERS)
        with pytest.raises(InvalidTag):
            await desk.read(secret="another secret of thirty-two chars")
        other = await packages.visit(desk.session, desk.service, await clinic.resource(desk.session), START)
        await desk.session.execute(text("UPDATE booking_intake_answer SET booking_id = :other"), {"other": other.id})
        with pytest.raises(InvalidTag):
            await intake.read_answers(desk.session, other.id, secret=SECRET, user_id=7, purpose="curiosity")

    await run(database, test)


async def test_new_answers_take_the_place_of_the_old_ones(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.answer(ANSWERS)
        await desk.answer({"side": ["right"], "history": [" "]})
        assert await desk.read() == {"side": ("right",)}

    await run(database, test)


async def test_nothing_is_answered_once_it_is_over(database: Database) -> None:
    async def test(desk: Desk) -> None:
        with pytest.raises(InvalidState):
            await desk.answer(ANSWERS, now=START + timedelta(minutes=30))
        desk.booking.status, desk.booking.cancelled_by = "CANCELLED", "CUSTOMER"
        await desk.session.flush()
        with pytest.raises(InvalidState):
            await desk.answer(ANSWERS)
        with pytest.raises(BookingNotFound):
            await intake.save_answers(desk.session, uuid.uuid4(), ANSWERS, secret=SECRET, now=NOW)
        assert await desk.rows("SELECT count(*) FROM booking_intake_answer") == [(0,)]

    await run(database, test)


async def test_a_service_without_a_form_asks_nothing(database: Database) -> None:
    async def test(desk: Desk) -> None:
        desk.service.intake_form_id = None
        await desk.session.flush()
        assert await intake.questions_of(of(desk.session), desk.service.id) == {}
        with pytest.raises(FormNotFound):
            await desk.answer(ANSWERS)

    await run(database, test)


async def test_a_form_changes_and_keeps_what_was_answered(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.answer(ANSWERS)
        changed = (Question("smoker", "Do you smoke now?", "BOOLEAN"), FORM[1])
        form = await intake.save_form(desk.session, slug="first-visit", name="Visit", questions=changed, now=NOW)
        assert form == desk.service.intake_form_id
        asked = await intake.questions_of(of(desk.session), desk.service.id)
        assert [question for _, question in asked.values()] == list(changed)
        assert set(await desk.read()) == {"history", "side", "signs", "smoker", "since"}
        await intake.save_form(desk.session, slug="first-visit", name="Visit", questions=FORM, now=NOW)
        assert list(await intake.questions_of(of(desk.session), desk.service.id)) == [one.key for one in FORM]

    await run(database, test)


async def test_answers_for_visits_long_past_are_gone(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.answer(ANSWERS)
        year, ended = timedelta(days=365), START + timedelta(minutes=30)
        assert await intake.forget_old(desk.session, now=ended + year, after=year) == 0
        assert await intake.forget_old(desk.session, now=ended + year + timedelta(seconds=1), after=year) == 5
        assert await desk.read() == {}

    await run(database, test)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"side": []}, "side", "REQUIRED"),
        ({"side": ["up"]}, "side", "INVALID"),
        ({"side": ["left", "right"]}, "side", "INVALID"),
        ({"signs": ["pain", "pain"]}, "signs", "INVALID"),
        ({"signs": ["pain", "joy"]}, "signs", "INVALID"),
        ({"smoker": ["yes"]}, "smoker", "INVALID"),
        ({"since": ["01.02.2026"]}, "since", "INVALID"),
        ({"since": ["2026-02-30"]}, "since", "INVALID"),
        ({"since": ["20260201"]}, "since", "INVALID"),
        ({"history": ["x" * 4001]}, "history", "INVALID"),
        ({"weight": ["80"]}, "weight", "INVALID"),
    ],
)
def test_answers_that_are_none(change: dict[str, list[str]], field: str, code: str) -> None:
    with pytest.raises(Many) as caught:
        checked_answers(FORM, ANSWERS | change)
    assert [(error.field, error.code) for error in caught.value.errors] == [(field, code)]


@pytest.mark.parametrize(
    "questions",
    [
        [],
        [FORM[0], FORM[0]],
        [Question("Big", "x", "TEXT")],
        [Question("a", " ", "TEXT")],
        [Question("a", "x", "SONG")],
        [Question("a", "x", "CHOICE")],
        [Question("a", "x", "TEXT", ("left",))],
        [Question("a", "x", "CHOICE", ("left", "left"))],
        [Question("a", "x", "CHOICE", ("left", ""))],
        [Question(f"a{number}", "x", "TEXT") for number in range(101)],
    ],
)
def test_questions_that_are_none(questions: list[Question]) -> None:
    with pytest.raises(Invalid) as caught:
        checked_questions(questions)
    assert caught.value.field == "questions"
