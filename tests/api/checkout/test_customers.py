"""Whose a checkout is: attaching, detaching, language and note, for every kind of caller."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.checkout.models import Checkout
from shop.checkout.rules import NOTE_LENGTH
from shop.kit import ids
from shop.kit.db import Database
from tests.api.client import Api, Reply
from tests.api.shopping import Shop, document

CREATE = "mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id } } }"


@pytest.fixture
async def guest(api: Api, shop: Shop) -> str:
    """A guest's checkout with an e-mail of its own."""
    given = {"channel": "default-channel", "lines": [], "email": "guest@example.com"}
    key: str = (await api(CREATE, {"input": given})).data["checkoutCreate"]["checkout"]["id"]
    return key


async def row(database: Database) -> tuple[int | None, str | None]:
    """Owner and e-mail of the only checkout."""

    async def work(session: AsyncSession) -> tuple[int | None, str | None]:
        user_id, email = (await session.execute(select(Checkout.user_id, Checkout.email))).one()
        return user_id, email

    return await database.run(work)


async def user_id(database: Database, email: str) -> int:
    async def work(session: AsyncSession) -> int:
        return (await session.execute(select(User.id).where(User.email == email))).scalar_one()

    return await database.run(work)


async def attach(api: Api, key: str, token: str | None, customer: str | None = None) -> Reply:
    return await api(document("CheckoutCustomerAttach"), {"id": key, "customerId": customer}, token=token)


async def detach(api: Api, key: str, token: str | None) -> Reply:
    return await api(document("CheckoutCustomerDetach"), {"id": key}, token=token)


def errors(reply: Reply) -> list[tuple[str, str | None]]:
    (payload,) = reply.data.values()
    return [(error["code"], error["field"]) for error in payload["errors"]]


def denial(reply: Reply) -> str:
    (error,) = reply.errors
    assert error["extensions"]["exception"]["code"] == "PermissionDenied"
    assert reply.partial == {error["path"][0]: None}
    return str(error["message"])


async def test_who_knows_a_guest_s_checkout_may_make_it_their_own(api: Api, guest: str, database: Database) -> None:
    token = await api.login("owner@example.com")
    owner = await user_id(database, "owner@example.com")
    assert errors(await attach(api, guest, token)) == []
    assert await row(database) == (owner, "owner@example.com")
    # Doing it twice changes nothing, and is no mistake.
    assert errors(await attach(api, guest, token, ids.encode("User", owner))) == []
    assert errors(await detach(api, guest, token)) == []
    assert await row(database) == (None, "owner@example.com")


async def test_a_checkout_changes_its_owner_for_nobody(api: Api, guest: str, database: Database) -> None:
    owner = await api.login("owner@example.com")
    await attach(api, guest, owner)
    before = await row(database)
    stranger = await api.login("stranger@example.com")
    clerk = await api.login("clerk@example.com", "MANAGE_CHECKOUTS")
    helper = await api.login("helper@example.com", "IMPERSONATE_USER")
    assert denial(await attach(api, guest, None)).endswith("AUTHENTICATED_USER")
    assert denial(await detach(api, guest, None)).endswith("AUTHENTICATED_USER")
    # To handle checkouts is not to act for customers.
    for token in (stranger, clerk):
        assert errors(await attach(api, guest, token)) == [("NOT_FOUND", "id")]
        assert errors(await detach(api, guest, token)) == [("NOT_FOUND", "id")]
    attached = "You cannot reassign a checkout that is already attached to a user."
    assert denial(await attach(api, guest, helper)) == attached
    assert await row(database) == before
    assert errors(await detach(api, guest, helper)) == []
    assert (await row(database))[0] is None


async def test_only_who_may_act_for_others_attaches_others(api: Api, guest: str, database: Database) -> None:
    await api.login("customer@example.com")
    customer = ids.encode("User", await user_id(database, "customer@example.com"))
    stranger = await api.login("stranger@example.com")
    clerk = await api.login("clerk@example.com", "MANAGE_CHECKOUTS", "MANAGE_USERS")
    helper = await api.login("helper@example.com", "IMPERSONATE_USER")
    for token in (stranger, clerk):
        assert denial(await attach(api, guest, token, customer)) == (
            "To access this path, you need one of the following permissions: IMPERSONATE_USER"
        )
    for bad, code in ((ids.encode("User", 2_000_000_000), "NOT_FOUND"), ("abc", "GRAPHQL_ERROR")):
        assert errors(await attach(api, guest, helper, bad)) == [(code, "customerId")]
    assert errors(await attach(api, guest, stranger, ids.encode("Product", 1))) == [("GRAPHQL_ERROR", "customerId")]
    assert await row(database) == (None, "guest@example.com")

    async def leave(session: AsyncSession) -> None:
        await session.execute(update(User).where(User.email == "customer@example.com").values(is_active=False))

    async def come_back(session: AsyncSession) -> None:
        await session.execute(update(User).where(User.email == "customer@example.com").values(is_active=True))

    await database.run(leave)
    assert errors(await attach(api, guest, helper, customer)) == [("NOT_FOUND", "customerId")]
    await database.run(come_back)
    assert errors(await attach(api, guest, helper, customer)) == []
    assert (await row(database))[1] == "customer@example.com"


async def test_checkouts_that_are_none_cannot_be_attached(api: Api, guest: str, database: Database) -> None:
    token = await api.login("owner@example.com")
    for send in (attach, detach):
        for key in ("", "abc", ids.encode("Product", 1)):
            assert errors(await send(api, key, token)) == [("GRAPHQL_ERROR", "id")]
        unknown = ids.encode("Checkout", "6a2f41a3-c54c-4a3f-8a3b-0d3c0c1f8f5e")
        assert errors(await send(api, unknown, token)) == [("NOT_FOUND", "id")]
    assert await row(database) == (None, "guest@example.com")


async def test_language_and_note_are_kept(api: Api, guest: str) -> None:
    async def send(operation: str, **values: Any) -> Any:
        (payload,) = (await api(document(operation), {"id": guest, **values})).data.values()
        return payload

    assert (await send("CheckoutLanguageCodeUpdate", languageCode="PT_BR"))["checkout"]["languageCode"] == "PT_BR"
    assert (await send("CheckoutCustomerNoteUpdate", customerNote=" Ring twice.\n"))["checkout"]["customerNote"] == (
        "Ring twice."
    )
    long = await send("CheckoutCustomerNoteUpdate", customerNote="x" * (NOTE_LENGTH + 1))
    assert [(error["code"], error["field"]) for error in long["errors"]] == [("INVALID", "customerNote")]
    assert (await send("CheckoutCustomerNoteUpdate", customerNote=""))["checkout"]["customerNote"] == ""
