"""Applying shop files: one transaction, nothing written twice, nothing deleted unless asked."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select, text

from shop.accounts.models import User, UserPermission
from shop.blueprint.apply import Report, apply, apply_file
from shop.blueprint.errors import ShopFileError
from shop.blueprint.load import DEMO, parse
from shop.catalogue.models import Category, Collection, CollectionProduct, Product, ProductMedia, Variant
from shop.channels.models import Channel
from shop.content.models import Menu, MenuItem, Page, Widget, WidgetArea
from shop.content.rules import render
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.errors import Conflict
from shop.media.models import Asset
from shop.pricing.models import ProductListing, VariantListing
from shop.shipping.models import ShippingMethod, ShippingMethodListing, ShippingZone
from shop.site.models import SiteSettings
from shop.stock.models import Stock, Warehouse
from shop.tax.models import TaxClass, TaxConfiguration, TaxRate

Apply = Callable[..., Awaitable[Report]]

BASE = """
site: {name: Test shop}
tax_classes:
  - {name: Goods, rates: {US: 5}}
warehouses:
  - {slug: depot, name: Depot, address: {street: 1 Example Street, city: Exampletown, country: US}}
channels:
  - {slug: main, name: Main, currency: USD, default_country: US, warehouses: [depot]}
  - {slug: tokyo, name: Tokyo, currency: JPY, default_country: JP}
shipping_zones:
  - name: Home
    countries: [US]
    channels: [main]
    warehouses: [depot]
    methods:
      - {name: Post, prices: {main: 5}, minimum_order: {main: 10}, description: By post.}
product_types:
  - {slug: goods, name: Goods, tax_class: Goods}
categories:
  - slug: all
    name: All
    children:
      - {slug: soap, name: Soap}
products:
  - slug: bar
    name: Bar
    type: goods
    category: soap
    description: A bar.
    variants:
      - {sku: BAR-1, options: {Size: One}, prices: {main: 4.5, tokyo: 500}, stock: {depot: 10}}
      - {sku: BAR-2, options: {Size: Two}, prices: {main: 8}, stock: {depot: 5}}
collections:
  - {slug: best, name: Best, channels: [main], products: [bar]}
page_types:
  - {slug: text, name: Text}
pages:
  - {slug: terms, title: Terms, type: text, content: Some terms.}
menus:
  - slug: top
    name: Top
    items:
      - name: Shop
        items:
          - {name: Soap, category: soap}
          - {name: Best, collection: best}
      - {name: Terms, page: terms}
staff:
  - {email: Keeper@example.com, permissions: [MANAGE_ORDERS]}
