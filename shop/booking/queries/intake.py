"""Reads of intake forms, for many keys at once: what is asked, and whether it was answered; never the answers."""

from typing import Final

from sqlalchemy import Integer, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.booking.models import IntakeAnswer, IntakeQuestion, Service

QUESTIONS_OF_SERVICES: Final = (
    select(
        Service.id.label("service_id"),
        IntakeQuestion.key,
        IntakeQuestion.label,
        IntakeQuestion.kind,
        IntakeQuestion.choices,
        IntakeQuestion.is_required,
    )
    .join(IntakeQuestion, IntakeQuestion.form_id == Service.intake_form_id)
    .where(Service.id == any_(bindparam("ids", type_=ARRAY(Integer))), IntakeQuestion.retired_at.is_(None))
    .order_by(Service.id, IntakeQuestion.position, IntakeQuestion.id)
)
ANSWERED: Final = (
    select(IntakeAnswer.booking_id, func.max(IntakeAnswer.answered_at).label("answered_at"))
    .where(IntakeAnswer.booking_id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .group_by(IntakeAnswer.booking_id)
)
