"""Thousands of products for benchmarks, written by COPY: the same ones for the same number, spread as in a real shop.

They are known by their slugs (`seed-…`) and stand beside what the shop holds; channels and warehouses are the shop's.
"""

import random
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.models import Attribute as AttributeRow
from shop.attributes.models import ProductValue, Value, VariantValue
from shop.blueprint import richtext
from shop.blueprint.apply import apply
from shop.blueprint.format import Attribute, Category, Choice, ProductType, ShopFile
from shop.blueprint.load import Loaded
from shop.blueprint.seed_words import MATERIALS, OPTIONS, QUALITIES, TREE, WORDS
from shop.blueprint.source import Source
from shop.browse.models import AttributeSort, ProductText
from shop.catalogue.models import Category as CategoryRow
from shop.catalogue.models import Product, ProductMedia, Variant
from shop.catalogue.models import ProductType as ProductTypeRow
from shop.channels.models import Channel
from shop.kit.db import Units
from shop.kit.errors import Conflict
from shop.media.models import Asset
from shop.pricing import actions as pricing
from shop.pricing.models import ProductListing, VariantListing
from shop.stock.models import Stock, Warehouse

VARIANTS: Final = 3
PREFIX: Final = "seed-"
_CHUNK: Final = 2_000
# Prices are drawn in the first channel's currency; the others follow at a rate.
_RATES: Final = {"USD": Decimal(1), "EUR": Decimal("0.92"), "GBP": Decimal("0.79"), "JPY": Decimal(150)}
# Attributes: what products are made of (choices that many share), how much there is (a number of each product's own),
# and the size of variants.
_MATERIAL: Final = f"{PREFIX}material"
_CONTENT: Final = f"{PREFIX}content"
_SIZE: Final = f"{PREFIX}size"
_TYPES_HAVE: Final = """
INSERT INTO attribute_of_product_type (product_type_id, attribute_id, of_variants, variant_selection)
SELECT kind.id, attribute.id, attribute.slug = :size, attribute.slug = :size
FROM catalogue_product_type AS kind, attribute_attribute AS attribute
WHERE kind.slug = ANY(:types) AND attribute.slug IN (:material, :content, :size) ON CONFLICT DO NOTHING
"""
_FIRST_DAY: Final = datetime(2023, 1, 2, 9, tzinfo=UTC)


Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Ground:
    """What seeded products refer to."""

    channels: tuple[tuple[int, str], ...]
    warehouses: tuple[uuid.UUID, ...]
    types: tuple[int, ...]
    # Ids of the leaves of the tree with their names.
    leaves: tuple[tuple[int, str], ...]
    assets: tuple[int, ...]
    # Ids of the choices by attribute and name, and of the attribute of numbers.
    choices: dict[tuple[str, str], int]
    content_id: int


async def seed(units: Units, size: int, *, progress: Progress | None = None) -> int:
    """The shop holds the first `size` seeded products, each with three variants; returns how many were added.

    Run again with a larger number, it adds the rest. `progress` hears of products done and wanted.
    Raises: Conflict where the shop has no channel yet.
    """
    ground = await _prepare(units)
    done = await units.run(_count)
    added = 0
    for first in range(done, size, _CHUNK):
        numbers = range(first, min(first + _CHUNK, size))
        await units.run(lambda session, numbers=numbers: _write(session, ground, numbers))  # type: ignore[misc]
        added += len(numbers)
        if progress is not None:
            progress(numbers.stop, size)
    if added:
        # The planner must know the new sizes before anybody measures.
        await units.run(_analyze)
    return added


async def _count(session: AsyncSession) -> int:
    statement = select(func.count()).select_from(Product).where(Product.slug.startswith(PREFIX, autoescape=True))
    return int((await session.execute(statement)).scalar_one())


async def _analyze(session: AsyncSession) -> None:
    for model in (
        Product,
        Variant,
        ProductMedia,
        ProductListing,
        VariantListing,
        Stock,
        ProductText,
        AttributeSort,
        Value,
        ProductValue,
        VariantValue,
    ):
        await session.execute(text(f"ANALYZE {model.__tablename__}"))


def _slug(name: str) -> str:
    return PREFIX + name.lower().replace(" ", "-")


