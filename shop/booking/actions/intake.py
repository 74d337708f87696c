"""Intake forms: what visitors are asked, and what they answered, sealed. Each look at answers is written down."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.errors import BookingNotFound, FormNotFound, InvalidState
from shop.booking.models import Booking, IntakeAccess, IntakeAnswer, IntakeForm, IntakeQuestion, Service
from shop.booking.queries import Rows, of
from shop.booking.queries.bookings import booking_by_id
from shop.booking.rules import OCCUPYING
from shop.booking.rules.intake import Question, checked_answers, checked_questions
from shop.kit.db import lock_purchase, send
from shop.kit.errors import Invalid
from shop.kit.keys import decrypt, derive, encrypt

_PURPOSE: Final = "booking intake answers"
_moment: Final = DateTime(timezone=True)
_booking: Final = bindparam("booking_id", type_=Uuid())
_QUESTIONS: Final = (
    select(
        IntakeQuestion.id,
        IntakeQuestion.key,
        IntakeQuestion.label,
        IntakeQuestion.kind,
        IntakeQuestion.choices,
        IntakeQuestion.is_required,
    )
    .join(Service, Service.intake_form_id == IntakeQuestion.form_id)
    .where(Service.id == bindparam("service_id", type_=Integer), IntakeQuestion.retired_at.is_(None))
    .order_by(IntakeQuestion.position, IntakeQuestion.id)
)
_FORM: Final = (
    insert(cast("Table", IntakeForm.__table__))
    .values(name=bindparam("name", type_=Text), slug=bindparam("slug", type_=Text))
    .on_conflict_do_update(index_elements=["slug"], set_={"name": bindparam("name", type_=Text)})
    .returning(IntakeForm.id)
)
_asked = insert(cast("Table", IntakeQuestion.__table__)).values(
    form_id=bindparam("form_id", type_=Integer),
    key=bindparam("question_key", type_=Text),
    label=bindparam("label", type_=Text),
    kind=bindparam("kind", type_=Text),
    choices=bindparam("choices", type_=ARRAY(Text)),
    is_required=bindparam("is_required", type_=Boolean),
    position=bindparam("position", type_=Integer),
)
_ASK: Final = _asked.on_conflict_do_update(
    index_elements=["form_id", "key"],
    set_={name: _asked.excluded[name] for name in ("label", "kind", "choices", "is_required", "position")}
    | {"retired_at": None},
)
_RETIRE: Final = (
    update(IntakeQuestion)
    .where(
        IntakeQuestion.form_id == bindparam("form_id", type_=Integer),
        ~(IntakeQuestion.key == any_(bindparam("keys", type_=ARRAY(Text)))),
        IntakeQuestion.retired_at.is_(None),
    )
    .values(retired_at=bindparam("now", type_=_moment))
    .execution_options(synchronize_session=False)
)
_BEFORE: Final = (
    update(Service)
    .where(Service.id == any_(bindparam("service_ids", type_=ARRAY(Integer))))
    .values(intake_form_id=bindparam("form_id", type_=Integer), updated_at=func.now())
    .execution_options(synchronize_session=False)
)
_FORGET_BOOKING: Final = (
    delete(IntakeAnswer).where(IntakeAnswer.booking_id == _booking).execution_options(synchronize_session=False)
)
_given: Final = (
    func.unnest(bindparam("questions", type_=ARRAY(Integer)), bindparam("sealed", type_=ARRAY(Text)))
    .table_valued("question_id", "sealed", name="given")
    .render_derived()
)
_ANSWER: Final = insert(cast("Table", IntakeAnswer.__table__)).from_select(
    ["booking_id", "question_id", "sealed", "answered_at"],
    select(_booking, _given.c.question_id, _given.c.sealed, bindparam("now", type_=_moment)),
)
_ANSWERS: Final = (
    select(IntakeQuestion.id, IntakeQuestion.key, IntakeQuestion.label, IntakeAnswer.sealed, IntakeAnswer.answered_at)
    .join(IntakeQuestion, IntakeQuestion.id == IntakeAnswer.question_id)
    .where(IntakeAnswer.booking_id == _booking)
    .order_by(IntakeQuestion.position, IntakeQuestion.id)
)
_OLD: Final = (
    delete(IntakeAnswer)
    .where(
        IntakeAnswer.booking_id.in_(
            select(IntakeAnswer.booking_id)
            .join(Booking, Booking.id == IntakeAnswer.booking_id)
            .where(func.upper(Booking.during) < bindparam("before", type_=_moment))
            .limit(bindparam("limit", type_=BigInteger))
        )
    )
    .returning(IntakeAnswer.booking_id)
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, and what was answered."""

    key: str
    label: str
    values: tuple[str, ...]
    answered_at: datetime