"""


@pytest.fixture
def apply_text(database: Database, tmp_path: Path) -> Apply:
    async def run(file: str, **options: bool) -> Report:
        return await apply(database, parse(file, folder=tmp_path), media_folder=tmp_path / "media", **options)

    return run


@pytest.fixture
def apply_demo(database: Database, tmp_path: Path) -> Apply:
    async def run(**options: bool) -> Report:
        return await apply_file(database, DEMO, media_folder=tmp_path / "media", **options)

    return run


async def rows(database: Database, statement: Any) -> list[tuple[Any, ...]]:
    async with database.unit() as session:
        return [tuple(row) for row in await session.execute(statement)]


async def value(database: Database, statement: Any) -> Any:
    async with database.unit() as session:
        return (await session.execute(statement)).scalar_one()


async def versions(database: Database) -> dict[str, list[str]]:
    """Every row of every table with the transaction that wrote it: what stays equal was not touched."""
    found = {}
    async with database.unit() as session:
        names = await session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        for name in names.scalars().all():
            written = await session.execute(text(f'SELECT xmin::text || ctid::text || t::text FROM "{name}" t'))
            found[name] = sorted(written.scalars())
    return found


async def test_the_demo_applies(database: Database, apply_demo: Apply, tmp_path: Path) -> None:
    report = await apply_demo()
    counts = {
        model.__tablename__: await value(database, text(f"SELECT count(*) FROM {model.__tablename__}"))
        for model in (Channel, Product, Variant, Category, Page, Menu, Warehouse, ShippingZone, ShippingMethod)
    }
    assert counts == {
        "channel_channel": 2,
        "catalogue_product": 12,
        "catalogue_variant": 19,
        "catalogue_category": 4,
        "content_page": 4,
        "content_menu": 2,
        "stock_warehouse": 2,
        "shipping_zone": 3,
        "shipping_method": 6,
    }
    assert report.count("create", "product") == 12
    assert report.count("delete") == 0
    assert report.headline() == f"12 products, 4 pages, {len(report.changes)} rows changed"
    assert report.summary().startswith("created 2 channels, 2 tax classes, 2 warehouses, 3 shipping zones, ")
    featured = select(Product.slug).join(CollectionProduct, CollectionProduct.product_id == Product.id)
    featured = featured.join(Collection).where(Collection.slug == "featured-products")
    assert [row[0] for row in await rows(database, featured.order_by(CollectionProduct.sort_order))] == [
        "first-consultation",
        "course-of-3-consultations",
        "gentle-shampoo",
        "scalp-serum",
        "silk-pillowcase",
        "scalp-sunscreen",
        "wide-tooth-comb",
        "follow-up-by-video",
    ]
    # Every picture lies where its row says.
    paths = await rows(database, select(Asset.path).join(ProductMedia, ProductMedia.asset_id == Asset.id))
    assert len(paths) == 14
    assert all((tmp_path / "media" / path).is_file() for (path,) in paths)


async def test_the_demos_article_is_stored_as_written(database: Database, apply_demo: Apply) -> None:
    await apply_demo()
    slug = "adult-stem-cell-therapy-for-hair-loss"
    statement = select(Page.content, Page.is_published, Page.published_at).where(Page.slug == slug)
    [(content, is_published, published_at)] = await rows(database, statement)
    blocks = content["blocks"]
    assert [block["data"]["level"] for block in blocks if block["type"] == "header"] == [2] * 8
    lists = [block["data"] for block in blocks if block["type"] == "list"]
    assert [(data["style"], len(data["items"])) for data in lists] == [("unordered", 3)] * 3
    assert all(re.match(r"<b>[^<]+:</b> \S", item) for data in lists for item in data["items"])
    [image] = [block["data"] for block in blocks if block["type"] == "image"]
    paths = [path for (path,) in await rows(database, select(Asset.path).where(Asset.width == 1600))]
    assert image["file"] == {"url": f"/media/{paths[0]}", "width": 1600, "height": 900}
    assert image["alt"].startswith("A drawing of skin")
    said = (
        "SELECT texts -> 'content' FROM translation_translation WHERE kind = 'page' AND texts ->> 'title' LIKE :title"
    )
    german = await value(database, text(said).bindparams(title="Therapie mit adulten Stammzellen%"))
    [picture] = [block["data"] for block in german["blocks"] if block["type"] == "image"]
    assert picture["file"] == image["file"]
    assert picture["alt"].startswith("Eine Zeichnung der Haut")
    html = render(content)
    assert html.count("<h2 ") == 8
    assert html.count("<ul>") == 3
    assert html.count("<li><b>") == 9
    assert html.count(f'<img src="/media/{paths[0]}"') == 1
    assert is_published is True
    assert published_at is not None


async def test_a_second_apply_writes_nothing(database: Database, apply_demo: Apply) -> None:
    await apply_demo()
    before = await versions(database)
    report = await apply_demo()
    assert not report.changed
    assert report.summary() == "nothing to change"
    assert report.headline() == "unchanged"
    assert await versions(database) == before
    report = await apply_demo(prune=True)
    assert list(report.lines()) == []
    assert await versions(database) == before


async def test_a_second_apply_draws_nothing(apply_demo: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    await apply_demo()

    def refuse(name: str) -> bytes:
        raise AssertionError(name)

    monkeypatch.setattr("shop.blueprint.pictures.draw", refuse)
    assert not (await apply_demo()).changed


async def test_statements_do_not_grow_with_the_file(apply_text: Apply) -> None:
    def file(number: int) -> str:
        products = "".join(
            f"  - {{slug: p{n}, name: P{n}, type: goods, category: soap, variants: "
            f"[{{sku: S{n}, prices: {{main: {n}}}, stock: {{depot: {n}}}}}]}}\n"
            for n in range(1, number + 1)
        )
        return re.sub(r"(?ms)^products:.*?^collections:.*?\n(?=page_types)", f"products:\n{products}", BASE).replace(
            "          - {name: Best, collection: best}\n", ""
        )

    counts = []
    for number in (2, 40):
        with counting() as log:
            assert (await apply_text(file(number))).changed
        counts.append(log.count)
    with counting() as log:
        assert not (await apply_text(file(40))).changed
    assert counts[1] <= counts[0]
    assert log.count <= 45


async def test_everything_is_stored(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    assert await rows(database, select(SiteSettings.name)) == [("Test shop",)]
    assert await rows(database, select(TaxClass.name, TaxRate.country, TaxRate.rate).join(TaxRate)) == [
        ("Goods", "US", Decimal(5))
    ]
    assert await rows(
        database,
        select(Channel.slug, TaxConfiguration.prices_entered_with_tax)
        .join(TaxConfiguration, TaxConfiguration.channel_id == Channel.id)
        .order_by(Channel.slug),
    ) == [("main", False), ("tokyo", False)]
    assert await rows(
        database,
        select(
            ShippingMethod.name, ShippingMethodListing.price_amount, ShippingMethodListing.minimum_order_amount
        ).join(ShippingMethodListing, ShippingMethodListing.method_id == ShippingMethod.id),
    ) == [("Post", Decimal(5), Decimal(10))]
    ids = dict(await rows(database, select(Category.slug, Category.id)))
    assert await rows(database, select(Category.path).order_by(Category.id)) == [
        ([ids["all"]],),
        ([ids["all"], ids["soap"]],),
    ]
    assert await rows(
        database,
        select(Variant.sku, Variant.name, Channel.slug, VariantListing.price_amount, VariantListing.currency)
        .join(VariantListing, VariantListing.variant_id == Variant.id)
        .join(Channel, Channel.id == VariantListing.channel_id)
        .order_by(Variant.sku, Channel.slug),
    ) == [
        ("BAR-1", "One", "main", Decimal("4.5"), "USD"),
        ("BAR-1", "One", "tokyo", Decimal(500), "JPY"),
        ("BAR-2", "Two", "main", Decimal(8), "USD"),
    ]
    assert await rows(
        database,
        select(
            Channel.slug,
            ProductListing.minimum_price_amount,
            ProductListing.maximum_price_amount,
            ProductListing.is_published,
        )
        .join(Channel, Channel.id == ProductListing.channel_id)
        .order_by(Channel.slug),
    ) == [("main", Decimal("4.5"), Decimal(8), True), ("tokyo", Decimal(500), Decimal(500), True)]
    assert await rows(database, select(Stock.quantity).order_by(Stock.quantity)) == [(5,), (10,)]
    assert await rows(
        database,
        select(Variant.sku, Product.description_text).join(Product, Product.default_variant_id == Variant.id),
    ) == [("BAR-1", "A bar.")]
    items = select(MenuItem.name, MenuItem.level, MenuItem.sort_order).order_by(MenuItem.level, MenuItem.sort_order)
    assert await rows(database, items) == [("Shop", 0, 0), ("Terms", 0, 1), ("Soap", 1, 0), ("Best", 1, 1)]
    assert await rows(
        database,
        select(User.email, User.is_staff, User.is_confirmed, User.password_hash, UserPermission.code).join(
            UserPermission
        ),
    ) == [("keeper@example.com", True, True, None, "MANAGE_ORDERS")]


async def test_a_dry_run_tells_the_difference_and_leaves_it(database: Database, apply_text: Apply) -> None:
    before = await versions(database)
    assert (await apply_text(BASE, dry_run=True)).count("create", "variant") == 2
    assert await versions(database) == before
    await apply_text(BASE)
    before = await versions(database)
    changed = BASE.replace("tokyo: 500", "tokyo: 550").replace("title: Terms", "title: Our terms")
    report = await apply_text(changed, dry_run=True)
    assert list(report.lines()) == [
        "~ price BAR-1 in tokyo: price_amount 500 → 550",
        "~ page terms: title 'Terms' → 'Our terms'",
    ]
    assert report.summary() == "not done, only compared: changed 1 page and 1 detail"
    assert await versions(database) == before
    assert not (await apply_text(BASE, dry_run=True)).changed


async def test_a_dry_run_writes_no_picture(database: Database, apply_demo: Apply, tmp_path: Path) -> None:
    report = await apply_demo(dry_run=True)
    assert report.count("create", "picture") == 14
    assert not (tmp_path / "media").exists()
    assert await value(database, text("SELECT count(*) FROM media_asset")) == 0


async def test_changes_keep_ids_and_refresh_prices(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    ids = await rows(database, select(Variant.id, Variant.sku).order_by(Variant.sku))
    report = await apply_text(BASE.replace("main: 4.5", "main: 9.25").replace("{Size: One}", "{Size: Small}"))
    assert report.count("update") == 2
    # The new size is a value of its own, which the variant has instead of the old.
    assert (report.count("create"), report.count()) == (2, 4)
    assert await rows(database, select(Variant.id, Variant.sku).order_by(Variant.sku)) == ids
    lowest = select(ProductListing.minimum_price_amount).join(Channel, Channel.id == ProductListing.channel_id)
    assert await value(database, lowest.where(Channel.slug == "main")) == Decimal(8)


async def test_nothing_is_deleted_without_prune(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    smaller = BASE.replace(
        "      - {sku: BAR-2, options: {Size: Two}, prices: {main: 8}, stock: {depot: 5}}\n", ""
    ).replace("      - {name: Terms, page: terms}\n", "")
    assert not (await apply_text(smaller)).changed
    assert await value(database, text("SELECT count(*) FROM catalogue_variant")) == 2
    report = await apply_text(smaller, prune=True)
    assert list(report.lines()) == ["- variant BAR-2", "- menu entry top / … / Terms"]
    assert await value(database, text("SELECT count(*) FROM catalogue_variant")) == 1
    highest = select(ProductListing.maximum_price_amount).join(Channel, Channel.id == ProductListing.channel_id)
    assert await value(database, highest.where(Channel.slug == "main")) == Decimal("4.5")
    assert not (await apply_text(smaller, prune=True)).changed


async def test_prune_leaves_absent_sections_and_people_alone(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    report = await apply_text("pages: []\nstaff: []\n", prune=True)
    assert list(report.lines()) == ["- page terms"]
    assert await value(database, text("SELECT count(*) FROM catalogue_product")) == 1
    assert await value(database, text("SELECT count(*) FROM account_user")) == 1
    # The entry of the menu went with its page, as the database has it.
    assert await value(database, text("SELECT count(*) FROM content_menu_item")) == 3


async def test_prune_may_delete_a_whole_branch(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    without = re.sub(r"(?ms)^categories:.*?^products:", "categories: []\nproducts:", BASE).replace(
        ", category: soap", ""
    )
    without = without.replace("    category: soap\n", "").replace("          - {name: Soap}\n", "")
    report = await apply_text(without, prune=True)
    assert report.count("delete", "category") == 2
    assert await value(database, text("SELECT count(*) FROM catalogue_category")) == 0
    assert await value(database, select(Product.category_id)) is None


async def test_prune_of_what_is_in_use_changes_nothing(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    async with database.unit() as session:
        await session.execute(text("UPDATE stock_stock SET quantity_allocated = 1 WHERE quantity = 5"))
        await session.execute(
            text(
                "INSERT INTO stock_allocation (stock_id, order_line_id, quantity) "
                "SELECT id, gen_random_uuid(), 1 FROM stock_stock WHERE quantity = 5"
            )
        )
    before = await versions(database)
    smaller = BASE.replace(
        "      - {sku: BAR-2, options: {Size: Two}, prices: {main: 8}, stock: {depot: 5}}\n", ""
    ).replace("title: Terms", "title: Changed")
    with pytest.raises(Conflict, match="still in use, so nothing was changed"):
        await apply_text(smaller, prune=True)
    assert await versions(database) == before


async def test_stock_is_initial_unless_exact(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    async with database.unit() as session:
        await session.execute(text("UPDATE stock_stock SET quantity = 3, quantity_allocated = 2 WHERE quantity = 10"))
    assert not (await apply_text(BASE)).changed
    report = await apply_text("stock_mode: exact\n" + BASE)
    assert list(report.lines()) == ["~ stock BAR-1 in depot: quantity 3 → 10"]
    with pytest.raises(Conflict, match="below what is promised to orders, so nothing was changed"):
        await apply_text("stock_mode: exact\n" + BASE.replace("{depot: 10}", "{depot: 1}"))
    assert await rows(database, select(Stock.quantity).order_by(Stock.quantity)) == [(5,), (10,)]


async def test_a_moved_category_takes_its_branch_along(database: Database, apply_text: Apply) -> None:
    tree = "categories:\n  - {slug: a, name: A, children: [{slug: b, name: B, children: [{slug: c, name: C}]}]}\n"
    await apply_text(tree + "  - {slug: z, name: Z}\n")
    ids = dict(await rows(database, select(Category.slug, Category.id)))
    await apply_text("categories:\n  - {slug: z, name: Z, children: [{slug: b, name: B}]}\n")
    assert dict(await rows(database, select(Category.slug, Category.path))) == {
        "a": [ids["a"]],
        "z": [ids["z"]],
        "b": [ids["z"], ids["b"]],
        "c": [ids["z"], ids["b"], ids["c"]],
    }
    # And the other way around: a child becomes its parent's parent.
    await apply_text("categories:\n  - {slug: b, name: B, children: [{slug: z, name: Z}]}\n")
    assert dict(await rows(database, select(Category.slug, Category.path)))["z"] == [ids["b"], ids["z"]]


async def test_a_variant_may_move_to_another_product(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    moved = """
products:
  - slug: other
    name: Other
    type: goods
    variants:
      - {sku: BAR-1, prices: {main: 4.5}}