async def _prepare(units: Units) -> _Ground:
    """Product types and the tree of categories exist; the ids of everything that products refer to."""
    categories = [
        Category(
            slug=_slug(root),
            name=root,
            children=[Category(slug=_slug(leaf), name=leaf) for leaf in leaves],
        )
        for root, leaves in TREE.items()
    ]
    attributes = [
        Attribute(slug=_MATERIAL, name="Material", choices=[Choice(name=name.capitalize()) for name in MATERIALS]),
        Attribute(slug=_CONTENT, name="Content", input="numeric"),
        Attribute(slug=_SIZE, name="Size", choices=[Choice(name=name) for names in OPTIONS for name in names]),
    ]
    types = [ProductType(slug=_slug(name), name=name) for name in ("Cosmetic", "Object", "Textile", "Supply")]
    shop = ShopFile(categories=categories, product_types=types, attributes=attributes)
    await apply(units, Loaded(shop, Source("seed", {}, {}), Path()), media_folder=Path())

    async def read(session: AsyncSession) -> _Ground:
        channels = await session.execute(select(Channel.id, Channel.currency).order_by(Channel.id))
        warehouses = await session.execute(select(Warehouse.id).order_by(Warehouse.slug))
        type_ids = await session.execute(
            select(ProductTypeRow.id)
            .where(ProductTypeRow.slug.in_([one.slug for one in types]))
            .order_by(ProductTypeRow.id)
            .where(ProductTypeRow.slug.in_([one.slug for one in types]))
            .order_by(ProductTypeRow.id)
        )
        names = {_slug(leaf): leaf for leaves in TREE.values() for leaf in leaves}
        leaf_ids = await session.execute(
            select(CategoryRow.id, CategoryRow.slug).where(CategoryRow.slug.in_(names)).order_by(CategoryRow.id)
        )
        assets = await session.execute(select(Asset.id).order_by(Asset.id).limit(50))
        await session.execute(
            text(_TYPES_HAVE),
            {"types": [one.slug for one in types], "material": _MATERIAL, "content": _CONTENT, "size": _SIZE},
        )
        choices = await session.execute(
            select(AttributeRow.slug, Value.name, Value.id)
            .join(Value, Value.attribute_id == AttributeRow.id)
            .where(AttributeRow.slug.in_((_MATERIAL, _SIZE)))
        )
        content_id = (await session.execute(select(AttributeRow.id).where(AttributeRow.slug == _CONTENT))).scalar_one()
        return _Ground(
            tuple((row.id, row.currency) for row in channels),
            tuple(warehouses.scalars()),
            tuple(type_ids.scalars()),
            tuple((row.id, names[row.slug]) for row in leaf_ids),
            tuple(assets.scalars()),
            {(slug, name): pk for slug, name, pk in choices},
            content_id,
        )

    ground = await units.run(read)
    if not ground.channels:
        raise Conflict("The shop has no channel yet; apply a shop file first.")
    return ground


async def _write(session: AsyncSession, ground: _Ground, numbers: range) -> None:
    product_ids = await _ids(session, Product.__tablename__, len(numbers))
    variant_ids = iter(await _ids(session, Variant.__tablename__, len(numbers) * VARIANTS))
    rows = _Rows(ground, await _ids(session, Value.__tablename__, len(numbers)))
    for number, product_id in zip(numbers, product_ids, strict=True):
        rows.add(number, product_id, [next(variant_ids) for _ in range(VARIANTS)])
    # Otherwise each table would write the texts of all products anew.
    await session.execute(text("SET LOCAL shop.texts = 'later'"))
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    for table, columns, records in rows.tables():
        if records:
            await driver.copy_records_to_table(table, records=records, columns=columns)
    # A product and its variants refer to each other, so one of them comes last.
    await session.execute(
        text(
            "UPDATE catalogue_product SET default_variant_id = v.id FROM catalogue_variant v "
            "WHERE v.product_id = catalogue_product.id AND v.sort_order = 0 AND catalogue_product.id = ANY(:ids)"
        ),
        {"ids": product_ids},
    )
    await pricing.refresh_listings(session, product_ids)
    await session.execute(text("SET LOCAL shop.texts = ''"))
    await session.execute(text("SELECT browse_write_texts(:ids)"), {"ids": product_ids})


async def _ids(session: AsyncSession, table: str, number: int) -> list[int]:
    statement = text(
        "SELECT nextval(pg_get_serial_sequence(:table, 'id')::regclass)::int FROM generate_series(1, :number)"
    )
    return list((await session.execute(statement, {"table": table, "number": number})).scalars())


