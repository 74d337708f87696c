"""Waiting lists in the API: joining, being offered, taking and leaving; who may, and what is refused."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.booking.actions.waitlist import attach_guest_entries
from shop.booking.flows.waitlist import offer_next
from shop.kit import clock, ids
from tests import factories as make
from tests.api.client import Api
from tests.factories import booking as clinic

ENTRY = "id serviceId service { durationMinutes } practitionerId from to seats state offeredStart offeredUntil"
JOIN = f"""
mutation Join($variant: ID!, $channel: String!, $from: DateTime!, $to: DateTime!, $who: ID, $seats: Int! = 1) {{
  waitlistJoin(variantId: $variant, channel: $channel, from: $from, to: $to, practitionerId: $who, seats: $seats) {{
    entry {{ {ENTRY} }} errors {{ field code }}
  }}
}}
"""
LEAVE = f"mutation Leave($id: ID!) {{ waitlistLeave(id: $id) {{ entry {{ {ENTRY} }} errors {{ field code }} }} }}"
ACCEPT = """
mutation Accept($id: ID!, $checkout: ID!) {
  waitlistAccept(id: $id, checkoutId: $checkout) {
    checkout { lines { quantity variant { id } } } errors { field code }
  }
}
"""
ENTRIES = f"{{ waitlistEntries(first: 50) {{ totalCount edges {{ node {{ {ENTRY} }} }} }} }}"
BY_TOKEN = f"query Entry($token: String!) {{ waitlistEntry(token: $token) {{ {ENTRY} offeredTimezone }} }}"
DAY = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=5)
NOBODY = ids.encode("WaitlistEntry", "00000000-0000-4000-8000-000000000000")


async def open_clinic(api: Api) -> dict[str, Any]:
    """A service with one time a day, at nine; what a mutation needs to wait for it."""

    async def work(session: AsyncSession) -> tuple[int, int]:
        channel = await make.channel(session, slug="default-channel")
        practitioner = await clinic.resource(session, hours=(("09:00", "10:00"),))
        service = await clinic.service(session, channel, [practitioner])
        return service.id, service.variant_id

    service_id, variant_id = await api.database.run(work)
    return {
        "service": service_id,
        "variant": ids.encode("ProductVariant", variant_id),
        "channel": "default-channel",
        "from": DAY.isoformat(),
        "to": (DAY + timedelta(days=1)).isoformat(),
    }


async def entries(api: Api, token: str | None) -> list[dict[str, Any]]:
    found = (await api(ENTRIES, token=token)).data["waitlistEntries"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


async def test_from_the_queue_into_the_cart(api: Api) -> None:
    wish = await open_clinic(api)
    token = await api.login("owner@example.com")
    joined = (await api(JOIN, wish, token=token)).data["waitlistJoin"]
    assert joined["errors"] == []
    entry = joined["entry"]
    assert (entry["state"], entry["seats"], entry["offeredStart"]) == ("WAITING", 1, None)
    assert datetime.fromisoformat(entry["from"]) == DAY
    again = (await api(JOIN, wish, token=token)).data["waitlistJoin"]["entry"]
    assert again["id"] == entry["id"]
    await offer_next(api.database, api.settings, wish["service"], clock.now())
    (offered,) = await entries(api, token)
    assert (offered["id"], offered["state"]) == (entry["id"], "OFFERED")
    assert datetime.fromisoformat(offered["offeredStart"]) == DAY + timedelta(hours=9)
    created = await api(
        'mutation { checkoutCreate(input: {channel: "default-channel", lines: []}) { checkout { id } } }', token=token
    )
    cart = created.data["checkoutCreate"]["checkout"]["id"]
    taken = (await api(ACCEPT, {"id": entry["id"], "checkout": cart}, token=token)).data["waitlistAccept"]
    assert taken == {"checkout": {"lines": [{"quantity": 1, "variant": {"id": wish["variant"]}}]}, "errors": []}
    twice = (await api(ACCEPT, {"id": entry["id"], "checkout": cart}, token=token)).data["waitlistAccept"]
    assert twice == {"checkout": None, "errors": [{"field": "id", "code": "INVALID_STATE"}]}
    left = (await api(LEAVE, {"id": entry["id"]}, token=token)).data["waitlistLeave"]
    assert left == {"entry": None, "errors": [{"field": "id", "code": "INVALID_STATE"}]}


@pytest.mark.parametrize(
    ("caller", "permissions", "sees", "leave"),
    [
        (None, (), None, "PermissionDenied"),
        ("owner@example.com", (), 1, None),
        ("other@example.com", (), 0, "NOT_FOUND"),
        ("clerk@example.com", ("MANAGE_PRODUCTS",), 0, "NOT_FOUND"),
        ("chief@example.com", ("MANAGE_BOOKINGS",), 1, None),
    ],
)
async def test_who_sees_and_ends_whose_waiting(
    api: Api, caller: str | None, permissions: tuple[str, ...], sees: int | None, leave: str | None
) -> None:
    wish = await open_clinic(api)
    owner = await api.login("owner@example.com")
    id = (await api(JOIN, wish, token=owner)).data["waitlistJoin"]["entry"]["id"]
    token = await api.login(caller, *permissions) if caller else None
    seen = await api(ENTRIES, token=token)
    reply = await api(LEAVE, {"id": id}, token=token)
    taken = await api(
        ACCEPT, {"id": id, "checkout": ids.encode("Checkout", ids.decode_uuid(NOBODY, "WaitlistEntry"))}, token=token
    )
    if sees is None:
        assert [one.errors[0]["extensions"]["exception"]["code"] for one in (seen, reply, taken)] == [leave] * 3
    else:
        assert seen.data["waitlistEntries"]["totalCount"] == sees
        payload = reply.data["waitlistLeave"]
        if leave is None:
            assert (payload["errors"], payload["entry"]["state"]) == ([], "LEFT")
        else:
            assert payload == {"entry": None, "errors": [{"field": "id", "code": leave}]}
        # Nobody takes what is offered to somebody else; nothing is offered here.
        code = "INVALID_STATE" if caller == "owner@example.com" else "NOT_FOUND"
        assert taken.data["waitlistAccept"] == {"checkout": None, "errors": [{"field": "id", "code": code}]}
    (entry,) = await entries(api, owner)
    assert entry["state"] == ("LEFT" if leave is None else "WAITING")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"variant": ids.encode("ProductVariant", 2_000_000)}, ("variantId", "NOT_FOUND")),
        ({"variant": ids.encode("Product", 1)}, ("variantId", "GRAPHQL_ERROR")),
        ({"channel": "none"}, ("channel", "NOT_FOUND")),
        ({"who": ids.encode("Practitioner", 2_000_000)}, ("practitionerId", "INVALID")),
        ({"seats": 2}, ("seats", "INVALID")),
        ({"to": DAY.isoformat()}, ("to", "INVALID")),
    ],
)
async def test_what_cannot_be_waited_for(api: Api, change: dict[str, Any], error: tuple[str, str]) -> None:
    wish = await open_clinic(api)
    token = await api.login()
    reply = await api(JOIN, wish | change, token=token)
    assert reply.data["waitlistJoin"] == {"entry": None, "errors": [{"field": error[0], "code": error[1]}]}
    assert await entries(api, token) == []


async def test_twenty_cost_the_statements_of_one(api: Api) -> None:
    wish = await open_clinic(api)
    token = await api.login()
    await api(JOIN, wish, token=token)
    one = await api(ENTRIES, token=token)
    for number in range(1, 20):
        start = (DAY + timedelta(minutes=number)).isoformat()
        await api(JOIN, wish | {"from": start}, token=token)
    twenty = await api(ENTRIES, token=token)
    assert len(twenty.data["waitlistEntries"]["edges"]) == 20
    assert one.statements == twenty.statements
    page = (
        "query Page($after: String) { waitlistEntries(first: 15, after: $after, states: [WAITING]) { totalCount"
        " pageInfo { hasNextPage endCursor } edges { node { from } } } }"
    )
    first = (await api(page, token=token)).data["waitlistEntries"]
    rest = (await api(page, {"after": first["pageInfo"]["endCursor"]}, token=token)).data["waitlistEntries"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (20, True, False)
    starts = [edge["node"]["from"] for edge in first["edges"] + rest["edges"]]
    assert starts == sorted(starts, reverse=True)
    assert len(starts) == 20
    none = (await api("{ waitlistEntries(first: 5, states: [LEFT, OFFERED]) { totalCount } }", token=token)).data
    assert none == {"waitlistEntries": {"totalCount": 0}}


GUESTS_JOIN = JOIN.replace("$seats: Int! = 1", "$seats: Int! = 1, $email: String").replace(
    "seats: $seats", "seats: $seats, email: $email"
)
GUESTS_LEAVE = (
    "mutation Leave($token: String!) { waitlistLeave(token: $token) { entry { state } errors { field code } } }"
)
GUESTS_ACCEPT = ACCEPT.replace("$id: ID!", "$token: String!").replace("id: $id", "token: $token")


async def offered_link(api: Api, wish: dict[str, Any]) -> str:
    """The key of the link in the mail with the offer, whom it went to."""
    settings = api.settings.model_copy(update={"public_url": "https://shop.example"})
    await offer_next(api.database, settings, wish["service"], clock.now())

    async def mail(session: AsyncSession) -> str:
        found = await session.execute(text("SELECT text FROM mail_message WHERE recipient = 'guest@example.com'"))
        return str(found.scalar_one())

    (line,) = [line for line in (await api.database.run(mail)).splitlines() if "https://shop.example/waitlist/" in line]
    return line.rpartition("/")[2]


async def test_a_guest_takes_what_is_offered_by_mail(api: Api) -> None:
    wish = await open_clinic(api)
    joined = (await api(GUESTS_JOIN, wish | {"email": " Guest@example.com"})).data["waitlistJoin"]
    assert (joined["errors"], joined["entry"]["state"]) == ([], "WAITING")
    key = await offered_link(api, wish)
    seen = (await api(BY_TOKEN, {"token": key})).data["waitlistEntry"]
    assert (seen["id"], seen["state"], seen["offeredTimezone"]) == (joined["entry"]["id"], "OFFERED", "UTC")
    assert seen["service"] == {"durationMinutes": 60}
    for unknown in ("", "x", key[:-2], key + "x"):
        assert (await api(BY_TOKEN, {"token": unknown})).data["waitlistEntry"] is None
        left = (await api(GUESTS_LEAVE, {"token": unknown})).data["waitlistLeave"]
        assert left == {"entry": None, "errors": [{"field": "token", "code": "NOT_FOUND"}]}
    created = await api(
        'mutation { checkoutCreate(input: {channel: "default-channel", lines: []}) { checkout { id } } }'
    )
    cart = created.data["checkoutCreate"]["checkout"]["id"]
    taken = (await api(GUESTS_ACCEPT, {"token": key, "checkout": cart})).data["waitlistAccept"]
    assert taken == {"checkout": {"lines": [{"quantity": 1, "variant": {"id": wish["variant"]}}]}, "errors": []}
    left = (await api(GUESTS_LEAVE, {"token": key})).data["waitlistLeave"]
    assert left == {"entry": None, "errors": [{"field": "id", "code": "INVALID_STATE"}]}


async def test_a_guest_leaves_by_the_link_and_the_time_is_free(api: Api) -> None:
    wish = await open_clinic(api)
    await api(GUESTS_JOIN, wish | {"email": "guest@example.com"})
    key = await offered_link(api, wish)
    left = (await api(GUESTS_LEAVE, {"token": key})).data["waitlistLeave"]
    assert left == {"entry": {"state": "LEFT"}, "errors": []}

    async def held(session: AsyncSession) -> int:
        return int((await session.execute(text("SELECT count(*) FROM booking_allocation"))).scalar_one())

    assert await api.database.run(held) == 0


async def test_who_gives_which_e_mail(api: Api) -> None:
    wish = await open_clinic(api)
    token = await api.login("owner@example.com")
    for caller, email, expected in (
        (None, None, [("email", "REQUIRED")]),
        (None, " ", [("email", "REQUIRED")]),
        (None, "nobody", [("email", "INVALID")]),
        (token, "other@example.com", [("email", "INVALID")]),
        (token, "Owner@example.com", []),
        # The same place in the queue: a guest of that name learns no more than that.
        (None, "owner@example.com", []),
    ):
        payload = (await api(GUESTS_JOIN, wish | {"email": email}, token=caller)).data["waitlistJoin"]
        assert [(error["field"], error["code"]) for error in payload["errors"]] == expected, email
    assert len(await entries(api, token)) == 1
    both = f'mutation {{ waitlistLeave(id: "{NOBODY}", token: "x") {{ errors {{ field code }} }} }}'
    for query in (both, "mutation { waitlistLeave { errors { field code } } }"):
        assert (await api(query)).data["waitlistLeave"]["errors"] == [{"field": "id", "code": "GRAPHQL_ERROR"}]


async def test_a_guest_s_place_is_the_account_s_once_the_mailbox_is_proved(api: Api) -> None:
    wish = await open_clinic(api)
    await api(GUESTS_JOIN, wish | {"email": "owner@example.com"})
    token = await api.login("owner@example.com")
    assert await entries(api, token) == []

    async def prove(session: AsyncSession) -> None:
        found = await session.execute(text("SELECT id FROM account_user WHERE email = 'owner@example.com'"))
        await attach_guest_entries(session, MailboxProved(found.scalar_one(), "owner@example.com"))

    await api.database.run(prove)
    assert [entry["state"] for entry in await entries(api, token)] == ["WAITING"]
