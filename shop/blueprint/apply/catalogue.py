"""Product types, categories, products and collections of a shop file."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import text

from shop.blueprint import format as form
from shop.blueprint.apply.assets import SOURCE, Assets
from shop.blueprint.apply.names import Names
from shop.blueprint.apply.selling import everywhere, slug_of
from shop.blueprint.apply.table import Key, Row, Scope, Stored, Sync
from shop.blueprint.format.content import editorjs, plain
from shop.blueprint.load import categories
from shop.catalogue.actions.variants import choose_defaults
from shop.catalogue.models import (
    Category,
    Collection,
    CollectionListing,
    CollectionProduct,
    Product,
    ProductMedia,
    ProductType,
    Variant,
    VariantMedia,
)
from shop.pricing import actions as pricing
from shop.pricing.models import ProductListing, VariantListing
from shop.stock.models import Stock

# A moved category takes its branch along, also the part that the file does not mention.
_PATHS = text("""
    WITH RECURSIVE tree AS (
        SELECT id, ARRAY[id] AS path FROM catalogue_category WHERE parent_id IS NULL
        UNION ALL
        SELECT child.id, tree.path || child.id FROM catalogue_category child JOIN tree ON child.parent_id = tree.id
    )
    UPDATE catalogue_category SET path = tree.path FROM tree
    WHERE tree.id = catalogue_category.id AND tree.path <> catalogue_category.path
""")


async def apply_product_types(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Product types are stored."""
    rows = [
        Row(
            (product_type.slug,),
            product_type.slug,
            {
                "name": product_type.name,
                "has_variants": product_type.has_variants,
                "is_shipping_required": product_type.shipping_required,
                "tax_class_id": names.optional("tax class", product_type.tax_class),
                "metadata": product_type.metadata,
            },
        )
        for product_type in shop.product_types
    ]
    scope = everywhere(shop, "product_types")
    names.learn(
        "product type", await sync.table(ProductType, "product type", ["slug"], rows, scope=scope, label=slug_of)
    )


async def apply_categories(sync: Sync, names: Names, assets: Assets, shop: form.ShopFile) -> None:
    """The tree of categories is stored, each row with its path of ids."""
    tree = list(categories(shop))
    slugs = [category.slug for category, _, _ in tree]
    ids = await sync.columns(Category, "slug", slugs, "id")
    new = [slug for slug in slugs if slug not in ids]
    ids |= dict(zip(new, await sync.allocate(Category, len(new)), strict=True))
    paths: dict[str | None, list[int]] = {None: []}
    places: dict[str | None, int] = defaultdict(int)
    rows = []
    for category, _, parent in tree:
        paths[category.slug] = [*paths[parent], ids[category.slug]]
        values = {
            "name": category.name,
            "description": editorjs(category.description, assets.images),
            "seo_title": category.seo_title or None,
            "seo_description": category.seo_description or None,
            "parent_id": None if parent is None else ids[parent],
            "path": paths[category.slug],
            "sort_order": places[parent],
            "metadata": category.metadata,
        } | await _picture(sync, assets, category.picture)
        rows.append(Row((category.slug,), category.slug, values, {"id": ids[category.slug]}))
        places[parent] += 1
    scope = everywhere(shop, "categories")
    names.learn("category", await sync.table(Category, "category", ["slug"], rows, scope=scope, label=slug_of))
    if any(change.kind == "category" and change.action == "update" for change in sync.report.changes):
        await sync.session.execute(_PATHS)


async def _picture(sync: Sync, assets: Assets, picture: form.Media | None) -> dict[str, Any]:
    if picture is None:
        return {}
    return {
        "background_image_id": await assets.id(sync.session, picture),
        "background_image_alt": picture.alt,
        "private_metadata": assets.metadata(picture),
    }


