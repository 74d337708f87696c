"""Intake forms in the API: staff writes them, visitors answer them, and few may read the answers."""

from datetime import datetime
from typing import Annotated

import strawberry

from shop.api.booking.access import BookingId, BookingToken, changeable
from shop.api.booking.errors import BookingError
from shop.api.booking.inputs import secret
from shop.api.booking.questions import IntakeQuestion, IntakeQuestionKind, question_object
from shop.api.booking.types import MANAGERS
from shop.api.core.context import Info
from shop.api.core.fields import query
from shop.api.core.ids import query_int, required_int, required_uuid
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.core.permissions import require_user
from shop.booking.actions import intake as actions
from shop.booking.errors import ServiceNotFound
from shop.booking.queries import of
from shop.booking.queries.calendars import services_by_variant
from shop.booking.rules import intake as rules
from shop.kit.errors import Invalid

READERS = ("READ_INTAKE_ANSWERS",)


@strawberry.type(description="What a visitor answered.")
class IntakeAnswer:
    key: str = strawberry.field(description="The question's name within the form.")
    label: str = strawberry.field(description="The question.")
    values: list[str] = strawberry.field(description="The answer; several of a multiple choice.")
    answered_at: datetime = strawberry.field(description="When.")


@strawberry.input(description="A question of a form.")
class IntakeQuestionInput:
    key: str = strawberry.field(description="Its name within the form: small letters, digits and underscores.")
    label: str = strawberry.field(description="The question.")
    kind: IntakeQuestionKind = strawberry.field(description="How it is answered.")
    choices: list[str] | None = strawberry.field(default=None, description="What can be chosen, for the two kinds.")
    is_required: bool = strawberry.field(default=False, description="Whether the form needs an answer.")


@strawberry.input(description="An answer to a question of a form.")
class IntakeAnswerInput:
    key: str = strawberry.field(description="The question's name within the form.")
    values: list[str] = strawberry.field(description="The answer: one text, or several for a multiple choice.")


@strawberry.type(description="The form is stored, or why it is not.")
class IntakeFormSave(Payload):
    questions: list[IntakeQuestion] = strawberry.field(default_factory=list, description="What it asks now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The answers are stored, or why they are not. Nobody reads them here.")
class BookingIntakeSubmit(Payload):
    submitted: bool = strawberry.field(default=False, description="Whether they are stored.")
    errors: list[BookingError] = strawberry.field(
        default_factory=list, description="Expected errors; `field` is the question's key where one answer is wrong."
    )


@strawberry.type(description="What the visitor answered, or why it cannot be read.")
class BookingIntakeRead(Payload):
    answers: list[IntakeAnswer] = strawberry.field(default_factory=list, description="In the form's order.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type
class IntakeQueries:
    """Queries of intake forms."""

    @query(description="What is asked before a visit of a service; empty where nothing is.")
    async def intake_questions(
        self,
        info: Info,
        variant_id: Annotated[strawberry.ID, strawberry.argument(description="The service's product variant.")],
    ) -> list[IntakeQuestion]:
        context = info.context
        key = query_int(variant_id, "ProductVariant")
        services = {} if key is None else await services_by_variant(context.rows, [key])
        if key not in services:
            return []
        asked = await actions.questions_of(context.rows, services[key].id)
        return [question_object(question) for _, question in asked.values()]


@strawberry.type
class IntakeMutations:
    """Mutations of intake forms."""

    @mutation(
        description="Stores a form under its slug: new, or in place of what it asked. Questions that are left out are "
        "retired; their answers stay readable. Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def intake_form_save(
        self,
        info: Info,
        slug: Annotated[str, strawberry.argument(description="The form's name in addresses.")],
        name: Annotated[str, strawberry.argument(description="The form's name for people.")],
        questions: Annotated[list[IntakeQuestionInput], strawberry.argument(description="What it asks, in order.")],
        variant_ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(description="Product variants of the services before whose visits it is asked."),
        ] = None,
    ) -> IntakeFormSave | None:
        context = info.context
        asked = [
            rules.Question(one.key, one.label, one.kind.name, tuple(one.choices or ()), one.is_required)
            for one in questions
        ]
        variants = [required_int(id, "ProductVariant", field="variantIds") for id in variant_ids or ()]
        services = await services_by_variant(of(context.session), variants)
        if set(variants) - services.keys():
            raise ServiceNotFound(field="variantIds")
        await actions.save_form(
            context.session,
            slug=slug,
            name=name,
            questions=asked,
            now=context.now,
            service_ids=[service.id for service in services.values()],
        )
        return IntakeFormSave(questions=[question_object(question) for question in asked])

    @mutation(
        description="Answers the form of a booking's service, in place of earlier answers. They are encrypted; staff "
        "needs a permission of its own to read them."
    )
    async def booking_intake_submit(
        self,
        info: Info,
        answers: Annotated[list[IntakeAnswerInput], strawberry.argument(description="The answers.")],
        id: BookingId = None,
        token: BookingToken = None,
    ) -> BookingIntakeSubmit | None:
        context = info.context
        key, _ = await changeable(context, of(context.session), id, token)
        given = {answer.key: answer.values for answer in answers}
        if len(given) < len(answers):
            raise Invalid("Each question is answered once.", field="answers")
        await actions.save_answers(context.session, key, given, secret=secret(context), now=context.now)
        return BookingIntakeSubmit(submitted=True)

    @mutation(
        description="Reads what a visitor answered. Who read it and what for is written down. Needs "
        "READ_INTAKE_ANSWERS.",
        permissions=READERS,
    )
    async def booking_intake_read(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The booking's ID.")],
        purpose: Annotated[str, strawberry.argument(description="What the answers are read for.")],
    ) -> BookingIntakeRead | None:
        context = info.context
        found = await actions.read_answers(
            context.session,
            required_uuid(id, "Booking", field="id"),
            secret=secret(context),
            user_id=require_user(context),
            purpose=purpose,
        )
        return BookingIntakeRead(
            answers=[
                IntakeAnswer(key=one.key, label=one.label, values=list(one.values), answered_at=one.answered_at)
                for one in found
            ]
        )
