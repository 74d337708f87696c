"""Arbitrary calls: whatever is sent, the sandbox refuses it in its own words and never breaks."""

import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from shop.sandbox.api import OPERATIONS
from shop.sandbox.app import create_app
from shop.sandbox.settings import SandboxSettings

VALUES = [
    *("", "0", "-1", "1", "2000", "9" * 20, "1.5", "1e9", "+1", "²", "٣", "true", "false", "x", "é", "😀", "\0"),
    *("usd", "eur", "jpy", "card", "sepa_debit", "manual", "payment", "hosted_page", "pm_card_visa"),
    *("pm_card_chargeDeclined", "http://shop.example.com", "shopper@example.com"),
]
NESTINGS = [
    *("", "", "", "", "[]", "[0]", "[x]", "[0][x]", "[type]", "[gte]", "[card][number]", "[0][quantity]"),
    *("[0][price_data][currency]", "[0][price_data][unit_amount]", "[0][price_data][product_data][name]"),
]
PAGE_FIELDS = ("cardNumber", "cardExpiry", "cardCvc", "iban", "email", "cardholder", "answer")


@pytest.mark.anyio
async def test_no_call_breaks_it(tmp_path: Path, rounds: Callable[[int, int], int]) -> None:
    chance = random.Random(1)
    app = create_app(SandboxSettings(tmp_path / "state.sqlite", "http://sandbox.test"))
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://sandbox.test", auth=("sk_test_x", ""), timeout=10
    )
    seen: set[int] = set()
    async with app.router.lifespan_context(app), http:
        ids = [
            (await http.post("/v1/payment_intents", data={"amount": "2000", "currency": "usd"})).json()["id"],
            (await http.post("/v1/customers")).json()["id"],
            (await http.post("/v1/setup_intents")).json()["id"],
        ]
        for _ in range(rounds(150, 10_000)):
            operation = chance.choice(OPERATIONS)
            path = operation.path.replace("{id}", chance.choice(ids)).replace("{method}", chance.choice(ids))
            names = [*sorted(operation.supported), "expand", "unknown"]
            form = {
                chance.choice(names) + chance.choice(NESTINGS): chance.choice(VALUES + ids)
                for _ in range(chance.randint(0, 5))
            }
            if operation.method == "POST":
                answer = await http.post(path, data=form)
            else:
                answer = await http.request(operation.method, path, params=form)
            seen.add(answer.status_code)
            assert answer.status_code < 500, (operation.method, path, form)
            if answer.status_code == 200 and "id" in (body := answer.json()):
                ids = [*ids, body["id"]][-50:]
            for page in (f"/pay/{chance.choice(ids)}", f"/3ds/{chance.choice(ids)}"):
                card = {name: chance.choice(VALUES) for name in PAGE_FIELDS}
                assert (await http.post(page, data=card)).status_code < 500, (page, card)
    assert {200, 400, 404} <= seen
