"""Pages. `content` is Saleor's EditorJS JSON; `contentHtml` is ours: the same, rendered and safe to show."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, ClassVar

import orjson
import strawberry

from shop.api.attributes.owners import (
    PAGES,
    Described,
    ObjectWithAttributes,
    attributes_of,
    attributes_of_types,
    selected,
)
from shop.api.attributes.types import Attribute, SelectedAttribute
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum, LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.scalars import JSONString
from shop.api.translations.texts import translated
from shop.content import queries, rules
from shop.execution import batch_field


@strawberry.type(description="A kind of page, such as an article.")
class PageType(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PAGE_TYPES_AND_ATTRIBUTES",)

    pk: strawberry.Private[int]
    name: str = strawberry.field(description="Name for staff.")
    slug: str = strawberry.field(description="Name in addresses.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("PageType", self.pk)

    @batch_field(description="The attributes of its pages, in order.")
    @staticmethod
    async def attributes(parents: list["PageType"], context: Context) -> list[list[Attribute] | None]:
        found = await attributes_of_types(context, PAGES, sorted({each.pk for each in parents}))
        return [found[each.pk] for each in parents]


@strawberry.type(description="A page in another language.")
class PageTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    slug: str | None = strawberry.field(description="Name in addresses of this language.")
    title: str | None = strawberry.field(description="Title.")
    content: JSONString | None = strawberry.field(description="EditorJS blocks.")


@strawberry.type(description="A page: an article, the terms, whatever is to be read.")
class Page(ObjectWithMetadata, ObjectWithAttributes):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PAGES",)
    described: ClassVar[Described] = PAGES

    pk: strawberry.Private[int]
    page_type_id: strawberry.Private[int]
    title: str = strawberry.field(description="Title; the only first-level heading of the page.")
    slug: str = strawberry.field(description="Name in addresses.")
    content_blocks: strawberry.Private[dict[str, Any] | None]
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    is_published: bool = strawberry.field(description="Whether visitors may read it, once `publishedAt` has come.")
    published_at: datetime | None = strawberry.field(description="From when visitors may read it.")
    created: datetime = strawberry.field(description="When it was first written.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Page", self.pk)

    @computed(description="EditorJS blocks, as a JSON text.")
    def content(self) -> JSONString | None:
        return None if self.content_blocks is None else JSONString(self.content_blocks)

    @computed(description="EditorJS blocks, as a JSON text.", deprecation_reason="Use the `content` field instead.")
    def content_json(self) -> JSONString:
        return JSONString(self.content_blocks or {})

    @computed(description="The blocks as sanitised HTML: paragraphs, headings with anchors, lists.")
    def content_html(self) -> str | None:
        return None if self.content_blocks is None else _rendered(orjson.dumps(self.content_blocks))

    @computed(description="The day from which visitors may read it.", deprecation_reason="Use `publishedAt`.")
    def publication_date(self) -> date | None:
        return self.published_at.date() if self.published_at else None

    @batch_field(description="One of its attributes, with its values.", deprecation_reason="Use `assignedAttribute`.")
    @staticmethod
    async def attribute(parents: list["Page"], context: Context, slug: str) -> list[SelectedAttribute | None]:
        return [
            next((each for each in selected(has) if each.attribute.slug == slug), None)
            for has in await attributes_of(context, parents)
        ]

    @batch_field(
        description="Its attributes with their values, in the order of its type.",
        deprecation_reason="Use `assignedAttributes`.",
    )
    @staticmethod
    async def attributes(parents: list["Page"], context: Context) -> list[list[SelectedAttribute]]:
        return [selected(has) for has in await attributes_of(context, parents)]

    @batch_field(description="What kind of page it is.")
    @staticmethod
    async def page_type(parents: list["Page"], context: Context) -> list[PageType]:
        ids = sorted({page.page_type_id for page in parents})
        found = {kind.pk: kind for kind in await context.fetch(PageType, queries.PAGE_TYPES_BY_ID, ids=ids)}
        return [found[page.page_type_id] for page in parents]

    @batch_field(description="The page in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["Page"], context: Context, language_code: LanguageCodeEnum
    ) -> list[PageTranslation | None]:
        ids = [each.pk for each in parents]
        return await translated(context, PageTranslation, "page", ids, language_code)


# The same text is rendered once: an article is read far more often than it is written.
@lru_cache(maxsize=256)
def _rendered(blocks: bytes) -> str:
    return rules.render(orjson.loads(blocks))


@strawberry.type(description="A page of a list of pages.")
class PageCountableEdge(CountableEdge[Page]): ...


@strawberry.type(description="A list of pages.")
class PageCountableConnection(CountableConnection[PageCountableEdge]): ...


async def visible_pages(context: Context, ids: list[int | None]) -> dict[int, Page]:
    """The pages by their keys that the caller may read, in one statement; none for no keys."""
    wanted = sorted({pk for pk in ids if pk is not None})
    if not wanted:
        return {}
    pages = await context.fetch(Page, queries.PAGES_BY_ID, ids=wanted)
    return {page.pk: page for page in pages if may_read(context, page)}


def may_read(context: Context, page: Page) -> bool:
    """Whether the page is published, or the caller writes pages."""
    published = page.is_published and (page.published_at is None or page.published_at <= context.now)
    return published or context.caller.may("MANAGE_PAGES")