class _Rows:
    """Records of a chunk, table by table."""

    def __init__(self, ground: _Ground, value_ids: list[int]) -> None:
        self.ground = ground
        self.values: list[tuple[Any, ...]] = []
        self.product_values: list[tuple[Any, ...]] = []
        self.variant_values: list[tuple[Any, ...]] = []
        self._value_ids = iter(value_ids)
        self.products: list[tuple[Any, ...]] = []
        self.variants: list[tuple[Any, ...]] = []
        self.listings: list[tuple[Any, ...]] = []
        self.prices: list[tuple[Any, ...]] = []
        self.stocks: list[tuple[Any, ...]] = []
        self.media: list[tuple[Any, ...]] = []
        # A few leaves hold most products, and a few words make most texts.
        self._leaf_weights = _zipf(len(ground.leaves))
        self._word_weights = _zipf(len(WORDS))

    def add(self, number: int, product_id: int, variant_ids: Sequence[int]) -> None:
        """One product with everything that belongs to it; the number alone decides what it is."""
        chance = random.Random(number)  # noqa: S311 - it must be predictable
        ground = self.ground
        [(category_id, noun)] = chance.choices(ground.leaves, cum_weights=self._leaf_weights)
        quality, material = chance.choice(QUALITIES), chance.choice(MATERIALS)
        name = f"{quality.capitalize()} {material} {noun.lower()}"
        paragraphs = [self._sentence(chance, chance.randint(8, 30)) for _ in range(chance.choice((1, 2, 2, 3)))]
        created = _FIRST_DAY + timedelta(minutes=chance.randrange(3 * 365 * 24 * 60))
        slug = f"{PREFIX}{number:06}"
        self.products.append(
            (
                product_id,
                chance.choice(ground.types),
                category_id,
                name,
                slug,
                orjson.dumps(richtext.document([richtext.paragraph(part) for part in paragraphs])).decode(),
                "\n".join(paragraphs),
                f"{name}. {paragraphs[0]}"[:160],
                Decimal(chance.randrange(20, 1_500)) / 1_000,
                round(chance.uniform(2.8, 5), 1) if chance.random() < 0.7 else None,
                created,
                created,
            )
        )
        self._offer(chance, product_id, variant_ids, slug, created)
        self._describe(chance, product_id, material)
        shown = chance.sample(ground.assets, min(len(ground.assets), chance.choice((1, 1, 2, 3))))
        self.media += [(product_id, asset_id, name, at) for at, asset_id in enumerate(shown)]

    def _describe(self, chance: random.Random, product_id: int, material: str) -> None:
        """What a product is like."""
        content, value_id = chance.randrange(5, 1_000), next(self._value_ids)
        self.values.append((value_id, self.ground.content_id, f"{product_id}", f"{content}", Decimal(content)))
        self.product_values.append((product_id, self.ground.choices[_MATERIAL, material.capitalize()]))
        self.product_values.append((product_id, value_id))

    def _offer(
        self, chance: random.Random, product_id: int, variant_ids: Sequence[int], slug: str, created: datetime
    ) -> None:
        """Variants, prices, listings and stock of one product."""
        # Many cheap things, few dear ones.
        base = Decimal(min(900, max(4, round(chance.lognormvariate(3.1, 0.7)))))
        names = chance.choice(OPTIONS)
        tracked = chance.random() < 0.95
        for at, variant_id in enumerate(variant_ids):
            self.variant_values.append((variant_id, self.ground.choices[_SIZE, names[at]]))
            self.variants.append(
                (variant_id, product_id, f"{slug.upper()}-{at + 1}", names[at], at, tracked, created, created)
            )
            for warehouse_id in self.ground.warehouses if tracked else ():
                quantity = 0 if chance.random() < 0.12 else 1 + int(chance.expovariate(1 / 40))
                self.stocks.append((warehouse_id, variant_id, quantity))
        for place, (channel_id, currency) in enumerate(self.ground.channels):
            # The first channel sells nearly everything, the others most of it.
            if chance.random() > (0.97 if place == 0 else 0.75):
                continue
            is_published = chance.random() < 0.95
            published_at = created if is_published else None
            self.listings.append((product_id, channel_id, currency, is_published, published_at, True, created))
            for at, variant_id in enumerate(variant_ids):
                amount = round((base * (10 + 4 * at) / 10) * _RATES.get(currency, Decimal(1))) - Decimal("0.1")
                amount = Decimal(round(amount)) if currency == "JPY" else amount
                self.prices.append((variant_id, channel_id, currency, amount))

    def _sentence(self, chance: random.Random, length: int) -> str:
        return " ".join(chance.choices(WORDS, cum_weights=self._word_weights, k=length)).capitalize() + "."

    def tables(self) -> Iterable[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
        """Each table with its columns and records, parents first."""
        yield (
            Product.__tablename__,
            (
                "id",
                "product_type_id",
                "category_id",
                "name",
                "slug",
                "description",
                "description_text",
                "seo_description",
                "weight_kg",
                "rating",
                "created_at",
                "updated_at",
            ),
            self.products,
        )
        yield (
            Variant.__tablename__,
            ("id", "product_id", "sku", "name", "sort_order", "track_inventory", "created_at", "updated_at"),
            self.variants,
        )
        yield (
            ProductListing.__tablename__,
            (
                "product_id",
                "channel_id",
                "currency",
                "is_published",
                "published_at",
                "visible_in_listings",
                "available_for_purchase_at",
            ),
            self.listings,
        )
        yield VariantListing.__tablename__, ("variant_id", "channel_id", "currency", "price_amount"), self.prices
        yield Stock.__tablename__, ("warehouse_id", "variant_id", "quantity"), self.stocks
        yield Value.__tablename__, ("id", "attribute_id", "slug", "name", "number"), self.values
        yield ProductValue.__tablename__, ("product_id", "value_id"), self.product_values
        yield VariantValue.__tablename__, ("variant_id", "value_id"), self.variant_values
        yield ProductMedia.__tablename__, ("product_id", "asset_id", "alt", "sort_order"), self.media


def _zipf(number: int) -> list[float]:
    """Cumulative weights that fall with the rank."""
    return list(accumulate(1 / (rank + 2) for rank in range(number)))
