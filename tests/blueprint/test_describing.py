"""Attributes and translations of shop files."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from shop.blueprint.apply import Report, apply
from shop.blueprint.errors import ShopFileError
from shop.blueprint.load import parse
from shop.kit.db import Database
from shop.translations.models import Translation

FILE = """
channels:
  - {slug: main, name: Main, currency: USD, default_country: US}
shipping_zones:
  - name: Home
    countries: [US]
    methods: [{name: Post, prices: {}, translations: {de: {name: Per Post, description: Mit der Post.}}}]
attributes:
  - slug: colour
    name: Colour
    input: swatch
    choices:
      - {name: Sage, colour: "#9CAF88", translations: {de: {name: Salbei}}}
    translations: {de: {name: Farbe}}
  - {slug: material, name: Material, input: multiselect}
  - {slug: width, name: Width, input: numeric, shown: false}
  - {slug: note, name: Note, input: plain_text}
product_types:
  - {slug: goods, name: Goods}
products:
  - slug: sheet
    name: Sheet
    type: goods
    attributes: {material: [Silk, Cotton], width: 1.5, note: Wash it.}
    translations: {de: {name: Laken, slug: laken, description: Ein Laken.}}
    variants:
      - {sku: S, options: {Colour: Sage, Size: S/M}, prices: {main: 4}, translations: {de: {name: Salbei}}}
      - {sku: L, options: {Colour: Dusk blue, Size: L}, prices: {main: 5}}
menus:
  - {slug: top, name: Top, items: [{name: A, url: /a, items: [{name: B, url: /b, translations: {de: {name: Bee}}}]}]}
"""
Apply = Callable[..., Awaitable[Report]]

VARIANTS = text("""
    SELECT variant.sku, attribute.slug, value.name, value.value FROM attribute_variant_value had
    JOIN catalogue_variant variant ON variant.id = had.variant_id JOIN attribute_value value ON value.id = had.value_id
    JOIN attribute_attribute attribute ON attribute.id = value.attribute_id ORDER BY sku DESC, had.sort_order
""")
PRODUCTS = text("""
    SELECT attribute.slug, value.slug, value.name, value.number, value.plain_text FROM attribute_product_value had
    JOIN attribute_value value ON value.id = had.value_id
    JOIN attribute_attribute attribute ON attribute.id = value.attribute_id ORDER BY had.sort_order
""")
TYPES = text("""
    SELECT attribute.slug, input_type, visible_in_storefront, of_variants, variant_selection
    FROM attribute_of_product_type JOIN attribute_attribute attribute ON attribute.id = attribute_id ORDER BY sort_order
