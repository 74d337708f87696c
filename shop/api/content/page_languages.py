"""Pages in other languages, as readers see them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from shop.api.content.html import html_of, lowered_of
from shop.api.content.parts import PageHeading
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.languages import LanguageCodeEnum, LanguageDisplay
from shop.api.core.scalars import JSONString
from shop.api.translations.texts import translated
from shop.content import rules
from shop.execution import batch_field

if TYPE_CHECKING:
    from shop.api.content.page_translations import PageTranslatableContent


@strawberry.type(description="A page in another language.")
class PageTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    slug: str | None = strawberry.field(description="Name in addresses of this language.")
    title: str | None = strawberry.field(description="Title.")
    content: strawberry.Private[dict[str, Any] | None]
    page_key: strawberry.Private[int] = 0

    @batch_field(name="content", description="EditorJS blocks, those alone that every renderer knows.")
    @staticmethod
    async def lowered_content(parents: list["PageTranslation"], context: Context) -> list[JSONString | None]:
        return await lowered_of(context, [each.content for each in parents])

    @batch_field(description="EditorJS blocks, as a JSON text.", deprecation_reason="Use the `content` field instead.")
    @staticmethod
    async def content_json(parents: list["PageTranslation"], context: Context) -> list[JSONString | None]:
        return await lowered_of(context, [each.content for each in parents])

    @computed(description="Its headings in order, for a table of contents.")
    def toc(self) -> list[PageHeading]:
        return [PageHeading(**asdict(heading)) for heading in rules.toc(self.content)]

    @batch_field(description="The blocks as HTML that is safe to show.")
    @staticmethod
    async def content_html(parents: list["PageTranslation"], context: Context) -> list[str | None]:
        return await html_of(context, [each.content for each in parents])

    @batch_field(description="The page as translators see it, with its own texts.")
    @staticmethod
    async def translatable_content(
        parents: list["PageTranslation"], context: Context
    ) -> list[Annotated["PageTranslatableContent", strawberry.lazy("shop.api.content.page_translations")] | None]:
        from shop.api.content.page_translations import translatable

        return await translatable(context, [each.page_key for each in parents])


async def page_translations(
    context: Context, ids: Sequence[int], language: LanguageCodeEnum
) -> list[PageTranslation | None]:
    """The pages' translations in the order of their keys, None for those without. One statement at most."""
    found = await translated(context, PageTranslation, "page", ids, language)
    for key, translation in zip(ids, found, strict=True):
        if translation is not None:
            translation.page_key = key
    return found