async def save_form(
    session: AsyncSession,
    *,
    slug: str,
    name: str,
    questions: Sequence[Question],
    now: datetime,
    service_ids: Collection[int] = (),
) -> int:
    """The form asks these questions in this order, before visits of these services too.

    Other questions that it had are retired, with the answers they have. Raises: Invalid.
    """
    if not name.strip() or not slug.strip():
        raise Invalid("A form needs a name and a slug.", field="name")
    checked_questions(questions)
    (row,) = await send(session, _FORM, slug=slug, name=name.strip())
    form_id: int = row["id"]
    await send(session, _RETIRE, form_id=form_id, keys=[question.key for question in questions], now=now)
    for position, question in enumerate(questions):
        await send(
            session,
            _ASK,
            form_id=form_id,
            question_key=question.key,
            label=question.label.strip(),
            kind=question.kind,
            choices=list(question.choices),
            is_required=question.is_required,
            position=position,
        )
    if service_ids:
        await send(session, _BEFORE, form_id=form_id, service_ids=sorted(service_ids))
    return form_id


async def questions_of(rows: Rows, service_id: int) -> dict[str, tuple[int, Question]]:
    """What the service's form asks now, in order, with the questions' ids; nothing without a form."""
    return {row["key"]: (row["id"], _question(row)) for row in await rows(_QUESTIONS, service_id=service_id)}


def _question(row: Any) -> Question:
    return Question(row["key"], row["label"], row["kind"], tuple(row["choices"]), row["is_required"])


async def save_answers(
    session: AsyncSession,
    booking_id: uuid.UUID,
    answers: Mapping[str, Sequence[str]],
    *,
    secret: str,
    now: datetime,
) -> None:
    """The visitor has answered the form of the booked service; these answers take the place of earlier ones.

    They are sealed, each bound to its booking and question: no row can pass for another's.
    Locks: the booking's purchase. Raises: BookingNotFound, InvalidState once it is over, FormNotFound, Many.
    """
    found = await booking_by_id(of(session), booking_id)
    if found is None or found.service_id is None:
        raise BookingNotFound
    await lock_purchase(session, found.purchase_key)
    if found.status not in OCCUPYING or found.end <= now:
        raise InvalidState(found.status)
    asked = await questions_of(of(session), found.service_id)
    if not asked:
        raise FormNotFound
    given = checked_answers([question for _, question in asked.values()], answers)
    key = derive(secret, _PURPOSE)
    await send(session, _FORGET_BOOKING, booking_id=booking_id)
    await send(
        session,
        _ANSWER,
        booking_id=booking_id,
        questions=[asked[name][0] for name in given],
        sealed=[
            encrypt(key, orjson.dumps(values).decode(), bound_to=_binding(booking_id, asked[name][0]))
            for name, values in given.items()
        ],
        now=now,
    )


async def read_answers(
    session: AsyncSession, booking_id: uuid.UUID, *, secret: str, user_id: int, purpose: str
) -> list[Answer]:
    """The booking's answers, in the form's order; that they were read, by whom and what for, is written down first.

    Raises: BookingNotFound, Invalid without a purpose.
    """
    if not purpose.strip():
        raise Invalid("Say what you read them for; it is written down.", field="purpose", code="REQUIRED")
    if await booking_by_id(of(session), booking_id) is None:
        raise BookingNotFound
    session.add(IntakeAccess(booking_id=booking_id, user_id=user_id, purpose=purpose.strip()[:500]))
    await session.flush()
    key = derive(secret, _PURPOSE)
    return [
        Answer(
            row["key"],
            row["label"],
            tuple(orjson.loads(decrypt(key, row["sealed"], bound_to=_binding(booking_id, row["id"])))),
            row["answered_at"],
        )
        for row in await send(session, _ANSWERS, booking_id=booking_id)
    ]


async def forget_old(session: AsyncSession, *, now: datetime, after: timedelta, limit: int = 500) -> int:
    """Answers for visits that ended so long ago are gone; the answer says how many, of `limit` bookings at most."""
    rows: list[Any] = await send(session, _OLD, before=now - after, limit=limit)
    return len(rows)


def _binding(booking_id: uuid.UUID, question_id: int) -> str:
    return f"{booking_id}:{question_id}"
