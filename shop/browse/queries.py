"""Lists of products, variants, categories, collections and pages: who sees what, and what they can be sorted by.

Parameters of the statements, beside those of criteria and window: `channel_id` where a channel is given, `now` where
something is published by date, `parents` within something, `search` by rank.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.orm import InstrumentedAttribute, aliased

from shop.browse import attributes
from shop.browse.criteria import CHANNEL, PRODUCTS, Criterion
from shop.browse.listing import Aside, Listing
from shop.browse.models import AttributeSort
from shop.browse.search import RANKED, SEARCH, page_matches, page_rank, rank
from shop.catalogue.models import (
    Category,
    Collection,
    CollectionListing,
    CollectionProduct,
    Product,
    ProductMedia,
    ProductType,
    Variant,
)
from shop.catalogue.queries import (
    CATEGORY_COLUMNS,
    COLLECTION_COLUMNS,
    COLLECTION_IS_PUBLIC,
    METADATA,
    PRODUCT_COLUMNS,
    VARIANT_COLUMNS,
)
from shop.content.models import Menu, MenuItem, Page, PageType
from shop.content.queries import ITEM_COLUMNS, MENU_COLUMNS, PAGE_COLUMNS, PAGE_IS_VISIBLE, PAGE_TYPE_COLUMNS
from shop.kit.pagination import PARENTS
from shop.media.models import Asset
from shop.pricing.models import ProductListing, VariantListing
from shop.pricing.queries import IS_FOR_SALE, IS_PUBLISHED
from shop.stock.models import Warehouse
from shop.stock.queries import WAREHOUSE_COLUMNS

_IDS = bindparam("ids", type_=ARRAY(Integer))
_ids = ARRAY(Integer)
_texts = ARRAY(Text)
_INSTANT: Final = DateTime(timezone=True)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see: within a channel or across all; the public only what is published and has a price.

    `listed`: products that the owner hides from lists are left out.
    """

    in_channel: bool
    public: bool
    listed: bool = False


def _see_products(statement: Select[Any], sight: Sight) -> Select[Any]:
    if sight.in_channel:
        statement = statement.join(
            ProductListing, and_(ProductListing.product_id == Product.id, ProductListing.channel_id == CHANNEL)
        )
    return _shown(statement, sight)


def _count_products(sight: Sight) -> tuple[Select[Any], InstrumentedAttribute[int]] | None:
    """A channel has one listing for each product that it shows."""
    if not sight.in_channel:
        return None
    listings = select(func.count().label("total")).select_from(ProductListing)
    return _shown(listings.where(ProductListing.channel_id == CHANNEL), sight), ProductListing.product_id


def _shown(statement: Select[Any], sight: Sight) -> Select[Any]:
    if sight.public:
        # Null where no variant has a price: `pricing.actions.refresh_listings` keeps it so.
        statement = statement.where(IS_PUBLISHED, ProductListing.minimum_price_amount.is_not(None))
    if sight.listed:
        statement = statement.where(ProductListing.visible_in_listings)
    return statement


def _in_category(statement: Select[Any]) -> Select[Any]:
    """Products of the category and of everything below it."""
    below = select(Category.id).where(Category.path.contains(array([PARENTS.c.id]))).correlate(PARENTS)
    return statement.where(Product.category_id.in_(below))


def _in_collection(statement: Select[Any]) -> Select[Any]:
    return statement.join(CollectionProduct, CollectionProduct.product_id == Product.id).where(
        CollectionProduct.collection_id == PARENTS.c.id
    )


# Which products can be bought in the channel now: a variant with a price there has stock or needs none.
_available = select(ProductListing.product_id).where(
    ProductListing.channel_id == CHANNEL, IS_PUBLISHED, IS_FOR_SALE, ProductListing.in_stock
)
AVAILABLE_PRODUCTS = _available.where(ProductListing.product_id == any_(_IDS))


_Joined = tuple[FromClause, Sequence[ColumnElement[Any]]]
_LISTINGS: Final = ProductListing.__table__.alias("priced")
_PRICES: Final = VariantListing.__table__.alias("priced")
_PRODUCTS: Final = Product.__table__.alias("product")
_TYPES: Final = ProductType.__table__.alias("kind")


def _join_availability(source: FromClause, page: FromClause) -> _Joined:
    available = _available.where(ProductListing.product_id == page.c.pk).correlate(page).exists()
    return source, [available.label("is_available")]


