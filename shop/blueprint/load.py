"""A shop file from disk, checked as far as the file alone allows: its form, and names that are used twice.

Whether a name that it mentions exists is asked by `apply`, since it may be in the shop already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shop.blueprint import source
from shop.blueprint.errors import Problem, ShopFileError
from shop.blueprint.format import Block, Category, Media, MenuItem, ShopFile
from shop.blueprint.format.base import MEANINGS
from shop.blueprint.source import Path as SourcePath
from shop.blueprint.source import Source

DEMO = Path(__file__).with_name("demo.yaml")


@dataclass(frozen=True)
class Loaded:
    """A valid shop file, with what is needed to point into it."""

    shop: ShopFile
    source: Source
    folder: Path


def load(path: Path) -> Loaded:
    """The shop file at this path. Raises: ShopFileError, with every problem of its form found at once."""
    try:
        text = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ShopFileError([Problem(str(path), 1, "(file)", f"The file cannot be read: {reason}.")]) from None
    found = parse(text, str(path))
    return Loaded(found.shop, found.source, path.parent)


def parse(text: str | bytes, name: str = "shop.yaml", folder: Path = Path()) -> Loaded:
    """The shop file that the text holds. Raises: ShopFileError."""
    origin = source.read(text, name)
    if not isinstance(origin.values, dict):
        raise ShopFileError([origin.problem((), "A shop file is a mapping of sections, such as `products:`.")])
    try:
        # Through Python values, not JSON: prices are Decimals with the digits that were written.
        shop = ShopFile.model_validate(origin.values)
    except ValidationError as error:
        raise ShopFileError([_problem(origin, details) for details in error.errors(include_url=False)]) from None
    if twice := list(_written_twice(shop, origin)):
        raise ShopFileError(twice)
    return Loaded(shop, origin, folder)


def _problem(origin: Source, details: ErrorDetails) -> Problem:
    """The error at the place in the file: pydantic's location also names union branches, which no file has."""
    path: SourcePath = ()
    loc = details["loc"]
    for index, part in enumerate(loc):
        if part == "[key]":
            continue
        last = index == len(loc) - 1
        if (*path, part) in origin.lines or (last and details["type"] == "missing"):
            path = (*path, part)
    return origin.problem(path, _message(details))


def _message(details: ErrorDetails) -> str:
    kind, value = details["type"], details["input"]
    if kind == "missing":
        return "This is required."
    if kind == "extra_forbidden":
        return "There is no such key here; is it misspelt?"
    if kind == "string_pattern_mismatch":
        meaning = MEANINGS.get(details.get("ctx", {}).get("pattern", ""), "This has the wrong form")
        return f"{meaning} (found {value!r:.60})."
    message = details["msg"].removeprefix("Value error, ")
    message = message[:1].upper() + message[1:]
    if isinstance(value, str | int | float | Decimal) or value is None:
        shown = "nothing" if value is None else f"{str(value) if isinstance(value, Decimal) else repr(value):.60}"
        return f"{message} (found {shown})."
    return f"{message}."


def _written_twice(shop: ShopFile, origin: Source) -> Iterator[Problem]:
    for what, keys in _keys(shop):
        first: dict[str, SourcePath] = {}
        for key, path in keys:
            if key in first:
                line = origin.line(first[key])
                yield origin.problem(path, f"{what} {key!r} is already on line {line}.")
            else:
                first[key] = path


