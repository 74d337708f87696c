"""The product list of the benchmark: types, rows that lie ready, the document, and the same answer written by hand."""

from __future__ import annotations

import enum
from typing import Any

import strawberry

from shop.execution import batch_field


@strawberry.enum
class Lang(enum.Enum):
    EN = "en"
    DE = "de"


@strawberry.enum
class Kind(enum.Enum):
    IMAGE = "image"
    VIDEO = "video"


@strawberry.type
class Money:
    amount: float
    currency: str


@strawberry.type
class TaxedMoney:
    gross: Money
    net: Money
    tax: Money


@strawberry.type
class Range:
    start: TaxedMoney
    stop: TaxedMoney


@strawberry.type
class Pricing:
    on_sale: bool
    price_range: Range
    price_range_undiscounted: Range


@strawberry.type
class Translation:
    id: strawberry.ID
    name: str | None


@strawberry.type
class Image:
    url: str
    alt: str | None
    kind: Kind
    size: int


@strawberry.type
class Category:
    id: strawberry.ID
    name: str
    slug: str

    @batch_field
    @staticmethod
    async def translation(parents: list[Category], context: Context, lang: Lang) -> list[Translation | None]:
        return [context.category_translation for _ in parents]


@strawberry.type
class AttributeValue:
    id: strawberry.ID
    name: str
    slug: str


@strawberry.type
class Attribute:
    id: strawberry.ID
    name: str
    values: list[AttributeValue]


@strawberry.type
class Variant:
    id: strawberry.ID
    name: str
    sku: str | None
    quantity_available: int

    @batch_field
    @staticmethod
    async def pricing(parents: list[Variant], context: Context) -> list[Pricing | None]:
        return [context.pricing[parent.id] for parent in parents]


@strawberry.type
class Product:
    id: strawberry.ID
    name: str
    slug: str
    description: str | None
    rating: float | None
    available: bool
    created: str
    updated: str

    @strawberry.field
    def path(self) -> str:
        return "/p/" + self.slug

    @batch_field
    @staticmethod
    async def translation(parents: list[Product], context: Context, lang: Lang) -> list[Translation | None]:
        return [context.translations.get(parent.id) for parent in parents]

    @batch_field
    @staticmethod
    async def category(parents: list[Product], context: Context) -> list[Category | None]:
        return [context.categories[parent.id] for parent in parents]

    @batch_field
    @staticmethod
    async def pricing(parents: list[Product], context: Context) -> list[Pricing | None]:
        return [context.pricing[parent.id] for parent in parents]

    @batch_field
    @staticmethod
    async def media(parents: list[Product], context: Context) -> list[list[Image]]:
        return [context.media[parent.id] for parent in parents]

    @batch_field
    @staticmethod
    async def attributes(parents: list[Product], context: Context) -> list[list[Attribute]]:
        return [context.attributes[parent.id] for parent in parents]

    @batch_field
    @staticmethod
    async def variants(parents: list[Product], context: Context) -> list[list[Variant]]:
        return [context.variants[parent.id] for parent in parents]


@strawberry.type
class Edge:
    cursor: str
    node: Product


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Connection:
    edges: list[Edge]
    page_info: PageInfo


def _id(prefix: str, number: int) -> strawberry.ID:
    return strawberry.ID(f"{prefix}{number}")


def _taxed(amount: float) -> TaxedMoney:
    return TaxedMoney(
        gross=Money(amount=amount, currency="EUR"),
        net=Money(amount=amount * 0.75, currency="EUR"),
        tax=Money(amount=amount * 0.25, currency="EUR"),
    )


def _pricing(amount: float) -> Pricing:
    return Pricing(
        on_sale=False,
        price_range=Range(start=_taxed(amount), stop=_taxed(amount + 1)),
        price_range_undiscounted=Range(start=_taxed(amount), stop=_taxed(amount + 1)),
    )


class Context:
    """The recorded rows of one page."""

    def __init__(self, size: int) -> None:
        self.size = size
        numbers = range(size)
        self.products = [
            Product(
                id=_id("p", n), name=f"Product {n}", slug=f"product-{n}", description=None, rating=4.5, available=True,
                created="2026-01-01T00:00:00+00:00", updated="2026-01-01T00:00:00+00:00",
            )
            for n in numbers
        ]  # fmt: skip
        self.translations = {_id("p", n): Translation(id=_id("t", n), name=f"Produkt {n}") for n in numbers if n % 2}
        shelves = [Category(id=_id("c", n), name=f"Shelf {n}", slug=f"shelf-{n}") for n in range(5)]
        self.categories = {_id("p", n): shelves[n % 5] for n in numbers}
        self.category_translation = Translation(id=_id("ct", 1), name="Regal")
        self.media = {
            _id("p", n): [Image(url=f"/m/{n}/{k}.webp", alt=None, kind=Kind.IMAGE, size=256) for k in range(2)]
            for n in numbers
        }
        self.attributes = {
            _id("p", n): [
                Attribute(
                    id=_id("a", k), name=f"Attribute {k}",
                    values=[AttributeValue(id=_id("v", k), name=f"Value {k}", slug=f"value-{k}")],
                )
                for k in range(2)
            ]
            for n in numbers
        }  # fmt: skip
        self.variants = {
            _id("p", n): [
                Variant(id=_id(f"v{n}-", k), name=f"Variant {k}", sku=None, quantity_available=k) for k in range(2)
            ]
            for n in numbers
        }
        self.pricing = {_id("p", n): _pricing(n + 0.5) for n in numbers}
        self.pricing |= {v.id: _pricing(k + 0.5) for vs in self.variants.values() for k, v in enumerate(vs)}