async def apply_products(sync: Sync, names: Names, assets: Assets, shop: form.ShopFile, now: datetime) -> None:
    """Products are stored with their variants, listings, stock and pictures."""
    rows = [
        Row(
            (product.slug,),
            product.slug,
            {
                "product_type_id": names.id("product type", product.type),
                "category_id": names.optional("category", product.category),
                "name": product.name,
                "description": editorjs(product.description, assets.images),
                "description_text": plain(product.description),
                "seo_title": product.seo_title or None,
                "seo_description": product.seo_description or None,
                "tax_class_id": names.optional("tax class", product.tax_class),
                "weight_kg": product.weight,
                "metadata": product.metadata,
            },
        )
        for product in shop.products
    ]
    scope = everywhere(shop, "products")
    names.learn("product", await sync.table(Product, "product", ["slug"], rows, scope=scope, label=slug_of))
    within = Scope({"product_id": {names.id("product", product.slug) for product in shop.products}})
    await _apply_product_listings(sync, names, shop, within, now)
    await _apply_variants(sync, names, shop, within)
    await _apply_media(sync, names, assets, shop, within)


async def _apply_product_listings(sync: Sync, names: Names, shop: form.ShopFile, within: Scope, now: datetime) -> None:
    rows = []
    for product in shop.products:
        for slug, listing in product.listings().items():
            row = Row(
                (names.id("product", product.slug), names.id("channel", slug)),
                f"{product.slug} in {slug}",
                {
                    "currency": names.currencies[slug],
                    "is_published": listing.published,
                    "visible_in_listings": listing.visible_in_listings,
                },
            )
            if listing.published:
                row.fill["published_at"] = now
            if listing.available_for_purchase:
                row.fill["available_for_purchase_at"] = now
            else:
                row.values["available_for_purchase_at"] = None
            rows.append(row)
    await sync.table(
        ProductListing,
        "product listing",
        ["product_id", "channel_id"],
        rows,
        scope=within,
        label=lambda row: f"{names.name('product', row['product_id'])} in {names.name('channel', row['channel_id'])}",
    )


async def _apply_variants(sync: Sync, names: Names, shop: form.ShopFile, within: Scope) -> None:
    rows = [
        Row(
            (variant.sku,),
            variant.sku,
            {
                "product_id": names.id("product", product.slug),
                "name": variant.title,
                "sort_order": at,
                "track_inventory": variant.track_inventory,
                "quantity_limit_per_customer": variant.quantity_limit,
                "weight_kg": variant.weight,
                "metadata": variant.metadata,
            },
        )
        for product in shop.products
        for at, variant in enumerate(product.variants)
    ]
    names.learn(
        "variant",
        await sync.table(
            Variant, "variant", ["sku"], rows, scope=within, label=lambda row: str(row["sku"] or row["id"])
        ),
    )
    variants = [
        (names.id("variant", variant.sku), variant) for product in shop.products for variant in product.variants
    ]
    own = Scope({"variant_id": {variant_id for variant_id, _ in variants}})
    prices = [
        Row(
            (variant_id, names.id("channel", slug)),
            f"{variant.sku} in {slug}",
            {"currency": names.currencies[slug], "price_amount": price},
        )
        for variant_id, variant in variants
        for slug, price in variant.prices.items()
    ]
    await sync.table(
        VariantListing,
        "price",
        ["variant_id", "channel_id"],
        prices,
        scope=own,
        label=lambda row: f"{names.name('variant', row['variant_id'])} in {names.name('channel', row['channel_id'])}",
    )
    stock = []
    for variant_id, variant in variants:
        for slug, quantity in variant.stock.items():
            row = Row((variant_id, names.id("warehouse", slug)), f"{variant.sku} in {slug}")
            (row.values if shop.stock_mode == "exact" else row.initial)["quantity"] = quantity
            stock.append(row)
    await sync.table(
        Stock,
        "stock",
        ["variant_id", "warehouse_id"],
        stock,
        scope=own,
        label=lambda row: (
            f"{names.name('variant', row['variant_id'])} in {names.name('warehouse', row['warehouse_id'])}"
        ),
    )


