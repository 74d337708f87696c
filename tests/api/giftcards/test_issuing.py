"""Gift cards that staff issue: the code is told in that answer, and never again."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.giftcards.models import GiftCard
from shop.giftcards.rules import digest
from shop.kit import ids
from shop.kit.db import Database
from tests.api.client import Api
from tests.factories.payments import broken_invariants

CREATE = """
mutation ($input: GiftCardCreateInput!) {
  giftCardCreate(input: $input) {
    giftCard {
      id code displayCode isActive expiryDate initialBalance { amount currency } currentBalance { amount }
      assignedTo { email } assignedToEmail tags { name } metadata { key value } privateMetadata { key value }
      events { type balance { currentBalance { amount } oldCurrentBalance { amount } } }
    }
    errors { field code } giftCardErrors { code }
  }
}
"""
READ = "query ($id: ID!) { giftCard(id: $id) { code currentBalance { amount } } }"
FIFTY: dict[str, Any] = {"balance": {"amount": 50, "currency": "USD"}, "isActive": True}


@pytest.fixture
async def manager(api: Api) -> str:
    """Somebody who manages gift cards."""
    return await api.login("manager@example.com", "MANAGE_GIFT_CARD")


async def cards(database: Database) -> list[GiftCard]:
    async def read(session: AsyncSession) -> list[GiftCard]:
        return list(await session.scalars(select(GiftCard).order_by(GiftCard.id)))

    return await database.run(read)


async def test_a_code_is_told_once(api: Api, database: Database, manager: str) -> None:
    given = FIFTY | {
        "expiryDate": "2099-12-31",
        "addTags": [" present ", "spring", "spring"],
        "metadata": [{"key": "note", "value": "x"}],
        "privateMetadata": [{"key": "why", "value": "y"}],
    }
    reply = await api(CREATE, {"input": given}, token=manager)
    made = reply.data["giftCardCreate"]["giftCard"]
    code = made["code"]
    assert len(code) == 19
    assert "no-store" in reply.headers["cache-control"]
    assert made == {
        "id": made["id"],
        "code": code,
        "displayCode": code[-4:],
        "isActive": True,
        "expiryDate": "2099-12-31",
        "initialBalance": {"amount": 50.0, "currency": "USD"},
        "currentBalance": {"amount": 50.0},
        "assignedTo": None,
        "assignedToEmail": None,
        "tags": [{"name": "present"}, {"name": "spring"}],
        "metadata": [{"key": "note", "value": "x"}],
        "privateMetadata": [{"key": "why", "value": "y"}],
        "events": [
            {"type": "ISSUED", "balance": {"currentBalance": {"amount": 50.0}, "oldCurrentBalance": {"amount": 0.0}}}
        ],
    }
    again = (await api(READ, {"id": made["id"]}, token=manager)).data["giftCard"]
    assert again == {"code": f"****-****-****-{code[-4:]}", "currentBalance": {"amount": 50.0}}
    (stored,) = await cards(database)
    assert stored.code_digest == digest(code)
    by = "SELECT u.email FROM giftcard_event e JOIN account_user u ON u.id = e.user_id"
    assert await database.run(lambda session: session.scalar(text(by))) == "manager@example.com"
    assert await broken_invariants(database) == []


async def test_a_card_is_somebodys_from_the_start(api: Api, database: Database, manager: str) -> None:
    await api.login("owner@example.com")
    owner = (await api("{ me { id } }", token=await api.login("owner@example.com"))).data["me"]["id"]
    for more, email in (
        ({"assignedTo": owner}, "owner@example.com"),
        # An e-mail that an account has means the account.
        ({"userEmail": "Owner@Example.com"}, "owner@example.com"),
        ({"userEmail": "guest@example.com"}, "guest@example.com"),
    ):
        made = (await api(CREATE, {"input": FIFTY | more}, token=manager)).data["giftCardCreate"]["giftCard"]
        assert made["assignedToEmail"] == email
    owned = [(card.user_id is not None, card.email) for card in await cards(database)]
    assert owned == [(True, None), (True, None), (False, "guest@example.com")]
    # Nothing is sent: whoever issues a card hands its code over.
    assert await database.run(lambda session: session.scalar(text("SELECT count(*) FROM mail_message"))) == 0


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"balance": {"amount": 0, "currency": "USD"}}, "balance", "INVALID"),
        ({"balance": {"amount": 1.005, "currency": "USD"}}, "balance", "INVALID"),
        ({"balance": {"amount": 5, "currency": "dollars"}}, "balance", "INVALID"),
        ({"expiryDate": "2020-01-01"}, "expiryDate", "INVALID"),
        ({"addTags": ["a", " "]}, "addTags", "REQUIRED"),
        ({"code": "short"}, "code", "INVALID"),
        ({"code": "taken-already"}, "code", "ALREADY_EXISTS"),
        ({"userEmail": "nobody"}, "userEmail", "INVALID"),
        ({"assignedTo": ids.encode("User", 2_000_000_000)}, "assignedTo", "CANNOT_ASSIGN"),
        ({"assignedTo": ids.encode("User", 1), "userEmail": "a@example.com"}, "assignedTo", "CANNOT_ASSIGN"),
        ({"assignedTo": "x"}, "assignedTo", "GRAPHQL_ERROR"),
        ({"metadata": [{"key": "", "value": "x"}]}, "metadata", "REQUIRED"),
        ({"privateMetadata": [{"key": "", "value": "x"}]}, "privateMetadata", "REQUIRED"),
    ],
)
async def test_cards_that_are_not_issued(
    api: Api, database: Database, manager: str, given: dict[str, Any], field: str, code: str
) -> None:
    made = await api(CREATE, {"input": FIFTY | {"code": "Taken Already"}}, token=manager)
    assert made.data["giftCardCreate"]["giftCard"]["code"] == "Taken Already"
    refused = (await api(CREATE, {"input": FIFTY | given}, token=manager)).data["giftCardCreate"]
    assert refused == {
        "giftCard": None,
        "errors": [{"field": field, "code": code}],
        "giftCardErrors": [{"code": code}],
    }
    assert len(await cards(database)) == 1


@pytest.mark.parametrize("caller", ["guest", "customer", "staff"])
async def test_cards_are_issued_by_who_may(api: Api, database: Database, caller: str) -> None:
    token = {
        "guest": None,
        "customer": await api.login("customer@example.com"),
        "staff": await api.login("staff@example.com", "MANAGE_ORDERS", "MANAGE_DISCOUNTS"),
    }[caller]
    reply = await api(CREATE, {"input": FIFTY}, token=token)
    assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    assert await cards(database) == []


UPDATE = """
mutation ($id: ID!, $input: GiftCardUpdateInput!) {
  giftCardUpdate(id: $id, input: $input) {
    giftCard { expiryDate tags { name } metadata { key value } privateMetadata { key value } events { type } }
    errors { field code tags } giftCardErrors { code }
  }
}
"""


async def test_a_card_is_changed_and_its_history_tells_what(api: Api, manager: str) -> None:
    given = FIFTY | {"addTags": ["present"], "metadata": [{"key": "a", "value": "1"}]}
    key = (await api(CREATE, {"input": given}, token=manager)).data["giftCardCreate"]["giftCard"]["id"]

    async def change(**input: Any) -> Any:
        return (await api(UPDATE, {"id": key, "input": input}, token=manager)).data["giftCardUpdate"]

    changed = await change(
        addTags=[" spring "],
        removeTags=["present", "unknown"],
        expiryDate="2099-12-31",
        metadata=[{"key": "b", "value": "2"}],
        privateMetadata=[{"key": "c", "value": "3"}],
    )
    whole = {
        "expiryDate": "2099-12-31",
        "tags": [{"name": "spring"}],
        "metadata": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}],
        "privateMetadata": [{"key": "c", "value": "3"}],
    }
    kinds = changed["giftCard"].pop("events")
    assert sorted(event["type"] for event in kinds) == ["EXPIRY_DATE_UPDATED", "ISSUED", "TAGS_UPDATED"]
    assert changed == {"giftCard": whole, "errors": [], "giftCardErrors": []}
    # The same again, and what is left out, is no change.
    again: tuple[dict[str, Any], ...] = ({"addTags": ["spring"], "expiryDate": "2099-12-31"}, {})
    for input in again:
        same = (await change(**input))["giftCard"]
        assert same == whole | {"events": kinds}
    wrong: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"addTags": ["x"], "removeTags": ["x"]}, {"field": "tags", "code": "DUPLICATED_INPUT_ITEM", "tags": ["x"]}),
        ({"addTags": [" "]}, {"field": "addTags", "code": "REQUIRED", "tags": None}),
        ({"expiryDate": "2020-01-01"}, {"field": "expiryDate", "code": "INVALID", "tags": None}),
    )
    for input, error in wrong:
        refused = await change(**input)
        assert (refused["giftCard"], refused["errors"]) == (None, [error])
    assert (await change())["giftCard"] == whole | {"events": kinds}
    assert (await change(expiryDate=None))["giftCard"]["expiryDate"] is None
