"""Root queries about products, variants, categories and collections."""

from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLError

from shop.api.attributes.inputs import looked_up
from shop.api.catalogue import categories, collections, variants
from shop.api.catalogue.categories import Category, CategoryCountableConnection
from shop.api.catalogue.collections import Collection, CollectionCountableConnection, visible_collections
from shop.api.catalogue.inputs import (
    MetadataFilter,
    ProductFilterInput,
    ProductOrder,
    ProductVariantWhereInput,
    ProductWhereInput,
    keys,
    metadata_criteria,
    time_criteria,
    variant_criteria,
)
from shop.api.catalogue.lists import Paging, list_all, nothing, rows
from shop.api.catalogue.product_lists import ProductArguments, products_of
from shop.api.catalogue.products import Product, ProductCountableConnection
from shop.api.catalogue.scoped import InScopes
from shop.api.catalogue.variants import ProductVariant, ProductVariantCountableConnection
from shop.api.channels.scope import Scope, scope_of
from shop.api.core.context import Context, Info
from shop.api.core.enums import LanguageCodeEnum, OrderDirection
from shop.api.core.fields import query
from shop.api.core.filters import DateTimeRangeInput
from shop.api.core.ids import query_int
from shop.api.translations.texts import in_language
from shop.browse import listing
from shop.browse.criteria import Criteria, Value
from shop.browse.listing import Kind, Listing
from shop.browse.queries import CATEGORY_LIST, COLLECTION_LIST, PRODUCT_LIST, VARIANT_LIST
from shop.execution import Selection


@strawberry.input(description="Which categories to list; all that is given must hold.")
class CategoryFilterInput:
    search: str | None = strawberry.field(default=None, description="Part of the name.")
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These categories.")
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")
    updated_at: DateTimeRangeInput | None = strawberry.field(default=None, description="By the last change.")


@strawberry.enum(description="What categories are sorted by.")
class CategorySortField(Enum):
    NAME = "NAME"
    PRODUCT_COUNT = "PRODUCT_COUNT"
    SUBCATEGORY_COUNT = "SUBCATEGORY_COUNT"


@strawberry.input(description="How to sort categories.")
class CategorySortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: CategorySortField = strawberry.field(description="What to sort by.")


@strawberry.input(description="Which collections to list; all that is given must hold.")
class CollectionFilterInput:
    search: str | None = strawberry.field(default=None, description="Part of the name.")
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These collections.")
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")


@strawberry.input(description="Which variants to list; all that is given must hold.")
class ProductVariantFilterInput:
    search: str | None = strawberry.field(default=None, description="Part of the name or article number.")
    sku: list[str] | None = strawberry.field(default=None, description="By article number.")
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    updated_at: DateTimeRangeInput | None = strawberry.field(default=None, description="By the last change.")


@strawberry.enum(description="What variants are sorted by.")
class ProductVariantSortField(Enum):
    LAST_MODIFIED_AT = "LAST_MODIFIED_AT"


@strawberry.input(description="How to sort variants.")
class ProductVariantSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: ProductVariantSortField = strawberry.field(description="What to sort by.")


def _one_of(**arguments: str | None) -> tuple[str, str]:
    """The one argument that was given, by its name. Raises: GraphQLError for none or several."""
    given = [(name, value) for name, value in arguments.items() if value is not None]
    if len(given) != 1:
        listed = ", ".join(f"`{name}`" for name in arguments)
        raise GraphQLError(f"Exactly one of the arguments {listed} is required.")
    return given[0]


async def _find(context: Context, kind: Listing, into: type[Any], criterion: str, value: str, scope: Scope) -> Any:
    """The one row of a listing with that key, as far as the scope shows it."""
    key: Value | None = [value]
    if criterion == "ids":
        pk = query_int(value, into.__name__)
        key = None if pk is None else [pk]
    if key is None:
        return None
    criteria = Criteria(((criterion, key),))
    statement = listing.matching(Kind(kind, scope.sight, criteria.shape, next(iter(kind.sorts))))
    found = await rows(context, statement, {**criteria.params, **scope.params, "now": context.now})
    return InScopes(into, statement, found).get(found[0]["pk"], scope) if found else None


