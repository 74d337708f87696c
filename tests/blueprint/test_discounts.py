"""Vouchers and promotions of shop files: made, changed, left alone, and carried by prices at once."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shop.blueprint.apply import Report, apply
from shop.blueprint.errors import ShopFileError
from shop.blueprint.load import parse
from shop.kit.db import Database
from shop.kit.errors import Conflict
from tests.blueprint.test_apply import BASE, rows

Apply = Callable[..., Awaitable[Report]]

DISCOUNTS = """
vouchers:
  - {name: Welcome, codes: [WELCOME10, Hello], percent: 10, channels: [main, tokyo], usage_limit: 100}
  - {name: Soap, codes: [SOAP], type: goods, categories: [soap], amounts: {main: 1.25}, minimum: {main: 10}}
promotions:
  - {name: Clean, percent: 10, channels: [main, tokyo], products: [bar]}
  - {name: Big carts, amounts: {main: 15}, minimum_cart: 200}
"""
NEW_YEAR = "2030-01-01T00:00:00Z"
VOUCHERS = text(
    "SELECT v.name, v.type, v.value_type, v.usage_limit, array_agg(DISTINCT c.code ORDER BY c.code), "
    "array_agg(DISTINCT ch.slug || ' ' || l.value::text || ' ' || coalesce(l.minimum_amount::text, '')) "
    "FROM discount_voucher v JOIN discount_voucher_code c ON c.voucher_id = v.id "
    "JOIN discount_voucher_listing l ON l.voucher_id = v.id JOIN channel_channel ch ON ch.id = l.channel_id "
    "GROUP BY v.id ORDER BY v.name"
)
PRICES = text(
    "SELECT v.sku, l.currency, l.sold_at_amount::text FROM pricing_variant_listing l "
    "JOIN catalogue_variant v ON v.id = l.variant_id ORDER BY v.sku, l.currency"
)


@pytest.fixture
def apply_text(database: Database, tmp_path: Path) -> Apply:
    async def run(file: str, **options: bool) -> Report:
        return await apply(database, parse(file, folder=tmp_path), media_folder=tmp_path / "media", **options)

    return run


async def test_they_are_made_once_and_prices_carry_them(database: Database, apply_text: Apply) -> None:
    first = await apply_text(BASE + DISCOUNTS)
    assert (first.count("create", "voucher"), first.count("create", "promotion")) == (2, 2)
    assert await rows(database, VOUCHERS) == [
        ("Soap", "SPECIFIC_PRODUCT", "FIXED", None, ["SOAP"], ["main 1.250 10.000"]),
        (
            "Welcome",
            "ENTIRE_ORDER",
            "PERCENTAGE",
            100,
            ["Hello", "WELCOME10"],
            ["main 10.000 ", "tokyo 10.000 "],
        ),
    ]
    assert await rows(database, PRICES) == [
        ("BAR-1", "JPY", "450.000"),
        ("BAR-1", "USD", "4.050"),
        ("BAR-2", "USD", "7.200"),
    ]
    again = await apply_text(BASE + DISCOUNTS)
    assert again.changes == []


async def test_a_change_is_carried_too_and_uses_are_kept(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE + DISCOUNTS)
    async with database.unit() as session:
        await session.execute(text("UPDATE discount_voucher SET used = 7 WHERE name = 'Welcome'"))
    changed = DISCOUNTS.replace(
        "percent: 10, channels: [main, tokyo], products", "percent: 50, channels: [main], products"
    )
    report = await apply_text(BASE + changed.replace("usage_limit: 100", "usage_limit: 50"), prune=True)
    assert report.count("update", "voucher") == 1
    assert await rows(database, text("SELECT used, usage_limit FROM discount_voucher WHERE name = 'Welcome'")) == [
        (7, 50)
    ]
    assert await rows(database, PRICES) == [
        ("BAR-1", "JPY", "500.000"),
        ("BAR-1", "USD", "2.250"),
        ("BAR-2", "USD", "4.000"),
    ]


async def test_what_is_pruned_leaves_no_lower_price(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE + DISCOUNTS)
    await apply_text(BASE + "vouchers: []\npromotions: []\n", prune=True)
    assert await rows(database, text("SELECT count(*) FROM discount_voucher_code")) == [(0,)]
    assert [price for _, _, price in await rows(database, PRICES)] == ["500.000", "4.500", "8.000"]


async def test_one_that_has_not_begun_waits_for_the_clock(database: Database, apply_text: Apply) -> None:
    later = DISCOUNTS.replace("products: [bar]}", "products: [bar], starts_at: 2099-01-01T00:00:00Z}")
    await apply_text(BASE + later)
    assert [price for _, _, price in await rows(database, PRICES)] == ["500.000", "4.500", "8.000"]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("vouchers: [{name: A, codes: [X], percent: 10}]", "ercent needs channels"),
        ("vouchers: [{name: A, codes: [X], channels: [main]}]", "ither percent or amounts"),
        ("vouchers: [{name: A, codes: [X], percent: 0, channels: [main]}]", "greater than 0"),
        ("vouchers: [{name: A, codes: [X], percent: 101, channels: [main]}]", "less than or equal to 100"),
        ("vouchers: [{name: A, codes: [], percent: 10, channels: [main]}]", "at least 1 item"),
        ("vouchers: [{name: A, codes: [X], percent: 10, channels: [nowhere]}]", "no channel 'nowhere'"),
        ("vouchers: [{name: A, codes: [X, x], percent: 10, channels: [main]}]", "Code 'x' is already on line"),
        ("vouchers: [{name: A, codes: [X], type: goods, percent: 10, channels: [main]}]", "names products"),
        ("vouchers: [{name: A, codes: [X], percent: 10, channels: [main], products: [bar]}]", "names products"),
        ("vouchers: [{name: A, codes: [X], amounts: {tokyo: 1.5}}]", "JPY has 0 decimal places"),
        ("vouchers: [{name: A, codes: [X], amounts: {main: 1}, minimum: {tokyo: 5}}]", "inimum names tokyo"),
        ("promotions: [{name: A, amounts: {main: 1}, products: [nothing]}]", "no product 'nothing'"),
        ("promotions: [{name: A, amounts: {main: 1}, products: [bar], minimum_cart: 5}]", "name no goods"),
        ("promotions: [{name: A, amounts: {main: 1}, minimum_cart: 5, maximum_cart: 4}]", "less than minimum_cart"),
        (
            f"promotions: [{{name: A, amounts: {{main: 1}}, starts_at: {NEW_YEAR}, ends_at: {NEW_YEAR}}}]",
            "has to come after",
        ),
    ],
)
async def test_what_makes_no_sense_is_told_with_its_place(
    database: Database, apply_text: Apply, section: str, message: str
) -> None:
    with pytest.raises(ShopFileError) as refused:
        await apply_text(BASE + section + "\n")
    assert message in str(refused.value.problems[0])
    assert await rows(database, text("SELECT count(*) FROM discount_voucher")) == [(0,)]


async def test_a_code_that_somebody_made_meanwhile_stops_the_apply(committed: Database, tmp_path: Path) -> None:
    async def run(section: str) -> None:
        await apply(committed, parse(BASE + section, folder=tmp_path), media_folder=tmp_path / "media")

    await run("vouchers: [{name: A, codes: [X], percent: 10, channels: [main]}]\n")
    with pytest.raises(Conflict, match="nothing was changed"):
        await run("vouchers: [{name: B, codes: [x], percent: 5, channels: [main]}]\n")
    assert await rows(committed, text("SELECT name FROM discount_voucher")) == [("A",)]