@strawberry.type
class Query:
    @strawberry.field
    async def products(self, info: strawberry.Info[Context, None], first: int) -> Connection:
        products = info.context.products[:first]
        return Connection(
            edges=[Edge(cursor=product.id, node=product) for product in products],
            page_info=PageInfo(has_next_page=True, end_cursor=products[-1].id),
        )


DOCUMENT = """
query Products($first: Int!, $lang: Lang!) {
  products(first: $first) {
    edges { cursor node { ...Card } }
    pageInfo { hasNextPage endCursor }
  }
}
fragment Card on Product {
  __typename id name slug description rating available created updated path
  translation(lang: $lang) { id name }
  category { id name slug translation(lang: $lang) { id name } }
  pricing { onSale priceRange { ...R } priceRangeUndiscounted { ...R } }
  media { url alt kind size }
  attributes { id name values { id name slug } }
  variants { id name sku quantityAvailable pricing { onSale priceRange { ...R } priceRangeUndiscounted { ...R } } }
}
fragment R on Range { start { ...T } stop { ...T } }
fragment T on TaxedMoney { gross { ...M } net { ...M } tax { ...M } }
fragment M on Money { amount currency }
"""


def _money(money: Money) -> dict[str, Any]:
    return {"amount": money.amount, "currency": money.currency}


def _taxed_by_hand(taxed: TaxedMoney) -> dict[str, Any]:
    return {"gross": _money(taxed.gross), "net": _money(taxed.net), "tax": _money(taxed.tax)}


def _range(range_: Range) -> dict[str, Any]:
    return {"start": _taxed_by_hand(range_.start), "stop": _taxed_by_hand(range_.stop)}


def _pricing_by_hand(pricing: Pricing | None) -> dict[str, Any] | None:
    if pricing is None:
        return None
    return {
        "onSale": pricing.on_sale,
        "priceRange": _range(pricing.price_range),
        "priceRangeUndiscounted": _range(pricing.price_range_undiscounted),
    }


def _translation(translation: Translation | None) -> dict[str, Any] | None:
    return None if translation is None else {"id": translation.id, "name": translation.name}


async def by_hand(context: Context) -> dict[str, Any]:
    """The answer to `DOCUMENT` as somebody would write it without a schema: the floor."""
    products = context.products
    translations = await Product.translation(products, context, Lang.DE)
    categories = [category for category in await Product.category(products, context) if category is not None]
    category_translations = await Category.translation(categories, context, Lang.DE)
    pricings = await Product.pricing(products, context)
    medias = await Product.media(products, context)
    attributes = await Product.attributes(products, context)
    variants = await Product.variants(products, context)
    flat = [variant for of_product in variants for variant in of_product]
    prices = iter(await Variant.pricing(flat, context))
    edges = [
        {
            "cursor": product.id,
            "node": {
                "__typename": "Product",
                "id": product.id,
                "name": product.name,
                "slug": product.slug,
                "description": product.description,
                "rating": product.rating,
                "available": product.available,
                "created": product.created,
                "updated": product.updated,
                "path": product.path(),
                "translation": _translation(translation),
                "category": {
                    "id": category.id,
                    "name": category.name,
                    "slug": category.slug,
                    "translation": _translation(category_translation),
                },
                "pricing": _pricing_by_hand(pricing),
                "media": [
                    {"url": image.url, "alt": image.alt, "kind": image.kind.name, "size": image.size} for image in media
                ],
                "attributes": [
                    {
                        "id": attribute.id,
                        "name": attribute.name,
                        "values": [
                            {"id": value.id, "name": value.name, "slug": value.slug} for value in attribute.values
                        ],
                    }
                    for attribute in of_product
                ],
                "variants": [
                    {
                        "id": variant.id,
                        "name": variant.name,
                        "sku": variant.sku,
                        "quantityAvailable": variant.quantity_available,
                        "pricing": _pricing_by_hand(next(prices)),
                    }
                    for variant in variants_of
                ],
            },
        }
        for product, translation, category, category_translation, pricing, media, of_product, variants_of in zip(
            products,
            translations,
            categories,
            category_translations,
            pricings,
            medias,
            attributes,
            variants,
            strict=True,
        )
    ]
    return {
        "data": {
            "products": {
                "edges": edges,
                "pageInfo": {"hasNextPage": True, "endCursor": products[-1].id},
            }
        }
    }
