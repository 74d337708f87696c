"""Sessions of packages in the API: who sees whose, who may hand on and adjust, and what a list costs."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.booking.actions import entitlements as actions
from shop.kit import clock, ids
from tests import factories as make
from tests.api.client import Api
from tests.factories import booking as clinic
from tests.factories import packages

FIELDS = """
id name granted balance awaitsPayment isTransferable ownerEmail price { amount currency } variantIds
entries { kind amount balanceAfter reason }
"""
MINE = f"{{ me {{ entitlements(first: 50) {{ totalCount edges {{ node {{ {FIELDS} expiresAt created }} }} }} }} }}"
ALL = f"{{ entitlements(first: 50) {{ totalCount edges {{ node {{ {FIELDS} }} }} pageInfo {{ hasNextPage }} }} }}"
TRANSFER = f"""
mutation Transfer($id: ID!, $email: String!, $sessions: Int) {{
  entitlementTransfer(id: $id, email: $email, sessions: $sessions) {{
    entitlement {{ {FIELDS} }} errors {{ field code }}
  }}
}}
"""
ADJUST = f"""
mutation Adjust($id: ID!, $change: Int!, $reason: String!) {{
  entitlementAdjust(id: $id, change: $change, reason: $reason) {{
    entitlement {{ {FIELDS} }} errors {{ field code }}
  }}
}}
"""

REFUND = f"""
mutation Refund($id: ID!, $sessionPrice: PositiveDecimal) {{
  entitlementRefund(id: $id, sessionPrice: $sessionPrice) {{
    entitlement {{ {FIELDS} }} refund {{ amount {{ amount currency }} status }} errors {{ field code }}
  }}
}}
"""


async def sell(
    api: Api, email: str = "owner@example.com", *, count: int = 1, awaits_payment: bool = False, **columns: Any
) -> list[str]:
    """The user has so many entitlements of three sessions; their global IDs."""

    async def work(session: AsyncSession) -> list[str]:
        user = await session.scalar(User.__table__.select().where(User.email == email).with_only_columns(User.id))
        assert user is not None
        owner = await session.get_one(User, user)
        channel = await make.channel(session)
        visit = await clinic.service(session, channel)
        made = []
        for _ in range(count):
            package = await packages.package(session, channel, visit, **columns)
            made.append(
                await packages.entitlement(session, package, now=clock.now(), user=owner, awaits_payment=awaits_payment)
            )
        return [ids.encode("Entitlement", one) for one in made]

    return await api.database.run(work)


async def ledger(api: Api) -> list[tuple[str, int]]:
    async def work(session: AsyncSession) -> list[tuple[str, int]]:
        rows = await session.execute(text("SELECT kind, amount FROM booking_entitlement_entry ORDER BY id"))
        return [(row.kind, row.amount) for row in rows]

    return await api.database.run(work)


async def test_an_owner_sees_what_is_left_and_why(api: Api) -> None:
    token = await api.login("owner@example.com")
    (id,) = await sell(api, valid_days=90)
    reply = await api(MINE, token=token)
    found = reply.data["me"]["entitlements"]
    (edge,) = found["edges"]
    node = edge["node"]
    assert found["totalCount"] == 1
    assert node.pop("created") < node.pop("expiresAt")
    (variant,) = node.pop("variantIds")
    assert ids.type_of(variant) == "ProductVariant"
    assert node == {
        "id": id,
        "name": "Package",
        "granted": 3,
        "balance": 3,
        "awaitsPayment": False,
        "isTransferable": False,
        "ownerEmail": "owner@example.com",
        "price": {"amount": 240.0, "currency": "USD"},
        "entries": [{"kind": "GRANT", "amount": 3, "balanceAfter": 3, "reason": ""}],
    }
    assert "no-store" in reply.headers["cache-control"]


async def test_an_owner_sees_what_waits_for_its_order_s_payment(api: Api) -> None:
    token = await api.login("owner@example.com")
    (id,) = await sell(api, awaits_payment=True)
    reply = await api(
        "{ me { entitlements(first: 1) { edges { node { id granted balance awaitsPayment } } } } }", token=token
    )
    (edge,) = reply.data["me"]["entitlements"]["edges"]
    assert edge["node"] == {"id": id, "granted": 3, "balance": 0, "awaitsPayment": True}
    staff = await api.login("staff@example.com", "MANAGE_BOOKINGS")
    for document, variables in (
        (TRANSFER, {"email": "friend@example.com"}),
        (ADJUST, {"change": 1, "reason": "a gift"}),
        (REFUND, {}),
    ):
        refused = await api(document, {"id": id, **variables}, token=staff)
        (payload,) = refused.data.values()
        assert payload["errors"] == [{"field": "id", "code": "INVALID_STATE"}]
    assert await ledger(api) == []


@pytest.mark.parametrize("document", [MINE, ALL])
async def test_twenty_cost_the_statements_of_one(api: Api, document: str) -> None:
    token = await api.login("owner@example.com", "MANAGE_BOOKINGS")
    await sell(api)
    one = await api(document, token=token)
    await sell(api, count=19)
    twenty = await api(document, token=token)
    found = (twenty.data.get("me") or twenty.data)["entitlements"]
    assert (found["totalCount"], len(found["edges"])) == (20, 20)
    assert one.statements == twenty.statements <= 6


CALLERS = {
    "nobody": (None, ()),
    "owner": ("owner@example.com", ()),
    "another customer": ("other@example.com", ()),
    "staff without the permission": ("clerk@example.com", ("MANAGE_PRODUCTS",)),
    "staff with the permission": ("chief@example.com", ("MANAGE_BOOKINGS",)),
}


@pytest.mark.parametrize(
    ("caller", "transfer", "adjust", "everybody"),
    [
        ("nobody", "PermissionDenied", "PermissionDenied", False),
        ("owner", None, "PermissionDenied", False),
        ("another customer", "NOT_FOUND", "PermissionDenied", False),
        ("staff without the permission", "NOT_FOUND", "PermissionDenied", False),
        ("staff with the permission", None, None, True),
    ],
)
async def test_who_may_touch_whose_sessions(
    api: Api, caller: str, transfer: str | None, adjust: str | None, everybody: bool
) -> None:
    await api.login("owner@example.com")
    (id,) = await sell(api, is_transferable=True)
    email, permissions = CALLERS[caller]
    token = await api.login(email, *permissions) if email else None
    expected_entries = [("GRANT", 3)]
    for document, name, variables, expected, entries in (
        (
            TRANSFER,
            "entitlementTransfer",
            {"email": "friend@example.com", "sessions": 1},
            transfer,
            [("TRANSFER_OUT", -1), ("TRANSFER_IN", 1)],
        ),
        (ADJUST, "entitlementAdjust", {"change": 2, "reason": "moved house"}, adjust, [("ADJUST", 2)]),
    ):
        reply = await api(document, {"id": id, **variables}, token=token)
        if expected == "PermissionDenied":
            assert reply.partial == {name: None}
            assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
        elif expected is not None:
            assert reply.data[name] == {"entitlement": None, "errors": [{"field": "id", "code": expected}]}
        else:
            assert reply.data[name]["errors"] == []
            assert reply.data[name]["entitlement"]["id"] == id
            expected_entries += entries
        assert await ledger(api) == expected_entries
    reply = await api(ALL, token=token)
    if everybody:
        assert reply.data["entitlements"]["totalCount"] == 2
    else:
        assert reply.partial == {"entitlements": None}
        assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"


async def test_others_sessions_are_no_part_of_a_user(api: Api) -> None:
    await api.login("owner@example.com")
    await sell(api)
    token = await api.login("other@example.com")
    assert (await api(MINE, token=token)).data == {"me": {"entitlements": {"totalCount": 0, "edges": []}}}


async def test_sessions_reach_a_friend_by_mail_and_account(api: Api) -> None:
    owner = await api.login("owner@example.com")
    friend = await api.login("friend@example.com")
    (id,) = await sell(api, is_transferable=True, valid_days=30)
    sent = await api(TRANSFER, {"id": id, "email": "Friend@example.com", "sessions": 2}, token=owner)
    assert sent.data["entitlementTransfer"]["entitlement"]["balance"] == 1
    (edge,) = (await api(MINE, token=friend)).data["me"]["entitlements"]["edges"]
    assert (edge["node"]["balance"], edge["node"]["price"]["amount"]) == (2, 160.0)

    async def mails(session: AsyncSession) -> list[tuple[str, str]]:
        rows = await session.execute(text("SELECT recipient, text FROM mail_message"))
        return [(row.recipient, row.text) for row in rows]

    ((recipient, body),) = await api.database.run(mails)
    assert recipient == "friend@example.com"
    assert '2 sessions of "Package"' in body
    assert f"before {(clock.now() + timedelta(days=30)).date()}" in body


@pytest.mark.parametrize(
    ("document", "change", "error"),
    [
        (TRANSFER, {"sessions": 4}, ("sessions", "PACKAGE_EXHAUSTED")),
        (TRANSFER, {"sessions": 0}, ("sessions", "INVALID")),
        (TRANSFER, {"email": "nobody"}, ("email", "INVALID")),
        (TRANSFER, {"email": "owner@example.com"}, ("email", "INVALID")),
        (TRANSFER, {"id": ids.encode("Product", 1)}, ("id", "GRAPHQL_ERROR")),
        (TRANSFER, {"id": "abc"}, ("id", "GRAPHQL_ERROR")),
        (ADJUST, {"change": -4}, ("change", "PACKAGE_EXHAUSTED")),
        (ADJUST, {"change": 0}, ("change", "INVALID")),
        (ADJUST, {"reason": " "}, ("reason", "REQUIRED")),
        (ADJUST, {"id": ids.encode("Entitlement", "00000000-0000-4000-8000-000000000000")}, ("id", "NOT_FOUND")),
        (ADJUST, {"id": ids.encode("Entitlement", 7)}, ("id", "GRAPHQL_ERROR")),
    ],
)
async def test_what_is_refused_changes_nothing(
    api: Api, document: str, change: dict[str, Any], error: tuple[str, str]
) -> None:
    await api.login("owner@example.com")
    (id,) = await sell(api, is_transferable=True)
    token = await api.login("chief@example.com", "MANAGE_BOOKINGS")
    given = {"id": id, "email": "friend@example.com", "change": 1, "reason": "x"} | change
    names = {TRANSFER: ("id", "email", "sessions"), ADJUST: ("id", "change", "reason")}[document]
    reply = await api(document, {name: given[name] for name in names if name in given}, token=token)
    (payload,) = reply.data.values()
    assert payload == {"entitlement": None, "errors": [{"field": error[0], "code": error[1]}]}
    assert await ledger(api) == [("GRANT", 3)]


async def test_what_lapsed_cannot_be_handed_on(api: Api) -> None:
    token = await api.login("owner@example.com")
    (id,) = await sell(api, is_transferable=True, valid_days=1)

    async def lapse(session: AsyncSession) -> None:
        await session.execute(text("UPDATE booking_entitlement SET expires_at = now() - interval '1 second'"))
        await actions.expire(session, now=clock.now())

    await api.database.run(lapse)
    reply = await api(TRANSFER, {"id": id, "email": "friend@example.com"}, token=token)
    assert reply.data["entitlementTransfer"]["errors"] == [{"field": "id", "code": "PACKAGE_EXPIRED"}]
    assert await ledger(api) == [("GRANT", 3), ("EXPIRE", -3)]


@pytest.mark.parametrize(("caller", "may"), [(name, name == "staff with the permission") for name in CALLERS])
async def test_staff_pays_sessions_back(api: Api, caller: str, may: bool) -> None:
    await api.login("owner@example.com")
    (id,) = await sell(api)
    email, permissions = CALLERS[caller]
    token = await api.login(email, *permissions) if email else None
    reply = await api(REFUND, {"id": id, "sessionPrice": 90}, token=token)
    if not may:
        assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
        assert await ledger(api) == [("GRANT", 3)]
        return
    payload = reply.data["entitlementRefund"]
    assert (payload["errors"], payload["entitlement"]["balance"]) == ([], 0)
    # No payment is known for it: a person is told to pay.
    assert payload["refund"] == {"amount": {"amount": 240, "currency": "USD"}, "status": "PENDING"}
    assert await ledger(api) == [("GRANT", 3), ("REFUND", -3)]
    again = (await api(REFUND, {"id": id}, token=token)).data["entitlementRefund"]
    assert again == {"entitlement": None, "refund": None, "errors": [{"field": "id", "code": "PACKAGE_EXHAUSTED"}]}


@pytest.mark.parametrize(
    ("change", "sql", "error"),
    [
        ({"id": ids.encode("Entitlement", 7)}, None, ("id", "GRAPHQL_ERROR")),
        ({"id": ids.encode("Entitlement", "00000000-0000-4000-8000-000000000000")}, None, ("id", "NOT_FOUND")),
        ({"sessionPrice": 0.001}, None, ("sessionPrice", "INVALID")),
        ({}, "purchase_key = NULL", ("id", "INVALID")),
        ({}, "dispute = 'OPEN'", ("id", "INVALID_STATE")),
        ({}, "dispute = 'LOST'", ("id", "INVALID_STATE")),
    ],
)
async def test_what_is_not_paid_back_stays(
    api: Api, change: dict[str, Any], sql: str | None, error: tuple[str, str]
) -> None:
    await api.login("owner@example.com")
    (id,) = await sell(api)
    token = await api.login("chief@example.com", "MANAGE_BOOKINGS")

    async def prepare(session: AsyncSession) -> None:
        await session.execute(text(f"UPDATE booking_entitlement SET {sql}"))

    if sql is not None:
        await api.database.run(prepare)
        shown = "{ entitlements(first: 1) { edges { node { dispute } } } }"
        (edge,) = (await api(shown, token=token)).data["entitlements"]["edges"]
        assert edge["node"]["dispute"] == (sql.partition("'")[2].rstrip("'") or None)
    payload = (await api(REFUND, {"id": id} | change, token=token)).data["entitlementRefund"]
    assert payload["errors"] == [{"field": error[0], "code": error[1]}]
    assert await ledger(api) == [("GRANT", 3)]
