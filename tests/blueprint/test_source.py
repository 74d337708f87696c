"""Reading YAML: values keep their digits and lines, and YAML's surprises are refused."""

from decimal import Decimal
from typing import Any

import pytest

from shop.blueprint.errors import ShopFileError
from shop.blueprint.source import read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("10:30", "10:30"),
        ("2026-01-31", "2026-01-31"),
        ("12", 12),
        ("-3", -3),
        ("012", "012"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("1e3", "1e3"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("~", None),
        ("", None),
        ("|\n    two\n    lines\n", "two\nlines\n"),
    ],
)
def test_plain_values(text: str, value: Any) -> None:
    assert read(f"key: {text}\n", "shop.yaml").values == {"key": value}


def test_a_price_keeps_its_digits() -> None:
    price = read("price: 18.90", "shop.yaml").values["price"]
    assert isinstance(price, Decimal)
    assert str(price) == "18.90"


def test_every_value_has_its_line() -> None:
    source = read("a:\n  - b: 1\n    c:\n      - x\n      - y\n", "shop.yaml")
    assert source.line(("a",)) == 1
    assert source.line(("a", 0, "b")) == 2
    assert source.line(("a", 0, "c", 1)) == 5
    # What is not there is pointed to by what would hold it.
    assert source.line(("a", 0, "missing", "deep")) == 2


def problem(text: str | bytes) -> str:
    with pytest.raises(ShopFileError) as caught:
        read(text, "shop.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "shop.yaml:2: a: This key is written twice, first on line 1."),
        ("a: !!python/object/apply:os.system ['true']\n", "shop.yaml:1: a: Tag tag:yaml.org,2002:python/object/apply"),
        ("a: !include x\n", "shop.yaml:1: a: Tag !include is not allowed here"),
        ("base: &base {a: 1}\nb:\n  <<: *base\n", "shop.yaml:3: b.<<: Merge keys (<<) are not supported."),
        ("? [a, b]\n: 1\n", "shop.yaml:1: (file): A key must be plain text."),
        ("a: [1, 2\nb: 3\n", "shop.yaml:2: (file): Not valid YAML"),
        ("a: 1\n---\nb: 2\n", "Not valid YAML"),
        ("a: &a [*a]\n", "nested too deeply"),
        (b"a: \xff\xfe\n", "shop.yaml:1: (file): Not valid YAML"),
        ("a: \x07\n", "Not valid YAML"),
    ],
)
def test_what_is_refused(text: str | bytes, message: str) -> None:
    assert message in problem(text)


def test_anchors_that_multiply_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.blueprint.source.MAX_VALUES", 10_000)
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "too many values" in problem("\n".join(lines))


def test_an_anchor_may_be_used_again() -> None:
    assert read("a: &a [1, 2]\nb: *a\n", "shop.yaml").values == {"a": [1, 2], "b": [1, 2]}


def test_an_empty_file_is_an_empty_shop() -> None:
    assert read("# nothing yet\n", "shop.yaml").values == {}
