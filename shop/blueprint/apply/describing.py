"""Attributes with their values, and translations, of a shop file."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import text

from shop.attributes.models import Attribute, OfProductType, ProductValue, Value, VariantValue
from shop.blueprint import format as form
from shop.blueprint.apply.assets import Assets
from shop.blueprint.apply.names import Names
from shop.blueprint.apply.selling import everywhere, slug_of
from shop.blueprint.apply.table import Row, Scope, Stored, Sync
from shop.blueprint.format.content import editorjs
from shop.blueprint.format.describing import slugified
from shop.blueprint.load import categories
from shop.translations.models import Translation
from shop.translations.rules import WITH_SLUG

# A thing that has another choice now has the old one no longer, unless the attribute allows several.
_REPLACE: Final = """
    DELETE FROM attribute_{owner}_value had
    USING attribute_value old, unnest(CAST(:owners AS int[]), CAST(:values AS int[])) given (owner_id, value_id),
          attribute_value new, attribute_attribute attribute
    WHERE new.id = given.value_id AND attribute.id = new.attribute_id
    AND attribute.input_type NOT IN ('MULTISELECT', 'REFERENCE')
    AND had.{owner}_id = given.owner_id AND old.id = had.value_id
    AND old.attribute_id = new.attribute_id AND had.value_id <> given.value_id
"""
_REPLACE_OF: Final = {
    ProductValue: text(_REPLACE.format(owner="product")),
    VariantValue: text(_REPLACE.format(owner="variant")),
}


# Kind, id, name for reports, and the translations by language.
_Translated = tuple[str, int, str, Mapping[str, Any]]


def _by_name(shop: form.ShopFile) -> dict[str, form.Attribute]:
    return {attribute.name: attribute for attribute in shop.attributes}


def _options(shop: form.ShopFile) -> Iterator[tuple[form.Product, form.Variant, str, str, str]]:
    """Every option of every variant: with its attribute's slug, its name and its value."""
    slugs = {name: attribute.slug for name, attribute in _by_name(shop).items()}
    for product in shop.products:
        for variant in product.variants:
            for name, value in variant.options.items():
                yield product, variant, slugs.get(name) or slugified(name), name, value


def _described(shop: form.ShopFile) -> Iterator[tuple[form.Product, str, list[str]]]:
    """Every attribute of every product: its slug and values."""
    for product in shop.products:
        for slug, given in product.attributes.items():
            yield product, slug, [given] if isinstance(given, str) else given


