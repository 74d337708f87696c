"""The form of a shop file: every problem is reported at once, with line and path."""

import json
import re
from pathlib import Path

import pytest

from shop.blueprint import schema
from shop.blueprint.errors import ShopFileError
from shop.blueprint.format.content import editorjs
from shop.blueprint.load import load, parse

ROOT = Path(__file__).resolve().parents[2]


def problems(text: str) -> list[str]:
    with pytest.raises(ShopFileError) as caught:
        parse(text)
    return [str(problem) for problem in caught.value.problems]


def test_all_problems_with_line_and_path() -> None:
    text = """\
channels:
  - slug: A
    name: Main
    curency: USD
    default_country: us
products:
  - slug: soap
    name: Soap
    type: goods
    description:
      - header: Good
        level: 7
      - paragraph: Text
        list: [a]
    variants:
      - sku: 1
        prices: {main: -1, other: 1.2345}
        stock: {here: many}
"""
    assert problems(text) == [
        "shop.yaml:2: channels[0].slug: Expected lower-case letters and digits, parted by single hyphens (found 'A').",
        "shop.yaml:2: channels[0].currency: This is required.",
        "shop.yaml:4: channels[0].curency: There is no such key here; is it misspelt?",
        "shop.yaml:5: channels[0].default_country: Expected a country as two capital letters, such as US (found 'us').",
        "shop.yaml:12: products[0].description[0].level: Input should be less than or equal to 4 (found 7).",
        (
            "shop.yaml:13: products[0].description[1]: A block has exactly one of paragraph, header, list, image, "
            "disclaimer, references or type."
        ),
        "shop.yaml:17: products[0].variants[0].prices.main: Input should be greater than or equal to 0 (found -1).",
        (
            "shop.yaml:17: products[0].variants[0].prices.other:"
            " Decimal input should have no more than 3 decimal places (found 1.2345)."
        ),
        (
            "shop.yaml:18: products[0].variants[0].stock.here:"
            " Input should be a valid integer, unable to parse string as an integer (found 'many')."
        ),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "shop.yaml:1: (file): A shop file is a mapping of sections, such as `products:`."),
        ("version: 2\n", "shop.yaml:1: version: Input should be 1 (found 2)."),
        ("product: []\n", "shop.yaml:1: product: There is no such key here; is it misspelt?"),
        (
            "pages:\n  - {slug: a, title: A, type: x}\n  - {slug: a, title: B, type: x}\n",
            "shop.yaml:3: pages[1].slug: Page 'a' is already on line 2.",
        ),
        (
            "categories:\n  - slug: a\n    name: A\n    children:\n      - {slug: a, name: B}\n",
            "shop.yaml:5: categories[0].children[0].slug: Category 'a' is already on line 2.",
        ),
        (
            (
                "products:\n  - slug: a\n    name: A\n    type: t\n    variants:\n      - {sku: X, prices: {}}\n"
                "      - {sku: X, prices: {}}\n"
            ),
            "shop.yaml:7: products[0].variants[1].sku: Sku 'X' is already on line 6.",
        ),
        (
            "products:\n  - {slug: a, name: A, type: t, variants: [{sku: X, prices: {}, media: [1]}]}\n",
            "shop.yaml:2: products[0]: Variant X names picture 1, but there are 0.",
        ),
        (
            "menus:\n  - slug: m\n    name: M\n    items:\n      - {name: A, page: a, url: /b}\n",
            "shop.yaml:5: menus[0].items[0]: An entry leads to one place, not to page and url.",
        ),
        (
            "menus:\n  - slug: m\n    name: M\n    items:\n      - {name: A, url: 'javascript:x'}\n",
            (
                "shop.yaml:5: menus[0].items[0].url: Expected an address that begins with https://, http:// or /"
                " (found 'javascript:x')."
            ),
        ),
        (
            "categories:\n  - slug: a\n    name: A\n    picture: {alt: x}\n",
            "shop.yaml:4: categories[0].picture: A picture has exactly one of file or draw.",
        ),
    ],
)
def test_single_problems(text: str, message: str) -> None:
    assert problems(text) == [message]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ShopFileError, match="The file cannot be read: No such file or directory"):
        load(tmp_path / "none.yaml")


def test_text_is_content_and_its_empty_lines_part_paragraphs() -> None:
    shop = parse(
        "pages:\n  - slug: a\n    title: A\n    type: x\n    content: |\n      One\n      line.\n\n      **Two**\n"
    ).shop
    assert editorjs(shop.pages[0].content, {}) == {
        "blocks": [
            {"type": "paragraph", "data": {"text": "One line."}},
            {"type": "paragraph", "data": {"text": "<b>Two</b>"}},
        ],
        "version": "2.24.3",
    }


def test_raw_blocks_are_sanitised() -> None:
    text = """
pages:
  - slug: a
    title: A
    type: x
    content:
      - type: quote
        data: {text: "Words<script>alert(1)</script> <a href='javascript:x'>x</a>", caption: Whose}
"""
    assert editorjs(parse(text).shop.pages[0].content, {}) == {
        "blocks": [{"type": "quote", "data": {"text": 'Words <a rel="noopener">x</a>', "caption": "Whose"}}],
        "version": "2.24.3",
    }


def test_a_variant_is_named_by_its_options() -> None:
    text = """
products:
  - slug: a
    name: A
    type: t
    variants:
      - {sku: X, options: {Size: 250, Colour: Sage}, prices: {main: 1, other: 2}}
      - {sku: Y, name: Plain, prices: {main: 1}}
      - {sku: 3, prices: {}}
    channels:
      other: {published: false}
"""
    product = parse(text).shop.products[0]
    assert [variant.title for variant in product.variants] == ["250 / Sage", "Plain", "3"]
    assert {slug: listing.published for slug, listing in product.listings().items()} == {"main": True, "other": False}


def test_the_schema_in_the_docs_is_the_formats() -> None:
    kept = (ROOT / schema.FILE).read_text(encoding="utf-8")
    assert kept == schema.text(), "write it anew: python -m shop.blueprint.schema"


def test_every_key_of_the_format_is_explained() -> None:
    text = (ROOT / "docs" / "shop-file.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`[^`]*`|```.*?```", text, re.DOTALL))))
    explained |= set(re.findall(r"(?m)^### (.*)$", text.replace(", ", "\n### ")))
    definitions = json.loads(schema.text())
    keys = {key for model in [definitions, *definitions["$defs"].values()] for key in model["properties"]}
    assert sorted(keys - explained) == []