"""
    await apply_text(moved)
    found = select(Product.slug, Variant.sku).join(Variant, Variant.id == Product.default_variant_id)
    assert await rows(database, found.order_by(Product.slug)) == [("bar", "BAR-2"), ("other", "BAR-1")]
    lowest = select(Product.slug, ProductListing.minimum_price_amount).join(
        Product, Product.id == ProductListing.product_id
    )
    lowest = lowest.join(Channel, Channel.id == ProductListing.channel_id).where(Channel.slug == "main")
    assert await rows(database, lowest.order_by(Product.slug)) == [("bar", Decimal(8)), ("other", Decimal("4.5"))]


async def test_a_pruned_warehouse_takes_its_address_along(database: Database, apply_text: Apply) -> None:
    address = "address: {street: 1 Example Street, city: Exampletown, country: US}"
    await apply_text(f"warehouses:\n  - {{slug: a, name: A, {address}}}\n  - {{slug: b, name: B, {address}}}\n")
    report = await apply_text(f"warehouses:\n  - {{slug: b, name: B, {address}}}\n", prune=True)
    assert list(report.lines()) == ["- warehouse a"]
    assert await value(database, text("SELECT count(*) FROM account_address")) == 1


async def test_metadata_of_others_stays(database: Database, apply_text: Apply) -> None:
    file = "page_types:\n  - {slug: text, name: Text, metadata: {a: '1'}}\n"
    await apply_text(file)
    async with database.unit() as session:
        await session.execute(text('UPDATE content_page_type SET metadata = metadata || \'{"theirs": "x"}\''))
    assert not (await apply_text(file)).changed
    await apply_text(file.replace("'1'", "'2'"))
    assert await value(database, text("SELECT metadata FROM content_page_type")) == {"a": "2", "theirs": "x"}


async def test_names_are_looked_for_in_the_shop_as_well(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    more = """\
products:
  - slug: brush
    name: Brush
    type: goods
    category: all
    variants:
      - {sku: BRUSH, prices: {main: 3}, stock: {depot: 1}}
