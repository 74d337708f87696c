"""`Idempotency-Key`: carried out once, answered alike for a day, and never to anybody else."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from shop.checkout import actions as checkout_actions
from shop.idempotency.jobs import forget
from shop.jobs import JobContext
from shop.kit.db import Database
from shop.kit.settings import Settings
from tests.api.client import Api, Reply
from tests.api.shopping import Shop, open_shop

CREATE = """
mutation ($input: CheckoutCreateInput!) {
  checkoutCreate(input: $input) { checkout { id } errors { code field } }
}
"""
ADD = """
mutation ($id: ID!, $lines: [CheckoutLineInput!]!) {
  checkoutLinesAdd(id: $id, lines: $lines) { checkout { id lines { quantity } } errors { code field } }
}
"""


class Client:
    """A shop, and a cart in it."""

    def __init__(self, api: Api, database: Database, shop: Shop, checkout: str) -> None:
        self.api = api
        self.database = database
        self.shop = shop
        self.checkout = checkout

    async def add(self, key: str | None, quantity: int = 1, **more: Any) -> Reply:
        lines = [{"variantId": self.shop.goods, "quantity": quantity}]
        return await self.ask(ADD, {"id": self.checkout, "lines": lines}, key, **more)

    async def create(self, key: str | None, quantity: int = 1, **more: Any) -> Reply:
        lines = [{"variantId": self.shop.goods, "quantity": quantity}]
        return await self.ask(CREATE, {"input": {"channel": "default-channel", "lines": lines}}, key, **more)

    async def ask(self, query: str, variables: dict[str, Any], key: str | None, **more: Any) -> Reply:
        return await self.api(query, variables, headers={} if key is None else {"Idempotency-Key": key}, **more)

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        async with self.database.unit() as session:
            return [tuple(row) for row in await session.execute(text(sql))]

    async def quantity(self) -> int:
        [(quantity,)] = await self.rows("SELECT coalesce(sum(quantity), 0) FROM checkout_line")
        return int(quantity)


async def client_of(api: Api, database: Database) -> Client:
    shop = await database.run(open_shop)
    given = {"input": {"channel": "default-channel", "lines": []}}
    checkout = (await api(CREATE, given)).data["checkoutCreate"]["checkout"]["id"]
    return Client(api, database, shop, checkout)


@pytest.fixture
async def client(api: Api, database: Database) -> Client:
    """One request after the other."""
    return await client_of(api, database)


@pytest.fixture
async def busy(committed_api: Api, committed: Database) -> Client:
    """Requests at once, over 20 connections."""
    return await client_of(committed_api, committed)


def refused(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.errors[0]["extensions"]["exception"]["code"]) == (status, code)
    assert reply.partial is None
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers.get("Retry-After") == ("2" if status == 409 else None)


async def test_asked_again_it_is_answered_again_and_done_once(client: Client) -> None:
    first, again = await client.add("one"), await client.add("one")
    assert first.data["checkoutLinesAdd"]["checkout"]["lines"] == [{"quantity": 1}]
    assert again.body == first.body
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert again.headers["Cache-Control"] == "no-store"
    assert await client.quantity() == 1
    assert (await client.add("another")).data["checkoutLinesAdd"]["checkout"]["lines"] == [{"quantity": 2}]


async def test_without_a_key_nothing_is_kept_and_nothing_costs_more(client: Client) -> None:
    plain, keyed = await client.add(None), await client.add("one")
    assert await client.quantity() == 2
    # Looked up, claimed; done with the unit; answered.
    assert keyed.statements == plain.statements + 4
    assert not any("idempotency" in sql for sql in plain.log.texts)
    assert (await client.add("one")).statements == 1


async def test_what_is_expected_to_fail_is_kept_too(client: Client) -> None:
    first = await client.add("one", 0)
    assert first.data["checkoutLinesAdd"]["errors"] == [{"code": "ZERO_QUANTITY", "field": "quantity"}]
    again = await client.add("one", 0)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")


async def test_the_same_key_for_something_else_is_an_error(client: Client) -> None:
    await client.add("one")
    refused(await client.add("one", 2), 422, "IdempotencyKeyReused")
    other = ADD.replace("errors { code field }", "errors { code }")
    lines = [{"variantId": client.shop.goods, "quantity": 1}]
    refused(await client.ask(other, {"id": client.checkout, "lines": lines}, "one"), 422, "IdempotencyKeyReused")
    assert await client.quantity() == 1


async def test_a_key_is_its_caller_s_own(client: Client) -> None:
    """Two users, and two guests with a checkout each, may hit upon the same key."""
    tokens = [await client.api.login(email) for email in ("one@example.com", "two@example.com")]
    carts = [(await client.create("same", token=token)).data["checkoutCreate"]["checkout"]["id"] for token in tokens]
    again = [await client.create("same", token=token) for token in tokens]
    assert [one.data["checkoutCreate"]["checkout"]["id"] for one in again] == carts
    assert len(set(carts)) == 2
    other = (await client.create(None)).data["checkoutCreate"]["checkout"]["id"]
    await client.add("same")
    lines = [{"variantId": client.shop.goods, "quantity": 1}]
    added = await client.ask(ADD, {"id": other, "lines": lines}, "same")
    assert added.data["checkoutLinesAdd"]["checkout"] == {"id": other, "lines": [{"quantity": 2}]}
    inline = ADD.replace("$id: ID!, ", "").replace("id: $id", f'id: "{other}"')
    refused(await client.ask(inline, {"lines": lines}, "same"), 422, "IdempotencyKeyReused")


async def test_a_guest_without_a_checkout_needs_a_key_that_nobody_guesses(client: Client) -> None:
    refused(await client.create("1"), 400, "IdempotencyKeyUnusable")
    key = str(uuid.uuid4())
    first, again = await client.create(key), await client.create(key)
    assert again.body == first.body
    assert await client.rows("SELECT count(*) FROM checkout_checkout") == [(2,)]


@pytest.mark.parametrize("key", ["", "x" * 256, "café", "a\tb"])
async def test_what_is_no_key(client: Client, key: str) -> None:
    body = b'{"query": "mutation { checkoutCreate(input: { lines: [] }) { errors { code } } }"}'
    headers = {"Idempotency-Key": key.encode().decode("latin-1"), "Content-Type": "application/json"}
    sent: Any = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    reply = await client.api.raw("POST", body, sent)
    assert (reply.status_code, reply.json()["errors"][0]["extensions"]["exception"]["code"]) == (
        400,
        "IdempotencyKeyUnusable",
    )


async def test_one_mutation_a_document(client: Client) -> None:
    create = "checkoutCreate(input: { lines: [] }) { errors { code } }"
    two = f"mutation {{ a: {create} b: {create} }}"
    refused(await client.ask(two, {}, "one"), 400, "IdempotencyKeyUnusable")
    spread = f"mutation {{ ...M }} fragment M on Mutation {{ {create} }}"
    refused(await client.ask(spread, {}, "one"), 400, "IdempotencyKeyUnusable")
    assert await client.rows("SELECT count(*) FROM idempotency_request") == [(0,)]


async def test_for_queries_and_log_ins_a_key_means_nothing(client: Client) -> None:
    assert (await client.ask("{ shop { name } }", {}, "one")).status == 200
    login = 'mutation { tokenCreate(email: "a@example.com", password: "x") { token errors { code } } }'
    assert (await client.ask(login, {}, "one")).data["tokenCreate"]["token"] is None
    broken = await client.ask("mutation { nothing }", {}, "one")
    assert broken.status == 400
    assert await client.rows("SELECT count(*) FROM idempotency_request") == [(0,)]


async def test_a_shop_without_its_secret_says_that_it_keeps_nothing(settings: Settings, client: Client) -> None:
    api = Api(settings.model_copy(update={"secret_key": None}), client.database)
    bare = Client(api, client.database, client.shop, client.checkout)
    refused(await bare.add("one"), 400, "IdempotencyKeyUnusable")
    assert await client.quantity() == 0
    await api.close()


async def test_many_at_once_are_one(busy: Client, rounds: Callable[[int, int], int]) -> None:
    """Rivals over 20 connections: one runs, the others wait and hear the same."""
    for turn in range(1, rounds(2, 10) + 1):
        replies = await asyncio.gather(*(busy.add(f"turn {turn}") for _ in range(rounds(12, 50))))
        assert {reply.status for reply in replies} == {200}
        assert len({repr(reply.body) for reply in replies}) == 1
        assert [reply.headers.get("Idempotent-Replayed") for reply in replies].count(None) == 1
        assert await busy.quantity() == turn
    assert await busy.rows("SELECT DISTINCT status FROM idempotency_request") == [("DONE",)]


async def test_who_waits_in_vain_is_told_so(busy: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy.api.graphql.once, "_wait_seconds", 0.3)
    begun, go_on = asyncio.Event(), asyncio.Event()
    put = checkout_actions.lines.put

    async def slow(session: AsyncSession, *args: Any, **more: Any) -> Any:
        begun.set()
        await go_on.wait()
        return await put(session, *args, **more)

    monkeypatch.setattr(checkout_actions.lines, "put", slow)
    first = asyncio.create_task(busy.add("one"))
    await begun.wait()
    refused(await busy.add("one"), 409, "IdempotencyKeyInUse")
    refused(await busy.add("one", 2), 422, "IdempotencyKeyReused")
    go_on.set()
    assert (await busy.add("one")).body == (await first).body
    assert await busy.quantity() == 1


async def test_an_unexpected_error_frees_the_key(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(checkout_actions.lines, "put", breaks)
        masked = await client.add("one")
        assert masked.errors[0]["extensions"]["exception"]["code"] == "InternalServerError"
    assert [one["event"] for one in logs] == ["unexpected error"]
    assert await client.rows("SELECT count(*) FROM idempotency_request") == [(0,)]
    assert (await client.add("one")).data["checkoutLinesAdd"]["checkout"]["lines"] == [{"quantity": 1}]


async def test_what_is_done_is_not_done_again_though_its_answer_was_lost(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies, or its connection, between the commit and the answer."""
    monkeypatch.setattr(client.api.graphql.once, "_wait_seconds", 0.3)
    await client.add("one")
    await change(
        client, text("UPDATE idempotency_request SET sealed = NULL, claimed_at = now() - interval '2 minutes'")
    )
    refused(await client.add("one"), 409, "IdempotencyAnswerLost")
    assert await client.quantity() == 1