def _join_prices(source: FromClause, page: FromClause) -> _Joined:
    """What `pricing.queries.PRODUCT_PRICES` says of a product."""
    priced, kind = _LISTINGS.c, _TYPES.c
    joined = source.outerjoin(_LISTINGS, and_(priced.product_id == page.c.pk, priced.channel_id == CHANNEL)).join(
        _TYPES, kind.id == page.c.product_type_id
    )
    tax_class_id = func.coalesce(page.c.tax_class_id, kind.tax_class_id).label("price_tax_class_id")
    return joined, [
        priced.minimum_price_amount,
        priced.maximum_price_amount,
        priced.undiscounted_minimum_amount,
        priced.undiscounted_maximum_amount,
        tax_class_id,
    ]


def _join_picture(source: FromClause, page: FromClause) -> _Joined:
    """What `catalogue.queries.PICTURES_BY_PRODUCT` says of a product."""
    picture = (
        select(ProductMedia.alt, Asset.path)
        .join(Asset, Asset.id == ProductMedia.asset_id)
        .where(ProductMedia.product_id == page.c.pk, ProductMedia.type == "IMAGE")
        .order_by(ProductMedia.sort_order, ProductMedia.id)
        .limit(1)
        .correlate(page)
        .lateral("picture")
    )
    return source.outerjoin(picture, true()), [picture.c.path.label("asset_path"), picture.c.alt]


_OPTIONAL: Final = {"description": frozenset({"description_blocks"}), "metadata": METADATA}

_place = (
    select(CollectionProduct.sort_order)
    .where(
        CollectionProduct.product_id == Product.id,
        CollectionProduct.collection_id == bindparam("collection_id", type_=Integer),
    )
    .correlate(Product)
    .scalar_subquery()
)


# The types whose products do not have the attribute are looked up beforehand: the planner knows how many those are.
_BY_ATTRIBUTE: Final = Aside(
    key=AttributeSort.product_id,
    held=AttributeSort.attribute_id == bindparam("attribute_id", type_=Integer),
    empty=func.num_nonnulls(AttributeSort.number, AttributeSort.moment, AttributeSort.place, AttributeSort.name) == 0,
    others=Product.product_type_id == any_(bindparam("other_types", type_=_ids)),
)
_ATTRIBUTE_SORTS: Final[Mapping[str, tuple[InstrumentedAttribute[Any], bool]]] = {
    "ATTRIBUTE_NUMBER": (AttributeSort.number, True),
    "ATTRIBUTE_MOMENT": (AttributeSort.moment, True),
    "ATTRIBUTE_PLACE": (AttributeSort.place, True),
    "ATTRIBUTE_NAME": (AttributeSort.name, True),
}

SORTS_OF_A_CHANNEL: Final = frozenset({"PRICE", "PUBLISHED_AT", "PUBLISHED"})
PRODUCT_LIST: Final = Listing(
    entity=Product,
    columns=PRODUCT_COLUMNS,
    criteria={**PRODUCTS, **attributes.product_criteria()},
    sorts={
        "NAME": (Product.name, False),
        "SLUG": (Product.slug, False),
        "PRICE": (ProductListing.minimum_price_amount, True),
        "CREATED_AT": (Product.created_at, False),
        "LAST_MODIFIED_AT": (Product.updated_at, False),
        "PUBLISHED_AT": (ProductListing.published_at, True),
        "PUBLISHED": (ProductListing.is_published, False),
        "TYPE": (Product.product_type_name, False),
        "RATING": (Product.rating, True),
        "RANK": (rank(SEARCH), False),
        # Within a collection, and in a list that is filtered by one.
        "COLLECTION": (CollectionProduct.sort_order, False),
        "ONE_COLLECTION": (_place, True),
        **_ATTRIBUTE_SORTS,
    },
    see=_see_products,
    within={"category": _in_category, "collection": _in_collection},
    optional=_OPTIONAL,
    joins={"availability": _join_availability, "picture": _join_picture, "prices": _join_prices},
    ahead={("search", "RANK"): RANKED},
    keys={
        **dict.fromkeys(SORTS_OF_A_CHANNEL, ProductListing.product_id),
        "COLLECTION": CollectionProduct.product_id,
    },
    aside=dict.fromkeys(_ATTRIBUTE_SORTS, _BY_ATTRIBUTE),
    count=_count_products,
)


def _see_variants(statement: Select[Any], sight: Sight) -> Select[Any]:
    """In a channel, what has a price there; for the public, of products that are published there."""
    if sight.in_channel:
        statement = statement.join(
            VariantListing, and_(VariantListing.variant_id == Variant.id, VariantListing.channel_id == CHANNEL)
        )
    if sight.public:
        statement = statement.join(
            ProductListing,
            and_(ProductListing.product_id == Variant.product_id, ProductListing.channel_id == CHANNEL),
        ).where(IS_PUBLISHED)
    if sight.listed:
        statement = statement.where(ProductListing.visible_in_listings)
    return statement


