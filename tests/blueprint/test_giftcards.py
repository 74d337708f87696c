"""Gift cards of a shop file: issued once, and never filled again."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shop.blueprint.apply import Report, apply
from shop.blueprint.load import parse
from shop.giftcards.rules import digest
from shop.kit.db import Database
from tests.factories.payments import broken_invariants

Apply = Callable[..., Awaitable[Report]]
FILE = """
gift_cards:
  - {code: Winter-2099, amount: 50, currency: USD, expires_on: 2099-12-31, tags: [winter]}
  - {code: SUMMER 2099, amount: 0.5, currency: EUR}
"""


@pytest.fixture
def apply_text(database: Database, tmp_path: Path) -> Apply:
    async def run(file: str) -> Report:
        return await apply(database, parse(file, folder=tmp_path), media_folder=tmp_path / "media")

    return run


async def test_cards_are_issued_once_and_keep_what_is_left_on_them(database: Database, apply_text: Apply) -> None:
    assert (await apply_text(FILE)).count("create", "gift card") == 2
    assert not (await apply_text(FILE)).changed
    async with database.unit() as session:
        cards = await session.execute(
            text("SELECT code_digest, last_characters, current_amount, currency FROM giftcard_card ORDER BY id")
        )
        assert [tuple(row) for row in cards] == [
            (digest("winter2099"), "2099", 50, "USD"),
            (digest("Summer-2099"), "2099", 0.5, "EUR"),
        ]
        await session.execute(text("UPDATE giftcard_card SET current_amount = 20 WHERE currency = 'USD'"))
        await session.execute(
            text(
                "INSERT INTO giftcard_event (card_id, type, amount, balance_amount) "
                "SELECT id, 'USED_IN_ORDER', -30, 20 FROM giftcard_card WHERE currency = 'USD'"
            )
        )
    assert not (await apply_text(FILE)).changed
    report = await apply_text(FILE.replace("tags: [winter]", "tags: [winter], active: false").replace("50", "80"))
    assert [(change.kind, change.name) for change in report.changes] == [("gift card", "****2099")]
    async with database.unit() as session:
        left = await session.execute(text("SELECT current_amount, is_active FROM giftcard_card WHERE currency = 'USD'"))
        assert tuple(left.one()) == (20, False)
    assert await broken_invariants(database) == []