"""
    assert (await apply_text(more)).count("create", "product") == 1
    assert await value(database, text("SELECT count(*) FROM catalogue_product")) == 2


async def test_names_that_exist_nowhere(database: Database, apply_text: Apply) -> None:
    before = await versions(database)
    with pytest.raises(ShopFileError) as caught:
        await apply_text("""\
products:
  - slug: brush
    name: Brush
    type: good
    category: al
    variants:
      - {sku: BRUSH, prices: {man: 3}, stock: {dept: 1}}
menus:
  - {slug: m, name: M, items: [{name: A, page: nowhere}]}
staff:
  - {email: a@example.com, permissions: [MANAGE_EVERYTHING]}
""")
    assert [str(problem) for problem in caught.value.problems] == [
        "shop.yaml:4: products[0].type: There is no product type 'good' in this file or in the shop.",
        "shop.yaml:5: products[0].category: There is no category 'al' in this file or in the shop.",
        "shop.yaml:7: products[0].variants[0].prices.man: There is no channel 'man' in this file or in the shop.",
        "shop.yaml:7: products[0].variants[0].stock.dept: There is no warehouse 'dept' in this file or in the shop.",
        "shop.yaml:9: menus[0].items[0].page: There is no page 'nowhere' in this file or in the shop.",
        "shop.yaml:11: staff[0].permissions[0]: There is no permission 'MANAGE_EVERYTHING'.",
    ]
    assert await versions(database) == before


async def test_prices_fit_their_currency_and_channels_keep_theirs(apply_text: Apply) -> None:
    with pytest.raises(ShopFileError, match=r"prices\.tokyo: JPY has 0 decimal places, not 500\.5\."):
        await apply_text(BASE.replace("tokyo: 500", "tokyo: 500.5"))
    with pytest.raises(ShopFileError, match=r"prices\.main: USD has 2 decimal places, not 4\.555\."):
        await apply_text(BASE.replace("main: 4.5", "main: 4.555"))
    await apply_text(BASE.replace("main: 4.5", "main: 4.500"))
    with pytest.raises(ShopFileError, match="'main' sells in USD; a channel keeps its currency"):
        await apply_text(BASE.replace("currency: USD", "currency: CAD"))


def with_picture(name: str) -> str:
    return BASE.replace("    description: A bar.\n", f"    media: [{{file: {name}, alt: A bar}}]\n")


def png(colour: str) -> bytes:
    output = BytesIO()
    Image.new("RGB", (40, 30), colour).save(output, "PNG")
    return output.getvalue()


async def test_a_picture_file_is_stored_and_replaced(database: Database, apply_text: Apply, tmp_path: Path) -> None:
    picture = tmp_path / "bar.png"
    picture.write_bytes(png("red"))
    await apply_text(with_picture("bar.png"))
    first = await rows(database, select(ProductMedia.id, Asset.path, Asset.width).join(Asset))
    assert len(first) == 1
    assert first[0][2] == 40
    assert (tmp_path / "media" / first[0][1]).read_bytes() == png("red")
    assert not (await apply_text(with_picture("bar.png"))).changed
    picture.write_bytes(png("blue"))
    assert (await apply_text(with_picture("bar.png"))).count("update", "picture") == 1
    second = await rows(database, select(ProductMedia.id, Asset.path, Asset.width).join(Asset))
    assert second[0][0] == first[0][0]
    assert second[0][1] != first[0][1]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.png", r"shop\.yaml:\d+: products\[0\]\.media\[0\]\.file: The picture cannot be used: No such file"),
        ("../../../../../../etc/passwd", "it lies outside this file's folder"),
        ("/etc/passwd", "it lies outside this file's folder"),
        ("words.png", r"products\[0\]\.media\[0\]: words\.png: no readable picture"),
    ],
)
async def test_pictures_that_cannot_be_used(
    database: Database, apply_text: Apply, tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "words.png").write_text("not a picture")
    with pytest.raises(ShopFileError, match=message):
        await apply_text(with_picture(name))
    assert await value(database, text("SELECT count(*) FROM catalogue_product")) == 0


async def test_an_unknown_built_in_picture(apply_text: Apply) -> None:
    file = "categories:\n  - slug: a\n    name: A\n    picture: {draw: unicorn}\n"
    with pytest.raises(ShopFileError, match=r"categories\[0\]\.picture\.draw: There is no such built-in picture"):
        await apply_text(file)


async def test_description_can_be_taken_away(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    await apply_text(BASE.replace("    description: A bar.\n", ""))
    assert await value(database, text("SELECT description IS NULL FROM catalogue_product")) is True


async def test_publishing_again_keeps_the_first_date(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    first = await value(database, select(Page.published_at))
    hidden = BASE.replace("content: Some terms.", "content: Some terms., published: false")
    assert (await apply_text(hidden)).count("update", "page") == 1
    await apply_text(BASE)
    assert await value(database, select(Page.published_at)) == first


async def test_a_unit_that_runs_again_starts_afresh(database: Database, tmp_path: Path) -> None:
    """After a deadlock the whole unit runs again; pictures that the first attempt stored are rolled back with it."""

    class DeadlockError(Exception):
        pass

    class Twice:
        async def run(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
            with suppress(DeadlockError):
                async with database.unit() as session:
                    await work(session)
                    raise DeadlockError
            return await database.run(work)

    (tmp_path / "bar.png").write_bytes(png("red"))
    loaded = parse(with_picture("bar.png"), folder=tmp_path)
    report = await apply(Twice(), loaded, media_folder=tmp_path / "media")
    assert report.count("create", "product") == 1
    assert await value(database, text("SELECT count(*) FROM catalogue_product_media")) == 1


async def test_two_applies_at_once_make_one_shop(committed: Database, tmp_path: Path) -> None:
    loaded = parse(BASE, folder=tmp_path)
    reports = await asyncio.gather(*(apply(committed, loaded, media_folder=tmp_path / "media") for _ in range(5)))
    assert sorted(report.changed for report in reports) == [False, False, False, False, True]
    assert await value(committed, text("SELECT count(*) FROM catalogue_variant")) == 2


async def test_how_orders_go_on_and_who_sells(database: Database, apply_text: Apply) -> None:
    await apply_text(BASE)
    usual = text(
        """SELECT allow_unpaid_orders, automatically_confirm_new_orders, fulfillment_allow_unpaid
        FROM channel_channel CROSS JOIN site_settings WHERE slug = 'main'"""
    )
    assert await rows(database, usual) == [(False, True, True)]
    where = "{company: Example Ltd, street: 2 Seller Street, city: Sellertown, country: US}"
    changed = BASE.replace(
        "{name: Test shop}", f"{{name: Test shop, ship_unpaid: false, seller: {{address: {where}, vat_number: XX1}}}}"
    ).replace(
        "default_country: US, warehouses: [depot]}",
        "default_country: US, warehouses: [depot], unpaid_orders: true, confirm_orders: true}",
    )
    for writes in (True, False):
        report = await apply_text(changed)
        assert report.changed is writes
        assert await rows(database, usual) == [(True, False, False)]
    seller = text(
        """SELECT a.company_name, a.city, s.company_vat_number FROM site_settings s
        JOIN account_address a ON a.id = s.company_address_id"""
    )
    assert await rows(database, seller) == [("Example Ltd", "Sellertown", "XX1")]
    await apply_text(changed.replace("Sellertown", "Othertown"))
    assert await rows(database, seller) == [("Example Ltd", "Othertown", "XX1")]
    # A file that says nothing about the seller leaves it alone.
    await apply_text(BASE)
    assert await rows(database, seller) == [("Example Ltd", "Othertown", "XX1")]


WIDGETS = """
widget_areas:
  - slug: side
    name: Side
    hint: Ask the front desk.
    widgets:
      - mini_cart: true
      - {title: About, text: "Some **words**."}
      - {menu: top}
      - {pages: {type: text, limit: 2}}
      - {products: {category: soap}}
      - {title: Book, booking: bar}
