"""The shop that the foreign storefront of these tests buys from: its first names are those it looks for."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import product as pairs
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.catalogue.models import Collection, Product, ProductType, Variant
from shop.channels.models import Channel
from shop.content.models import MenuItem, Page, PageAddress
from shop.kit import ids
from shop.stock.models import Warehouse
from tests import factories as make

CHANNEL = "default-channel"
HELLO = {"blocks": [{"type": "paragraph", "data": {"text": "Hello"}}]}
HALLO = {"blocks": [{"type": "paragraph", "data": {"text": "Hallo"}}]}
SIZES = tuple(f"{size} ml" for size in range(50, 550, 50))
SCENTS = ("Rose", "Sage", "Mint", "Pine", "None")


@dataclass(frozen=True, slots=True)
class World:
    """What the tests name: rows, for more of them; global IDs, to send."""

    channel: Channel
    warehouse: Warehouse
    type: ProductType
    shampoo: Product
    variants: list[Variant]
    featured: Collection
    page: Page
    entry: MenuItem
    service: Product
    visit: Variant
    customer: User

    @property
    def bottle(self) -> str:
        """The first variant of the shampoo: 50 ml with roses, 10.80, eight of them in stock."""
        return ids.encode("ProductVariant", self.variants[0].id)

    @property
    def appointment(self) -> str:
        """Something that nobody sends: 54.00."""
        return ids.encode("ProductVariant", self.visit.id)


async def build(session: AsyncSession, *, sizes: int = 2) -> World:
    """A shampoo in so many sizes and five scents, a visit, a collection, menus, a page; 8 % tax, a parcel for 5.40."""
    channel = await make.channel(session, slug=CHANNEL)
    await make.tax_rate(session, "US", "8")
    zone = await make.shipping_zone(session, channel)
    warehouse = await make.warehouse(session, channel, zones=(zone,))
    await make.shipping_method(
        session, zone, channel, name="Parcel", price="5.40", minimum_delivery_days=1, maximum_delivery_days=3
    )
    care = await make.category(session, slug="care", name="Care")
    hair = await make.category(session, slug="hair", name="Hair", parent=care)
    kind = await make.product_type(session, slug="bottle")
    shampoo = await make.product(
        session,
        channel,
        slug="shampoo",
        name="Shampoo",
        type=kind,
        category=hair,
        description=HELLO,
        seo_title="A shampoo",
        metadata_public={"note": "gentle"},
    )
    await make.picture(session, shampoo, alt="A bottle")
    variants = await _variants(session, channel, warehouse, kind, shampoo, sizes)
    await _describe(session, kind, shampoo)
    service = await make.product(
        session,
        channel,
        slug="visit",
        name="Visit",
        type=await make.product_type(session, slug="service", is_shipping_required=False),
    )
    visit = await make.variant(session, channel, product=service, name="One hour", price="54.00", track_inventory=False)
    featured = await make.collection(session, channel, slug="featured-products", products=(shampoo,))
    page = await make.page(session, slug="about", title="About", content=HELLO)
    session.add(PageAddress(address="/2024/05/about", page_id=page.id))
    navbar = await make.menu(session, slug="navbar")
    entry = await make.menu_item(session, navbar, name="Shop")
    await make.menu_item(session, navbar, name="Hair", parent=entry, category_id=hair.id)
    await make.menu_item(session, navbar, name="Featured", parent=entry, collection_id=featured.id)
    await make.menu_item(session, await make.menu(session, slug="footer"), name="About", page_id=page.id)
    await make.widget_area(session, slug="side")
    for of, row, texts in (
        ("category", hair.id, {"slug": "haar", "name": "Haar"}),
        ("product", shampoo.id, {"slug": "haarwaesche", "name": "Haarwäsche", "description": HALLO}),
        ("variant", variants[0].id, {"name": "Kleine Rose"}),
        ("collection", featured.id, {"slug": "empfohlen", "name": "Empfohlen"}),
        ("page", page.id, {"slug": "ueber-uns", "title": "Über uns", "content": HALLO}),
        ("menu_item", entry.id, {"name": "Laden"}),
    ):
        await make.translation(session, of, row, **texts)
    customer = await make.user(session, email="customer@example.com", first_name="Example")
    return World(channel, warehouse, kind, shampoo, variants, featured, page, entry, service, visit, customer)


async def _variants(
    session: AsyncSession, channel: Channel, warehouse: Warehouse, kind: ProductType, shampoo: Product, sizes: int
) -> list[Variant]:
    size = await make.attribute(session, kind, slug="size", name="Size", of_variants=True, variant_selection=True)
    scent = await make.attribute(session, kind, slug="scent", name="Scent", of_variants=True, variant_selection=True)
    made = []
    values: dict[str, Any] = {}
    for place, (large, nose) in enumerate(pairs(SIZES[:sizes], SCENTS)):
        variant = await make.variant(
            session,
            channel,
            product=shampoo,
            name=f"{large}, {nose}",
            price=f"{10.8 * (1 + place // len(SCENTS)):.2f}",
            stock=None,
        )
        await make.stock(session, variant.id, warehouse, 8)
        for attribute, name in ((size, large), (scent, nose)):
            if name not in values:
                values[name] = await make.attribute_value(session, attribute, slug=name.lower(), name=name)
            await make.assign(session, values[name], variant)
        made.append(variant)
    await make.translation(session, "attribute_value", values["Rose"].id, name="Rosenduft")
    return made


async def _describe(session: AsyncSession, kind: ProductType, shampoo: Product) -> None:
    material = await make.attribute(session, kind, slug="material", name="Material", input_type="PLAIN_TEXT")
    told = await make.attribute_value(session, material, shampoo, slug="glass", plain_text="Glass")
    await make.translation(session, "attribute_value", told.id, plain_text="Glas")
    await make.translation(session, "attribute", material.id, name="Werkstoff")
    organic = await make.attribute(session, kind, slug="organic", name="Organic", input_type="BOOLEAN")
    await make.attribute_value(session, organic, shampoo, slug="yes", boolean=True)
    filling = await make.attribute(session, kind, slug="filling", name="Filling", input_type="NUMERIC")
    await make.attribute_value(session, filling, shampoo, slug="12-5", name="12.5", number=Decimal("12.5"))


async def add_products(session: AsyncSession, world: World, number: int) -> None:
    """So many more products in a category, a collection and a menu of their own, each described and translated."""
    category = await make.category(session, slug=f"many-{number}")
    products = []
    for place in range(number):
        product = await make.product(session, world.channel, type=world.type, category=category)
        await make.variant(session, world.channel, product=product, price=f"{place + 1}.00")
        await make.picture(session, product)
        await make.translation(session, "product", product.id, name=f"Ding {place}")
        products.append(product)
    await make.collection(session, world.channel, slug=f"many-{number}", products=tuple(products))
    menu = await make.menu(session, slug=f"many-{number}")
    for _ in range(number):
        await make.menu_item(session, menu, category_id=category.id)
