"""Criteria as values: what a shape is, ranges as text, and words of a search."""

from decimal import Decimal

import pytest

from shop.browse.criteria import PRODUCTS, Criteria, number_range
from shop.browse.listing import Kind, page
from shop.browse.queries import CATEGORY_LIST, COLLECTION_LIST, PRODUCT_LIST, VARIANT_LIST, Sight
from shop.browse.search import query, words
from shop.kit.db.reader import prepare


def test_a_shape_holds_no_values_and_the_values_keep_its_order() -> None:
    inner = Criteria((("slugs", ["a"]), ("in_stock", True)), any_of=True)
    criteria = Criteria((("ids", [1]), inner, ("has_category", False)))
    assert criteria.shape == ("and", "ids", ("or", "slugs", "in_stock"), "has_category")
    assert criteria.params == {"value_0": [1], "value_1": ["a"], "value_2": True, "value_3": False}
    assert criteria.need_channel(PRODUCTS) is True
    assert Criteria((("ids", [1]),)).need_channel(PRODUCTS) is False


@pytest.mark.parametrize(
    ("start", "stop", "text"),
    [
        ("1.50", "20", "[1.50,20]"),
        (None, "20", "[,20]"),
        ("1E+3", None, "[1000,]"),
        (None, None, "[,]"),
        ("2", "1", "empty"),
    ],
)
def test_a_range_is_written_as_the_database_reads_it(start: str | None, stop: str | None, text: str) -> None:
    assert number_range(Decimal(start) if start else None, Decimal(stop) if stop else None) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hair", "hair:*"),
        ("  Hair   loss ", "Hair:* & loss:*"),
        ("o'neill & <b>:*", "o:* & neill:* & b:*"),
        ("Haar\u00f6l 50%", "Haar\u00f6l:* & 50:*"),
        ("!?", ""),
        ("x " * 100, " & ".join(["x:*"] * 20)),
    ],
)
def test_whatever_is_typed_becomes_a_query(text: str, expected: str) -> None:
    assert query(words(text)) == expected


def test_kinds_that_are_alike_share_one_statement() -> None:
    first = page(Kind(PRODUCT_LIST, Sight(True, True), ("and", "ids"), "SLUG"), (False, None))
    again = page(Kind(PRODUCT_LIST, Sight(True, True), ("and", "ids"), "SLUG"), (False, None))
    other = page(Kind(PRODUCT_LIST, Sight(True, True), ("and", "ids"), "SLUG"), (True, None))
    assert first is again
    assert first is not other


@pytest.mark.parametrize("listing", [PRODUCT_LIST, VARIANT_LIST, CATEGORY_LIST, COLLECTION_LIST])
def test_every_order_and_criterion_makes_a_statement_that_the_reader_takes(listing: object) -> None:
    assert isinstance(listing, type(PRODUCT_LIST))
    for sort in listing.sorts:
        for within in (None, *listing.within):
            for window in ((False, None), (True, (False, False))):
                kind = Kind(listing, Sight(True, True), ("and", "ids"), sort, within=within)
                assert len(prepare(page(kind, window)).columns) == len(listing.columns) + 2 + (within is not None)
    for criterion in listing.criteria:
        kind = Kind(listing, Sight(True, True), ("and", criterion), next(iter(listing.sorts)))
        assert len(prepare(page(kind, (False, None))).columns) == len(listing.columns) + 2