def _keys(shop: ShopFile) -> Iterator[tuple[str, list[tuple[str, SourcePath]]]]:
    """Every name that must be unique in the file, with its places."""
    plain: tuple[tuple[str, str, str], ...] = (
        ("Tax class", "tax_classes", "name"),
        ("Warehouse", "warehouses", "slug"),
        ("Channel", "channels", "slug"),
        ("Shipping zone", "shipping_zones", "name"),
        ("Attribute", "attributes", "slug"),
        ("Product type", "product_types", "slug"),
        ("Product", "products", "slug"),
        ("Collection", "collections", "slug"),
        ("Page type", "page_types", "slug"),
        ("Page", "pages", "slug"),
        ("Menu", "menus", "slug"),
        ("Widget area", "widget_areas", "slug"),
        ("Voucher", "vouchers", "name"),
        ("Promotion", "promotions", "name"),
    )
    for what, section, attribute in plain:
        items: list[Any] = getattr(shop, section)
        yield what, [(getattr(item, attribute), (section, at, attribute)) for at, item in enumerate(items)]
    yield "Staff user", [(user.email.lower(), ("staff", at, "email")) for at, user in enumerate(shop.staff)]
    yield "Category", [(category.slug, (*path, "slug")) for category, path, _ in categories(shop)]
    yield (
        "Sku",
        [
            (variant.sku, ("products", at, "variants", place, "sku"))
            for at, product in enumerate(shop.products)
            for place, variant in enumerate(product.variants)
        ],
    )
    yield (
        "Code",
        [
            (code.lower(), ("vouchers", at, "codes", n))
            for at, voucher in enumerate(shop.vouchers)
            for n, code in enumerate(voucher.codes)
        ],
    )
    for at, zone in enumerate(shop.shipping_zones):
        yield (
            "Shipping method",
            [(method.name, ("shipping_zones", at, "methods", n, "name")) for n, method in enumerate(zone.methods)],
        )
    for at, collection in enumerate(shop.collections):
        yield "Product", [(slug, ("collections", at, "products", n)) for n, slug in enumerate(collection.products)]
    for at, menu in enumerate(shop.menus):
        for items, path in menu_levels(menu.items, ("menus", at, "items")):
            yield "Menu entry", [(item.name, (*path, n, "name")) for n, item in enumerate(items)]


def categories(shop: ShopFile) -> Iterator[tuple[Category, SourcePath, str | None]]:
    """Every category with its place and its parent's slug, parents before children."""

    def walk(
        branch: list[Category], path: SourcePath, parent: str | None
    ) -> Iterator[tuple[Category, SourcePath, str | None]]:
        for at, category in enumerate(branch):
            here = (*path, at)
            yield category, here, parent
            yield from walk(category.children, (*here, "children"), category.slug)

    yield from walk(shop.categories, ("categories",), None)


def menu_levels(items: list[MenuItem], path: SourcePath) -> Iterator[tuple[list[MenuItem], SourcePath]]:
    """Every list of entries of a menu with its place, outer before inner."""
    yield items, path
    for at, item in enumerate(items):
        if item.items:
            yield from menu_levels(item.items, (*path, at, "items"))


def pictures(shop: ShopFile) -> Iterator[tuple[Media, SourcePath]]:
    """Every picture of the file with its place."""
    for at, product in enumerate(shop.products):
        yield from ((media, ("products", at, "media", n)) for n, media in enumerate(product.media))
    for category, path, _ in categories(shop):
        if category.picture is not None:
            yield category.picture, (*path, "picture")
    for at, collection in enumerate(shop.collections):
        if collection.picture is not None:
            yield collection.picture, ("collections", at, "picture")
    yield from images(shop)


def images(shop: ShopFile) -> Iterator[tuple[Media, SourcePath]]:
    """Every picture that stands in rich text, with its place."""
    for content, path in _contents(shop):
        for at, block in enumerate(content):
            if block.image is not None:
                yield block.image, (*path, at, "image")


def _contents(shop: ShopFile) -> Iterator[tuple[list[Block], SourcePath]]:
    """Every rich text with its place, in the file's own language and in the others."""
    for thing, field, path in _written(shop):
        yield getattr(thing, field), (*path, field)
        for language, translated in thing.translations.items():
            yield getattr(translated, field), (*path, "translations", language, field)
    for at, area in enumerate(shop.widget_areas):
        for n, widget in enumerate(area.widgets):
            yield widget.text, ("widget_areas", at, "widgets", n, "text")


def _written(shop: ShopFile) -> Iterator[tuple[Any, str, SourcePath]]:
    """Whatever has a rich text: the thing, the name of its text, and its place."""
    for at, product in enumerate(shop.products):
        yield product, "description", ("products", at)
    for category, path, _ in categories(shop):
        yield category, "description", path
    for at, collection in enumerate(shop.collections):
        yield collection, "description", ("collections", at)
    for at, zone in enumerate(shop.shipping_zones):
        for place, method in enumerate(zone.methods):
            yield method, "description", ("shipping_zones", at, "methods", place)
    for at, page in enumerate(shop.pages):
        yield page, "content", ("pages", at)