async def apply_attributes(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Attributes and their values are stored, and what types, products and variants have of them.

    The options of variants are attributes by which shoppers choose.
    """
    rows = {
        attribute.slug: Row(
            (attribute.slug,),
            attribute.slug,
            {
                "name": attribute.name,
                "input_type": attribute.input.upper(),
                "visible_in_storefront": attribute.shown,
                "metadata": attribute.metadata,
            },
        )
        for attribute in shop.attributes
    }
    for _, _, slug, name, _ in _options(shop):
        rows.setdefault(slug, Row((slug,), slug, {}, {"name": name}))
    if not rows and "attributes" not in shop.model_fields_set and not any(_described(shop)):
        return
    scope = everywhere(shop, "attributes")
    stored = await sync.table(Attribute, "attribute", ["slug"], rows.values(), scope=scope, label=slug_of)
    names.learn("attribute", stored)
    values = await _apply_values(sync, names, shop)
    names.learn("attribute value", {(f"{attribute} {slug}",): pk for (attribute, slug), pk in values.items()})
    await _apply_types(sync, names, shop)
    given = [
        (names.id("product", product.slug), values[names.id("attribute", slug), _value_slug(shop, product, slug, one)])
        for product, slug, each in _described(shop)
        for one in each
    ]
    chosen = [
        (names.id("variant", variant.sku), values[names.id("attribute", slug), slugified(value)])
        for _, variant, slug, _, value in _options(shop)
    ]
    products = {names.id("product", product.slug) for product in shop.products}
    variants = {names.id("variant", variant.sku) for product in shop.products for variant in product.variants}
    await _give(sync, names, ProductValue, "product", given, products)
    await _give(sync, names, VariantValue, "variant", chosen, variants)


def _kinds(shop: form.ShopFile) -> dict[str, str]:
    return {attribute.slug: attribute.input for attribute in shop.attributes}


def _value_slug(shop: form.ShopFile, product: form.Product, slug: str, value: str) -> str:
    """A choice is shared; a text or a number belongs to its product."""
    kind = _kinds(shop)[slug]
    return f"{product.slug}-{slug}" if kind in ("numeric", "plain_text") else slugified(value)


async def _apply_values(sync: Sync, names: Names, shop: form.ShopFile) -> dict[tuple[int, str], int]:
    rows: dict[tuple[int, str], Row] = {}
    for attribute in shop.attributes:
        for at, choice in enumerate(attribute.choices):
            key = names.id("attribute", attribute.slug), choice.slug or slugified(choice.name)
            values = {"name": choice.name, "sort_order": at, "value": choice.colour or ""}
            rows[key] = Row(key, f"{choice.name} of {attribute.slug}", values)
    for _, _, slug, _, value in _options(shop):
        key = names.id("attribute", slug), slugified(value)
        rows.setdefault(key, Row(key, f"{value} of {slug}", {}, {"name": value, "sort_order": len(rows)}))
    kinds = _kinds(shop)
    for product, slug, each in _described(shop):
        for value in each:
            key = names.id("attribute", slug), _value_slug(shop, product, slug, value)
            row = Row(key, f"{value} of {slug}", {}, {"name": value, "sort_order": len(rows)})
            if kinds[slug] == "numeric":
                row = Row(key, row.name, {"name": value, "number": Decimal(value)})
            elif kinds[slug] == "plain_text":
                row = Row(key, row.name, {"name": value[:100], "plain_text": value})
            rows.setdefault(key, row)
    declared = {names.id("attribute", attribute.slug) for attribute in shop.attributes}
    return await sync.table(
        Value,
        "attribute value",
        ["attribute_id", "slug"],
        rows.values(),
        scope=Scope({"attribute_id": declared}) if "products" in shop.model_fields_set else None,
        label=lambda row: f"{row['name']} of {names.name('attribute', row['attribute_id'])}",
    )


async def _apply_types(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    wanted: dict[tuple[int, int], Row] = {}

    def add(product: form.Product, slug: str, *, of_variants: bool) -> None:
        key = names.id("product type", product.type), names.id("attribute", slug)
        values = {"of_variants": of_variants, "variant_selection": of_variants}
        wanted.setdefault(key, Row(key, f"{slug} of {product.type}", values, {"sort_order": len(wanted)}))

    for product, _, slug, _, _ in _options(shop):
        add(product, slug, of_variants=True)
    for product, slug, _ in _described(shop):
        add(product, slug, of_variants=False)
    await sync.table(
        OfProductType, "attribute of type", ["product_type_id", "attribute_id"], wanted.values(), scope=None
    )


async def _give(
    sync: Sync,
    names: Names,
    model: type[ProductValue] | type[VariantValue],
    owner: str,
    given: list[tuple[int, int]],
    owners: set[int],
) -> None:
    """The owners have the values, and no other value of an attribute that allows but one."""
    if given:
        pairs = {"owners": [one for one, _ in given], "values": [value for _, value in given]}
        await sync.session.execute(_REPLACE_OF[model], pairs)
    places: dict[int, int] = defaultdict(int)
    rows = []
    for one, value in given:
        rows.append(Row((one, value), f"value #{value} of {names.name(owner, one)}", {"sort_order": places[one]}))
        places[one] += 1
    await sync.table(
        model,
        f"value of {owner}",
        [f"{owner}_id", "value_id"],
        rows,
        scope=Scope({f"{owner}_id": owners}) if owners else None,
        label=lambda row: f"value #{row['value_id']} of {names.name(owner, row[f'{owner}_id'])}",
    )


def _texts(given: Any, names: Names, assets: Assets) -> dict[str, Any]:
    """What the file says in a language, as it is stored: nothing for what it leaves out."""
    found = {name: getattr(given, name) for name in type(given).model_fields if name != "slug"}
    products = names.ids["product"]
    made = {
        name: editorjs(value, assets.images, products) if isinstance(value, list) else value
        for name, value in found.items()
    }
    return {name: value for name, value in made.items() if value}


async def apply_translations(sync: Sync, names: Names, assets: Assets, shop: form.ShopFile) -> None:
    """What things are called in other languages is stored; an apply that prunes forgets what the file does not say."""
    said: dict[str, list[_Translated]] = defaultdict(list)
    for translated in [*_of_goods(names, shop), *_of_the_rest(names, shop)]:
        said[translated[0]].append(translated)
    for kind, things in said.items():
        rows = [
            Row(
                (kind, identity, language),
                f"{language} of {name}",
                {"texts": _texts(given, names, assets)} | ({"slug": given.slug} if kind in WITH_SLUG else {}),
            )
            for _, identity, name, translations in things
            for language, given in translations.items()
        ]
        called = {identity: name for _, identity, name, _ in things}
        scope = Scope({"kind": {kind}, "row_id": set(called)})
        if rows or sync.prune:
            key = ["kind", "row_id", "language"]
            label = partial(_label, called)
            await sync.table(Translation, "translation", key, rows, scope=scope, label=label)


def _label(called: Mapping[int, str], row: Stored) -> str:
    return f"{row['language']} of {called[row['row_id']]}"


def _of_goods(names: Names, shop: form.ShopFile) -> Iterator[_Translated]:
    for product in shop.products:
        yield "product", names.id("product", product.slug), product.slug, product.translations
        for variant in product.variants:
            yield "variant", names.id("variant", variant.sku), variant.sku, variant.translations
    for category, _, _ in categories(shop):
        yield "category", names.id("category", category.slug), category.slug, category.translations
    for collection in shop.collections:
        yield "collection", names.id("collection", collection.slug), collection.slug, collection.translations
    for attribute in shop.attributes:
        identity = names.id("attribute", attribute.slug)
        yield "attribute", identity, attribute.slug, attribute.translations
        for choice in attribute.choices:
            value = names.id("attribute value", f"{identity} {choice.slug or slugified(choice.name)}")
            yield "attribute_value", value, f"{choice.name} of {attribute.slug}", choice.translations


def _of_the_rest(names: Names, shop: form.ShopFile) -> Iterator[_Translated]:
    for zone in shop.shipping_zones:
        for method in zone.methods:
            name = f"{zone.name}: {method.name}"
            yield "shipping_method", names.id("shipping method", name), name, method.translations
    for page in shop.pages:
        yield "page", names.id("page", page.slug), page.slug, page.translations
    for menu in shop.menus:
        yield from _of_items(names, menu.items, menu.slug)


def _of_items(names: Names, items: list[form.MenuItem], above: str) -> Iterator[_Translated]:
    for item in items:
        name = f"{above} / {item.name}"
        yield "menu_item", names.id("menu entry", name), name, item.translations
        yield from _of_items(names, item.items, name)
