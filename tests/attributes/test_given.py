"""What staff says of attributes, by the kind of each: a table of what is read, and of what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shop.attributes.errors import InvalidValues
from shop.attributes.rules import INPUT_TYPES
from shop.attributes.rules.given import Choice, Given, Kind, Own, Reference, StoredFile, Wish, moved, wishes
from shop.kit import ids

RED = Choice(value="Red")
FILE = StoredFile("ab/abc.png")
PAGE = Reference("PAGE", 7)
BLOCKS = {"blocks": [{"type": "paragraph", "data": {"text": "Hello"}}]}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _kind(input_type: str, *, required: bool = False) -> Kind:
    entity = "PAGE" if "REFERENCE" in input_type else None
    return Kind(5, "Colour", input_type, entity_type=entity, value_required=required)


@pytest.mark.parametrize(
    ("input_type", "given", "expected"),
    [
        ("DROPDOWN", {"dropdown": RED}, [RED]),
        ("DROPDOWN", {"values": ("Red",)}, [RED]),
        ("SWATCH", {"swatch": Choice(id=3)}, [Choice(id=3)]),
        ("SWATCH", {"values": ("red",)}, [Choice(value="red")]),
        ("MULTISELECT", {"multiselect": (RED, Choice(id=3))}, [RED, Choice(id=3)]),
        ("MULTISELECT", {"values": ("b", "a")}, [Choice(value="b"), Choice(value="a")]),
        ("NUMERIC", {"numeric": " 12.50 "}, [Own("12.50", {"number": Decimal("12.50")})]),
        ("NUMERIC", {"values": ("3",)}, [Own("3", {"number": Decimal(3)})]),
        ("NUMERIC", {"numeric": "1e3"}, [Own("1000", {"number": Decimal("1e3")})]),
        ("FILE", {"file": FILE}, [FILE]),
        ("REFERENCE", {"references": (PAGE, Reference("PAGE", 2))}, [PAGE, Reference("PAGE", 2)]),
        ("SINGLE_REFERENCE", {"reference": PAGE}, [PAGE]),
        ("RICH_TEXT", {"rich_text": BLOCKS, "rich_text_name": "Hello"}, [Own("Hello", {"rich_text": BLOCKS})]),
        ("RICH_TEXT", {"rich_text": BLOCKS}, [Own("Colour", {"rich_text": BLOCKS})]),
        ("PLAIN_TEXT", {"plain_text": " x " * 99}, [Own(("x" + "  x" * 98)[:100], {"plain_text": "x" + "  x" * 98})]),
        ("BOOLEAN", {"boolean": False}, [Own("Colour: No", {"boolean": False})]),
        ("BOOLEAN", {"boolean": True}, [Own("Colour: Yes", {"boolean": True})]),
        ("DATE", {"day": date(2026, 11, 23)}, [Own("2026-11-23", {"moment": datetime(2026, 11, 23, tzinfo=UTC)})]),
        ("DATE_TIME", {"moment": NOON}, [Own("2026-11-23T12:00:00+00:00", {"moment": NOON})]),
    ],
)
def test_what_is_said_is_read_by_the_kind(input_type: str, given: dict[str, Any], expected: list[Wish]) -> None:
    assert wishes(_kind(input_type), Given(id=5, **given)) == expected
    assert wishes(_kind(input_type, required=True), Given(id=5, **given)) == expected


@pytest.mark.parametrize("input_type", INPUT_TYPES)
@pytest.mark.parametrize("empty", [{}, {"plain_text": ""}, {"values": ()}, {"rich_text": {}}])
def test_nothing_empties_what_may_be_empty(input_type: str, empty: dict[str, Any]) -> None:
    assert wishes(_kind(input_type), Given(id=5, **empty)) == []
    with pytest.raises(InvalidValues, match="Colour needs a value") as refused:
        wishes(_kind(input_type, required=True), Given(id=5, **empty))
    assert refused.value.code == "REQUIRED"
    assert refused.value.params == {"attributes": [ids.encode("Attribute", 5)]}


@pytest.mark.parametrize(
    ("input_type", "given", "code", "message"),
    [
        ("DROPDOWN", {"values": ("a", "b")}, "INVALID", "takes one value"),
        ("DROPDOWN", {"numeric": "1"}, "INVALID", "takes `dropdown`, not `numeric`"),
        ("DROPDOWN", {"swatch": RED}, "INVALID", "takes `dropdown`, not `swatch`"),
        ("DROPDOWN", {"boolean": False}, "INVALID", "takes `dropdown`, not `boolean`"),
        ("DROPDOWN", {"dropdown": Choice(value=" ")}, "REQUIRED", "cannot be blank"),
        ("DROPDOWN", {"values": ("",)}, "REQUIRED", "cannot be blank"),
        ("DROPDOWN", {"dropdown": Choice()}, "REQUIRED", "not named"),
        ("DROPDOWN", {"dropdown": Choice(id=3, value="x")}, "INVALID", "by its `id`, or by"),
        ("SWATCH", {"swatch": Choice(value="x" * 251)}, "INVALID", "At most 250 characters"),
        ("MULTISELECT", {"multiselect": (RED, RED)}, "DUPLICATED_INPUT_ITEM", "twice"),
        ("NUMERIC", {"numeric": "twelve"}, "INVALID", "takes a number"),
        ("NUMERIC", {"numeric": "NaN"}, "INVALID", "at most 30 digits"),
        ("NUMERIC", {"numeric": "1e999999"}, "INVALID", "at most 30 digits"),
        ("NUMERIC", {"values": ("1", "2")}, "INVALID", "takes one value"),
        ("REFERENCE", {"references": (PAGE, PAGE)}, "DUPLICATED_INPUT_ITEM", "twice"),
        ("REFERENCE", {"references": (Reference("PRODUCT", 7),)}, "INVALID", "refers to something else: PAGE"),
        ("SINGLE_REFERENCE", {"references": (PAGE,)}, "INVALID", "takes `reference`, not `references`"),
        ("PLAIN_TEXT", {"plain_text": "x" * 100_001}, "INVALID", "At most 100000 characters"),
        ("PLAIN_TEXT", {"rich_text": BLOCKS}, "INVALID", "takes `plainText`, not `richText`"),
        ("DATE", {"moment": NOON}, "INVALID", "takes `date`, not `dateTime`"),
    ],
)
def test_what_does_not_fit_is_refused(input_type: str, given: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(InvalidValues, match=message) as refused:
        wishes(_kind(input_type), Given(id=5, **given))
    assert (refused.value.code, refused.value.field) == (code, "attributes")


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([], [1, 2, 3, 4]),
        ([(1, 1)], [2, 1, 3, 4]),
        ([(4, -1)], [1, 2, 4, 3]),
        ([(4, -99), (1, 99)], [4, 2, 3, 1]),
        ([(2, 0)], [1, 2, 3, 4]),
        ([(1, 1), (1, 1)], [2, 3, 1, 4]),
    ],
)
def test_moves_are_made_one_after_the_other(moves: list[tuple[int, int]], expected: list[int]) -> None:
    assert moved([1, 2, 3, 4], moves) == expected


def test_only_what_is_there_is_moved() -> None:
    with pytest.raises(KeyError):
        moved([1, 2], [(3, 1)])