_ARGUMENTS = {"id": "ids", "slug": "slugs", "sku": "skus", "externalReference": "external_references"}


@strawberry.type
class CatalogueQueries:
    """Queries about what is sold."""

    @query(description="A product by its ID, slug or external reference; null when the caller can see none.")
    async def product(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        slug: str | None = None,
        slug_language_code: LanguageCodeEnum | None = None,
        external_reference: str | None = None,
        channel: str | None = None,
    ) -> Product | None:
        key = _one_of(id=id, slug=slug, externalReference=external_reference)
        scope = await scope_of(info.context, channel)
        meant = await in_language(info.context, "product", "Product", key, slug_language_code)
        if scope is None or meant is None:
            return None
        name, value = meant
        found: Product | None = await _find(info.context, PRODUCT_LIST, Product, _ARGUMENTS[name], value, scope)
        return found

    @query(description="Products, by slug where nothing else is asked for: what the channel shows to the caller.")
    async def products(
        self,
        info: Info,
        filter: ProductFilterInput | None = None,
        where: ProductWhereInput | None = None,
        sort_by: ProductOrder | None = None,
        search: str | None = None,
        channel: str | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> ProductCountableConnection | None:
        arguments = ProductArguments(filter, where, sort_by, search, channel)
        paging = Paging("products", first, after, last, before)
        made: ProductCountableConnection = await products_of(info.context, arguments, paging, Selection.below(info))
        return made

    @query(description="A variant by its ID, article number or external reference; null when the caller can see none.")
    async def product_variant(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        sku: str | None = None,
        external_reference: str | None = None,
        channel: str | None = None,
    ) -> ProductVariant | None:
        name, value = _one_of(id=id, sku=sku, externalReference=external_reference)
        scope = await scope_of(info.context, channel)
        if scope is None:
            return None
        found: ProductVariant | None = await _find(
            info.context, VARIANT_LIST, ProductVariant, _ARGUMENTS[name], value, scope
        )
        return found

    @query(description="Variants of the products that the channel shows to the caller.")
    async def product_variants(
        self,
        info: Info,
        ids: list[strawberry.ID] | None = None,
        channel: str | None = None,
        filter: ProductVariantFilterInput | None = None,
        where: ProductVariantWhereInput | None = None,
        search: str | None = None,
        sort_by: ProductVariantSortingInput | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> ProductVariantCountableConnection | None:
        context, selection = info.context, Selection.below(info)
        paging = Paging("productVariants", first, after, last, before)
        if filter is not None and where is not None:
            raise GraphQLError("Only one of the arguments `filter` and `where` can be used.")
        parts: list[Any] = [] if where is None else variant_criteria(where)
        if ids is not None:
            parts.append(("ids", keys(ids, "ProductVariant")))
        if filter is not None and filter.sku:
            parts.append(("skus", filter.sku))
        if filter is not None:
            parts += _shared(filter.search, filter.metadata, filter.updated_at)
        parts += _shared(search, None, None)
        scope = await scope_of(context, channel)
        criteria = await looked_up(context, Criteria(tuple(parts)))
        sort = sort_by.field.value if sort_by is not None else "PRODUCT"
        descending = sort_by is not None and sort_by.direction is OrderDirection.DESC
        kind = Kind(VARIANT_LIST, scope.sight if scope else None, criteria.shape, sort, descending)
        if scope is None:
            shown = variants.shown_in(None)
            return _variants(nothing(context, kind, paging, selection, shown))
        params = {**criteria.params, **scope.params, "now": context.now}
        return _variants(await list_all(context, kind, params, paging, selection, variants.shown_in(scope)))

    @query(description="A category by its ID or slug; null when there is none.")
    async def category(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        slug: str | None = None,
        slug_language_code: LanguageCodeEnum | None = None,
    ) -> Category | None:
        key = await in_language(info.context, "category", "Category", _one_of(id=id, slug=slug), slug_language_code)
        if key is None:
            return None
        name, value = key
        pk = query_int(value, "Category") if name == "id" else None
        if name == "id" and pk is None:
            return None
        criteria = Criteria((("ids", [pk]) if name == "id" else ("slugs", [value]),))
        statement = listing.matching(Kind(CATEGORY_LIST, None, criteria.shape, "SLUG"))
        found = await info.context.fetch(Category, statement, **criteria.params)
        return found[0] if found else None

    @query(description="Categories, in the owner's order where no other is asked for.")
    async def categories(
        self,
        info: Info,
        filter: CategoryFilterInput | None = None,
        sort_by: CategorySortingInput | None = None,
        level: int | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> CategoryCountableConnection | None:
        parts: list[Any] = [] if level is None else [("level", level)]
        if filter is not None:
            parts += _shared(filter.search, filter.metadata, filter.updated_at)
            if filter.ids:
                parts.append(("ids", keys(filter.ids, "Category")))
            if filter.slugs:
                parts.append(("slugs", filter.slugs))
        criteria = Criteria(tuple(parts))
        sort = sort_by.field.value if sort_by is not None else "ORDER"
        descending = sort_by is not None and sort_by.direction is OrderDirection.DESC
        made: CategoryCountableConnection = await list_all(
            info.context,
            Kind(CATEGORY_LIST, None, criteria.shape, sort, descending),
            {**criteria.params},
            Paging("categories", first, after, last, before),
            Selection.below(info),
            categories.SHOWN,
        )
        return made

    @query(description="A collection by its ID or slug; null when the caller can see none in the channel.")
    async def collection(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        slug: str | None = None,
        slug_language_code: LanguageCodeEnum | None = None,
        channel: str | None = None,
    ) -> Collection | None:
        key = await in_language(info.context, "collection", "Collection", _one_of(id=id, slug=slug), slug_language_code)
        if key is None:
            return None
        name, value = key
        pk = query_int(value, "Collection") if name == "id" else None
        scope = await scope_of(info.context, channel)
        if scope is None or (name == "id" and pk is None):
            return None
        criteria = Criteria((("ids", [pk]) if name == "id" else ("slugs", [value]),))
        found = await visible_collections(info.context, criteria, scope)
        return found[0] if found else None

    @query(description="Collections by slug: what the channel shows to the caller.")
    async def collections(
        self,
        info: Info,
        filter: CollectionFilterInput | None = None,
        channel: str | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> CollectionCountableConnection | None:
        context, selection = info.context, Selection.below(info)
        paging = Paging("collections", first, after, last, before)
        parts: list[Any] = []
        if filter is not None:
            parts += _shared(filter.search, filter.metadata, None)
            if filter.ids:
                parts.append(("ids", keys(filter.ids, "Collection")))
            if filter.slugs:
                parts.append(("slugs", filter.slugs))
        criteria = Criteria(tuple(parts))
        scope = await scope_of(context, channel)
        kind = Kind(COLLECTION_LIST, scope.sight if scope else None, criteria.shape, "SLUG")
        shown = collections.shown_in(scope)
        made: CollectionCountableConnection
        if scope is None:
            made = nothing(context, kind, paging, selection, shown)
        else:
            params = {**criteria.params, **scope.params, "now": context.now}
            made = await list_all(context, kind, params, paging, selection, shown)
        return made


def _shared(
    search: str | None, metadata: list[MetadataFilter] | None, updated_at: DateTimeRangeInput | None
) -> list[Any]:
    parts: list[Any] = []
    if search is not None and search.strip():
        parts.append(("search", search.strip()))
    if metadata is not None:
        parts += metadata_criteria(metadata)
    if updated_at is not None:
        parts += time_criteria("updated", updated_at)
    return parts


def _variants(made: Any) -> ProductVariantCountableConnection:
    assert isinstance(made, ProductVariantCountableConnection)
    return made