def _join_variant_prices(source: FromClause, page: FromClause) -> _Joined:
    """What `pricing.queries.VARIANT_PRICES` says of a variant."""
    priced, product, kind = _PRICES.c, _PRODUCTS.c, _TYPES.c
    joined = (
        source.outerjoin(_PRICES, and_(priced.variant_id == page.c.pk, priced.channel_id == CHANNEL))
        .join(_PRODUCTS, product.id == page.c.product_id)
        .join(_TYPES, kind.id == product.product_type_id)
    )
    tax_class_id = func.coalesce(product.tax_class_id, kind.tax_class_id).label("tax_class_id")
    return joined, [priced.price_amount, priced.sold_at_amount, priced.prior_price_amount, tax_class_id]


VARIANT_LIST: Final = Listing(
    entity=Variant,
    columns=VARIANT_COLUMNS,
    criteria={
        **attributes.criteria(attributes.VARIANTS),
        "ids": Criterion(_ids, lambda value: Variant.id == any_(value)),
        "skus": Criterion(_texts, lambda value: Variant.sku == any_(value)),
        "external_references": Criterion(_texts, lambda value: Variant.external_reference == any_(value)),
        "updated_from": Criterion(_INSTANT, lambda value: Variant.updated_at >= value),
        "updated_to": Criterion(_INSTANT, lambda value: Variant.updated_at <= value),
        "metadata": Criterion(JSONB(), Variant.metadata_public.contains),
        "metadata_keys": Criterion(_texts, Variant.metadata_public.has_all),
        "search": Criterion(
            Text(),
            lambda value: or_(
                func.strpos(func.lower(Variant.name), func.lower(value)) > 0,
                func.strpos(func.lower(func.coalesce(Variant.sku, "")), func.lower(value)) > 0,
            ),
        ),
    },
    sorts={
        "ORDER": (Variant.sort_order, False),
        "PRODUCT": (Variant.product_id, False),
        "LAST_MODIFIED_AT": (Variant.updated_at, False),
    },
    see=_see_variants,
    within={"product": lambda statement: statement.where(Variant.product_id == PARENTS.c.id)},
    optional={"metadata": METADATA},
    joins={"prices": _join_variant_prices},
)

_whose = aliased(Category, name="whose")


def _ancestors(statement: Select[Any]) -> Select[Any]:
    return statement.join(_whose, _whose.path.contains(array([Category.id]))).where(
        _whose.id == PARENTS.c.id, Category.id != PARENTS.c.id
    )


CATEGORY_LIST: Final = Listing(
    entity=Category,
    columns=CATEGORY_COLUMNS,
    criteria={
        "ids": Criterion(_ids, lambda value: Category.id == any_(value)),
        "slugs": Criterion(_texts, lambda value: Category.slug == any_(value)),
        "level": Criterion(Integer(), lambda value: func.cardinality(Category.path) - 1 == value),
        "updated_from": Criterion(_INSTANT, lambda value: Category.updated_at >= value),
        "updated_to": Criterion(_INSTANT, lambda value: Category.updated_at <= value),
        "metadata": Criterion(JSONB(), Category.metadata_public.contains),
        "metadata_keys": Criterion(_texts, Category.metadata_public.has_all),
        "search": Criterion(Text(), lambda value: func.strpos(func.lower(Category.name), func.lower(value)) > 0),
    },
    sorts={
        "ORDER": (Category.sort_order, False),
        "DEPTH": (func.cardinality(Category.path).cast(Integer), False),
        "NAME": (Category.name, False),
        "SLUG": (Category.slug, False),
        "PRODUCT_COUNT": (
            select(func.count()).where(Product.category_id == Category.id).scalar_subquery().cast(Integer),
            False,
        ),
        "SUBCATEGORY_COUNT": (
            func.coalesce(
                select(func.count())
                .select_from(_whose)
                .where(_whose.parent_id == Category.id)
                .correlate(Category)
                .scalar_subquery(),
                0,
            ).cast(Integer),
            False,
        ),
    },
    see=lambda statement, _view: statement,
    within={
        "children": lambda statement: statement.where(Category.parent_id == PARENTS.c.id),
        "ancestors": _ancestors,
    },
)


def _see_collections(statement: Select[Any], sight: Sight) -> Select[Any]:
    if sight.in_channel:
        statement = statement.join(CollectionListing, CollectionListing.collection_id == Collection.id)
        if sight.public:
            return statement.where(COLLECTION_IS_PUBLIC)
        return statement.where(CollectionListing.channel_id == CHANNEL)
    return statement


_held = aliased(CollectionProduct, name="held")

