"""What visitors are asked before their visit, and whether they have answered; never what they answered."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import strawberry

from shop.api.core.context import Context
from shop.booking.queries import intake as queries
from shop.booking.rules.intake import Question


@strawberry.enum(description="How a question is answered.")
class IntakeQuestionKind(Enum):
    TEXT = strawberry.enum_value("TEXT", description="In words.")
    CHOICE = strawberry.enum_value("CHOICE", description="By one of the choices.")
    MULTIPLE_CHOICE = strawberry.enum_value("MULTIPLE_CHOICE", description="By any of the choices.")
    BOOLEAN = strawberry.enum_value("BOOLEAN", description="By `true` or `false`.")
    DATE = strawberry.enum_value("DATE", description="By a date such as 2026-06-01.")


@strawberry.type(description="A question that visitors answer before their visit.")
class IntakeQuestion:
    key: str = strawberry.field(description="Its name within the form.")
    label: str = strawberry.field(description="The question.")
    kind: IntakeQuestionKind = strawberry.field(description="How it is answered.")
    choices: list[str] = strawberry.field(description="What can be chosen; empty for other kinds.")
    is_required: bool = strawberry.field(description="Whether the form needs an answer.")


def question_object(question: Question) -> IntakeQuestion:
    """The question as the API shows it."""
    return IntakeQuestion(
        key=question.key,
        label=question.label,
        kind=IntakeQuestionKind[question.kind],
        choices=list(question.choices),
        is_required=question.is_required,
    )


async def questions_of_services(context: Context, service_ids: Sequence[int | None]) -> list[list[IntakeQuestion]]:
    """What is asked before visits of the services, in their order; one statement, none for no services."""
    wanted = {one for one in service_ids if one is not None}
    found: dict[int, list[IntakeQuestion]] = defaultdict(list)
    if wanted:
        for row in await context.rows(queries.QUESTIONS_OF_SERVICES, ids=sorted(wanted)):
            question = Question(row["key"], row["label"], row["kind"], tuple(row["choices"]), row["is_required"])
            found[row["service_id"]].append(question_object(question))
    return [[] if one is None else found[one] for one in service_ids]


async def answered_at(context: Context, booking_ids: Sequence[uuid.UUID]) -> list[datetime | None]:
    """When the form of each booking was answered last."""
    rows = await context.rows(queries.ANSWERED, ids=sorted(set(booking_ids)))
    found: dict[uuid.UUID, datetime] = {row["booking_id"]: row["answered_at"] for row in rows}
    return [found.get(one) for one in booking_ids]