async def test_an_attempt_that_died_is_made_again_after_a_minute(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client.api.graphql.once, "_wait_seconds", 0.3)
    await client.add("one")
    await change(client, text("UPDATE idempotency_request SET status = 'RUNNING', sealed = NULL"))
    refused(await client.add("one"), 409, "IdempotencyKeyInUse")
    await change(client, text("UPDATE idempotency_request SET claimed_at = now() - interval '61 seconds'"))
    refused(await client.add("one", 5), 422, "IdempotencyKeyReused")
    assert (await client.add("one")).data["checkoutLinesAdd"]["checkout"]["lines"] == [{"quantity": 2}]


async def test_an_attempt_that_lost_its_place_stores_nothing(busy: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    put = checkout_actions.lines.put

    async def too_slow(session: AsyncSession, *args: Any, **more: Any) -> Any:
        await change(busy, text("UPDATE idempotency_request SET attempt = gen_random_uuid()"))
        return await put(session, *args, **more)

    monkeypatch.setattr(checkout_actions.lines, "put", too_slow)
    with capture_logs() as logs:
        masked = await busy.add("one")
    assert [one["event"] for one in logs] == ["unexpected error"]
    assert masked.errors[0]["extensions"]["exception"]["code"] == "InternalServerError"
    assert await busy.quantity() == 0


async def test_answers_are_encrypted_and_forgotten_after_a_day(client: Client, settings: Settings) -> None:
    await client.add("one")
    [(key, sealed)] = await client.rows("SELECT id, sealed FROM idempotency_request")
    assert client.checkout not in sealed
    assert key != "one"
    await change(client, text("UPDATE idempotency_request SET claimed_at = now() - interval '23 hours'"))
    await client.add("two")
    context = JobContext(database=client.database, settings=settings)
    await forget(context)
    assert await client.rows("SELECT count(*) FROM idempotency_request") == [(2,)]
    await change(client, text("UPDATE idempotency_request SET claimed_at = now() - interval '25 hours'"))
    # Forgotten at once, though the row may still be there.
    assert (await client.add("one")).data["checkoutLinesAdd"]["checkout"]["lines"] == [{"quantity": 3}]
    await forget(context)
    assert await client.rows("SELECT count(*) FROM idempotency_request") == [(1,)]


async def test_an_answer_of_another_secret_is_no_answer(client: Client, settings: Settings) -> None:
    """After the root key was replaced the old keys mean nothing."""
    await client.add("one")
    other = settings.model_copy(update={"secret_key": SecretStr("another secret of many characters")})
    api = Api(other, client.database)
    renewed = Client(api, client.database, client.shop, client.checkout)
    assert (await renewed.add("one")).data["checkoutLinesAdd"]["checkout"]["lines"] == [{"quantity": 2}]
    await api.close()


async def change(client: Client, statement: Executable) -> None:
    async with client.database.unit() as session:
        await session.execute(statement)
