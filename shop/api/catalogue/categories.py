"""Categories: one tree, the same in every channel."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import strawberry

from shop.api.catalogue.inputs import ProductFilterInput, ProductOrder, ProductWhereInput
from shop.api.catalogue.lists import Paging, Shown, list_each
from shop.api.content.html import rendered
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.enums import LanguageCodeEnum, ThumbnailFormatEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.scalars import JSONString
from shop.api.media.types import Image, images
from shop.api.translations.texts import translated
from shop.browse.listing import Kind
from shop.browse.queries import CATEGORY_LIST
from shop.catalogue import queries
from shop.execution import Selection, batch_field

if TYPE_CHECKING:
    from shop.api.catalogue.products import ProductCountableConnection


@strawberry.type(description="A category in another language.")
class CategoryTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    slug: str | None = strawberry.field(description="Name in addresses of this language.")
    name: str | None = strawberry.field(description="Name.")
    description: JSONString | None = strawberry.field(description="EditorJS blocks.")


@strawberry.type(description="A node of the one tree of categories.")
class Category(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PRODUCTS",)

    pk: strawberry.Private[int]
    description_blocks: strawberry.Private[dict[str, Any] | None]
    path: strawberry.Private[list[int]]
    parent_id: strawberry.Private[int | None]
    background_image_id: strawberry.Private[int | None]
    background_image_alt: strawberry.Private[str]
    name: str = strawberry.field(description="Name.")
    slug: str = strawberry.field(description="Name in addresses.")
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Category", self.pk)

    @computed(description="EditorJS blocks, as a JSON text.")
    def description(self) -> JSONString | None:
        return None if self.description_blocks is None else JSONString(self.description_blocks)

    @computed(description="The description as HTML that is safe to show.")
    def description_html(self) -> str | None:
        return rendered(self.description_blocks)

    @computed(description="EditorJS blocks, as a JSON text.", deprecation_reason="Use the `description` field instead.")
    def description_json(self) -> JSONString | None:
        return JSONString(self.description_blocks or {})

    @computed(description="How many categories stand above it.")
    def level(self) -> int:
        return len(self.path) - 1

    @batch_field(description="The category in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["Category"], context: Context, language_code: LanguageCodeEnum
    ) -> list[CategoryTranslation | None]:
        ids = [each.pk for each in parents]
        return await translated(context, CategoryTranslation, "category", ids, language_code)

    @batch_field(description="The category that it stands in; null at the root.")
    @staticmethod
    async def parent(parents: list["Category"], context: Context) -> list["Category | None"]:
        found = await categories_by_id(context, [each.parent_id for each in parents if each.parent_id is not None])
        return [found.get(each.parent_id) if each.parent_id is not None else None for each in parents]

    @batch_field(description="The categories above it, from the root down.")
    @staticmethod
    async def ancestors(
        parents: list["Category"],
        context: Context,
        selection: Selection,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["CategoryCountableConnection", strawberry.lazy("shop.api.catalogue.categories")] | None]:
        paging = Paging("ancestors", first, after, last, before)
        kind = Kind(CATEGORY_LIST, None, ("and",), "DEPTH", within="ancestors")
        return await list_each(context, kind, {}, paging, selection, SHOWN, [each.pk for each in parents])

    @batch_field(description="The categories right below it, in the owner's order.")
    @staticmethod
    async def children(
        parents: list["Category"],
        context: Context,
        selection: Selection,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["CategoryCountableConnection", strawberry.lazy("shop.api.catalogue.categories")] | None]:
        paging = Paging("children", first, after, last, before)
        kind = Kind(CATEGORY_LIST, None, ("and",), "ORDER", within="children")
        return await list_each(context, kind, {}, paging, selection, SHOWN, [each.pk for each in parents])

    @batch_field(description="The products of the category and of everything below it.")
    @staticmethod
    async def products(
        parents: list["Category"],
        context: Context,
        selection: Selection,
        filter: ProductFilterInput | None = None,
        where: ProductWhereInput | None = None,
        sort_by: ProductOrder | None = None,
        search: str | None = None,
        channel: str | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["ProductCountableConnection", strawberry.lazy("shop.api.catalogue.products")] | None]:
        from shop.api.catalogue.product_lists import ProductArguments, products_within

        return await products_within(
            context,
            "category",
            [each.pk for each in parents],
            ProductArguments(filter, where, sort_by, search, channel),
            Paging("products", first, after, last, before),
            selection,
        )

    @batch_field(description="A picture to show behind its name.")
    @staticmethod
    async def background_image(
        parents: list["Category"],
        context: Context,
        size: int | None = None,
        format: ThumbnailFormatEnum | None = ThumbnailFormatEnum.ORIGINAL,
    ) -> list[Image | None]:
        pictures = [(each.background_image_id, each.background_image_alt) for each in parents]
        return await images(context, pictures, size, format)


@strawberry.type(description="A category of a page.")
class CategoryCountableEdge(CountableEdge[Category]):
    pass


@strawberry.type(description="A page of categories.")
class CategoryCountableConnection(CountableConnection[CategoryCountableEdge]):
    pass


SHOWN: Final = Shown(CategoryCountableConnection, CategoryCountableEdge, Category)


async def categories_by_id(context: Context, ids: list[int]) -> dict[int, Category]:
    """The categories, by their keys."""
    rows = await context.fetch(Category, queries.CATEGORIES_BY_ID, ids=sorted(set(ids))) if ids else []
    return {row.pk: row for row in rows}
