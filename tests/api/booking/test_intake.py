"""Intake forms in the API: who writes, answers and reads, and that reading leaves a trace."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.kit import clock, ids
from tests import factories as make
from tests.api.client import Api
from tests.factories import booking as clinic
from tests.factories import packages

SAVE = """
mutation Save($questions: [IntakeQuestionInput!]!, $variants: [ID!], $name: String! = "First visit") {
  intakeFormSave(slug: "first-visit", name: $name, questions: $questions, variantIds: $variants) {
    questions { key } errors { field code }
  }
}
"""
ASKED = "query Asked($id: ID!) { intakeQuestions(variantId: $id) { key label kind choices isRequired } }"
SUBMIT = """
mutation Submit($id: ID, $token: String, $answers: [IntakeAnswerInput!]!) {
  bookingIntakeSubmit(id: $id, token: $token, answers: $answers) { submitted errors { field code } }
}
"""
READ = """
mutation Read($id: ID!, $purpose: String! = "the visit") {
  bookingIntakeRead(id: $id, purpose: $purpose) { answers { key label values } errors { field code } }
}
"""
QUESTIONS = [
    {"key": "side", "label": "Which side?", "kind": "CHOICE", "choices": ["left", "right"], "isRequired": True},
    {"key": "history", "label": "Anything else?", "kind": "TEXT"},
]
ANSWERS = [{"key": "side", "values": ["left"]}, {"key": "history", "values": ["Nothing"]}]


async def booked(api: Api) -> dict[str, Any]:
    """A booking of owner@example.com, whose service asks the questions above."""
    await api.login("owner@example.com")

    async def work(session: AsyncSession) -> tuple[uuid.UUID, uuid.UUID, int]:
        found = await session.execute(text("SELECT id FROM account_user WHERE email = 'owner@example.com'"))
        service = await clinic.service(session, await make.channel(session))
        booking = await packages.visit(
            session,
            service,
            await clinic.resource(session),
            clock.now() + timedelta(days=2),
            user=await session.get_one(User, found.scalar_one()),
        )
        await session.refresh(booking)
        return booking.id, booking.token, service.variant_id

    id, token, variant = await api.database.run(work)
    made = {"id": ids.encode("Booking", id), "token": str(token), "variant": ids.encode("ProductVariant", variant)}
    chief = await api.login("chief@example.com", "MANAGE_BOOKINGS")
    saved = await api(SAVE, {"questions": QUESTIONS, "variants": [made["variant"]]}, token=chief)
    assert saved.data["intakeFormSave"] == {"questions": [{"key": "side"}, {"key": "history"}], "errors": []}
    return made


async def trace(api: Api) -> list[tuple[Any, ...]]:
    async def work(session: AsyncSession) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await session.execute(text("SELECT purpose FROM booking_intake_access"))]

    return await api.database.run(work)


async def test_from_the_form_to_the_practitioner(api: Api) -> None:
    here = await booked(api)
    asked = (await api(ASKED, {"id": here["variant"]})).data["intakeQuestions"]
    assert asked == [
        QUESTIONS[0],
        {"key": "history", "label": "Anything else?", "kind": "TEXT", "choices": [], "isRequired": False},
    ]
    state = (
        f'{{ booking(token: "{here["token"]}") '
        "{ intakeAnsweredAt intakeQuestions { key label kind choices isRequired } } }"
    )
    assert (await api(state)).data["booking"] == {"intakeAnsweredAt": None, "intakeQuestions": asked}
    # A guest answers with the booking's token.
    sent = await api(SUBMIT, {"token": here["token"], "answers": ANSWERS})
    assert sent.data["bookingIntakeSubmit"] == {"submitted": True, "errors": []}
    assert (await api(state)).data["booking"]["intakeAnsweredAt"] is not None
    doctor = await api.login("doctor@example.com", "READ_INTAKE_ANSWERS")
    read = (await api(READ, {"id": here["id"]}, token=doctor)).data["bookingIntakeRead"]
    assert read["errors"] == []
    assert read["answers"] == [
        {"key": "side", "label": "Which side?", "values": ["left"]},
        {"key": "history", "label": "Anything else?", "values": ["Nothing"]},
    ]
    assert await trace(api) == [("the visit",)]


@pytest.mark.parametrize(
    ("caller", "permissions", "submit", "read", "save"),
    [
        (None, (), "NOT_FOUND", "PermissionDenied", "PermissionDenied"),
        ("owner@example.com", (), None, "PermissionDenied", "PermissionDenied"),
        ("other@example.com", (), "NOT_FOUND", "PermissionDenied", "PermissionDenied"),
        ("clerk@example.com", ("MANAGE_ORDERS", "MANAGE_USERS"), "NOT_FOUND", "PermissionDenied", "PermissionDenied"),
        ("head@example.com", ("MANAGE_BOOKINGS",), None, "PermissionDenied", None),
        ("doctor@example.com", ("READ_INTAKE_ANSWERS",), "NOT_FOUND", None, "PermissionDenied"),
    ],
)
async def test_who_may_what(
    api: Api, caller: str | None, permissions: tuple[str, ...], submit: str | None, read: str | None, save: str | None
) -> None:
    here = await booked(api)
    token = await api.login(caller, *permissions) if caller else None
    for document, variables, name, expected in (
        (SUBMIT, {"id": here["id"], "answers": ANSWERS}, "bookingIntakeSubmit", submit),
        (READ, {"id": here["id"]}, "bookingIntakeRead", read),
        (SAVE, {"questions": QUESTIONS[:1]}, "intakeFormSave", save),
    ):
        reply = await api(document, variables, token=token)
        if expected == "PermissionDenied":
            assert reply.partial == {name: None}
            assert reply.errors[0]["extensions"]["exception"]["code"] == expected
        else:
            assert reply.data[name]["errors"] == ([] if expected is None else [{"field": "id", "code": expected}])
    assert len(await trace(api)) == (1 if read is None else 0)


@pytest.mark.parametrize(
    ("document", "change", "error"),
    [
        (SUBMIT, {"answers": ANSWERS[1:]}, ("side", "REQUIRED")),
        (SUBMIT, {"answers": [{"key": "side", "values": ["up"]}]}, ("side", "INVALID")),
        (SUBMIT, {"answers": [*ANSWERS, ANSWERS[0]]}, ("answers", "INVALID")),
        (SUBMIT, {"id": None, "answers": ANSWERS}, ("id", "GRAPHQL_ERROR")),
        (READ, {"purpose": " "}, ("purpose", "REQUIRED")),
        (READ, {"id": ids.encode("Booking", uuid.UUID(int=1))}, ("id", "NOT_FOUND")),
        (READ, {"id": ids.encode("Order", uuid.UUID(int=1))}, ("id", "GRAPHQL_ERROR")),
        (SAVE, {"questions": []}, ("questions", "INVALID")),
        (SAVE, {"questions": QUESTIONS, "name": " "}, ("name", "INVALID")),
        (SAVE, {"questions": QUESTIONS, "variants": [ids.encode("ProductVariant", 1)]}, ("variantIds", "NOT_FOUND")),
    ],
)
async def test_what_is_refused(api: Api, document: str, change: dict[str, Any], error: tuple[str, str]) -> None:
    here = await booked(api)
    token = await api.login("all@example.com", "MANAGE_BOOKINGS", "READ_INTAKE_ANSWERS")
    given = ({} if document == SAVE else {"id": here["id"]}) | change
    (payload,) = (await api(document, given, token=token)).data.values()
    assert payload["errors"] == [{"field": error[0], "code": error[1]}]
    assert await trace(api) == []


async def test_nothing_is_asked_where_there_is_no_form(api: Api) -> None:
    for id in (ids.encode("ProductVariant", 2_000_000), ids.encode("Product", 1)):
        assert (await api(ASKED, {"id": id})).data == {"intakeQuestions": []}