"""


async def test_a_widget_area_gets_exactly_the_widgets_of_the_file(database: Database, apply_text: Apply) -> None:
    stored = select(
        Widget.kind,
        Widget.title,
        Widget.content["blocks"][0]["data"]["text"].astext,
        func.coalesce(Widget.menu_id, Widget.page_type_id, Widget.category_id, Widget.product_id) > 0,
        Widget.size,
    ).order_by(Widget.sort_order)
    await apply_text(BASE + WIDGETS)
    assert await rows(database, stored) == [
        ("mini_cart", None, None, None, None),
        ("text", "About", "Some <b>words</b>.", None, None),
        ("menu", None, None, True, None),
        ("pages", None, None, True, 2),
        ("products", None, None, True, 3),
        ("booking", "Book", None, True, None),
    ]
    assert not (await apply_text(BASE + WIDGETS)).changed
    fewer = "\n".join(line for line in WIDGETS.splitlines() if "menu" not in line and "mini" not in line)
    await apply_text(BASE + fewer)
    assert [row[0] for row in await rows(database, stored)] == ["text", "pages", "products", "booking"]
    assert await rows(database, select(WidgetArea.slug, WidgetArea.hint)) == [("side", "Ask the front desk.")]


async def test_what_widgets_show_is_looked_for(apply_text: Apply) -> None:
    with pytest.raises(ShopFileError) as caught:
        await apply_text("""
widget_areas:
  - slug: side
    name: Side
    widgets:
      - menu: nowhere
      - {products: {collection: none}}
      - {pages: {type: tale}}
      - booking: nothing
""")
    assert [str(problem).partition(": ")[2] for problem in caught.value.problems] == [
        "widget_areas[0].widgets[0].menu: There is no menu 'nowhere' in this file or in the shop.",
        "widget_areas[0].widgets[1].products.collection: There is no collection 'none' in this file or in the shop.",
        "widget_areas[0].widgets[2].pages.type: There is no page type 'tale' in this file or in the shop.",
        "widget_areas[0].widgets[3].booking: There is no product 'nothing' in this file or in the shop.",
    ]