""")


@pytest.fixture
def applied(database: Database, tmp_path: Path) -> Apply:
    async def run(file: str, **options: Any) -> Report:
        return await apply(database, parse(file), media_folder=tmp_path, **options)

    return run


async def _rows(database: Database, statement: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await database.run(lambda session: _read(session, statement))]


async def _read(session: Any, statement: Any) -> Any:
    return (await session.execute(statement)).all()


async def test_options_and_attributes_are_stored(database: Database, applied: Apply) -> None:
    await applied(FILE)
    assert await _rows(database, VARIANTS) == [
        ("S", "colour", "Sage", "#9CAF88"),
        ("S", "size", "S/M", ""),
        ("L", "colour", "Dusk blue", ""),
        ("L", "size", "L", ""),
    ]
    assert await _rows(database, PRODUCTS) == [
        ("material", "silk", "Silk", None, None),
        ("material", "cotton", "Cotton", None, None),
        ("width", "sheet-width", "1.5", 1.5, None),
        ("note", "sheet-note", "Wash it.", None, "Wash it."),
    ]
    assert await _rows(database, TYPES) == [
        ("colour", "SWATCH", True, True, True),
        ("size", "DROPDOWN", True, True, True),
        ("material", "MULTISELECT", True, False, False),
        ("width", "NUMERIC", False, False, False),
        ("note", "PLAIN_TEXT", True, False, False),
    ]
    assert not (await applied(FILE)).changed
    assert not (await applied(FILE, prune=True)).changed


async def test_a_changed_option_replaces_the_old_one_and_several_choices_stay(
    database: Database, applied: Apply
) -> None:
    await applied(FILE)
    await applied(FILE.replace("Size: L}", "Size: XL}").replace("[Silk, Cotton]", "[Linen]"))
    assert ("L", "size", "XL", "") in await _rows(database, VARIANTS)
    assert ("L", "size", "L", "") not in await _rows(database, VARIANTS)
    assert {row[2] for row in await _rows(database, PRODUCTS) if row[0] == "material"} == {"Silk", "Cotton", "Linen"}
    await applied(FILE.replace("[Silk, Cotton]", "[Linen]"), prune=True)
    assert {row[2] for row in await _rows(database, PRODUCTS) if row[0] == "material"} == {"Linen"}


async def test_translations_are_stored_and_changed(database: Database, applied: Apply) -> None:
    await applied(FILE)
    stored = select(Translation.kind, Translation.language, Translation.slug, Translation.texts).order_by(
        Translation.kind
    )
    found = {row[0]: row[1:] for row in await _rows(database, stored)}
    laken = {"blocks": [{"type": "paragraph", "data": {"text": "Ein Laken."}}]}
    assert found["product"][:2] == ("de", "laken")
    assert found["product"][2]["name"] == "Laken"
    assert found["product"][2]["description"]["blocks"] == laken["blocks"]
    assert found["variant"] == ("de", None, {"name": "Salbei"})
    assert found["attribute"] == ("de", None, {"name": "Farbe"})
    assert found["attribute_value"] == ("de", None, {"name": "Salbei"})
    assert found["menu_item"] == ("de", None, {"name": "Bee"})
    assert found["shipping_method"][2]["name"] == "Per Post"
    report = await applied(FILE.replace("name: Laken, slug: laken", "name: Leintuch"))
    assert [(change.action, change.kind, change.name) for change in report.changes] == [
        ("update", "translation", "de of sheet")
    ]


async def test_a_translation_that_the_file_does_not_say_stays_unless_it_prunes(
    database: Database, applied: Apply
) -> None:
    await applied(FILE)
    stored = select(Translation.kind, Translation.language).order_by(Translation.kind)
    whole = await _rows(database, stored)
    # A thing's words go as a whole, or in one language; what the file is silent about is nobody's loss.
    silent = FILE.replace("    translations: {de: {name: Farbe}}\n", "").replace(
        "de: {name: Salbei}", "fr: {name: Sauge}"
    )
    assert silent != FILE
    report = await applied(silent)
    assert [(change.action, change.name) for change in report.changes] == [
        ("create", "fr of S"),
        ("create", "fr of Sage of colour"),
    ]
    report = await applied(silent, prune=True)
    assert {(change.action, change.kind, change.name) for change in report.changes} == {
        ("delete", "translation", "de of S"),
        ("delete", "translation", "de of Sage of colour"),
        ("delete", "translation", "de of colour"),
    }
    kept = [row for row in whole if row[0] not in {"attribute", "attribute_value", "variant"}]
    assert await _rows(database, stored) == sorted([*kept, ("attribute_value", "fr"), ("variant", "fr")])
    assert not (await applied(silent, prune=True)).changed


async def test_what_cannot_be_said(applied: Apply) -> None:
    with pytest.raises(ShopFileError, match="There is no attribute 'weave'"):
        await applied(FILE.replace("material: [Silk, Cotton]", "weave: Plain"))
    with pytest.raises(ShopFileError, match="Expected a language"):
        await applied(FILE.replace("translations: {de: {name: Laken", "translations: {German: {name: Laken"))
    with pytest.raises(ShopFileError, match="not chosen from a list"):
        await applied(FILE.replace("input: swatch", "input: numeric"))
    with pytest.raises(ShopFileError, match="Expected a number"):
        await applied(FILE.replace("width: 1.5", "width: wide"))
    with pytest.raises(ShopFileError, match="Only a multiselect has several values"):
        await applied(FILE.replace("width: 1.5", "width: [1, 2]"))