async def _apply_media(sync: Sync, names: Names, assets: Assets, shop: form.ShopFile, within: Scope) -> None:
    """Pictures by what the file calls them, so that a new version of a picture replaces the old in its place."""
    rows = []
    for product in shop.products:
        for at, media in enumerate(product.media):
            remembered = assets.metadata(media)
            values = {
                "alt": media.alt,
                "sort_order": at,
                "private_metadata": remembered,
                "asset_id": await assets.id(sync.session, media),
            }
            product_id = names.id("product", product.slug)
            name = f"{remembered[SOURCE]} of {product.slug}"
            rows.append(Row((product_id, remembered[SOURCE]), name, values, {"product_id": product_id}))

    def own_key(row: Stored) -> Key:
        return row["product_id"], row["private_metadata"].get(SOURCE)

    def label(row: Stored) -> str:
        source = row["private_metadata"].get(SOURCE, f"#{row['id']}")
        return f"{source} of {names.name('product', row['product_id'])}"

    ids = await sync.table(ProductMedia, "picture", ["product_id"], rows, scope=within, label=label, key_of=own_key)
    links = [
        Row((names.id("variant", variant.sku), ids[names.id("product", product.slug), source]), variant.sku)
        for product in shop.products
        for variant in product.variants
        for source in (assets.metadata(product.media[place])[SOURCE] for place in variant.media)
    ]
    variant_ids = {names.id("variant", variant.sku) for product in shop.products for variant in product.variants}
    await sync.table(
        VariantMedia,
        "picture of variant",
        ["variant_id", "media_id"],
        links,
        scope=Scope({"variant_id": variant_ids}),
        label=lambda row: names.name("variant", row["variant_id"]),
    )


async def finish_products(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Every product that was touched knows its lowest price and has a default variant: the same, else its first."""
    ids = {names.id("product", product.slug) for product in shop.products}
    # A variant that was moved leaves a product behind, which the file need not mention.
    ids |= {
        old
        for change in sync.report.changes
        if change.kind == "variant"
        for name, old, _ in change.fields
        if name == "product_id"
    }
    if ids:
        await choose_defaults(sync.session, list(ids))
        await pricing.refresh_listings(sync.session, list(ids))


async def apply_collections(sync: Sync, names: Names, assets: Assets, shop: form.ShopFile, now: datetime) -> None:
    """Collections are stored with their channels and products."""
    rows = [
        Row(
            (collection.slug,),
            collection.slug,
            {
                "name": collection.name,
                "description": editorjs(collection.description, assets.images),
                "seo_title": collection.seo_title or None,
                "seo_description": collection.seo_description or None,
                "metadata": collection.metadata,
            }
            | await _picture(sync, assets, collection.picture),
        )
        for collection in shop.collections
    ]
    scope = everywhere(shop, "collections")
    names.learn("collection", await sync.table(Collection, "collection", ["slug"], rows, scope=scope, label=slug_of))
    within = Scope({"collection_id": {names.id("collection", collection.slug) for collection in shop.collections}})
    listings = [
        Row(
            (names.id("collection", collection.slug), names.id("channel", slug)),
            f"{collection.slug} in {slug}",
            {"is_published": True},
            fill={"published_at": now},
        )
        for collection in shop.collections
        for slug in collection.channels
    ]
    await sync.table(
        CollectionListing,
        "collection listing",
        ["collection_id", "channel_id"],
        listings,
        scope=within,
        label=lambda row: (
            f"{names.name('collection', row['collection_id'])} in {names.name('channel', row['channel_id'])}"
        ),
    )
    products = [
        Row(
            (names.id("collection", collection.slug), names.id("product", slug)),
            f"{slug} in {collection.slug}",
            {"sort_order": at},
        )
        for collection in shop.collections
        for at, slug in enumerate(collection.products)
    ]
    await sync.table(
        CollectionProduct,
        "product of collection",
        ["collection_id", "product_id"],
        products,
        scope=within,
        label=lambda row: (
            f"{names.name('product', row['product_id'])} in {names.name('collection', row['collection_id'])}"
        ),
    )