COLLECTION_LIST: Final = Listing(
    entity=Collection,
    columns=COLLECTION_COLUMNS,
    criteria={
        "ids": Criterion(_ids, lambda value: Collection.id == any_(value)),
        "slugs": Criterion(_texts, lambda value: Collection.slug == any_(value)),
        "metadata": Criterion(JSONB(), Collection.metadata_public.contains),
        "metadata_keys": Criterion(_texts, Collection.metadata_public.has_all),
        "is_published": Criterion(Boolean(), lambda value: CollectionListing.is_published == value, needs_channel=True),
        "search": Criterion(Text(), lambda value: func.strpos(func.lower(Collection.name), func.lower(value)) > 0),
    },
    sorts={
        "NAME": (Collection.name, False),
        "SLUG": (Collection.slug, False),
        "PUBLISHED_AT": (CollectionListing.published_at, True),
        "PRODUCT_COUNT": (
            select(func.count())
            .where(CollectionProduct.collection_id == Collection.id)
            .scalar_subquery()
            .cast(Integer),
            False,
        ),
    },
    see=_see_collections,
    within={
        "product": lambda statement: statement.join(_held, _held.collection_id == Collection.id).where(
            _held.product_id == PARENTS.c.id
        )
    },
    optional=_OPTIONAL,
)


def _see_pages(statement: Select[Any], everything: bool) -> Select[Any]:
    return statement if everything else statement.where(PAGE_IS_VISIBLE)


PAGE_LIST: Final = Listing(
    entity=Page,
    columns=PAGE_COLUMNS,
    criteria={
        **attributes.criteria(attributes.PAGES),
        "ids": Criterion(_ids, lambda value: Page.id == any_(value)),
        "slugs": Criterion(_texts, lambda value: Page.slug == any_(value)),
        "page_types": Criterion(_ids, lambda value: Page.page_type_id == any_(value)),
        "metadata": Criterion(JSONB(), Page.metadata_public.contains),
        "metadata_keys": Criterion(_texts, Page.metadata_public.has_all),
        "metadata_one_of": Criterion(
            (Text(), _texts), lambda key, values: Page.metadata_public.op("->>")(key) == any_(values)
        ),
        "search": Criterion(Text(), page_matches),
    },
    sorts={
        "TITLE": (Page.title, False),
        "SLUG": (Page.slug, False),
        "VISIBILITY": (Page.is_published, False),
        "PUBLISHED_AT": (Page.published_at, True),
        "CREATED_AT": (Page.created_at, False),
        "RANK": (page_rank(SEARCH), False),
    },
    see=_see_pages,
    within={},
)

PAGE_TYPE_LIST: Final = Listing(
    entity=PageType,
    columns=PAGE_TYPE_COLUMNS,
    criteria={
        "slugs": Criterion(_texts, lambda value: PageType.slug == any_(value)),
        "search": Criterion(
            Text(),
            lambda value: or_(
                *(func.strpos(func.lower(each), func.lower(value)) > 0 for each in (PageType.name, PageType.slug))
            ),
        ),
    },
    sorts={"NAME": (PageType.name, False), "SLUG": (PageType.slug, False)},
    see=lambda statement, _view: statement,
    within={},
)

WAREHOUSE_LIST: Final = Listing(
    entity=Warehouse,
    columns=WAREHOUSE_COLUMNS,
    criteria={
        "slugs": Criterion(_texts, lambda value: Warehouse.slug == any_(value)),
        "search": Criterion(
            Text(),
            lambda value: or_(
                *(func.strpos(func.lower(each), func.lower(value)) > 0 for each in (Warehouse.name, Warehouse.slug))
            ),
        ),
    },
    sorts={"NAME": (Warehouse.name, False)},
    see=lambda statement, _view: statement,
    within={},
)

MENU_LIST: Final = Listing(
    entity=Menu,
    columns=MENU_COLUMNS,
    criteria={
        "slugs": Criterion(_texts, lambda value: Menu.slug == any_(value)),
        "metadata": Criterion(JSONB(), Menu.metadata_public.contains),
        "metadata_keys": Criterion(_texts, Menu.metadata_public.has_all),
        "search": Criterion(Text(), lambda value: func.strpos(func.lower(Menu.name), func.lower(value)) > 0),
    },
    sorts={
        "NAME": (Menu.name, False),
        "ITEMS_COUNT": (
            select(func.count()).where(MenuItem.menu_id == Menu.id).scalar_subquery().cast(Integer),
            False,
        ),
    },
    see=lambda statement, _view: statement,
    within={},
)

MENU_ITEM_LIST: Final = Listing(
    entity=MenuItem,
    columns=ITEM_COLUMNS,
    criteria={
        "metadata": Criterion(JSONB(), MenuItem.metadata_public.contains),
        "metadata_keys": Criterion(_texts, MenuItem.metadata_public.has_all),
        "search": Criterion(Text(), lambda value: func.strpos(func.lower(MenuItem.name), func.lower(value)) > 0),
    },
    sorts={"NAME": (MenuItem.name, False)},
    see=lambda statement, _view: statement,
    within={},
)
